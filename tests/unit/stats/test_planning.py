from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.stats.planning import (
    draws_for,
    expected_power,
    plan_samples,
    resolve,
)


def test_the_plan_agrees_with_a_hand_computed_example() -> None:
    # K δ² / (z² σ²) = 40 · .0025 / (6.18256 · .1) = .161745; 1 / (.161745 − .1) = 16.2
    found = plan_samples(cases=40, accepted=10, drop=0.05, variance=0.1)
    assert (found.fresh, found.both) == (17, 13)


@given(st.integers(1, 100), st.integers(1, 30), st.floats(0.02, 0.5), st.floats(0.01, 0.25))
def test_the_plan_is_the_least_number_with_the_power(
    cases: int, accepted: int, drop: float, variance: float
) -> None:
    def power(fresh: int) -> float:
        return expected_power(
            cases=cases, accepted=accepted, fresh=fresh, drop=drop, variance=variance
        )

    needed = plan_samples(cases=cases, accepted=accepted, drop=drop, variance=variance).fresh
    if needed is None:
        assert power(10**6) < 0.801
    else:
        assert power(needed) >= 0.8 - 1e-6
        assert needed == 1 or power(needed - 1) < 0.8 + 1e-6


def test_a_simulation_finds_the_drop_as_often_as_planned() -> None:
    generator = np.random.default_rng(4)
    plan = plan_samples(cases=20, accepted=10, drop=0.1, variance=0.16)
    assert plan.fresh is not None
    shape = (4000, 20)
    accepted = 0.8 + 0.4 * generator.standard_normal((*shape, 10)).mean(axis=2)
    fresh = 0.7 + 0.4 * generator.standard_normal((*shape, plan.fresh)).mean(axis=2)
    z = (fresh - accepted).mean(axis=1) / (0.4 * math.sqrt((1 / 10 + 1 / plan.fresh) / 20))
    found = np.mean(z <= -1.6448536)
    planned = expected_power(cases=20, accepted=10, fresh=plan.fresh, drop=0.1, variance=0.16)
    assert 0.8 <= planned < 0.9
    assert found == pytest.approx(planned, abs=0.02)


def test_too_few_accepted_samples_cannot_be_made_up_for_by_fresh_ones() -> None:
    found = plan_samples(cases=5, accepted=3, drop=0.05, variance=0.2)
    assert found.fresh is None
    assert found.both is not None
    assert found.both > 3


@pytest.mark.parametrize(("cases", "drop"), [(0, 0.05), (5, 0.0), (5, -0.1)])
def test_nothing_to_look_for_has_no_plan(cases: int, drop: float) -> None:
    found = plan_samples(cases=cases, accepted=5, drop=drop, variance=0.1)
    assert (found.fresh, found.both) == (None, None)


def test_a_trifle_that_needs_millions_has_no_plan() -> None:
    found = plan_samples(cases=1, accepted=5, drop=1e-6, variance=0.2)
    assert (found.fresh, found.both) == (None, None)


def test_without_variance_one_sample_shows_the_drop() -> None:
    assert plan_samples(cases=5, accepted=5, drop=0.1, variance=0.0).fresh == 1
    assert plan_samples(cases=5, accepted=0, drop=0.1, variance=0.0).fresh is None
    options = {"cases": 5, "accepted": 5, "fresh": 1, "variance": 0.0}
    assert expected_power(drop=0.1, **options) == 1
    assert expected_power(drop=0.0, **options) == 0


def test_without_samples_there_is_no_power() -> None:
    assert expected_power(cases=5, accepted=5, fresh=0, drop=0.1, variance=0.1) == 0
    assert plan_samples(cases=5, accepted=0, drop=0.1, variance=0.1).fresh is None


def test_enough_permutations_are_drawn_to_reach_a_level() -> None:
    assert draws_for(0.05) == 1999
    assert 10 / (draws_for(0.0005) + 1) <= 0.0005


class Counting:
    """A test whose p is the smallest that its draws give, or a fixed one."""

    def __init__(self, p: float | None = None) -> None:
        self.fixed = p
        self.draws: list[int] = []
        self.p = 1.0

    def __call__(self, draws: int) -> Counting:
        self.draws.append(draws)
        self.p = 1 / (draws + 1) if self.fixed is None else self.fixed
        return self


@pytest.mark.parametrize(
    ("p", "level", "expected"),
    [
        (None, 0.05, [1999]),
        (None, 0.002, [1999]),
        (None, 0.0004, [1999, 19999]),
        (None, 0.001, [1999, 9999]),
        (0.005, 0.001, [1999]),
        (0.0035, 0.001, [1999, 9999]),
        (None, 1e-9, [1999, 19999]),
    ],
)
def test_a_level_too_fine_for_the_draws_is_resolved_where_p_is_near(p, level, expected) -> None:
    test = Counting(p)
    assert resolve(test, level) is test
    assert test.draws == expected


def test_a_run_with_many_families_can_still_find_a_change() -> None:
    level = 0.05 / 60 / 3
    assert resolve(Counting(), level).p <= level < 1 / 2000


def test_looking_again_raises_no_false_alarms() -> None:
    chance = np.random.default_rng(9)

    class Drawn:
        def __init__(self, truth: float) -> None:
            self.truth, self.p = truth, 1.0

        def __call__(self, draws: int) -> Drawn:
            self.p = (1 + chance.binomial(draws, self.truth)) / (draws + 1)
            return self

    level, runs = 0.03, 3000
    wrong = sum(resolve(Drawn(u), level, draws=99).p <= level for u in chance.random(runs))
    assert wrong / runs <= level + 3 * (level / runs) ** 0.5
    assert wrong / runs >= level / 2
