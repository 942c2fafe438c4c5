"""Many tests, one stated rate of false alarms: corrections and the split of alpha."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# what two sides of a comparison may differ by and still count as equal: alpha / 3 / 3 is no number
_TIE = 1.0 + 1e-9


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return adjusted p-values in the given order: reject those ≤ q to keep the FDR at q.

    Benjamini and Hochberg 1995. The smallest one is the p-value of Simes 1986 for "nothing changed
    anywhere". No p-values give none; one is returned as it is; ties get the same value.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.size == 0:
        return ()
    order = np.argsort(-p, kind="stable")
    scaled = p[order] * p.size / np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return tuple(adjusted.tolist())


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return adjusted p-values in the given order: reject those ≤ α to err anywhere with chance α.

    Holm 1979; whatever the dependence. No p-values give none; one is returned as it is.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.size == 0:
        return ()
    order = np.argsort(p, kind="stable")
    scaled = p[order] * np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return tuple(adjusted.tolist())


def split_alpha(
    names: Sequence[str], shares: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return what share of alpha each name gets: equal, or as ``shares`` weighs them; sum is 1.

    A name that ``shares`` does not list weighs 1. All weights zero is a ValueError.
    """
    weights = {name: float((shares or {}).get(name, 1.0)) for name in names}
    total = sum(weights.values())
    if names and (total <= 0 or min(weights.values()) < 0):
        msg = f"shares of alpha must be positive, found {dict(shares or {})!r}"
        raise ValueError(msg)
    return {name: weight / total for name, weight in weights.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyDecision:
    """What one family may say after all families of the run shared one alpha."""

    p: float
    adjusted_p: float
    rejected: bool
    level: float  # the alpha this family was judged at
    levels: Mapping[str, float]  # the same for each of its instruments
    fired: tuple[str, ...]


def decide_families(
    families: Mapping[str, Mapping[str, float]],
    *,
    alpha: float = 0.05,
    shares: Mapping[str, float] | None = None,
) -> dict[str, FamilyDecision]:
    """Judge p-values by instrument by family so that a whole run cries drift with chance ≤ alpha.

    Inside a family a weighted Bonferroni split over its instruments, over the families Holm 1979.
    A family without p-values has p = 1 and costs the others nothing; leave out what no arrangement
    of its samples could make fire, which is no choice by the result (Tarone 1990). The level of a
    family is alpha over the number of families that its p-value was not beyond, so an instrument
    that fires is always part of a rejection.
    """
    split = {name: split_alpha(list(tests), shares) for name, tests in families.items()}
    p = {
        name: min((1.0, *(t / split[name][i] for i, t in tests.items() if split[name][i] > 0)))
        for name, tests in families.items()
        if tests
    }
    adjusted = dict(zip(p, holm(list(p.values())), strict=True))
    rejected = {name for name, value in adjusted.items() if value <= alpha * _TIE}
    order = sorted(p.values())
    out = {}
    for name, tests in families.items():
        # a rejected family is compared as Holm does at its own step, any other at the last step
        ahead = order.index(p[name]) if name in rejected else len(rejected)
        level = alpha / max(1, len(p) - ahead)
        out[name] = FamilyDecision(
            p=p.get(name, 1.0),
            adjusted_p=adjusted.get(name, 1.0),
            rejected=name in rejected,
            level=level,
            levels={instrument: level * split[name][instrument] for instrument in tests},
            fired=tuple(
                i
                for i, t in tests.items()
                if name in rejected and t <= level * split[name][i] * _TIE
            ),
        )
    return out
