"""How the scores of one case can fall on the accepted and the fresh side, when nothing changed.

Under the null every choice of which samples are called fresh is as likely as any other. Only the
sum of the fresh scores matters, so choices that give the same sum are counted, not listed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .counts import hypergeometric
from .seeding import Floats, fresh_masks, uniforms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

# two sums that differ by less are one: scores are scaled to 0 … 1 first
TIE = 1e-9
_DIGITS = 10
# splitting in halves lists 2 ** (n / 2) sums a side: 8192 here, about a millisecond
_EXACT_UP_TO = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseScores:
    """The scores of one case, both sides pooled and scaled to 0 … 1, and where they came from."""

    pooled: Floats  # accepted first, each side sorted: the order of samples means nothing
    accepted: int
    fresh: int
    low: float
    width: float  # what one unit of the scaled scores is worth; 0 when all scores are equal

    @property
    def fresh_sum(self) -> float:
        """Sum of the scaled fresh scores as they were seen."""
        return float(self.pooled[self.accepted :].sum())

    @property
    def varies(self) -> bool:
        """Whether any arrangement differs from another."""
        return self.width > 0 and self.accepted > 0 and self.fresh > 0


def pool(accepted: Floats | Sequence[float], fresh: Floats | Sequence[float]) -> CaseScores:
    """Return both sides of a case as one scaled array; ValueError for a score that is no number."""
    left = np.sort(np.asarray(accepted, dtype=np.float64).ravel())
    right = np.sort(np.asarray(fresh, dtype=np.float64).ravel())
    both = np.concatenate([left, right])
    if not np.isfinite(both).all():
        msg = "a score is not a finite number; errors are not scores"
        raise ValueError(msg)
    low = float(both.min()) if both.size else 0.0
    width = float(both.max()) - low if both.size else 0.0
    scaled = (both - low) / width if width > 0 else np.zeros_like(both)
    return CaseScores(
        pooled=scaled, accepted=left.size, fresh=right.size, low=low, width=max(width, 0.0)
    )


def fresh_sum_table(case: CaseScores, limit: int) -> dict[float, float] | None:
    """Return each possible sum of fresh scores with its probability; None beyond ``limit``."""
    if not case.varies:
        return {case.fresh_sum: 1.0}
    values, counts = np.unique(np.round(case.pooled, _DIGITS), return_counts=True)
    if values.size == 2:
        table = hypergeometric(case.pooled.size, int(counts[1]), case.fresh)
        return {float(k): p for k, p in table.items()} if len(table) <= limit else None
    ways: dict[tuple[int, float], int] = {(0, 0.0): 1}
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        grown: dict[tuple[int, float], int] = {}
        for (taken, total), number in ways.items():
            for more in range(min(count, case.fresh - taken) + 1):
                key = (taken + more, round(total + more * value, _DIGITS))
                grown[key] = grown.get(key, 0) + number * math.comb(count, more)
        if len(grown) > limit * (case.fresh + 1):
            return None
        ways = grown
    whole = math.comb(case.pooled.size, case.fresh)
    out = {total: n / whole for (taken, total), n in ways.items() if taken == case.fresh}
    return out if len(out) <= limit else None


def draw_fresh_sums(case: CaseScores, draws: int, rng: Generator) -> Floats:
    """Return the sum of the fresh scores in ``draws`` random arrangements."""
    if not case.varies:
        return np.full(draws, case.fresh_sum)
    if np.isin(case.pooled, (0.0, 1.0)).all():
        table = hypergeometric(case.pooled.size, int(case.pooled.sum()), case.fresh)
        ends = np.cumsum(list(table.values()))
        found = np.searchsorted(ends, uniforms(rng, draws), side="right")
        return np.asarray(list(table), dtype=np.float64)[np.minimum(found, len(table) - 1)]
    masks = fresh_masks(rng, draws, case.pooled.size, case.fresh)
    return np.asarray(masks @ case.pooled, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCaseTest:
    """p-values of one case, with the smallest that its samples could have given."""

    drop: float
    rise: float
    smallest: float
    exact: bool


def _sums_by_size(values: Floats) -> list[Floats]:
    """Return, for each number of values chosen, the sorted sums of all choices."""
    sums, sizes = np.zeros(1), np.zeros(1, dtype=np.int64)
    for value in values:
        sums, sizes = np.concatenate([sums, sums + value]), np.concatenate([sizes, sizes + 1])
    return [np.sort(sums[sizes == size]) for size in range(values.size + 1)]


def _count_at_most(values: Floats, chosen: int, limits: Sequence[float]) -> list[int]:
    """Count the choices of ``chosen`` values whose sum is at most each limit.

    All sums of two halves are listed and joined by binary search (Horowitz and Sahni 1974).
    """
    half = values.size // 2
    left, right = _sums_by_size(values[:half]), _sums_by_size(values[half:])
    pairs = [
        (left[size], right[chosen - size])
        for size in range(min(half, chosen) + 1)
        if chosen - size < len(right)
    ]
    return [
        sum(int(np.searchsorted(b, limit - a, side="right").sum()) for a, b in pairs)
        for limit in limits
    ]


def _smallest(case: CaseScores) -> float:
    """Return the share of arrangements that are the most extreme one (in the direction of a drop).

    The fresh side then holds the smallest scores; ties at its edge give several such choices.
    """
    ordered = np.sort(case.pooled)
    edge = ordered[case.fresh - 1]
    ties = int(np.sum(np.abs(ordered - edge) <= TIE))
    inside = int(np.sum(np.abs(ordered[: case.fresh] - edge) <= TIE))
    return math.comb(ties, inside) / math.comb(ordered.size, case.fresh)


def one_case_test(case: CaseScores, *, draws: int, fine_draws: int, rng: Generator) -> OneCaseTest:
    """Test one case for a lower and for a higher mean of its fresh samples, one-sided.

    Scores of two values: Fisher 1935. Up to 26 samples: every arrangement counted (Pitman 1937).
    Beyond: Monte Carlo with ``draws`` (Phipson and Smyth 2010), and when that p is at most .05,
    again with ``fine_draws`` of its own; the second p then counts, which stays valid because both
    are valid and only a p below .05 is ever replaced. A side without samples, or all scores equal:
    p = 1, and so is the smallest possible.
    """
    if not case.varies:
        return OneCaseTest(drop=1.0, rise=1.0, smallest=1.0, exact=True)
    seen, smallest = case.fresh_sum, _smallest(case)
    if np.isin(case.pooled, (0.0, 1.0)).all():
        table = hypergeometric(case.pooled.size, int(case.pooled.sum()), case.fresh)
        drop = sum(p for k, p in table.items() if k <= seen + TIE)
        rise = sum(p for k, p in table.items() if k >= seen - TIE)
        return OneCaseTest(drop=min(1.0, drop), rise=min(1.0, rise), smallest=smallest, exact=True)
    if case.pooled.size <= _EXACT_UP_TO:
        whole = math.comb(case.pooled.size, case.fresh)
        low, below = _count_at_most(case.pooled, case.fresh, (seen + TIE, seen - TIE))
        return OneCaseTest(
            drop=low / whole, rise=(whole - below) / whole, smallest=smallest, exact=True
        )
    drop, rise = _monte_carlo(case, seen, draws, rng)
    if min(drop, rise) <= 0.05:
        fine_drop, fine_rise = _monte_carlo(case, seen, fine_draws, rng)
        drop = fine_drop if drop <= 0.05 else drop
        rise = fine_rise if rise <= 0.05 else rise
    return OneCaseTest(drop=drop, rise=rise, smallest=smallest, exact=False)


def _monte_carlo(case: CaseScores, seen: float, draws: int, rng: Generator) -> tuple[float, float]:
    sums = draw_fresh_sums(case, draws, rng)
    drop = (1 + int(np.sum(sums <= seen + TIE))) / (draws + 1)
    return drop, (1 + int(np.sum(sums >= seen - TIE))) / (draws + 1)
