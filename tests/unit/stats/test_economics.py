from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.stats.economics import (
    best_option,
    bootstrap_weights,
    break_even_volume,
    cost_per_success,
    estimate,
    estimate_difference,
    net_value,
    net_value_metric,
    pareto_front,
    percentiles,
    success_cost_metric,
)
from pytest_promptdrift.stats.seeding import seeded_rng


def test_a_success_costs_the_call_over_its_chance() -> None:
    assert cost_per_success(0.5, 0.01) == 0.02
    assert cost_per_success(0.0, 0.01) == math.inf


def test_a_request_earns_its_successes_less_its_failures_and_its_price() -> None:
    assert net_value(0.9, 0.01, value=1.0, loss=2.0) == pytest.approx(0.69)


@pytest.mark.parametrize(
    ("fixed", "option", "today", "expected"),
    [(100, 0.3, 0.1, 500), (100, 0.1, 0.1, None), (100, 0.0, 0.1, None), (0, 0.1, 0.1, 0)],
)
def test_a_fixed_cost_is_paid_back_after_a_volume_or_never(fixed, option, today, expected) -> None:
    found = break_even_volume(fixed, option, today)
    assert found is None if expected is None else found == pytest.approx(expected)


def test_every_replicate_draws_as_many_cases_as_there_are() -> None:
    weights = bootstrap_weights(7, seeded_rng("w"), replicates=300)
    assert weights.sum(axis=1) == pytest.approx(np.ones(300))
    assert weights.mean(axis=0) == pytest.approx(np.full(7, 1 / 7), abs=0.03)
    assert bootstrap_weights(0, seeded_rng("w"), replicates=3).shape == (3, 0)


def test_the_interval_of_a_mean_is_about_that_of_the_normal() -> None:
    generator = np.random.default_rng(3)
    success = (generator.random(200) < 0.8) * 1.0
    cost = np.full(200, 0.01)
    metric = net_value_metric(value=1.0, loss=0.5)
    found = estimate(metric, success, cost, bootstrap_weights(200, seeded_rng("b")))
    rate = success.mean()
    assert found.value == pytest.approx(net_value(rate, 0.01, value=1.0, loss=0.5))
    half = 1.96 * 1.5 * math.sqrt(rate * (1 - rate) / 200)
    assert found.interval.high - found.interval.low == pytest.approx(2 * half, rel=0.12)


def test_pairing_takes_out_what_both_options_share() -> None:
    generator = np.random.default_rng(4)
    hard = generator.random(60)
    cost = np.full(60, 0.01)
    weights = bootstrap_weights(60, seeded_rng("p"))
    metric = net_value_metric(value=1.0)
    single = estimate(metric, hard, cost, weights).interval
    paired = estimate_difference(metric, (hard * 0.9, cost), (hard, cost), weights)
    assert paired.value == pytest.approx(-0.1 * hard.mean())
    assert paired.interval.high < 0
    assert paired.interval.high - paired.interval.low < 0.2 * (single.high - single.low)


def test_an_option_without_success_costs_infinitely_much_and_breaks_nothing() -> None:
    none, some, cost = np.zeros(5), np.ones(5), np.full(5, 0.01)
    weights = bootstrap_weights(5, seeded_rng("i"), replicates=100)
    metric = success_cost_metric()
    assert estimate(metric, none, cost, weights).interval.low == math.inf
    same = estimate_difference(metric, (none, cost), (none, cost), weights)
    assert (same.value, same.interval.low, same.interval.high) == (0, 0, 0)
    worse = estimate_difference(metric, (none, cost), (some, cost), weights)
    assert worse.value == math.inf
    better = estimate_difference(metric, (some, cost), (none, cost), weights)
    assert better.interval.high == -math.inf


@pytest.mark.parametrize("cases", [0, 1])
def test_fewer_than_two_cases_have_no_interval(cases: int) -> None:
    values = np.ones(cases)
    weights = bootstrap_weights(cases, seeded_rng("n"), replicates=10)
    found = estimate(net_value_metric(value=1), values, values, weights)
    assert (found.interval.low, found.interval.high) == (-math.inf, math.inf)
    if cases:
        pair = (values, values)
        alone = estimate_difference(net_value_metric(value=1), pair, pair, weights)
        assert alone.interval.high == math.inf


def test_percentiles_leave_out_the_ends() -> None:
    found = percentiles(np.arange(1000.0), level=0.95)
    assert (found.low, found.high) == (25, 974)


def test_the_best_of_equal_options_is_corrected_to_what_they_all_earn() -> None:
    generator = np.random.default_rng(5)
    seen, corrected = [], []
    for round_ in range(40):
        values = {f"variant {i}": generator.standard_normal(20) for i in range(6)}
        found = best_option(values, seeded_rng(round_), repeats=5)
        seen.append(found.seen)
        corrected.append(found.corrected)
    # six means of twenty: the best is .28 above what it is worth; mean of 40, error .035
    assert np.mean(seen) > 0.2
    assert abs(np.mean(corrected)) < 0.12


def test_a_clear_winner_is_not_corrected_away() -> None:
    generator = np.random.default_rng(6)
    values = {"old": generator.random(30), "new": generator.random(30) + 2}
    found = best_option(values, seeded_rng("w"))
    assert found.name == "new"
    assert found.chosen == {"old": 0.0, "new": 1.0}
    assert found.optimism == pytest.approx(0, abs=1e-9)


def test_one_option_needs_no_correction_and_one_case_allows_none() -> None:
    assert best_option({"a": np.array([1.0, 2.0])}, seeded_rng(1)).optimism == 0
    found = best_option({"a": np.array([1.0]), "b": np.array([0.0])}, seeded_rng(1))
    assert (found.name, found.corrected) == ("a", 0.5)
    assert found.chosen == {"a": 0.5, "b": 0.5}


def test_choosing_from_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one option"):
        best_option({}, seeded_rng(1))


def test_a_front_keeps_what_no_other_option_beats() -> None:
    points = {
        "good": (0.9, 0.05),
        "cheap": (0.7, 0.01),
        "beaten": (0.7, 0.02),
        "twin": (0.9, 0.05),
        "unknown": (math.nan, 0.0),
    }
    front = pareto_front(points, higher_is_better=(True, False))
    assert front == ("good", "cheap", "twin")


@given(st.dictionaries(st.text(), st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1))
def test_every_option_off_the_front_is_beaten_by_one_on_it(points) -> None:
    front = pareto_front(points, higher_is_better=(True, True))
    assert front
    for name, (a, b) in points.items():
        beaten = any(points[f][0] >= a and points[f][1] >= b and points[f] != (a, b) for f in front)
        assert beaten != (name in front)
