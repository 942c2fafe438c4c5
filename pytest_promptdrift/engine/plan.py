"""What to call: the requests of the selected cases that have too few samples, and their price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pytest_promptdrift._errors import BudgetError, PromptDriftError
from pytest_promptdrift.model import Mode
from pytest_promptdrift.providers import expected_cost, worst_case

from .observer import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.config import Config, ModelConfig
    from pytest_promptdrift.model import Recording, Request
    from pytest_promptdrift.store import RecordingStore

CallKey = tuple[str, str, str]


class Price(NamedTuple):
    """What one call costs in US dollars; None where it is not known, and why."""

    worst: float | None
    expected: float | None
    unbounded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRequest:
    """One request and how many more samples of it are wanted.

    ``key`` is (case file, case, digest): two variants that send the same request share it, so that
    no sample is paid for or counted twice. ``series`` is the recording the samples go to.
    ``worst_usd`` and ``expected_usd`` are per call; ``unbounded`` says why there is no worst.
    """

    key: CallKey
    cell: Cell
    request: Request
    files: Mapping[str, Path]
    store: RecordingStore
    series: str
    needed: int
    missing: int
    worst_usd: float | None
    expected_usd: float | None
    unbounded: str = ""

    @property
    def model(self) -> ModelConfig:
        """The model that is asked."""
        return self.cell.model


def call_key(cell: Cell) -> CallKey:
    """Return what identifies the request of a cell within a run."""
    return (str(cell.case_file.path), cell.case.id, cell.digest)


def enough(recording: Recording | None, needed: int) -> bool:
    """Tell whether a recording has the samples a case asks for."""
    return recording is not None and len(recording.samples) >= needed


def find(store: RecordingStore, cell: Cell, mode: Mode, series: str) -> Recording | None:
    """Return the recording a run of this mode judges: its own series where it records anew."""
    if mode in {Mode.REFRESH, Mode.LIVE}:
        return store.find(cell.case.id, cell.digest, series=series)
    return store.find(cell.case.id, cell.digest, needed=cell.case.samples)


def estimate(planned: Sequence[PlannedRequest], limit: float | None) -> Estimate:
    """Sum up what the planned calls are about to cost."""
    unpriced = sorted({p.model.name for p in planned if p.expected_usd is None})
    unbounded = any(p.worst_usd is None for p in planned)
    return Estimate(
        calls=sum(p.missing for p in planned),
        cases=len(planned),
        models=tuple(sorted({p.model.name for p in planned})),
        expected_usd=None if unpriced else sum((p.expected_usd or 0) * p.missing for p in planned),
        worst_usd=None if unbounded else sum((p.worst_usd or 0) * p.missing for p in planned),
        unpriced=tuple(unpriced),
        limit=limit,
    )


def check_budget(planned: Iterable[PlannedRequest], limit: float | None) -> None:
    """Refuse a budget that cannot be kept: every call needs a price and an output limit.

    Raises BudgetError naming the models; nothing has been called then.
    """
    if limit is None:
        return
    reasons: dict[str, set[str]] = {}
    for item in planned:
        if item.worst_usd is None:
            reasons.setdefault(item.unbounded, set()).add(item.model.name)
    if not reasons:
        return
    said = [f"{', '.join(sorted(names))}: {reason}" for reason, names in reasons.items()]
    msg = f"a budget of ${limit:g} cannot be kept, nothing was called\n  " + "\n  ".join(said)
    raise BudgetError(msg)


def price(request: Request, model: ModelConfig) -> Price:
    """Return what one call can cost at most, and about how much it will cost."""
    try:
        bound = worst_case(request, model)
        expected = expected_cost(request, model)
    except PromptDriftError as error:
        return Price(None, None, error.message)
    return Price(bound.usd, expected, bound.reason or "")


def limit_of(model: ModelConfig, config: Config) -> int:
    """Return how many calls may be under way at once for a model."""
    return max(1, model.concurrency or config.concurrency)
