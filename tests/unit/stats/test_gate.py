from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.stats.arrangements import (
    draw_fresh_sums,
    fresh_sum_table,
    one_case_test,
    pool,
)
from pytest_promptdrift.stats.gate import (
    score_rng,
    stratified_permutation_gate,
    within_case_variance,
)
from pytest_promptdrift.stats.seeding import seeded_rng

SCORE = st.sampled_from([0.0, 0.25, 0.5, 1.0])
SIDE = st.lists(SCORE, min_size=1, max_size=3)
CASES = st.lists(st.tuples(SIDE, SIDE), min_size=1, max_size=2)


def gate(accepted, fresh, **options):
    return stratified_permutation_gate(accepted, fresh, rng=score_rng(accepted, fresh), **options)


def one(accepted, fresh):
    return one_case_test(pool(accepted, fresh), draws=1999, fine_draws=5000, rng=seeded_rng("one"))


def statistic(cases) -> float:
    """Difference over its within-case standard error, the slow way; large without any spread."""
    total = variance = 0.0
    for a, f in cases:
        total += np.mean(f) - np.mean(a)
        freedom = len(a) + len(f) - 2
        squares = sum((x - np.mean(a)) ** 2 for x in a) + sum((x - np.mean(f)) ** 2 for x in f)
        if freedom:
            variance += squares / freedom * (1 / len(a) + 1 / len(f))
    if variance < 1e-12:
        return total * 1e6
    return total / math.sqrt(variance)


def relabelled(a, f):
    both = [*a, *f]
    for chosen in itertools.combinations(range(len(both)), len(f)):
        yield [x for i, x in enumerate(both) if i not in chosen], [both[i] for i in chosen]


@given(CASES.filter(lambda cases: all(len(a) + len(f) > 2 for a, f in cases)))
def test_small_designs_are_counted_out_exactly(cases) -> None:
    accepted, fresh = [a for a, _ in cases], [f for _, f in cases]
    seen = statistic(cases)
    everything = [statistic(x) for x in itertools.product(*(relabelled(*c) for c in cases))]
    found = gate(accepted, fresh)
    assert found.exact
    below = sum(x <= seen + 1e-9 for x in everything) / len(everything)
    above = sum(x >= seen - 1e-9 for x in everything) / len(everything)
    assert (found.p_drop, found.p_rise) == pytest.approx((below, above))


def test_one_sample_a_side_is_a_sign_test_on_the_mean() -> None:
    found = gate([[1.0]] * 6, [[0.0]] * 6)
    assert found.exact
    assert found.p_drop == pytest.approx(1 / 64)
    assert found.p_rise == 1


@given(CASES)
def test_a_p_value_is_above_zero_and_at_most_one(cases) -> None:
    found = gate([a for a, _ in cases], [f for _, f in cases])
    assert 0 < found.p_drop <= 1
    assert 0 < found.p_rise <= 1
    assert found.p_drop + found.p_rise >= 1 - 1e-9


@given(CASES)
def test_improvement_is_the_same_test_the_other_way_round(cases) -> None:
    accepted, fresh = [a for a, _ in cases], [f for _, f in cases]
    found = gate(accepted, fresh)
    negated = [[-x for x in a] for a in accepted], [[-x for x in f] for f in fresh]
    mirrored = gate(*negated)
    assert found.p_rise == pytest.approx(mirrored.p_drop)
    assert found.difference == pytest.approx(-mirrored.difference)


@given(CASES, st.randoms())
def test_the_order_of_samples_inside_a_side_does_not_count(cases, shuffle) -> None:
    accepted, fresh = [a for a, _ in cases], [f for _, f in cases]
    mixed = [shuffle.sample(a, len(a)) for a in accepted]
    assert gate(accepted, fresh, draws=3) == gate(mixed, fresh, draws=3)


@given(CASES, st.floats(0.01, 100), st.floats(-10, 10))
def test_the_unit_of_the_scores_does_not_count(cases, factor: float, offset: float) -> None:
    accepted, fresh = [a for a, _ in cases], [f for _, f in cases]
    moved = [[[factor * x + offset for x in s] for s in side] for side in (accepted, fresh)]
    assert gate(*moved).p_drop == pytest.approx(gate(accepted, fresh).p_drop)


def test_lower_fresh_scores_never_give_a_higher_p() -> None:
    generator = np.random.default_rng(1)
    accepted = [generator.random(4) for _ in range(4)]
    fresh = [generator.random(4) for _ in range(4)]
    found = [
        stratified_permutation_gate(
            accepted, [f - drop for f in fresh], rng=seeded_rng("same"), draws=999
        ).p_drop
        for drop in (0.0, 0.1, 0.3, 1.0)
    ]
    assert found == sorted(found, reverse=True)
    assert found[-1] == 1 / 1000


@pytest.mark.parametrize("values", ["binary", "continuous"])
def test_no_change_is_called_a_drop_as_often_as_the_level_says(values: str) -> None:
    generator = np.random.default_rng(7)
    found = []
    for _ in range(600):

        def draw(n: int) -> np.ndarray:
            scores = generator.random(n)
            return scores if values == "continuous" else (scores < 0.7) * 1.0

        accepted, fresh = [draw(5) for _ in range(6)], [draw(3) for _ in range(6)]
        found.append(stratified_permutation_gate(accepted, fresh, rng=generator, draws=199).p_drop)
    p = np.array(found)
    # three Monte-Carlo standard errors above; ties make binary scores a little conservative
    for level in (0.05, 0.2, 0.5):
        error = 3 * math.sqrt(level * (1 - level) / p.size)
        assert np.mean(p <= level) <= level + error
        assert np.mean(p <= level) >= level - error - (0.03 if values == "binary" else 0)


def test_a_drop_everywhere_and_a_fall_somewhere_are_both_found() -> None:
    everywhere = gate([[1.0] * 5 + [0.9] * 5] * 20, [[0.9] * 5 + [1.0, 0.8] * 2 + [0.8]] * 20)
    assert everywhere.p_drop <= 0.001
    somewhere = gate([[1.0] * 10] * 20, [[0.0] * 10] * 2 + [[1.0] * 10] * 18)
    assert somewhere.p_drop <= 0.001
    assert somewhere.difference == pytest.approx(-0.1)


def test_scores_that_are_all_equal_cannot_show_a_drop() -> None:
    found = gate([[1.0] * 5] * 3, [[1.0] * 5] * 3)
    assert (found.p_drop, found.p_rise, found.difference, found.cases) == (1, 1, 0, 3)


def test_no_case_and_a_case_without_fresh_samples_are_left_out() -> None:
    assert gate([], []).p_drop == 1
    found = gate([[1.0, 0.0], [1.0] * 4], [[], [0.0] * 4])
    assert found.cases == 1
    assert found.p_drop == pytest.approx(1 / 70)


def test_an_error_is_not_a_score() -> None:
    with pytest.raises(ValueError, match="errors are not scores"):
        gate([[1.0, math.nan]], [[1.0]])


@given(SIDE, SIDE)
def test_one_case_is_counted_out_exactly(accepted, fresh) -> None:
    seen = sum(fresh)
    sums = [sum(f) for _, f in relabelled(accepted, fresh)]
    found = one(accepted, fresh)
    assert found.drop == pytest.approx(sum(x <= seen + 1e-9 for x in sums) / len(sums))
    assert found.rise == pytest.approx(sum(x >= seen - 1e-9 for x in sums) / len(sums))
    least = min(sums)
    assert found.smallest == pytest.approx(sum(x <= least + 1e-9 for x in sums) / len(sums))


def test_more_samples_than_can_be_counted_out_are_drawn() -> None:
    generator = np.random.default_rng(3)
    accepted, fresh = generator.random(20), generator.random(20) - 0.35
    found = one(accepted, fresh)
    assert not found.exact
    exact = one(accepted[:13], fresh[:13])
    assert exact.exact
    assert found.drop < 0.01
    assert found.rise > 0.95
    up = one(fresh, accepted)
    assert up.rise < 0.01


def test_drawn_and_counted_p_values_agree() -> None:
    case = pool([0.1, 0.9, 0.4, 0.7, 0.3], [0.2, 0.8, 0.05])
    sums = draw_fresh_sums(case, 20_000, seeded_rng("drawn"))
    drop = np.mean(sums <= case.fresh_sum + 1e-9)
    exact = one([0.1, 0.9, 0.4, 0.7, 0.3], [0.2, 0.8, 0.05]).drop
    assert drop == pytest.approx(exact, abs=0.01)


@given(SIDE, SIDE)
def test_the_table_of_sums_is_a_distribution_and_gives_up_at_its_limit(accepted, fresh) -> None:
    case = pool(accepted, fresh)
    table = fresh_sum_table(case, 1000)
    assert table is not None
    assert sum(table.values()) == pytest.approx(1)
    if len(table) > 1:
        assert fresh_sum_table(case, len(table) - 1) is None


def test_the_variance_inside_a_case_ignores_what_differs_between_cases_and_sides() -> None:
    assert within_case_variance([[0, 1], [5, 6]]) == pytest.approx(0.5)
    assert within_case_variance([[0, 1]], [[9, 9, 9]]) == pytest.approx(0.5 / 3)
    assert within_case_variance([[1], [2]]) is None
    assert within_case_variance([]) is None
