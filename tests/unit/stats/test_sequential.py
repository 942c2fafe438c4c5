from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.stats.sequential import (
    detect,
    e_value,
    judge_nights,
    look_nights,
    restart_weight,
)

P = st.floats(0.0005, 1)


def test_an_e_value_is_worth_one_on_average_when_nothing_changed() -> None:
    p = (np.arange(200_000) + 0.5) / 200_000
    assert np.mean([e_value(x, 0.5) for x in p]) == pytest.approx(1, abs=0.005)
    assert e_value(1.0, 0.5) == 0.5
    assert e_value(0.01, 0.5) == pytest.approx(5)


@pytest.mark.parametrize(("p", "kappa"), [(0.0, 0.5), (1.1, 0.5), (0.5, 0.0), (0.5, 1.0)])
def test_an_e_value_of_an_impossible_p_is_an_error(p: float, kappa: float) -> None:
    with pytest.raises(ValueError, match="must be in"):
        e_value(p, kappa)


def test_restarts_never_weigh_more_than_one_in_all() -> None:
    weights = [restart_weight(night) for night in range(1, 365 * 12)]
    assert 0.999 < sum(weights) < 1
    assert weights[0] == weights[364] == 2 * weights[365]


@given(st.lists(P, max_size=30))
def test_the_evidence_is_the_sum_over_all_restarts(p: list[float]) -> None:
    e = [e_value(x) for x in p]
    for night, logged in enumerate(detect(p).log_evidence, start=1):
        slow = sum(restart_weight(j) * math.prod(e[j - 1 : night]) for j in range(1, night + 1))
        assert math.exp(logged) == pytest.approx(slow)


@given(st.lists(P, min_size=1, max_size=30))
def test_since_when_is_the_restart_that_weighs_most(p: list[float]) -> None:
    found = detect(p)
    last = found.alarm or len(p)
    e = [e_value(x) for x in p]
    weights = [restart_weight(j) * math.prod(e[j - 1 : last]) for j in range(1, last + 1)]
    assert weights[found.since - 1] == pytest.approx(max(weights))


def test_a_change_late_in_the_year_is_found_and_dated() -> None:
    found = detect([0.6] * 200 + [0.001] * 10)
    assert found.since == 201
    assert 202 <= found.alarm <= 206
    assert found.evidence == 1


def test_the_alarm_is_raised_once_and_keeps_its_date() -> None:
    nights = [0.6] * 20 + [0.001] * 6
    assert detect(nights + [0.9] * 50 + [0.001] * 10).alarm == detect(nights).alarm
    assert detect(nights + [0.9] * 50 + [0.001] * 10).since == 21


def test_no_night_gives_no_evidence() -> None:
    found = detect([])
    assert (found.alarm, found.since, found.evidence) == (None, None, 0)


def test_a_restart_of_no_weight_is_no_restart() -> None:
    found = detect([0.5, 0.001], weight=lambda night: float(night == 2))
    assert found.since == 2
    assert found.log_evidence[0] == -math.inf


def test_strong_evidence_of_many_nights_does_not_overflow() -> None:
    assert math.isfinite(detect([1e-6] * 2000).log_evidence[-1])


def test_years_without_change_raise_an_alarm_no_oftener_than_promised() -> None:
    generator = np.random.default_rng(8)
    alarms = sum(detect(generator.random(365)).alarm is not None for _ in range(400))
    assert alarms / 400 <= 0.05


def test_looks_at_the_pinned_baseline_grow_apart() -> None:
    nights = look_nights()
    assert nights[0] == 1
    assert nights[-1] <= 365
    assert 12 <= len(nights) <= 18
    gaps = np.diff(nights)
    assert all(gaps[1:] >= gaps[:-1])
    assert look_nights(horizon=0) == ()


def test_the_pinned_baseline_sees_a_change_that_the_growing_one_learned() -> None:
    looks = look_nights()
    creeping = judge_nights([0.4] * 100, {looks[9]: 0.0005})
    assert (creeping.alarm, creeping.by, creeping.since) == (looks[9], "pinned", None)
    assert creeping.pinned_level == pytest.approx(0.01 / len(looks))


def test_the_pinned_baseline_is_not_looked_at_between_its_nights() -> None:
    assert 5 not in look_nights()
    assert judge_nights([0.4] * 10, {5: 1e-9}).alarm is None


def test_the_first_of_both_tests_raises_the_alarm() -> None:
    nights = [0.0005] * 12
    growing = judge_nights(nights, {})
    assert growing.by == "growing"
    assert growing.since == 1
    both = judge_nights(nights, {1: 1e-6})
    assert (both.alarm, both.by) == (1, "pinned")
    later = judge_nights(nights, {9: 1e-6}, looks=[9])
    assert later.by == "growing"
    assert judge_nights([], {}).alarm is None
