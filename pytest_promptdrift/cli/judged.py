"""What a run found about a pending case, read back from the data it left.

The data lies in a file that anybody may have edited, and an older or newer version may have written
it: what is not as expected is left out, never a crash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pytest_promptdrift.model import Finding
from pytest_promptdrift.model.comparison import Attribution, Cause, ScoreChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_promptdrift._canonical import JsonObject

_T = TypeVar("_T")
_COUNTS = ("accepted", "accepted_of", "fresh", "fresh_of")
_HUGE = 1e300
_NUMBERS = ("low", "high", "p", "margin")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFound:
    """A check that does not hold for all samples, as far as it matters to a decision."""

    name: str
    held: int
    total: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The findings, scores, causes and notes of a run about one case."""

    findings: tuple[Finding, ...] = ()
    scores: tuple[ScoreChange, ...] = ()
    attribution: Attribution | None = None
    checks: tuple[CheckFound, ...] = ()
    ratio: float | None = None
    p: float | None = None
    notes: tuple[str, ...] = ()


def read_judged(data: JsonObject) -> Judged:
    """Return what the data of a verdict says, as far as it can be understood."""
    comparison = _object(data.get("comparison"))
    problem = _text(_object(data.get("problem")).get("message"))
    return Judged(
        findings=_every(comparison.get("findings"), _finding),
        scores=_every(comparison.get("scores"), _score),
        attribution=_attribution(comparison.get("attribution")),
        checks=_every(data.get("checks"), _check),
        ratio=_number(comparison.get("ratio")),
        p=_number(comparison.get("p")),
        notes=tuple(_notes(data, comparison, problem)),
    )


def _notes(
    data: Mapping[str, object], comparison: Mapping[str, object], problem: str | None
) -> Iterator[str]:
    if problem:
        yield problem
    undecided, needed = _text(comparison.get("undecided")), comparison.get("needed")
    if undecided:
        enough = isinstance(needed, int) and not isinstance(needed, bool)
        yield f"{undecided}; {needed} samples would decide" if enough else undecided
    yield from (f"not looked at: {text}" for text in _texts(comparison.get("skipped")))
    yield from _texts(data.get("notes"))


def _finding(raw: Mapping[str, object]) -> Finding | None:
    kind, message, severity = (_text(raw.get(key)) for key in ("kind", "message", "severity"))
    if kind is None or message is None or severity not in {"fail", "warn", "note"}:
        return None
    texts = {key: _text(raw.get(key)) for key in ("old", "new", "path")}
    numbers = {key: _number(raw.get(key)) for key in ("p", "adjusted_p")}
    counts = {key: n for key in _COUNTS if (n := _count(raw.get(key))) is not None}
    return Finding(kind=kind, message=message, severity=severity, **texts, **numbers, **counts)  # type: ignore[arg-type]  # a dict of mixed values, each checked above


def _score(raw: Mapping[str, object]) -> ScoreChange | None:
    name = _text(raw.get("name"))
    accepted, fresh = _number(raw.get("accepted")), _number(raw.get("fresh"))
    if name is None or accepted is None or fresh is None:
        return None
    numbers = {key: _number(raw.get(key)) for key in _NUMBERS}
    answer = _text(raw.get("answer")) or "inconclusive"
    return ScoreChange(
        name=name,
        accepted=accepted,
        fresh=fresh,
        answer=answer,
        needed=_count(raw.get("needed")),
        **numbers,  # type: ignore[arg-type]  # names of fields that hold a number or None
    )


def _attribution(value: object) -> Attribution | None:
    if not isinstance(value, dict):
        return None
    causes = _every(value.get("causes"), _cause)
    return Attribution(causes=causes, experiment=_text(value.get("experiment")))


def _cause(raw: Mapping[str, object]) -> Cause | None:
    kind, message = _text(raw.get("kind")), _text(raw.get("message"))
    if kind is None or message is None:
        return None
    return Cause(kind=kind, message=message, ours=raw.get("ours") is True)  # type: ignore[arg-type]  # shown only


def _check(raw: Mapping[str, object]) -> CheckFound | None:
    name = _text(raw.get("name"))
    held, total = _count(raw.get("held")), _count(raw.get("total"))
    if name is None or held is None or total is None or raw.get("passed") is not False:
        return None
    reasons = _every(raw.get("reasons"), lambda item: _text(item.get("reason")))
    return CheckFound(name=name, held=held, total=total, reason=next(iter(reasons), ""))


def _every(value: object, read: Callable[[Mapping[str, object]], _T | None]) -> tuple[_T, ...]:
    items = value if isinstance(value, list) else []
    found = (read(item) for item in items if isinstance(item, dict))
    return tuple(item for item in found if item is not None)


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> Iterator[str]:
    return (item for item in (value if isinstance(value, list) else []) if isinstance(item, str))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # a whole number may be too large for arithmetic
    return float(value) if -_HUGE < value < _HUGE else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
