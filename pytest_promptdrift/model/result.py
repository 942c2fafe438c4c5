"""What a check says about a response, and what is concluded for a case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonValue

    from .request import Request
    from .response import Response


class Mode(StrEnum):
    """The network policy of a run."""

    REPLAY = "replay"
    RECORD = "record"
    REFRESH = "refresh"
    LIVE = "live"

    @property
    def calls_models(self) -> bool:
        """True for the modes that may call a model, which only the command line can choose."""
        return self is not Mode.REPLAY


class Status(StrEnum):
    """The conclusion for one case × variant × model.

    ``new`` has no accepted recording yet; ``pending`` asks something else than what was accepted,
    and nothing worse was found, but nobody has accepted it; ``inconclusive`` has too few samples.
    """

    PASSED = "passed"
    NEW = "new"
    PENDING = "pending"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"
    DRIFTED = "drifted"
    UNRECORDED = "unrecorded"
    ERROR = "error"
    SKIPPED = "skipped"


# Undecided rather than wrong: they pass where a person is about to look, and fail in CI.
AWAITING = frozenset({Status.NEW, Status.PENDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """The whole case as a check sees it: one response and everything known about it.

    ``expected`` is the author's expected answer, or None; ``variables`` are the case's values;
    ``index`` is the number of this sample, from 0; ``request`` is what was sent.
    """

    response: Response
    case_id: str
    variant: str
    model: str
    index: int = 0
    expected: JsonValue = None
    variables: dict[str, JsonValue] | None = None
    request: Request | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What one check says about one response.

    ``passed`` is True or False for a check that decides, and None for one that only measures.
    ``score`` is in 0…1, higher is better; ``label`` is a category. ``reason`` is one short line
    that says what was found; ``detail`` may hold more lines. ``crashed`` means that the check gave
    no answer: that is an error of the check and says nothing about the model.
    """

    name: str
    passed: bool | None
    score: float | None = None
    label: str | None = None
    reason: str = ""
    detail: tuple[str, ...] = ()
    crashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSummary:
    """One check over all samples of a case: how many held, how many had to.

    ``held`` counts the samples where the check passed, of ``total``; ``needed`` is how many must
    hold. ``results`` has one result per sample, in sample order. ``score_only`` checks never fail a
    case by themselves.
    """

    name: str
    held: int
    total: int
    needed: int
    results: tuple[CheckResult, ...]
    score_only: bool = False

    @property
    def crashed(self) -> bool:
        """True when the check crashed on any sample."""
        # a generator would cost three times as much, ten times a case
        for result in self.results:  # noqa: SIM110
            if result.crashed:
                return True
        return False

    @property
    def passed(self) -> bool:
        """True when enough samples hold."""
        return not self.crashed and (self.score_only or self.held >= self.needed)

    @property
    def score(self) -> float | None:
        """Mean of the scores, or None when the check gives none."""
        scores = [result.score for result in self.results if result.score is not None]
        return sum(scores) / len(scores) if scores else None
