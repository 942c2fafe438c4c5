"""Whether answers state other facts than the accepted ones: every trait of a family is a count.

A trait is anything that an answer has or lacks, told from that answer alone. The room must not know
what the traits mean: a case is a table of hits, traits × samples.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from fractions import Fraction
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

# Rank of a statistic among all values it can take: exact ties, and small to compare.
Levels: TypeAlias = NDArray[np.uint16]
# Samples as bits: rows × words.
Words: TypeAlias = NDArray[np.unsignedinteger]

_DIGITS = 9
_PARTS = 1000  # of one unit of surprise: what is summed over all traits is summed exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitCounts:
    """Which samples of a case have which trait: ``hits`` is traits × samples, accepted first."""

    accepted: int
    fresh: int
    hits: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitP:
    """One trait: how many samples of each side have it, and how surprising that is.

    ``p`` is the chance of a table at least as rare (in the order of Fisher's two-sided p) in which
    the accepted samples agree about the trait; 1 where they do not agree, or all samples do.
    ``adjusted_p`` holds for all traits that the family was searched for, and is never below its p.
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


_NOTHING = TraitTest(p=1.0, smallest_p=1.0, cases=(), parts={}, arrangements=1, exact=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Searched:
    """A case as the test sees it: the sets of samples which make a trait news when all are fresh.

    A trait is news when all samples that have it are fresh, or all that lack it. Traits with the
    same two sets are one ``pattern``; ``pattern_of`` says which one a trait has, or -1 for a trait
    that is news in no arrangement. ``owner`` is the pattern of each set, ``surprise`` its
    statistic, and ``seen`` the statistic of each pattern in the arrangement seen.
    """

    pattern_of: NDArray[np.int64]
    sets: Words
    owner: NDArray[np.int64]
    surprise: Floats
    seen: Floats


def traits_rng(cases: Sequence[TraitCounts], *context: object) -> Generator:
    """Return the generator for these counts; the order of samples inside a side does not count."""
    rows = [
        [case.accepted, case.fresh, len(case.hits), np.packbits(_in_order(case)).tobytes()]
        for case in cases
    ]
    return seeded_rng("traits", list(context), rows)


def _in_order(case: TraitCounts) -> Bools:
    """Return the hits with the samples of each side sorted; ValueError for another shape."""
    hits = np.asarray(case.hits, dtype=np.bool_)
    if hits.ndim != 2 or hits.shape[1] != case.accepted + case.fresh:
        msg = f"hits of shape {hits.shape} are not traits × {case.accepted} + {case.fresh} samples"
        raise ValueError(msg)
    columns = [column.tobytes() for column in np.packbits(hits, axis=0).T]
    accepted, fresh = range(case.accepted), range(case.accepted, len(columns))
    order = [i for side in (accepted, fresh) for i in sorted(side, key=columns.__getitem__)]
    return hits[:, order]


@lru_cache(maxsize=256)
def news_tables(accepted: int, fresh: int) -> tuple[Floats, Floats]:
    """Return −log of Fisher's two-sided p, and the p of that statistic, by hits in all and fresh.

    0 and 1 for tables in which the accepted samples do not agree about the trait.
    """
    total = accepted + fresh
    surprise, p = np.zeros((total + 1, fresh + 1)), np.ones((total + 1, fresh + 1))
    for wide in range(1, fresh + 1):
        two_sided = fisher_exact(0, accepted, wide, fresh).two_sided
        # what exactly these fresh samples have, and what exactly these lack
        for hits, f in ((wide, wide), (total - wide, fresh - wide)):
            surprise[hits, f] = round(abs(math.log(two_sided)), _DIGITS)
    for hits, f in zip(*np.nonzero(surprise), strict=True):
        chances = hypergeometric(total, int(hits), fresh)
        p[hits, f] = sum(chances[g] for g in chances if surprise[hits, g] >= surprise[hits, f])
    return surprise, p


def _as_words(samples: Bools) -> Words:
    """Return the last axis packed into unsigned numbers, zeros behind the last sample."""
    packed = np.packbits(samples, axis=-1)
    size = next((width for width in (1, 2, 4) if packed.shape[-1] <= width), 8)
    missing = -packed.shape[-1] % size
    if missing:
        packed = np.pad(packed, [(0, 0)] * (packed.ndim - 1) + [(0, missing)])
    return np.asarray(np.ascontiguousarray(packed).view(f"u{size}"))


def _searched(hits: Bools, accepted: int, fresh: int) -> _Searched:
    """Return the sets of a case, each once, without those that are never news."""
    table = news_tables(accepted, fresh)[0]
    sizes = hits.sum(axis=1)
    found: dict[bytes, int] = {}
    firsts: list[int] = []
    pattern_of: list[int] = []
    reach = table.max(axis=1)[sizes] > 0
    # a row and its complement have the same two sets
    for index, (row, able) in enumerate(zip(hits ^ hits[:, :1], reach.tolist(), strict=True)):
        key = row.tobytes() if able else b""
        if able and key not in found:
            found[key] = len(firsts)
            firsts.append(index)
        pattern_of.append(found[key] if able else -1)
    rows = hits[firsts]
    both = np.concatenate([rows, ~rows])
    # by symmetry the table of a set is that of a trait which exactly its samples have
    wide = both.sum(axis=1)
    surprise = np.where(wide <= fresh, table[wide, np.minimum(wide, fresh)], 0.0)
    kept = surprise > 0
    return _Searched(
        pattern_of=np.array(pattern_of, dtype=np.int64),
        sets=_as_words(both[kept]),
        owner=np.tile(np.arange(len(rows)), 2)[kept],
        surprise=surprise[kept],
        seen=table[sizes[firsts], rows[:, accepted:].sum(axis=1)],
    )


class _Sums:
    """Running maxima and sums over blocks of cases, one number an arrangement."""

    def __init__(self, values: Floats) -> None:
        self.values = values  # of all levels, ascending from 0
        self.squares: Floats | float = 0.0
        self.every: NDArray[np.int64] | int = 0
        self.largest: dict[int, Levels] = {}  # by the level that was seen

    def add(self, block: Block, searched: Sequence[_Searched]) -> None:
        """Add a block of cases."""
        accepted = _as_words(~block.masks)
        for position, index in enumerate(block.indices.tolist()):
            case = searched[index]
            own = accepted[:, position]
            news = np.ones((len(case.sets), len(own)), dtype=np.bool_)
            for word in range(own.shape[1]):
                news &= (case.sets[:, word, None] & own[:, word]) == 0
            level = np.searchsorted(self.values, case.surprise).astype(np.uint16)
            levels = news * level[:, None]
            self.squares = self.squares + (self.values**2)[levels.max(axis=0)]
            parts = np.rint(case.surprise * _PARTS).astype(np.int32)
            self.every = self.every + np.add.reduce(news * parts[:, None], axis=0, dtype=np.int64)
            seen = np.searchsorted(self.values, case.seen)[case.owner]
            for one in np.unique(seen).tolist():
                top = levels[seen == one].max(axis=0)
                self.largest[one] = np.maximum(self.largest.get(one, top), top)

    def combined(self) -> TraitTest:
        """Return the joint test, without its traits."""
        if not self.largest:
            return _NOTHING
        highest = np.maximum.reduce(list(self.largest.values())).astype(np.float64)
        parts = {
            "max": highest,
            "cases": np.round(np.asarray(self.squares), _DIGITS),
            "all": np.asarray(self.every, dtype=np.float64),
        }
        ranks = {name: tail_ranks(values) for name, values in parts.items()}
        joint = np.round(np.sum([1.0 / rank for rank in ranks.values()], axis=0), _DIGITS)
        final = tail_ranks(joint)
        return TraitTest(
            p=float(final[0] / joint.size),
            smallest_p=float(final.min() / joint.size),
            cases=(),
            parts={name: float(rank[0] / joint.size) for name, rank in ranks.items()},
            arrangements=joint.size,
            exact=False,
        )

    def adjusted(self, least: float) -> dict[float, float]:
        """Return the adjusted p by the statistic that was seen; a smaller one never has less."""
        out, running = {}, np.zeros(1, dtype=np.uint16)
        for level in sorted(self.largest):
            # those that surprised more are no longer searched for
            running = np.maximum(running, self.largest[level])
            out[level] = float((running >= level).mean())
        worst, by_value = least, {}
        for level in sorted(out, reverse=True):
            worst = max(worst, out[level])
            by_value[float(self.values[level])] = worst
        return by_value


def compare_traits(
    cases: Sequence[TraitCounts], *, rng: Generator, draws: int = DRAWS
) -> TraitTest:
    """Test whether accepted and fresh samples are exchangeable inside every case, by their traits.

    A trait counts only where the accepted side is unanimous about it: what they vary over is no
    news. Its statistic is then −log of Fisher's two-sided p (1935). One joint set of stratified
    arrangements serves all; on it the largest statistic of the family (one flip), the sum over the
    cases of the squared largest of each (many cases changed) and the sum of all (many small
    changes) become ranks r, the test statistic is Σ 1/r and its own rank is p (nonparametric
    combination: Pesarin and Salmaso 2010): exact whatever the dependence. ``adjusted_p`` is the
    step-down maximum of Westfall and Young 1993, and never below the family's p: no trait is named
    where the family did not drift (Marcus, Peritz and Gabriel 1976).

    The order of samples inside a side does not count; that of traits must not come from the sides.
    No trait that can be news, no case with both sides, or one sample a side everywhere: p = 1.
    """
    hits = [_in_order(case) for case in cases]
    sizes = [(case.accepted, case.fresh) for case in cases]
    searched = [_searched(h, n, m) for h, (n, m) in zip(hits, sizes, strict=True)]
    values = np.unique(np.concatenate([[0.0], *(case.surprise for case in searched)]))
    # a case without a trait that could be news takes part in no arrangement
    used = [(n, m) if len(s.sets) else (0, 0) for s, (n, m) in zip(searched, sizes, strict=True)]
    sums = _Sums(values)
    for block in blocks(used, draws=draws, rng=rng):
        sums.add(block, searched)
    family = sums.combined()
    adjusted = sums.adjusted(family.p)
    return replace(
        family,
        exact=family.arrangements == count_arrangements(used),
        cases=tuple(
            _trait_p(rows, case, [*(adjusted[v] for v in own.seen.tolist()), 1.0], own.pattern_of)
            for rows, case, own in zip(hits, cases, searched, strict=True)
        ),
    )


def _trait_p(
    hits: Bools, case: TraitCounts, adjusted: Sequence[float], pattern_of: NDArray[np.int64]
) -> tuple[TraitP, ...]:
    left = hits[:, : case.accepted].sum(axis=1)
    right = hits[:, case.accepted :].sum(axis=1)
    own = news_tables(case.accepted, case.fresh)[1][left + right, right].tolist()
    rows = zip(left.tolist(), right.tolist(), own, pattern_of.tolist(), strict=True)
    return tuple(
        # drawn arrangements may fall a little below what is known exactly
        TraitP(accepted_hits=a, fresh_hits=f, p=p, adjusted_p=max(p, adjusted[at]))
        for a, f, p, at in rows
    )


def samples_to_tell(traits_searched: int, level: float) -> int | None:
    """Return the smallest n = m at which one flipped trait among so many reaches ``level``.

    A flip of all samples has p = 2 / C(2n, n); the bound of Bonferroni makes it enough whatever the
    dependence. None where nothing is searched, or no number of samples would do.
    """
    if traits_searched < 1 or level <= 0:
        return None
    bar = 2 * traits_searched / Fraction(level)  # no float holds the largest of these counts
    return next(n for n in itertools.count(1) if math.comb(2 * n, n) >= bar)
