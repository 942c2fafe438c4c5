"""Which cases moved: every case alone, and whether so few samples could have told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .distances import all_masks, group_sizes, mean_distances, standardise
from .multiple import benjamini_hochberg
from .seeding import fresh_masks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.random import Generator

    from .seeding import Bools, Floats

# a case is counted out in full up to here, and looked at again with more draws from here down
_COUNT_OUT = 1000
_LOOK_AGAIN = 0.02
_MOST_DRAWS = 20_000
_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMeans:
    """Mean distances as they were seen; all 0 where one accepted sample gives no measure."""

    between: float
    inside: float  # among the accepted samples
    energy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDistance:
    """How far one case moved; ``p`` is None where a side has a single sample."""

    index: int
    accepted: int
    fresh: int
    means: SeenMeans
    moved: bool  # some fresh answer differs from some accepted one
    p: float | None
    adjusted_p: float | None
    smallest_p: float

    @property
    def ratio(self) -> float | None:
        """Distance between the sides over that among the accepted; None if these do not differ."""
        return self.means.between / self.means.inside if self.means.inside > 0 else None

    @property
    def effect(self) -> float | None:
        """Energy over the distance among the accepted; None if these do not differ."""
        return self.means.energy / self.means.inside if self.means.inside > 0 else None


def compare_cases(
    sizes: Sequence[tuple[int, int]],
    distances: Mapping[int, Floats],
    *,
    rng: Generator,
    draws: int,
) -> tuple[CaseDistance, ...]:
    """Test every case alone by its energy, with Benjamini–Hochberg over those that can be tested.

    Energy permutation test: Székely and Rizzo 2004. Up to 1000 arrangements are counted out; beyond
    they are drawn, and drawn again in greater number where that p is at most .02 (only the second
    p then counts, which stays valid). With equal sides no p is below two arrangements, because
    swapping the sides changes nothing: .1 at 3 + 3, .008 at 5 + 5.
    """
    p: dict[int, float] = {}
    fine = min(_MOST_DRAWS, max(draws, 200 * len(distances)))
    for (n, m), indices in group_sizes(sizes).items():
        if min(n, m) < 2:
            continue
        stacked = np.stack([distances[i] for i in indices])
        if math.comb(n + m, m) <= _COUNT_OUT:
            found = _energy_p(stacked, all_masks(n, m), n, m)
        else:
            found = _energy_p(stacked, _drawn(rng, draws, n, m), n, m)
            for i, first in enumerate(found):
                if first <= _LOOK_AGAIN:
                    found[i] = _energy_p(stacked[i : i + 1], _drawn(rng, fine, n, m), n, m)[0]
        p.update(zip(indices, found, strict=True))
    adjusted = dict(zip(p, benjamini_hochberg(list(p.values())), strict=True))
    return tuple(
        CaseDistance(
            index=i,
            accepted=sizes[i][0],
            fresh=sizes[i][1],
            means=_seen(distances[i], *sizes[i]),
            moved=bool((distances[i][: sizes[i][0], sizes[i][0] :] > 0).any()),
            p=p.get(i),
            adjusted_p=adjusted.get(i),
            smallest_p=_smallest(*sizes[i]),
        )
        for i in sorted(distances)
    )


def _drawn(rng: Generator, draws: int, n: int, m: int) -> Bools:
    """Return the arrangement seen and ``draws`` random ones."""
    seen = np.arange(n + m)[None, :] >= n
    return np.concatenate([seen, fresh_masks(rng, draws, n + m, m)])


def _energy_p(distances: Floats, masks: Bools, n: int, m: int) -> list[float]:
    # the same arrangements may serve every case: each p is about its own case only
    shared = np.broadcast_to(masks[:, None, :], (len(masks), len(distances), n + m))
    energy = standardise(mean_distances(distances, shared, n, m).energy)
    return [float(p) for p in (energy >= energy[0]).mean(axis=0)]


def _smallest(n: int, m: int) -> float:
    return (2 if n == m else 1) / math.comb(n + m, m) if min(n, m) > 1 else 1.0


def _seen(distances: Floats, n: int, m: int) -> SeenMeans:
    if n < 2:
        return SeenMeans(between=0.0, inside=0.0, energy=0.0)
    mask = (np.arange(n + m) >= n)[None, None, :]
    means = mean_distances(distances[None], mask, n, m)
    # sums and differences of distances: beyond these digits is rounding, and no noise to divide by
    between = round(float(means.between[0, 0]), _DIGITS)
    inside = round(float(means.inside_accepted[0, 0]), _DIGITS)
    energy = round(float(means.moved[0, 0]), _DIGITS)
    return SeenMeans(between=between, inside=inside, energy=energy)
