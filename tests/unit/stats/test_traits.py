from __future__ import annotations

import itertools
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_promptdrift.stats.counts import fisher_exact
from pytest_promptdrift.stats.distances import all_masks
from pytest_promptdrift.stats.seeding import seeded_rng
from pytest_promptdrift.stats.traits import (
    TraitCounts,
    compare_traits,
    news_tables,
    samples_to_tell,
    traits_rng,
)


def case(accepted, fresh) -> TraitCounts:
    """Return a case from hits a side, traits × samples each, or 0 and 1 in a text."""
    left, right = (
        np.array([[c == "1" for c in row] for row in side] if isinstance(side[0], str) else side)
        for side in (accepted, fresh)
    )
    return TraitCounts(
        accepted=left.shape[1], fresh=right.shape[1], hits=np.concatenate([left, right], axis=1)
    )


def noisy(generator, cases: int, n: int, m: int, traits: int = 12) -> list[TraitCounts]:
    """Return cases in which nothing changed and every trait has a rate of its own."""
    rates = generator.beta(0.3, 0.3, size=(cases, traits, 1))
    hits = generator.random((cases, traits, n + m)) < rates
    return [TraitCounts(accepted=n, fresh=m, hits=h) for h in hits]


def flipped(one: TraitCounts, trait: int = 0) -> TraitCounts:
    """Return the case with a trait that all accepted and no fresh samples have."""
    hits = one.hits.copy()
    hits[trait] = np.arange(hits.shape[1]) < one.accepted
    return TraitCounts(accepted=one.accepted, fresh=one.fresh, hits=hits)


def compare(cases, *, draws=499, seed="test"):
    return compare_traits(cases, rng=seeded_rng(seed), draws=draws)


@given(st.integers(1, 9), st.integers(1, 9))
def test_the_lookup_agrees_with_fishers_test_wherever_the_accepted_samples_do(n, m) -> None:
    surprise, _ = news_tables(n, m)
    for accepted_hits, fresh_hits in itertools.product(range(n + 1), range(m + 1)):
        two_sided = fisher_exact(accepted_hits, n, fresh_hits, m).two_sided
        agreed = accepted_hits in (0, n)
        found = surprise[accepted_hits + fresh_hits, fresh_hits]
        assert found == pytest.approx(-math.log(two_sided) if agreed else 0, abs=1e-8)


def statistic(row, mask) -> float:
    """Return what one trait says in an arrangement, as its definition is written."""
    accepted, fresh = row[~mask], row[mask]
    if 0 < accepted.sum() < accepted.size:
        return 0.0
    p = fisher_exact(int(accepted.sum()), accepted.size, int(fresh.sum()), fresh.size).two_sided
    return round(-math.log(p), 9)


@settings(max_examples=30)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6))
def test_the_p_of_one_trait_is_counted_out_exactly(n: int, m: int, seed: int) -> None:
    row = np.random.default_rng(seed).random(n + m) < 0.5
    every = [statistic(row, mask) for mask in all_masks(n, m)]
    found = compare([TraitCounts(accepted=n, fresh=m, hits=row[None])])
    assert found.exact
    assert found.cases[0][0].p == pytest.approx(np.mean([t >= every[0] for t in every]))
    assert found.cases[0][0].adjusted_p == pytest.approx(found.cases[0][0].p)
    assert found.p == pytest.approx(found.cases[0][0].p)


def step_down(cases) -> list[float]:
    """Return the adjusted p of every trait as Westfall and Young write it, all counted out."""
    rows = [(k, row) for k, one in enumerate(cases) for row in one.hits]
    every = list(itertools.product(*(all_masks(one.accepted, one.fresh) for one in cases)))
    values = np.array([[statistic(row, masks[k]) for masks in every] for k, row in rows])
    out = {}
    for seen in sorted(set(values[:, 0]), reverse=True):
        top = values[values[:, 0] <= seen].max(axis=0)
        out[seen] = max([float(np.mean(top >= seen)), *out.values()])
    return [out[seen] for seen in values[:, 0]]


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=2),
    st.integers(0, 10**6),
)
def test_adjusted_p_is_the_step_down_maximum_over_the_whole_family(sizes, seed: int) -> None:
    generator = np.random.default_rng(seed)
    cases = []
    for n, m in sizes:
        hits = generator.random((4, n + m)) < 0.7
        hits[:3, :n] = False  # so that some are news, by more and by less
        cases.append(TraitCounts(accepted=n, fresh=m, hits=hits))
    test = compare(cases, draws=4999)
    assert test.exact
    found = [trait.adjusted_p for one in test.cases for trait in one]
    assert found == pytest.approx([max(p, test.p) for p in step_down(cases)])


@pytest.mark.parametrize(("cases", "n", "m"), [(1, 5, 5), (8, 3, 3), (6, 5, 3), (5, 2, 9)])
def test_no_change_is_called_a_drift_as_often_as_the_level_says(cases, n, m) -> None:
    generator = np.random.default_rng(10 * n + m)
    tests = [
        compare_traits(noisy(generator, cases, n, m), rng=generator, draws=99) for _ in range(400)
    ]
    family = np.array([test.p for test in tests])
    least = np.array([min(t.adjusted_p for one in test.cases for t in one) for test in tests])
    for level in (0.05, 0.2, 0.5):
        error = 3 * math.sqrt(level * (1 - level) / len(tests))
        assert np.mean(family <= level) <= level + error
        assert np.mean(least <= level) <= level + error
    # not useless: the many small cases make it nearly continuous
    if cases > 1:
        assert np.mean(family <= 0.5) >= 0.4


def test_unchanged_traits_stay_unnamed_beside_changed_ones() -> None:
    generator = np.random.default_rng(4)
    wrong = 0
    for _ in range(200):
        cases = noisy(generator, 10, 6, 6, 8)
        cases = [flipped(one) if k < 5 else one for k, one in enumerate(cases)]
        found = compare_traits(cases, rng=generator, draws=199)
        kept = [t for k, one in enumerate(found.cases) for t in one[1 if k < 5 else 0 :]]
        wrong += min(t.adjusted_p for t in kept) <= 0.1
    assert wrong / 200 <= 0.1 + 3 * math.sqrt(0.09 / 200)


def test_one_flip_is_found_and_named_among_forty_noisy_cases() -> None:
    cases = noisy(np.random.default_rng(1), 40, 10, 10)
    cases[23] = flipped(cases[23], 5)
    found = compare(cases)
    assert found.p <= 0.01
    named = [(k, t) for k, one in enumerate(found.cases) for t, x in enumerate(one)
             if x.adjusted_p <= 0.05]  # fmt: skip
    assert named == [(23, 5)]
    assert found.cases[23][5].p == pytest.approx(2 / math.comb(20, 10))
    assert (found.cases[23][5].accepted_hits, found.cases[23][5].fresh_hits) == (10, 0)


def test_a_flip_of_every_case_is_found_with_three_samples_a_side() -> None:
    cases = [flipped(one) for one in noisy(np.random.default_rng(2), 30, 3, 3)]
    found = compare(cases)
    assert found.p <= 0.01
    assert found.parts["max"] > 0.05
    assert all(t.adjusted_p > 0.05 for one in found.cases for t in one)


def test_what_accepted_samples_vary_over_is_no_news() -> None:
    found = compare([case(["1111110", "1111111"], ["0000000", "0000000"])])
    assert found.cases[0][0].p == 1 == found.cases[0][0].adjusted_p
    assert found.cases[0][1].p <= 0.001


def test_a_change_of_some_fresh_samples_is_news_too() -> None:
    found = compare([case(["0000000000"], ["1111100000"])]).cases[0][0]
    assert found.p == pytest.approx(math.comb(10, 5) / math.comb(20, 5))


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.randoms())
def test_neither_the_order_inside_a_side_nor_that_of_the_traits_counts(seed: int, shuffle) -> None:
    cases = noisy(np.random.default_rng(seed), 3, 4, 5, 6)
    mixed = []
    for one in cases:
        order = [*shuffle.sample(range(4), 4), *shuffle.sample(range(4, 9), 5)]
        mixed.append(TraitCounts(accepted=4, fresh=5, hits=one.hits[:, order]))
    first = compare_traits(cases, rng=traits_rng(cases), draws=99)
    assert first == compare_traits(mixed, rng=traits_rng(mixed), draws=99)


def test_a_trait_and_its_absence_are_equally_surprising() -> None:
    one = case(["11111", "00000"], ["10000", "01111"])
    found = compare([one]).cases[0]
    assert found[0].p == found[1].p < 0.05
    assert found[0].adjusted_p == found[1].adjusted_p


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=4),
    st.integers(0, 5),
    st.integers(0, 10**6),
)
def test_any_design_gives_p_values_that_adjusting_never_lowers(sizes, traits, seed) -> None:
    generator = np.random.default_rng(seed)
    cases = [
        TraitCounts(accepted=n, fresh=m, hits=generator.random((traits, n + m)) < 0.6)
        for n, m in sizes
    ]
    found = compare(cases, draws=49)
    assert 0 < found.smallest_p <= found.p <= 1
    assert [len(one) for one in found.cases] == [traits] * len(cases)
    for one, counts in zip(found.cases, cases, strict=True):
        for trait, row in zip(one, counts.hits, strict=True):
            assert 0 < trait.p <= trait.adjusted_p <= 1
            assert found.p <= trait.adjusted_p
            assert trait.accepted_hits == row[: counts.accepted].sum()
            assert trait.fresh_hits == row[counts.accepted :].sum()


@pytest.mark.parametrize(
    "cases",
    [
        [],
        [case(["11"], ["11"])],
        [case(["1"], ["0"])] * 9,
        [TraitCounts(accepted=3, fresh=0, hits=np.ones((2, 3), dtype=bool))],
        [TraitCounts(accepted=2, fresh=2, hits=np.ones((0, 4), dtype=bool))],
    ],
)
def test_where_nothing_could_be_news_every_p_is_one(cases) -> None:
    found = compare(cases)
    assert (found.p, found.smallest_p, found.parts) == (1.0, 1.0, {})
    assert {t.adjusted_p for one in found.cases for t in one} <= {1.0}


def test_sides_of_many_samples_are_searched_like_small_ones() -> None:
    wide = case([[True] * 70, [False] * 70], [[False] * 60, [True] * 20 + [False] * 40])
    found = compare([wide]).cases[0]
    assert found[0].adjusted_p == pytest.approx(1 / 500)
    assert found[1].p == pytest.approx(math.comb(60, 20) / math.comb(130, 20))


@pytest.mark.parametrize("shape", [(3,), (2, 5)])
def test_hits_of_another_shape_are_an_error(shape) -> None:
    with pytest.raises(ValueError, match=r"are not traits × 2 \+ 2 samples"):
        compare([TraitCounts(accepted=2, fresh=2, hits=np.zeros(shape, dtype=bool))])


def test_every_process_finds_the_same() -> None:
    code = (
        "import numpy as np\n"
        "from pytest_promptdrift.stats.traits import *\n"
        "hits = np.random.default_rng(5).random((9, 6, 8)) < 0.4\n"
        "cases = [TraitCounts(accepted=4, fresh=4, hits=h) for h in hits]\n"
        "test = compare_traits(cases, rng=traits_rng(cases, 'triage'), draws=99)\n"
        "print(test.p, [t.adjusted_p for one in test.cases for t in one])\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert said.pop().startswith("0.")


def test_another_context_draws_other_arrangements() -> None:
    cases = noisy(np.random.default_rng(8), 9, 4, 4)
    raw = [traits_rng(cases, name).bit_generator.random_raw() for name in ("a", "b", "a")]
    assert raw[0] == raw[2] != raw[1]


@pytest.mark.parametrize(("searched", "level"), [(1, 0.05), (60, 0.05 / 3), (6000, 0.001)])
def test_the_samples_that_would_tell_are_the_fewest_that_reach_the_level(searched, level) -> None:
    n = samples_to_tell(searched, level)
    reached = [searched * fisher_exact(k, k, 0, k).two_sided <= level for k in (n - 1, n)]
    assert reached == [False, True]


def test_even_the_finest_level_has_a_number_of_samples() -> None:
    assert samples_to_tell(1, 5e-324) == 541


def test_no_number_of_samples_would_tell_where_nothing_is_searched() -> None:
    assert samples_to_tell(0, 0.05) is None
    assert samples_to_tell(10, 0) is None
