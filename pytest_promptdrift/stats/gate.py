"""The gate on scores: whether a family of cases became worse than chance makes it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .arrangements import CaseScores, draw_fresh_sums, fresh_sum_table, pool
from .seeding import Floats, seeded_rng

if TYPE_CHECKING:
    from numpy.random import Generator

DRAWS = 1999
Scores = Sequence[float] | NDArray[np.float64]
# Share of the null variance mixed into the squared standard error, so that two sides without any
# spread do not divide by zero: arrangements of that kind then rank by their difference, before all
# others. Too small to reorder the rest.
_RIDGE = 1e-12
_TIE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTest:
    """The pooled test of a family; ``difference`` is the mean over the cases, fresh − accepted."""

    difference: float
    statistic: float
    p_drop: float
    p_rise: float
    cases: int  # cases with samples on both sides
    arrangements: int  # counted when ``exact``, drawn otherwise (the one seen included)
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Design:
    """What all arrangements share, one entry a case that varies."""

    accepted: Floats
    fresh: Floats
    totals: Floats
    squares: Floats  # sum of squared deviations from the mean of the case
    widths: Floats
    cases: int


def score_rng(accepted: Sequence[Scores], fresh: Sequence[Scores], *context: object) -> Generator:
    """Return the generator for these scores; the order of samples inside a side does not count."""
    sides = [
        [np.sort(np.asarray(scores, dtype=np.float64)) for scores in side]
        for side in (accepted, fresh)
    ]
    return seeded_rng("scores", list(context), sides)


def usable_cases(accepted: Sequence[Scores], fresh: Sequence[Scores]) -> list[CaseScores]:
    """Pair both sides case by case, without the cases that have no sample on one side."""
    pairs = zip(accepted, fresh, strict=True)
    return [case for case in (pool(a, f) for a, f in pairs) if case.accepted and case.fresh]


def stratified_permutation_gate(
    accepted: Sequence[Scores], fresh: Sequence[Scores], *, rng: Generator, draws: int = DRAWS
) -> GateTest:
    """Test whether the mean of the case differences is lower (or higher) than chance explains.

    Labels are shuffled inside each case only; the statistic is the difference divided by its
    within-case standard error (studentised permutation test: Janssen 1997, Chung and Romano 2013;
    strata: Good 2005; p = (1 + #) / (B + 1): Phipson and Smyth 2010). When all distinct
    arrangements number at most ``draws`` + 1, every one is counted with its probability and p is
    exact. A case with one sample on each side has no within-case spread; if all are such, the
    statistic ranks like the plain mean. No usable case, or all scores equal in every case: p = 1.
    """
    cases = usable_cases(accepted, fresh)
    varying = [case for case in cases if case.varies]
    if not varying:
        return GateTest(
            difference=0.0, statistic=0.0, p_drop=1.0, p_rise=1.0, cases=len(cases),
            arrangements=1, exact=True,
        )  # fmt: skip
    design = _design(varying, len(cases))
    seen = np.array([[case.fresh_sum for case in varying]])
    difference, statistic = (float(x[0]) for x in _statistics(seen, design))
    listed = _all_sums(varying, draws + 1)
    if listed is None:
        drawn = np.column_stack([draw_fresh_sums(case, draws, rng) for case in varying])
        sums = np.concatenate([seen, drawn])
        weights = np.full(draws + 1, 1.0 / (draws + 1))
    else:
        sums, weights = listed
    found = _statistics(sums, design)[1]
    slack = _TIE * (1.0 + abs(statistic))
    return GateTest(
        difference=difference,
        statistic=statistic,
        p_drop=min(1.0, float(weights[found <= statistic + slack].sum())),
        p_rise=min(1.0, float(weights[found >= statistic - slack].sum())),
        cases=len(cases),
        arrangements=len(sums),
        exact=listed is not None,
    )


def _design(varying: Sequence[CaseScores], cases: int) -> _Design:
    return _Design(
        accepted=np.array([float(c.accepted) for c in varying]),
        fresh=np.array([float(c.fresh) for c in varying]),
        totals=np.array([float(c.pooled.sum()) for c in varying]),
        squares=np.array([float(((c.pooled - c.pooled.mean()) ** 2).sum()) for c in varying]),
        widths=np.array([c.width for c in varying]),
        cases=cases,
    )


def _statistics(sums: Floats, design: _Design) -> tuple[Floats, Floats]:
    """Return difference and studentised difference for each row of fresh sums."""
    n, m = design.accepted, design.fresh
    d = sums / m - (design.totals - sums) / n
    # the squares inside both sides are those around the mean of the case, less those between sides
    within = design.squares - d**2 * (n * m / (n + m))
    within = np.where(within <= _TIE * design.squares, 0.0, within)  # rounding is no spread
    scale = design.widths**2 * (1.0 / n + 1.0 / m)
    freedom = n + m - 2.0
    variance = (within * np.where(freedom > 0, scale / np.maximum(freedom, 1.0), 0.0)).sum(axis=1)
    null = float((design.squares * scale / (n + m - 1.0)).sum())
    total = (d * design.widths).sum(axis=1)
    return total / design.cases, total / np.sqrt((1 - _RIDGE) * variance + _RIDGE * null)


def _all_sums(varying: Sequence[CaseScores], limit: int) -> tuple[Floats, Floats] | None:
    """Return every combination of fresh sums with its probability, unless there are too many."""
    tables: list[dict[float, float]] = []
    number = 1
    for case in varying:
        table = fresh_sum_table(case, limit // number)
        if table is None:
            return None
        tables.append(table)
        number *= len(table)
    grids = np.meshgrid(*[np.array(list(t)) for t in tables], indexing="ij")
    chances = np.meshgrid(*[np.array(list(t.values())) for t in tables], indexing="ij")
    sums = np.column_stack([grid.ravel() for grid in grids])
    return sums, np.prod(np.column_stack([c.ravel() for c in chances]), axis=1)


def within_case_variance(accepted: Sequence[Scores], fresh: Sequence[Scores] = ()) -> float | None:
    """Return the mean over the cases of the variance inside a side, or None if none is measurable.

    A case counts once, its sides pooled by their degrees of freedom. Sides of one sample tell
    nothing; cases with none of two or more samples are left out.
    """
    sides = [accepted, fresh] if len(fresh) else [accepted]
    found = []
    for case in zip(*sides, strict=True):
        arrays = [np.asarray(side, dtype=np.float64) for side in case]
        freedom = sum(a.size - 1 for a in arrays if a.size > 1)
        if freedom:
            squares = sum(float(((a - a.mean()) ** 2).sum()) for a in arrays if a.size > 1)
            found.append(squares / freedom)
    return math.fsum(found) / len(found) if found else None
