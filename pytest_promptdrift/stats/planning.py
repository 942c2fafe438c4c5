"""How many samples a decision needs, and what a design can see."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from .quantiles import normal_cdf, normal_quantile

if TYPE_CHECKING:
    from collections.abc import Callable

# a plan beyond this is no plan
_MOST = 1_000_000
# permutations of a whole family are not drawn more often: the memory they need is a few hundred MB
_MOST_DRAWS = 19_999
# a level that is fewer steps of 1 / (B + 1) than this is too fine for B draws
_STEPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePlan:
    """Samples per case that find ``drop`` with ``power``.

    ``fresh`` is None when the accepted samples are too few for any number of fresh ones;
    ``both`` is what accepted and fresh need each in that case (or if both were drawn anew).
    """

    fresh: int | None
    both: int | None
    drop: float
    power: float


def plan_samples(
    *,
    cases: int,
    accepted: float,
    drop: float,
    variance: float,
    alpha: float = 0.05,
    power: float = 0.8,
) -> SamplePlan:
    """Return the samples per case that find a mean drop of ``drop`` at one-sided ``alpha``.

    m ≥ 1 / (K δ² / ((z_α + z_β)² σ²) − 1 / n), the two-sample z formula (Cohen 1988) with K
    strata of equal weight; σ² is the mean variance inside a case. No case or no drop to look for:
    no number suffices. No variance: one sample does.
    """
    if cases <= 0 or drop <= 0:
        return SamplePlan(fresh=None, both=None, drop=drop, power=power)
    if variance <= 0:
        return SamplePlan(fresh=1 if accepted > 0 else None, both=1, drop=drop, power=power)
    z = normal_quantile(1 - alpha) + normal_quantile(power)
    needed = cases * drop**2 / (z**2 * variance)  # what 1/m + 1/n may be at most
    rest = needed - 1.0 / accepted if accepted > 0 else 0.0
    fresh, both = (math.ceil(1.0 / rest - 1e-9) if rest > 0 else _MOST), 2.0 / needed
    return SamplePlan(
        fresh=max(1, fresh) if fresh < _MOST else None,
        both=max(1, math.ceil(both - 1e-9)) if both < _MOST else None,
        drop=drop,
        power=power,
    )


def expected_power(
    *, cases: int, accepted: int, fresh: int, drop: float, variance: float, alpha: float = 0.05
) -> float:
    """Return the chance that a mean drop of ``drop`` is found: the inverse of ``plan_samples``.

    Normal approximation. Without samples or cases the chance is 0; without variance a drop is
    always found and no drop never.
    """
    if min(cases, accepted, fresh) <= 0:
        return 0.0
    if variance <= 0:
        return float(drop > 0)
    error = math.sqrt(variance * (1.0 / accepted + 1.0 / fresh) / cases)
    return normal_cdf(drop / error - normal_quantile(1 - alpha))


def draws_for(level: float, *, least: int = 1999) -> int:
    """Return how many permutations make a p at ``level`` reachable with room to spare.

    The smallest Monte-Carlo p is 1 / (B + 1); ten times that resolves the level.
    """
    return max(least, math.ceil(10.0 / level) - 1)


class Tested(Protocol):
    """What any test of the room returns."""

    @property
    def p(self) -> float:
        """Chance of a result at least as extreme when nothing changed."""


_Test = TypeVar("_Test", bound=Tested)


def resolve(run: Callable[[int], _Test], level: float, *, draws: int = 1999) -> _Test:
    """Return ``run(draws)``, run again with more draws where these cannot tell p from ``level``.

    With many families or instruments the level of one test falls below the smallest p that the
    usual number of permutations gives. Only a p near that smallest one is looked at again, and the
    second then counts, which stays valid: no p at or below ``level`` ever comes from the first.
    """
    first = run(draws)
    step = 1.0 / (draws + 1)
    if level >= _STEPS * step or first.p > 2 * _STEPS * step:
        return first
    return run(min(draws_for(level, least=draws), max(draws, _MOST_DRAWS)))
