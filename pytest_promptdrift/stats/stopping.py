"""Inside one live run: stop paying when the answer is clear.

Looking several times at one alpha is a way to be wrong more often; the levels here share it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .quantiles import normal_cdf, normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .quantiles import Interval
    from .seeding import Floats

_REACH = 8.0
_CELLS = 200  # the level is then right to 1e-5


class Stop(StrEnum):
    """What a look decides."""

    REGRESSED = "regressed"
    FUTILE = "futile"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look: after ``samples`` fresh samples a case, a p at most ``level`` stops the run."""

    samples: int
    information: float
    level: float


def plan_looks(
    samples: int, *, accepted: int | None = None, alpha: float = 0.05, looks: int = 3
) -> tuple[Look, ...]:
    """Return up to ``looks`` looks at equal parts of ``samples`` fresh samples a case.

    All looks get the same level (Pocock 1977), computed for their correlation. The accepted samples
    are the same at every look: with n of them m fresh samples carry the information
    1 / (1/n + 1/m), so later looks add less than their share, and the level is a little larger
    than Pocock's. ``accepted`` None means that both sides grow together. Fewer samples than looks:
    one look a sample. No sample: no look.
    """
    sizes = sorted({-(-samples * i // looks) for i in range(1, looks + 1)} - {0})
    if not sizes:
        return ()
    known = [s if accepted is None else 1.0 / (1.0 / accepted + 1.0 / s) for s in sizes]
    fractions = tuple(value / known[-1] for value in known)
    level = equal_level(alpha, fractions)
    return tuple(
        Look(samples=size, information=part, level=level)
        for size, part in zip(sizes, fractions, strict=True)
    )


@lru_cache(maxsize=128)
def equal_level(alpha: float, fractions: tuple[float, ...]) -> float:
    """Return the level that, used one-sided at every look, errs with chance ``alpha`` in all.

    ``fractions`` of the final information, growing to 1. Pocock 1977; crossing chances by the
    recursive integration of Armitage, McPherson and Rowe 1969. One look: ``alpha`` itself.
    """
    low, high = alpha / max(1, len(fractions)), alpha
    for _ in range(30):
        middle = (low + high) / 2
        crossed = crossing_chance([middle] * len(fractions), fractions)
        low, high = (middle, high) if crossed < alpha else (low, middle)
    return low


def crossing_chance(levels: Sequence[float], fractions: Sequence[float]) -> float:
    """Return the chance that a normal statistic crosses its one-sided level at any look.

    The statistic is a Brownian motion seen at ``fractions``, divided by their root; no change.
    """
    before, density, grid = 0.0, np.ones(1), np.zeros(1)
    crossed = 0.0
    for level, fraction in zip(levels, fractions, strict=True):
        step = (fraction - before) ** 0.5
        edge = -normal_quantile(level) * fraction**0.5
        tails = np.array([1.0 - normal_cdf(z) for z in ((edge - grid) / step).tolist()])
        crossed += float((density * tails).sum())
        fine = np.linspace(-_REACH * fraction**0.5, edge, _CELLS + 1)
        # trapezoids: the density at the boundary is not zero, so its weight there is half
        weights = np.full(fine.size, fine[1] - fine[0])
        weights[[0, -1]] /= 2
        arrived = _normal_density(fine[:, None] - grid[None, :], step) @ density
        density = weights * arrived
        before, grid = fraction, fine
    return crossed


def _normal_density(x: Floats, sd: float) -> Floats:
    return np.asarray(np.exp(-0.5 * (x / sd) ** 2) / (sd * np.sqrt(2 * np.pi)), dtype=np.float64)


def decide_look(
    look: Look, *, p_drop: float, drop: float, interval: Interval, margin: float, floor: float
) -> Stop:
    """Decide after a look whether to stop.

    Regressed: p at most the level of the look, and the drop at least ``floor``. Futile: even the
    lower end of ``interval`` stays above −``margin``, so the best case for a regression is one
    that nobody minds. A p beyond the level with a drop below the floor goes on.
    """
    if p_drop <= look.level and drop >= floor:
        return Stop.REGRESSED
    return Stop.FUTILE if interval.low > -margin else Stop.CONTINUE
