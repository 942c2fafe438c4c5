"""What to call: the requests of the selected cases that have too few samples, and their price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import BudgetError, PromptDriftError
from pytest_promptdrift.model import Mode
from pytest_promptdrift.providers import expected_cost, worst_case_cost

from .observer import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.config import Config, ModelConfig
    from pytest_promptdrift.model import Recording, Request
    from pytest_promptdrift.store import RecordingStore

CallKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRequest:
    """One request and how many more samples of it are wanted.

    ``key`` is (case file, case, digest): two variants that send the same request share it, so that
    no sample is paid for or counted twice. ``series`` is the recording the samples go to.
    ``worst_usd`` and ``expected_usd`` are per call.
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
    unbounded = [p for p in planned if p.worst_usd is None]
    if not unbounded:
        return
    unpriced = sorted({p.model.name for p in unbounded if p.expected_usd is None})
    if unpriced:
        msg = f"a budget of {limit:g} cannot be kept: no price is known for {', '.join(unpriced)}"
        hint = "give prices = {input = …, output = …} in [tool.promptdrift.models.…]"
        raise BudgetError(msg, hint=hint)
    names = ", ".join(sorted({p.model.name for p in unbounded}))
    msg = f"a budget of {limit:g} cannot be kept: nothing limits the answers of {names}"
    raise BudgetError(msg, hint="add params: {max_output_tokens: …} to the case file or the model")


def price(request: Request, model: ModelConfig) -> tuple[float | None, float | None]:
    """Return (worst, expected) cost of one call in US dollars, None where it is not known."""
    try:
        return worst_case_cost(request, model), expected_cost(request, model)
    except PromptDriftError:
        return None, None


def limit_of(model: ModelConfig, config: Config) -> int:
    """Return how many calls may be under way at once for a model."""
    return max(1, model.concurrency or config.concurrency)
