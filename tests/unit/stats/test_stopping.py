from __future__ import annotations

import numpy as np
import pytest

from pytest_promptdrift.stats.quantiles import Interval
from pytest_promptdrift.stats.stopping import (
    Stop,
    crossing_chance,
    decide_look,
    equal_level,
    plan_looks,
)

THIRDS = (1 / 3, 2 / 3, 1.0)


def test_the_level_of_three_looks_is_the_one_of_pocock() -> None:
    # Pocock 1977: .0221 two-sided for a total of .05, which is .01105 one-sided for .025
    assert equal_level(0.025, THIRDS) == pytest.approx(0.01105, abs=3e-5)


def test_one_look_keeps_the_whole_alpha() -> None:
    assert equal_level(0.05, (1.0,)) == pytest.approx(0.05, abs=1e-6)


def test_looks_at_almost_the_same_data_cost_almost_nothing() -> None:
    assert equal_level(0.05, (0.98, 0.99, 1.0)) > 0.042


def test_a_simulation_crosses_as_often_as_computed() -> None:
    generator = np.random.default_rng(6)
    steps = generator.standard_normal((40_000, 3))
    z = steps.cumsum(axis=1) / np.sqrt([1, 2, 3])
    crossed = (z > 1.9599640).any(axis=1).mean()
    assert crossing_chance([0.025] * 3, THIRDS) == pytest.approx(crossed, abs=0.004)


def test_looks_are_at_equal_parts_of_the_samples() -> None:
    looks = plan_looks(9)
    assert [look.samples for look in looks] == [3, 6, 9]
    assert [look.information for look in looks] == pytest.approx(THIRDS)
    assert looks[0].level == pytest.approx(0.0232, abs=1e-4)


def test_a_fixed_baseline_makes_later_looks_repeat_the_first() -> None:
    shared = plan_looks(9, accepted=5)
    assert shared[0].information > 0.5
    assert shared[0].level > plan_looks(9)[0].level


@pytest.mark.parametrize(("samples", "expected"), [(0, []), (1, [1]), (2, [1, 2]), (4, [2, 3, 4])])
def test_fewer_samples_give_fewer_looks(samples: int, expected: list[int]) -> None:
    assert [look.samples for look in plan_looks(samples, accepted=5)] == expected


def decide(p: float, drop: float, low: float) -> Stop:
    (look,) = plan_looks(1)
    interval = Interval(low=low, high=0.1)
    return decide_look(look, p_drop=p, drop=drop, interval=interval, margin=0.05, floor=0.02)


def test_a_clear_drop_stops_the_run() -> None:
    assert decide(0.001, 0.1, -0.2) is Stop.REGRESSED


def test_a_regression_that_nobody_would_mind_is_not_looked_for_any_longer() -> None:
    assert decide(0.4, 0.0, -0.04) is Stop.FUTILE


def test_an_open_question_goes_on() -> None:
    assert decide(0.2, 0.03, -0.1) is Stop.CONTINUE
    assert decide(0.001, 0.01, -0.06) is Stop.CONTINUE
