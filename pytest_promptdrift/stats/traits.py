"""Whether answers state other facts than the accepted ones: every trait of a family is a count.

A trait is anything that an answer has or lacks, told from that answer alone. The room must not know
what the traits mean: a case is a table of hits, traits × samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .counts import fisher_exact, hypergeometric
from .distances import Block, blocks, count_arrangements, tail_ranks
from .gate import DRAWS
from .seeding import Bools, Floats, seeded_rng

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.random import Generator

Codes: TypeAlias = NDArray[np.uint16]

_DIGITS = 9
_MOST_SAMPLES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitCounts:
    """Which samples of a case have which trait: ``hits`` is traits × samples, accepted first."""

    accepted: int
    fresh: int
    hits: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitP:
    """One trait: how many samples of each side have it, and how surprising that is.

    ``p`` is the chance of a table at least as rare by Fisher's order in which the accepted samples
    agree about the trait; 1 where they do not agree, or the fresh ones agree with them.
    ``adjusted_p`` is the same for all traits the family was searched for.
    """

    accepted_hits: int
    fresh_hits: int
    p: float
    adjusted_p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitTest:
    """The joint test of a family, and each trait of each case in the order given.

    ``parts`` holds the p of each statistic on its own, not corrected.
    """

    p: float
    smallest_p: float
    cases: tuple[tuple[TraitP, ...], ...]
    parts: Mapping[str, float]
    arrangements: int
    exact: bool


def traits_rng(cases: Sequence[TraitCounts], *context: object) -> Generator:
    """Return the generator for these counts; the order of samples inside a side does not count."""
    rows = [[c.accepted, c.fresh, len(c.hits), np.packbits(_in_order(c)).tobytes()] for c in cases]
    return seeded_rng("traits", list(context), rows)


def _in_order(case: TraitCounts) -> Bools:
    """Return the hits with the samples of each side sorted; ValueError for another shape."""
    hits = np.asarray(case.hits, dtype=np.bool_)
    if hits.ndim != 2 or hits.shape[1] != case.accepted + case.fresh:
        msg = f"hits of shape {hits.shape} are not traits × {case.accepted} + {case.fresh} samples"
        raise ValueError(msg)
    if len(hits) == 0:
        return hits
    sides = hits[:, : case.accepted], hits[:, case.accepted :]
    return np.concatenate([side[:, np.lexsort(side[::-1])] for side in sides], axis=1)


@lru_cache(maxsize=256)
def _surprise(accepted: int, fresh: int) -> tuple[Floats, Floats]:
    """Return −log of Fisher's two-sided p, and the p of that statistic, by hits in all and fresh.

    0 and 1 for tables in which the accepted samples do not agree.
    """
    total = accepted + fresh
    surprise, p = np.zeros((total + 1, fresh + 1)), np.ones((total + 1, fresh + 1))
    for hits in range(1, total):
        chances = hypergeometric(total, hits, fresh)
        agreed = [f for f in chances if hits - f in (0, accepted)]
        for f in agreed:
            two_sided = fisher_exact(hits - f, accepted, f, fresh).two_sided
            surprise[hits, f] = round(max(0.0, -math.log(two_sided)), _DIGITS)
        for f in agreed:
            if surprise[hits, f] > 0:
                p[hits, f] = sum(
                    chances[g] for g in agreed if surprise[hits, g] >= surprise[hits, f]
                )
    return surprise, p


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patterns:
    """The different rows of a case that some arrangement can make news.

    A row and its complement are news together, so they are one. ``position`` is, for each trait,
    its row in ``rows``, or -1 for one that can never be news.
    """

    rows: Bools
    position: NDArray[np.int64]


def _patterns(hits: Bools, surprise: Floats) -> _Patterns:
    reach = surprise.max(axis=1)[hits.sum(axis=1)] > 0
    folded = hits ^ hits[:, :1]
    found: dict[bytes, int] = {}
    position = np.full(len(hits), -1, dtype=np.int64)
    rows: list[Bools] = []
    for index in np.flatnonzero(reach).tolist():
        key = folded[index].tobytes()
        if key not in found:
            found[key] = len(rows)
            rows.append(hits[index])
        position[index] = found[key]
    return _Patterns(rows=np.array(rows).reshape(len(rows), hits.shape[1]), position=position)


class _Sums:
    """Running maxima and sums over blocks of cases, one number an arrangement."""

    def __init__(self, levels: Floats) -> None:
        self.levels = levels
        self.total: Floats | float = 0.0
        self.largest: dict[int, Codes] = {}  # by the level that was seen
        self.seen: dict[int, Codes] = {}  # by case, for each of its patterns

    def add(self, block: Block, patterns: Mapping[int, _Patterns], codes: Codes) -> None:
        """Add a block whose lookup table, by hits in all and fresh, is ``codes``."""
        for position, index in enumerate(block.indices.tolist()):
            rows = patterns[index].rows
            if not len(rows):
                continue
            masks = np.asarray(block.masks[:, position].T, dtype=np.float32)
            fresh = np.asarray(rows.astype(np.float32) @ masks, dtype=np.intp)
            start = rows.sum(axis=1) * codes.shape[1]
            found = codes.ravel()[fresh + start[:, None]]
            self.total = self.total + self.levels[found.max(axis=0)]
            self.seen[index] = found[:, 0]
            for level in set(found[:, 0].tolist()):
                top = found[found[:, 0] == level].max(axis=0)
                self.largest[level] = np.maximum(self.largest.get(level, top), top)

    def adjusted(self) -> dict[int, float]:
        """Return the adjusted p by the level that was seen, from the highest down."""
        out, running = {}, None
        for level in sorted(self.largest):
            top = self.largest[level]
            running = top if running is None else np.maximum(running, top)
            out[level] = float((running >= level).mean())
        worst = 0.0
        for level in sorted(out, reverse=True):
            out[level] = worst = max(worst, out[level])
        return out


def compare_traits(
    cases: Sequence[TraitCounts], *, rng: Generator, draws: int = DRAWS
) -> TraitTest:
    """Test whether accepted and fresh samples are exchangeable inside every case, by their traits.

    A trait counts only where the accepted side is unanimous about it: what they vary over is no
    news. Its statistic is then −log of Fisher's two-sided p (1935). One joint set of stratified
    arrangements serves all; on it the largest statistic of the family (one flip) and the sum over
    the cases of the largest of each (many small changes) become ranks r, the test statistic is
    Σ 1/r and its own rank is p (nonparametric combination: Pesarin and Salmaso 2010): exact
    whatever the dependence. ``adjusted_p`` is the step-down maximum of Westfall and Young 1993.

    The order of samples inside a side does not count; that of traits must not depend on sides. No
    trait that can be news, no case with both sides, or one sample a side everywhere: p = 1.
    """
    hits = [_in_order(case) for case in cases]
    sizes = [(case.accepted, case.fresh) for case in cases]
    tables = {size: _surprise(*size) for size in set(sizes) if min(size) > 0}
    levels = np.unique(np.concatenate([[0.0], *(t[0].ravel() for t in tables.values())]))
    codes = {
        size: np.searchsorted(levels, table[0]).astype(np.uint16) for size, table in tables.items()
    }
    patterns = {
        i: _patterns(hits[i], tables[size][0]) for i, size in enumerate(sizes) if size in tables
    }
    sums = _Sums(levels)
    # a case without traits that could be news takes part in no arrangement
    used = [
        size if i in patterns and len(patterns[i].rows) else (0, 0) for i, size in enumerate(sizes)
    ]
    for block in blocks(used, draws=draws, rng=rng):
        sums.add(block, patterns, codes[block.accepted, block.fresh])
    adjusted = sums.adjusted()
    traits = []
    for index, (case, rows) in enumerate(zip(cases, hits, strict=True)):
        found = [1.0] * len(rows)
        if index in sums.seen:
            seen, position = sums.seen[index].tolist(), patterns[index].position.tolist()
            found = [adjusted[seen[at]] if at >= 0 else 1.0 for at in position]
        traits.append(_trait_p(rows, case.accepted, tables.get(sizes[index]), found))
    return _result(sums, tuple(traits), count_arrangements(used))


def _trait_p(
    rows: Bools, accepted: int, table: tuple[Floats, Floats] | None, adjusted: Sequence[float]
) -> tuple[TraitP, ...]:
    left, right = rows[:, :accepted].sum(axis=1), rows[:, accepted:].sum(axis=1)
    own = [1.0] * len(rows) if table is None else table[1][left + right, right].tolist()
    return tuple(
        # drawn arrangements may fall a little below what is known exactly
        TraitP(accepted_hits=a, fresh_hits=f, p=p, adjusted_p=max(p, q))
        for a, f, p, q in zip(left.tolist(), right.tolist(), own, adjusted, strict=True)
    )


def _result(sums: _Sums, traits: tuple[tuple[TraitP, ...], ...], possible: int) -> TraitTest:
    if not sums.largest:
        return TraitTest(p=1.0, smallest_p=1.0, cases=traits, parts={}, arrangements=1, exact=True)
    highest = np.maximum.reduce(list(sums.largest.values()))
    parts = {"max": highest, "sum": np.round(np.asarray(sums.total), _DIGITS)}
    ranks = {name: tail_ranks(np.asarray(values)) for name, values in parts.items()}
    joint = np.round(np.sum([1.0 / rank for rank in ranks.values()], axis=0), _DIGITS)
    final = tail_ranks(joint)
    return TraitTest(
        p=float(final[0] / joint.size),
        smallest_p=float(final.min() / joint.size),
        cases=traits,
        parts={name: float(rank[0] / joint.size) for name, rank in ranks.items()},
        arrangements=joint.size,
        exact=joint.size == possible,
    )


def samples_to_tell(traits_searched: int, level: float) -> int | None:
    """Return the smallest n = m at which one flipped trait among so many reaches ``level``.

    A flip of all samples has p = 2 / C(2n, n); the bound of Bonferroni makes it enough whatever the
    dependence. None where nothing is searched, or no number of samples would do.
    """
    if traits_searched < 1 or level <= 0:
        return None
    for n in range(1, _MOST_SAMPLES):
        if 2 * traits_searched <= level * math.comb(2 * n, n):
            return n
    return None
