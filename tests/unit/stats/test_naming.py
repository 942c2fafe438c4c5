from __future__ import annotations

import numpy as np
import pytest

from pytest_promptdrift.stats.multiple import benjamini_hochberg
from pytest_promptdrift.stats.naming import named_traits
from pytest_promptdrift.stats.seeding import seeded_rng
from pytest_promptdrift.stats.traits import TraitCounts, compare_traits


def family(*cases: tuple[int, list[str]]):
    """Return the sizes and the test of cases: accepted samples, and a text of 0 and 1 a trait."""
    counts = []
    for accepted, rows in cases:
        hits = np.array([[c == "1" for c in row] for row in rows])
        counts.append(TraitCounts(accepted=accepted, fresh=hits.shape[1] - accepted, hits=hits))
    sizes = [(one.accepted, one.fresh) for one in counts]
    return sizes, compare_traits(counts, rng=seeded_rng(1), draws=99)


def test_traits_are_named_by_their_share_of_false_ones_over_the_whole_family() -> None:
    sizes, test = family((5, ["1111100000", "0000011110"]), (5, ["0000011111", "1010111011"]))
    found = named_traits(sizes, test, level=0.05)
    raw = [trait.p for case in test.cases for trait in case]
    # five hits of ten could be a flip, seven of ten could not: that trait is not searched
    assert found[1][1] is None
    assert [*found[0], found[1][0]] == pytest.approx(benjamini_hochberg(raw[:3]))


def test_a_trait_whose_counts_could_never_reach_the_level_does_not_weaken_the_others() -> None:
    rare = ["0000000001"] * 50
    alone, test = family((5, ["1111100000"]))
    many, crowded = family((5, ["1111100000", *rare]))
    assert (
        named_traits(many, crowded, level=0.05)[0][0] == named_traits(alone, test, level=0.05)[0][0]
    )


def test_too_few_samples_name_nothing() -> None:
    sizes, test = family((3, ["111000"] * 4), (3, ["000111"]))
    assert named_traits(sizes, test, level=0.05) == ((None,) * 4, (None,))
