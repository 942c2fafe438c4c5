"""Verdicts as plain data, so that they can ride on a pytest report between processes.

Every report of a run is kept until its end, so a case that simply passed stays small: what it has
in common with others is shared, and only what is not settled is told in full.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_promptdrift.model import Status

from .checks import reasons_of
from .compared import beyond_chance
from .detail import attribution_data, comparison_data, miss_data, problem_data, score_data
from .numbers import finite
from .phrases import cause_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_promptdrift.model import CheckSummary, Verdict
    from pytest_promptdrift.model.comparison import FamilyVerdict, InstrumentTest, ScoreChange

# Every report of a run is kept until its end: what most of them have in common is shared.
_SHARED = 256
# Raised when a field changes its meaning or goes away.
DATA_FORMAT = 2


def verdict_data(verdict: Verdict, headline: str) -> dict[str, object]:
    """Return what the summary and other reports need, as JSON types only."""
    spent, where = verdict.spent, verdict.where
    passed = verdict.status is Status.PASSED
    data: dict[str, object] = {
        "format": DATA_FORMAT,
        "kind": "case",
        "status": verdict.status.value,
        "headline": headline,
        "case": verdict.case_id,
        "label": verdict.label,
        "model": verdict.model,
        "file": where.path if where else None,
        "line": where.line if where else None,
        "recording": verdict.recording_id,
        "samples": verdict.samples,
        "called": verdict.called,
        "usd": finite(spent.usd) if spent else None,
        "tokens": spent.tokens if spent else None,
        "seconds": finite(spent.seconds) if spent else 0.0,
        "checks": [_check(check, full=not passed) for check in verdict.checks],
    }
    if not passed or verdict.comparison is not None:
        data["answers"] = verdict.answers_digest or None
        data["check_digests"] = _shared_digests(verdict.check_digests)
        data["comparison"] = comparison_data(verdict)
        data["problem"] = problem_data(verdict.problem)
        data["miss"] = miss_data(verdict.miss)
    if verdict.notes:
        data["notes"] = list(verdict.notes)
    return data


def _shared_digests(digests: Mapping[str, str] | None) -> dict[str, str]:
    return _digests(tuple(digests.items())) if digests else _digests(())


@lru_cache(maxsize=_SHARED)
def _digests(items: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(items)


def _check(check: CheckSummary, *, full: bool) -> dict[str, object]:
    data = _check_data(
        name=check.name,
        held=check.held,
        total=check.total,
        needed=check.needed,
        passed=check.passed,
        crashed=check.crashed,
        score=finite(check.score),
        score_only=check.score_only,
    )
    reasons = reasons_of(check, everything=False) if full and not check.passed else {}
    if not reasons:
        return data
    listed = [{"reason": text, "samples": where} for text, where in reasons.items()]
    return {**data, "reasons": listed}


@lru_cache(maxsize=_SHARED, typed=True)
def _check_data(
    *,
    name: str,
    held: int,
    total: int,
    needed: int,
    passed: bool,
    crashed: bool,
    score: float | None,
    score_only: bool,
) -> dict[str, object]:
    return {
        "name": name,
        "held": held,
        "total": total,
        "needed": needed,
        "passed": passed,
        "crashed": crashed,
        "score": score,
        "score_only": score_only,
    }


def family_data(family: FamilyVerdict, headline: str) -> dict[str, object]:
    """Return the verdict about a family, as JSON types only."""
    accepted, fresh = family.samples
    return {
        "format": DATA_FORMAT,
        "kind": "family",
        "status": family.status.value,
        "headline": headline,
        "case_file": family.case_file,
        "label": family.label,
        "model": family.model,
        "cases": family.cases,
        "compared": family.compared,
        "errors": family.errors,
        "alpha": finite(family.alpha),
        "level": finite(family.level),
        "families": family.families,
        "accepted_samples": accepted,
        "fresh_samples": fresh,
        "tests": [_test_data(test) for test in family.tests],
        "scores": [score_data(score) for score in family.scores],
        "drifted": list(family.drifted),
        "unchanged": family.unchanged,
        "attribution": attribution_data(family.attribution),
        "problem": problem_data(family.problem),
        "notes": list(family.notes),
        "shares": {name: finite(value) for name, value in (family.shares or {}).items()},
        "usd_per_sample": finite(family.usd_per_sample),
    }


def _test_data(test: InstrumentTest) -> dict[str, object]:
    return {
        "instrument": test.instrument,
        "p": finite(test.p),
        "level": finite(test.level),
        "fired": test.fired,
        "message": test.message,
        "effect": finite(test.effect),
    }


@lru_cache(maxsize=_SHARED, typed=True)
def _property(name: str, value: object) -> tuple[str, object]:
    return name, value


def properties(verdict: Verdict) -> list[tuple[str, object]]:
    """Return name and value of the JUnit properties of a case."""
    found: list[tuple[str, object]] = [
        _property("promptdrift_status", verdict.status.value),
        _property("promptdrift_model", verdict.model),
        _property("promptdrift_samples", verdict.samples),
    ]
    if verdict.recording_id:
        found.append(("promptdrift_recording", verdict.recording_id))
    for check in verdict.checks:
        found.append(_property(f"promptdrift_held_{check.name}", f"{check.held}/{check.total}"))
        if check.score is not None:
            found.append((f"promptdrift_score_{check.name}", round(check.score, 6)))
    comparison = verdict.comparison
    if comparison is not None:
        found.append(("promptdrift_accepted", comparison.accepted_id))
        found.append(_property("promptdrift_findings", len(comparison.findings)))
        found += _score_properties(comparison.scores)
        if comparison.attribution is not None:
            why = cause_text(comparison.attribution, drifted=beyond_chance(verdict))
            found.append(("promptdrift_attribution", why))
    if verdict.spent is not None:
        usd = verdict.spent.usd
        found.append(("promptdrift_tokens", _or_unknown(verdict.spent.tokens)))
        found.append(("promptdrift_cost_usd", "unknown" if usd is None else f"{usd:.6f}"))
        found.append(("promptdrift_latency_s", round(verdict.spent.seconds, 3)))
    return found


def family_properties(family: FamilyVerdict) -> list[tuple[str, object]]:
    """Return name and value of the JUnit properties of a family."""
    found: list[tuple[str, object]] = [
        ("promptdrift_status", family.status.value),
        ("promptdrift_model", family.model),
        ("promptdrift_cases", family.cases),
        ("promptdrift_compared", family.compared),
        ("promptdrift_errors", family.errors),
        ("promptdrift_alpha", family.alpha),
        ("promptdrift_level", round(family.level, 6)),
        ("promptdrift_drifted_cases", len(family.drifted)),
    ]
    found += [(f"promptdrift_p_{test.instrument}", round(test.p, 6)) for test in family.tests]
    found += _score_properties(family.scores)
    if family.attribution is not None:
        why = cause_text(family.attribution, drifted=family.status is Status.DRIFTED)
        found.append(("promptdrift_attribution", why))
    return found


def _score_properties(scores: Iterable[ScoreChange]) -> Iterator[tuple[str, object]]:
    for score in scores:
        name = score.name
        yield f"promptdrift_difference_{name}", round(score.difference, 6)
        if finite(score.low) is not None and finite(score.high) is not None:
            yield f"promptdrift_interval_{name}", f"{score.low:.6f} {score.high:.6f}"
        if score.p is not None:
            yield f"promptdrift_p_{name}", round(score.p, 6)


def _or_unknown(value: object) -> object:
    return "unknown" if value is None else value
