"""What one arrangement of labels says about each case: sums of distances between and inside sides.

All arrangements of a case are worked out in one product with its distance matrix. The room's loops
run over blocks of cases, never over arrangements.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .seeding import Bools, Floats, fresh_masks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.random import Generator
    from numpy.typing import NDArray

_DIGITS = 6
# Numbers in one product of matrices: beyond about a million the linear algebra wakes threads that
# cost more than they save, and what fits the cache is faster anyway.
_PRODUCT = 400_000
# arrangements times cases in one block
_MASKS = 128_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Cases with the same number of samples on each side, so that arrays are rectangular.

    ``masks`` is arrangements × cases × samples, true where a sample is called fresh; the first
    arrangement is the one seen. ``rows`` are the positions of the samples, ``cases`` × samples.
    """

    indices: NDArray[np.int64]
    rows: NDArray[np.int64]
    accepted: int
    fresh: int
    masks: Bools


def group_sizes(sizes: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[int]]:
    """Return the case indices by (accepted, fresh), without cases that lack a side."""
    groups: dict[tuple[int, int], list[int]] = {}
    for index, (n, m) in enumerate(sizes):
        if n and m:
            groups.setdefault((n, m), []).append(index)
    return groups


def count_arrangements(sizes: Sequence[tuple[int, int]]) -> int:
    """Return how many ways there are to call samples fresh, case by case."""
    return math.prod(math.comb(n + m, m) for n, m in sizes if n and m)


@lru_cache(maxsize=64)
def all_masks(accepted: int, fresh: int) -> Bools:
    """Return every choice of the fresh samples of one case, the one seen first."""
    total = accepted + fresh
    # last samples are the fresh ones: in this order they come out first
    chosen = list(itertools.combinations(range(total - 1, -1, -1), fresh))
    masks = np.zeros((len(chosen), total), dtype=np.bool_)
    masks[np.arange(len(chosen))[:, None], np.array(chosen)] = True
    return masks


def blocks(
    sizes: Sequence[tuple[int, int]], *, draws: int, rng: Generator, width: int | None = None
) -> Iterator[Block]:
    """Yield all cases in blocks of at most ``width``, with one joint set of arrangements.

    By itself a block has 64 cases, and fewer where so many arrangements would fill the memory.

    When there are no more than ``draws`` + 1 arrangements of the whole family, these are all of
    them, each once; otherwise the one seen and ``draws`` random ones.
    """
    starts = np.concatenate([[0], np.cumsum([n + m for n, m in sizes])]).astype(np.int64)
    number = count_arrangements(sizes)
    repeat, exact = number, number <= draws + 1
    width = width or max(1, min(64, _MASKS // (draws + 1)))
    for (n, m), indices in group_sizes(sizes).items():
        for begin in range(0, len(indices), width):
            part = np.array(indices[begin : begin + width])
            masks = []
            for _ in part:
                if exact:
                    # the digits of a number whose base changes from case to case
                    own = all_masks(n, m)
                    repeat //= len(own)
                    digit = np.arange(number) // repeat % len(own)
                    masks.append(own[digit])
                else:
                    seen = np.arange(n + m)[None, :] >= n
                    masks.append(np.concatenate([seen, fresh_masks(rng, draws, n + m, m)]))
            yield Block(
                indices=part,
                rows=starts[part][:, None] + np.arange(n + m)[None, :],
                accepted=n,
                fresh=m,
                masks=np.stack(masks, axis=1),
            )


def pairwise(vectors: NDArray[np.floating]) -> Floats:
    """Return Euclidean distances inside each case of ``vectors`` (cases × samples × columns).

    Differences that are rounding only become 0, so that equal answers are at distance 0.
    """
    inner = np.asarray(vectors @ np.swapaxes(vectors, -1, -2), dtype=np.float64)
    own = np.diagonal(inner, axis1=-2, axis2=-1)
    squared = own[..., :, None] + own[..., None, :] - 2.0 * inner
    scale = max(1.0, float(own.max())) if own.size else 1.0
    return np.asarray(np.sqrt(np.where(squared < 1e-5 * scale, 0.0, squared)), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Mean distances under each arrangement, arrangements × cases.

    ``inside_*`` is 0 where a side has one sample: it has no inside.
    """

    between: Floats
    inside_accepted: Floats
    inside_fresh: Floats
    accepted: int
    fresh: int

    @property
    def energy(self) -> Floats:
        """Energy distance, 2 E|X − Y| − E|X − X'| − E|Y − Y'| without bias."""
        return 2.0 * self.between - self.inside_accepted - self.inside_fresh

    @property
    def moved(self) -> Floats:
        """Energy distance where one fresh sample is taken to be as spread as the accepted ones."""
        if self.fresh > 1:
            return self.energy
        return 2.0 * (self.between - self.inside_accepted)

    @property
    def spread(self) -> Floats:
        """How much farther apart the fresh ones are than the accepted ones; 0 without an inside."""
        if self.accepted < 2 or self.fresh < 2:
            return np.zeros_like(self.between)
        return self.inside_fresh - self.inside_accepted


def mean_distances(distances: Floats, masks: Bools, accepted: int, fresh: int) -> Means:
    """Return mean distances for every arrangement of every case of a block.

    ``distances`` is cases × samples × samples, ``masks`` arrangements × cases × samples.
    """
    to_all, inside_fresh = np.empty((2, *masks.shape[:2]))
    # the sums in a column of their own: each case costs one product
    wide = np.concatenate([distances, distances.sum(axis=-1, keepdims=True)], axis=-1)
    step = max(1, _PRODUCT // wide[0].size)
    for start in range(0, len(masks), step):
        part = slice(start, start + step)
        z = np.swapaxes(masks[part], 0, 1).astype(np.float64)  # cases × arrangements × samples
        to_each = z @ wide
        to_all[part] = to_each[:, :, -1].T
        inside_fresh[part] = np.einsum("crs,crs->rc", to_each[:, :, :-1], z)
    between = to_all - inside_fresh
    whole = distances.sum(axis=(-1, -2))
    inside_accepted = whole - 2.0 * to_all + inside_fresh
    return Means(
        between=between / (accepted * fresh),
        inside_accepted=inside_accepted / max(1, accepted * (accepted - 1)),
        inside_fresh=inside_fresh / max(1, fresh * (fresh - 1)),
        accepted=accepted,
        fresh=fresh,
    )


def standardise(values: Floats) -> Floats:
    """Return columns less their mean, over their deviation, across all arrangements.

    Symmetric in the arrangements, so ranks stay exact. A column that no arrangement changes is 0.
    Rounded, so that arrangements which tie on paper tie here, on every machine.
    """
    centre, deviation = values.mean(axis=0), values.std(axis=0)
    still = deviation <= 1e-9 * (1.0 + np.abs(centre))
    scaled = (values - centre) / np.where(still, 1.0, deviation)
    return np.asarray(np.round(np.where(still, 0.0, scaled), _DIGITS), dtype=np.float64)


def tail_ranks(values: Floats) -> NDArray[np.int64]:
    """Return how many values are at least as large as each, itself included."""
    smaller = np.searchsorted(np.sort(values), values, side="left")
    return np.asarray(values.size - smaller, dtype=np.int64)
