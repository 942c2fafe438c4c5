from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_promptdrift.stats.gate import score_rng
from pytest_promptdrift.stats.scores import (
    ScoreAnswer,
    compare_scores,
    judge_scores,
    mean_interval,
)


def compare(accepted, fresh, **options):
    return compare_scores(accepted, fresh, rng=score_rng(accepted, fresh), draws=999, **options)


def passes(cases: int, samples: int, hits: int) -> list[list[float]]:
    return [[1.0] * hits + [0.0] * (samples - hits)] * cases


def test_a_drop_in_every_case_is_a_regression_that_the_gate_sees() -> None:
    verdict = judge_scores(compare(passes(40, 5, 5), passes(40, 5, 4)))
    assert verdict.answer is ScoreAnswer.REGRESSED
    assert verdict.fired == ("gate",)
    assert verdict.plan is None


def test_one_broken_case_among_many_is_named() -> None:
    accepted = [[1.0, 1.0, 1.0, 1.0, 0.0] * 2] * 39 + [[1.0] * 10]
    fresh = [[1.0, 0.0, 1.0, 1.0, 1.0] * 2] * 39 + [[0.0] * 10]
    verdict = judge_scores(compare(accepted, fresh))
    assert verdict.answer is ScoreAnswer.REGRESSED
    assert verdict.fired == ("cases",)
    assert [case.index for case in verdict.broken] == [39]
    assert verdict.broken[0].difference == -1


def test_the_same_scores_of_many_cases_are_fine() -> None:
    verdict = judge_scores(compare(passes(100, 10, 9), passes(100, 10, 9)))
    assert verdict.answer is ScoreAnswer.FINE
    assert not verdict.fired


def test_improvement_is_reported_and_never_fails() -> None:
    verdict = judge_scores(compare(passes(40, 5, 3), passes(40, 5, 5)))
    assert verdict.improved
    assert verdict.answer is ScoreAnswer.FINE


def test_a_sure_drop_below_the_effect_floor_is_no_regression() -> None:
    generator = np.random.default_rng(2)
    accepted = [0.9 + 0.001 * generator.random(10) for _ in range(30)]
    test = compare(accepted, [a - 0.005 for a in accepted])
    assert test.gate.p_drop <= 0.001
    assert judge_scores(test, floor=0.02).answer is ScoreAnswer.FINE
    assert judge_scores(test, floor=0.001).answer is ScoreAnswer.REGRESSED


@pytest.mark.parametrize(
    ("accepted", "fresh"),
    [
        ([[1.0]], [[1.0]]),
        ([[1.0]] * 10, [[1.0]] * 10),
        ([[1.0] * 5] * 3, [[1.0] * 5] * 3),
        ([[1.0] * 5], [[0.0]]),
        ([], []),
        ([[]], [[1.0]]),
    ],
)
def test_too_little_to_tell_is_inconclusive(accepted, fresh) -> None:
    verdict = judge_scores(compare(accepted, fresh))
    assert verdict.answer is ScoreAnswer.INCONCLUSIVE
    assert verdict.plan is not None


def test_many_perfect_answers_prove_what_a_few_cannot() -> None:
    assert judge_scores(compare(passes(40, 5, 5), passes(40, 5, 5))).answer is ScoreAnswer.FINE


def test_an_open_question_says_how_many_samples_would_close_it() -> None:
    test = compare(passes(10, 10, 8), passes(10, 3, 2))
    verdict = judge_scores(test)
    assert verdict.answer is ScoreAnswer.INCONCLUSIVE
    assert verdict.plan is not None
    assert verdict.plan.both is not None
    assert verdict.plan.both > 3
    # ten accepted samples of ten cases are too few for a margin of five points
    assert judge_scores(test, margin=0.02, floor=0.5).plan.fresh is None


def test_without_a_measurable_variance_the_largest_one_is_planned_for() -> None:
    single = judge_scores(compare([[1.0]] * 5, [[1.0]] * 5)).plan
    twice = judge_scores(compare([[1.0] * 2] * 5, [[1.0] * 2] * 5)).plan
    assert single.both > twice.both


def test_a_case_that_could_not_fire_takes_nothing_from_the_others() -> None:
    # with equal scores throughout no arrangement differs: 30 such cases cost no correction
    accepted, fresh = [[1.0] * 5] * 31, [[1.0] * 5] * 30 + [[0.0] * 5]
    test = compare(accepted, fresh)
    assert test.cases[0].adjusted_p is None
    assert test.cases[30].adjusted_p == pytest.approx(1 / 252)


def test_cases_without_samples_on_a_side_keep_the_others_in_their_place() -> None:
    test = compare([[], [1.0], [1.0] * 5], [[1.0], [], [0.0] * 5])
    assert [case.index for case in test.cases] == [2]


def test_one_p_value_stands_for_the_gate_and_the_cases() -> None:
    test = compare(passes(40, 5, 5), passes(40, 5, 4))
    assert test.p == pytest.approx(2 * test.gate.p_drop)
    assert compare([], []).p == 1


def test_the_interval_of_many_cases_is_that_of_student() -> None:
    differences = np.linspace(-0.5, 0.5, 20)
    found = mean_interval([[0.0]] * 20, [[d] for d in differences])
    half = 2.093024 * differences.std(ddof=1) / math.sqrt(20)
    assert (found.low, found.high) == pytest.approx((-half, half), abs=1e-6)


def test_a_single_case_is_judged_by_the_spread_inside_it() -> None:
    found = mean_interval([[0.0, 1.0] * 2], [[0.0, 1.0] * 2])
    # pooled variance 1/3, six degrees of freedom, t = 2.446912
    assert found.high == pytest.approx(2.446912 * math.sqrt(1 / 3 * 0.5), abs=1e-5)


def test_few_cases_that_agree_by_luck_do_not_narrow_the_interval() -> None:
    lucky = mean_interval([[0.0, 1.0, 0.0, 1.0]] * 2, [[1.0, 0.0, 0.0, 1.0]] * 2)
    assert lucky.high - lucky.low > 0.8


@pytest.mark.parametrize(("accepted", "fresh"), [([], []), ([[1.0]], [[0.0]])])
def test_nothing_measurable_gives_an_infinite_interval(accepted, fresh) -> None:
    assert mean_interval(accepted, fresh).low == -math.inf


def test_equal_scores_leave_an_interval_as_wide_as_their_number_deserves() -> None:
    few = mean_interval([[1.0] * 3], [[1.0] * 3])
    many = mean_interval([[1.0] * 3] * 100, [[1.0] * 3] * 100)
    assert few.low < -0.3
    assert -0.02 < many.low < 0
    hundredfold = mean_interval([[100.0] * 3], [[100.0] * 3], scale=100)
    assert hundredfold.low == pytest.approx(100 * few.low)


@pytest.mark.parametrize("cases", [3, 25])
def test_the_interval_covers_at_least_as_it_says(cases: int) -> None:
    generator = np.random.default_rng(11)
    hits = 0
    for _ in range(300):
        share = generator.beta(4, 1, cases)
        accepted = [(generator.random(5) < s) * 1.0 for s in share]
        fresh = [(generator.random(4) < s * 0.9) * 1.0 for s in share]
        found = mean_interval(accepted, fresh)
        hits += found.low <= -0.1 * share.mean() <= found.high
    assert hits / 300 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 300)


SIDE = st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=4)


@settings(max_examples=40)
@given(st.lists(st.tuples(SIDE, SIDE), max_size=4))
def test_any_scores_get_an_honest_answer(cases) -> None:
    test = compare([a for a, _ in cases], [f for _, f in cases])
    verdict = judge_scores(test)
    assert 0 < test.p <= 1
    assert test.interval.low <= test.gate.difference <= test.interval.high
    assert (verdict.answer is ScoreAnswer.REGRESSED) == bool(verdict.fired)
    assert (verdict.answer is ScoreAnswer.INCONCLUSIVE) == (verdict.plan is not None)


def test_the_gate_and_the_cases_get_half_of_alpha_each() -> None:
    test = compare(passes(40, 5, 5), passes(40, 5, 4))
    silent = tuple(replace(case, adjusted_p=None) for case in test.cases)
    case = replace(test.cases[0], adjusted_p=0.03)
    nobody = replace(test.gate, p_drop=0.5)
    for p, fires in ((0.025, True), (0.03, False)):
        gated = replace(test, gate=replace(test.gate, p_drop=p), cases=silent)
        assert judge_scores(gated, alpha=0.05).fired == (("gate",) if fires else ())
        single = replace(test, gate=nobody, cases=(replace(case, adjusted_p=p),))
        assert judge_scores(single, alpha=0.05).fired == (("cases",) if fires else ())
