from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.stats.quantiles import (
    incomplete_beta,
    normal_cdf,
    normal_quantile,
    t_cdf,
    t_quantile,
)


# printed tables of Student's t, recomputed to more digits from closed forms where they exist
@pytest.mark.parametrize(
    ("probability", "df", "expected"),
    [
        (0.975, 1, math.tan(math.pi * 0.475)),
        (0.975, 2, 0.95 / math.sqrt(2 * 0.975 * 0.025)),
        (0.995, 2, 0.99 / math.sqrt(2 * 0.995 * 0.005)),
        (0.95, 4, 2.131846786),
        (0.975, 5, 2.570581836),
        (0.975, 10, 2.228138852),
        (0.975, 19, 2.093024054),
        (0.995, 30, 2.749995654),
        (0.975, 120, 1.979930405),
        (0.9, 3, 1.637744354),
    ],
)
def test_t_quantiles_are_those_of_the_tables(probability: float, df: int, expected: float) -> None:
    assert t_quantile(probability, df) == pytest.approx(expected, abs=1e-6)


def test_with_many_degrees_of_freedom_t_is_normal() -> None:
    assert t_quantile(0.975, 1e7) == pytest.approx(normal_quantile(0.975), abs=1e-6)


def test_no_degree_of_freedom_gives_an_infinite_quantile() -> None:
    assert t_quantile(0.975, 0) == math.inf
    assert t_quantile(0.025, 0) == -math.inf


@given(st.floats(0.001, 0.999), st.floats(0.6, 500))
def test_t_quantile_undoes_the_distribution_function(probability: float, df: float) -> None:
    assert t_cdf(t_quantile(probability, df), df) == pytest.approx(probability, abs=1e-8)


@given(st.floats(0.2, 50), st.floats(0.2, 50), st.integers(0, 64).map(lambda k: k / 64))
def test_the_two_ends_of_the_beta_distribution_add_up(a: float, b: float, x: float) -> None:
    total = incomplete_beta(a, b, x) + incomplete_beta(b, a, 1 - x)
    assert total == pytest.approx(1, abs=1e-9)


def test_the_normal_quantile_undoes_the_distribution_function() -> None:
    assert normal_cdf(normal_quantile(0.95)) == pytest.approx(0.95)
    assert normal_quantile(0.95) == pytest.approx(1.6448536, abs=1e-6)
