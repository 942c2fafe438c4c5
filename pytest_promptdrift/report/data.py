"""A verdict as plain data, so that it can ride on a pytest report between processes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_promptdrift.model import Verdict

# Every report of a run is kept until its end: what most of them have in common is shared.
_SHARED = 256
# Raised when a field changes its meaning or goes away.
DATA_FORMAT = 1


def verdict_data(verdict: Verdict, headline: str) -> dict[str, object]:
    """Return what the summary and other reports need, as JSON types only."""
    spent = verdict.spent
    return {
        "format": DATA_FORMAT,
        "status": verdict.status.value,
        "headline": headline,
        "case": verdict.case_id,
        "label": verdict.label,
        "model": verdict.model,
        "recording": verdict.recording_id,
        "samples": verdict.samples,
        "called": verdict.called,
        "usd": spent.usd if spent else None,
        "tokens": spent.tokens if spent else None,
        "seconds": spent.seconds if spent else 0.0,
        "checks": [
            _check_data(
                name=check.name,
                held=check.held,
                total=check.total,
                needed=check.needed,
                passed=check.passed,
                crashed=check.crashed,
                score=check.score,
            )
            for check in verdict.checks
        ],
    }


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
) -> dict[str, object]:
    return {
        "name": name,
        "held": held,
        "total": total,
        "needed": needed,
        "passed": passed,
        "crashed": crashed,
        "score": score,
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
    if verdict.spent is not None:
        usd = verdict.spent.usd
        found.append(("promptdrift_tokens", _or_unknown(verdict.spent.tokens)))
        found.append(("promptdrift_cost_usd", "unknown" if usd is None else f"{usd:.6f}"))
        found.append(("promptdrift_latency_s", round(verdict.spent.seconds, 3)))
    return found


def _or_unknown(value: object) -> object:
    return "unknown" if value is None else value
