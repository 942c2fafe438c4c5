"""What lies between the accepted and the fresh answers of a case, and of a family of cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .evidence import FieldChange, Problem, Spent
    from .finding import Finding
    from .result import Status

CauseKind: TypeAlias = Literal[
    "prompt",
    "parameters",
    "tools",
    "schema",
    "attachment",
    "model",
    "host",
    "served_model",
    "fingerprint",
    "sdk",
    "check",
    "judge",
]
Instrument: TypeAlias = Literal["scores", "distribution", "facts"]
INSTRUMENTS: tuple[Instrument, ...] = ("scores", "distribution", "facts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that changed between the accepted and the fresh answers.

    ``ours`` is True for what the project changed itself (prompt, parameters, a check), False for
    what the provider or the installation did. ``changes`` are the fields of the request, where it
    is one.
    """

    kind: CauseKind
    message: str
    ours: bool
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What changed between two sides, and the cheapest experiment that separates the causes.

    Without a cause nothing visible changed: the provider did. ``experiment`` is None unless there
    is more than one cause.
    """

    causes: tuple[Cause, ...] = ()
    experiment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChange:
    """One score of a case or a family on both sides; ``name`` is ``pass`` or that of a check.

    ``low`` and ``high`` are the 95 % interval of the difference, None where there is none. ``p`` is
    one-sided for a drop. ``answer`` is ``regressed``, ``improved``, ``fine`` or ``inconclusive``.
    ``needed`` is the number of fresh samples per case that would decide, None where nothing would.
    """

    name: str
    accepted: float
    fresh: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    margin: float | None = None
    answer: str = "inconclusive"
    needed: int | None = None
    broken: tuple[str, ...] = ()

    @property
    def difference(self) -> float:
        """Mean of the fresh less mean of the accepted scores."""
        return self.fresh - self.accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The fresh recording of a case beside the accepted one.

    ``accepted_samples`` and ``fresh_samples`` count the independent samples that were compared.
    ``same_request`` is True when exactly the same was asked. ``ratio`` says how many times as much
    the fresh answers differ from the accepted ones as these among themselves, with ``p`` where
    there are enough samples for one. ``undecided`` says what cannot be told with so few samples,
    and ``needed`` how many a side would do. ``skipped`` names what was not looked at, and why.
    """

    accepted_id: str
    accepted_at: str
    accepted_samples: int
    fresh_samples: int
    same_request: bool
    findings: tuple[Finding, ...] = ()
    attribution: Attribution | None = None
    scores: tuple[ScoreChange, ...] = ()
    ratio: float | None = None
    p: float | None = None
    undecided: str | None = None
    needed: int | None = None
    skipped: tuple[str, ...] = ()
    accepted_answers: tuple[str, ...] = ()
    accepted_spent: Spent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentTest:
    """One test of a family: its p-value, the level it was held against, and whether it fired.

    ``level`` is this test's share of alpha. ``effect`` is in the unit that ``message`` names.
    """

    instrument: Instrument
    p: float
    level: float
    fired: bool
    message: str
    effect: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyVerdict:
    """The conclusion for all selected cases of one case file × variant × model.

    ``cases`` counts the selected cases, ``compared`` those with fresh answers beside accepted ones,
    ``errors`` those without a verdict. ``alpha`` is the rate of false alarms of the whole run and
    ``level`` this family's part of it, after ``families`` families shared it. ``drifted`` names the
    cases that changed beyond noise, ``unchanged`` counts the compared ones that did not.
    ``usd_per_sample`` is what one fresh sample of one case had cost on average, None if unknown.
    """

    status: Status
    case_file: str
    label: str
    model: str
    cases: int
    compared: int
    errors: int
    alpha: float
    level: float
    families: int
    samples: tuple[int, int]  # accepted and fresh per case, the smallest
    tests: tuple[InstrumentTest, ...] = ()
    scores: tuple[ScoreChange, ...] = ()
    drifted: tuple[str, ...] = ()
    unchanged: int = 0
    attribution: Attribution | None = None
    problem: Problem | None = None
    notes: tuple[str, ...] = ()
    shares: Mapping[str, float] | None = None
    usd_per_sample: float | None = None
