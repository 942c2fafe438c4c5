"""Says which claim of one answer is about the same thing as which claim of another."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .claims import Claim

# Comparing every claim with every other is quadratic: longer answers are compared up to here.
MOST_CLAIMS = 150
_LEAST = 0.3
_LEAST_ALONE = 0.15


def similarity(left: Claim, right: Claim) -> float:
    """Return the share of meaningful words that two claims have in common (Dice), 0 to 1."""
    total = len(left.content) + len(right.content)
    if not total:
        return 1.0
    return 2 * len(left.content & right.content) / total


def pair_claims(
    left: Sequence[Claim], right: Sequence[Claim]
) -> tuple[list[tuple[Claim, Claim]], list[Claim], list[Claim]]:
    """Return the pairs, and what is left over on either side.

    Equal claims pair first and cost little; the rest pairs greedily, the most similar first.
    """
    left_rest, right_rest = _without_equal(left, right)
    left_rest, right_rest = left_rest[:MOST_CLAIMS], right_rest[:MOST_CLAIMS]
    if len(left_rest) == len(right_rest) == 1:
        a, b = left_rest[0], right_rest[0]
        alone = len(left) == len(right) == 1
        if alone or similarity(a, b) >= _LEAST_ALONE:
            return [(a, b)], [], []
        return [], [a], [b]
    scored = sorted(_scores(left_rest, right_rest), key=lambda s: (-s[0], abs(s[1] - s[2]), s[1:]))
    used_left: set[int] = set()
    used_right: set[int] = set()
    pairs: list[tuple[Claim, Claim]] = []
    for _, i, j in scored:
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            pairs.append((left_rest[i], right_rest[j]))
    return (
        pairs,
        [claim for i, claim in enumerate(left_rest) if i not in used_left],
        [claim for j, claim in enumerate(right_rest) if j not in used_right],
    )


def _without_equal(
    left: Sequence[Claim], right: Sequence[Claim]
) -> tuple[list[Claim], list[Claim]]:
    here, there = Counter(c.text for c in left), Counter(c.text for c in right)
    common = here & there
    return _minus(left, Counter(common)), _minus(right, Counter(common))


def _minus(claims: Sequence[Claim], common: Counter[str]) -> list[Claim]:
    rest: list[Claim] = []
    for claim in claims:
        if common[claim.text]:
            common[claim.text] -= 1
        else:
            rest.append(claim)
    return rest


def _scores(left: list[Claim], right: list[Claim]) -> list[tuple[float, int, int]]:
    """Score only the pairs that share a word."""
    index: defaultdict[str, list[int]] = defaultdict(list)
    for j, claim in enumerate(right):
        for word in claim.content:
            index[word].append(j)
    out: list[tuple[float, int, int]] = []
    for i, claim in enumerate(left):
        near = {j for word in claim.content for j in index[word]}
        scores = ((similarity(claim, right[j]), i, j) for j in near)
        out += [entry for entry in scores if entry[0] >= _LEAST]
    return out
