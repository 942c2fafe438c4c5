"""Counts: k of n on two sides, the share of one, and agreement between two judges."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .multiple import benjamini_hochberg
from .quantiles import Interval, normal_quantile

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

# what two exact probabilities may differ by and still count as tied
_TIE = 1.0 + 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class FisherTest:
    """p-values for fewer, more, or simply different hits on the fresh side."""

    fewer: float
    more: float
    two_sided: float


def hypergeometric(total: int, hits: int, drawn: int) -> dict[int, float]:
    """Return the probability of each number of hits among ``drawn`` of ``total`` samples."""
    whole = math.comb(total, drawn)
    low, high = max(0, drawn - (total - hits)), min(drawn, hits)
    return {
        k: math.comb(hits, k) * math.comb(total - hits, drawn - k) / whole
        for k in range(low, high + 1)
    }


def fisher_exact(accepted_hits: int, accepted: int, fresh_hits: int, fresh: int) -> FisherTest:
    """Return Fisher's exact test for hits among accepted and among fresh samples.

    Fisher 1935. Two-sided means all tables no likelier than the one seen. A side without samples,
    or no difference possible (all hits, or none), gives p = 1 everywhere.
    """
    if not (0 <= accepted_hits <= accepted and 0 <= fresh_hits <= fresh):
        msg = f"{accepted_hits} of {accepted} and {fresh_hits} of {fresh} are not counts"
        raise ValueError(msg)
    table = hypergeometric(accepted + fresh, accepted_hits + fresh_hits, fresh)
    seen = table[fresh_hits] * _TIE
    return FisherTest(
        fewer=min(1.0, sum(p for k, p in table.items() if k <= fresh_hits)),
        more=min(1.0, sum(p for k, p in table.items() if k >= fresh_hits)),
        two_sided=min(1.0, sum(p for p in table.values() if p <= seen)),
    )


def wilson_interval(hits: int, total: int, *, level: float = 0.95) -> Interval:
    """Return the score interval for a share; 0 … 1 when there is no sample.

    Wilson 1927. It stays inside 0 … 1 and does not shrink to a point at 0 of n or n of n.
    """
    if total == 0:
        return Interval(low=0.0, high=1.0, level=level)
    z = normal_quantile(0.5 + level / 2.0)
    share = hits / total
    centre = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if hits == 0 else (centre - half) / scale
    high = 1.0 if hits == total else (centre + half) / scale
    return Interval(low=low, high=high, level=level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kappa:
    """Agreement beyond chance; ``value`` is None where it is not defined."""

    value: float | None
    interval: Interval
    agreement: float | None
    pairs: int


def cohens_kappa(
    left: Sequence[Hashable], right: Sequence[Hashable], *, level: float = 0.95
) -> Kappa:
    """Return Cohen's kappa of two equally long lists of labels, with its large-sample interval.

    Cohen 1960; standard error of Fleiss, Cohen and Everitt 1969. Undefined (None, with the interval
    −1 … 1) without pairs, and when both sides give one and the same label throughout. Perfect
    agreement has a standard error of zero: the interval is then a point and says nothing about
    how few pairs there were, so look at ``pairs``.
    """
    n = len(left)
    pairs = Counter(zip(left, right, strict=True))
    rows, columns = Counter(left), Counter(right)
    chance = sum(rows[label] * columns[label] for label in rows) / (n * n) if n else 1.0
    agreement = sum(count for (a, b), count in pairs.items() if a == b) / n if n else None
    if agreement is None or chance >= 1.0:
        whole = Interval(low=-1.0, high=1.0, level=level)
        return Kappa(value=None, interval=whole, agreement=agreement, pairs=n)
    kappa = (agreement - chance) / (1 - chance)
    same = sum(
        pairs[label, label] / n * (1 - (rows[label] + columns[label]) / n * (1 - kappa)) ** 2
        for label in rows
    )
    other = (1 - kappa) ** 2 * sum(
        count / n * ((columns[a] + rows[b]) / n) ** 2 for (a, b), count in pairs.items() if a != b
    )
    spread = same + other - (kappa - chance * (1 - kappa)) ** 2
    half = normal_quantile(0.5 + level / 2) * math.sqrt(max(0.0, spread) / n) / (1 - chance)
    interval = Interval(low=max(-1.0, kappa - half), high=min(1.0, kappa + half), level=level)
    return Kappa(value=kappa, interval=interval, agreement=agreement, pairs=n)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCount:
    """One fact of a case: how many of the accepted and of the fresh samples state it."""

    accepted_hits: int
    accepted: int
    fresh_hits: int
    fresh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTest:
    """Whether a fact drifted: it is news, and more than chance would do to this many facts."""

    count: FactCount
    outside: bool  # the accepted samples agree about it, and some fresh sample does not
    p: float
    adjusted_p: float
    drifted: bool


def judge_facts(facts: Sequence[FactCount], *, alpha: float = 0.05) -> tuple[FactTest, ...]:
    """Judge all facts of one case together: Fisher two-sided, Benjamini–Hochberg at ``alpha``.

    A fact over which the accepted samples vary among themselves is no news whatever its p-value;
    one with no accepted or no fresh sample is never drift here. Two-sided, because a fact may
    vanish or appear: at 3 + 3 samples the smallest p is .1, so nothing can be proven; at 5 + 5 it
    is .008, enough for six facts at .05.
    """
    p = [fisher_exact(f.accepted_hits, f.accepted, f.fresh_hits, f.fresh).two_sided for f in facts]
    out = []
    for fact, raw, adjusted in zip(facts, p, benjamini_hochberg(p), strict=True):
        agreed = fact.accepted > 0 and fact.accepted_hits in (0, fact.accepted)
        other = fact.fresh_hits if fact.accepted_hits == 0 else fact.fresh - fact.fresh_hits
        outside = agreed and other > 0
        drifted = outside and adjusted <= alpha
        out.append(
            FactTest(count=fact, outside=outside, p=raw, adjusted_p=adjusted, drifted=drifted)
        )
    return tuple(out)
