"""Scores of samples, from the checks of today, for accepted and fresh samples alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_promptdrift.model import CheckSummary

# The share of samples where everything holds, as one score among the others.
PASS = "pass"  # noqa: S105  (no password)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseScores:
    """The scores of one case by name, one number a sample that could be judged, on each side."""

    accepted: dict[str, tuple[float, ...]]
    fresh: dict[str, tuple[float, ...]]


def scores_of(checks: Sequence[CheckSummary]) -> dict[str, tuple[float, ...]]:
    """Return the scores of some samples by name.

    ``pass`` is 1 for a sample on which every check holds; a check that measures adds its own
    score. A sample on which a check crashed has no score: that says nothing about the model.
    """
    if not checks:
        return {}
    found: dict[str, list[float]] = {}
    names = own_names([check.name for check in checks])
    for index in range(checks[0].total):
        results = [check.results[index] for check in checks]
        if any(result.crashed for result in results):
            continue
        held = all(result.passed is not False for result in results)
        if any(result.passed is not None for result in results):
            found.setdefault(PASS, []).append(float(held))
        for name, result in zip(names, results, strict=True):
            if result.score is not None:
                found.setdefault(name, []).append(result.score)
    return {name: tuple(values) for name, values in found.items()}


def score_names(cases: Sequence[CaseScores]) -> tuple[str, ...]:
    """Return the names of all scores that some case has on both sides, ``pass`` first."""
    names = {name for case in cases for name in case.accepted if name in case.fresh}
    return tuple(sorted(names, key=lambda name: (name != PASS, name)))


def own_names(names: Sequence[str]) -> tuple[str, ...]:
    """Tell checks of one name apart: the second is ``contains#2``."""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(told)
