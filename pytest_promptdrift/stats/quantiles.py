"""Quantiles of the normal and of Student's t, so that intervals need no further package."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300
_TERMS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A range for a number; infinite ends mean that the data say nothing."""

    low: float
    high: float
    level: float = 0.95


def normal_quantile(probability: float) -> float:
    """Return z with P(Z ≤ z) = ``probability``, for 0 < probability < 1."""
    return _NORMAL.inv_cdf(probability)


def normal_cdf(z: float) -> float:
    """Return P(Z ≤ z) of a standard normal Z."""
    return _NORMAL.cdf(z)


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Continued fraction of the incomplete beta function, by the modified method of Lentz."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    value = d
    for i in range(1, _TERMS):
        for term in (
            i * (b - i) * x / ((a + 2 * i - 1) * (a + 2 * i)),
            -(a + i) * (a + b + i) * x / ((a + 2 * i) * (a + 2 * i + 1)),
        ):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + term / c
            c = c if abs(c) > _TINY else _TINY
            value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return value


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), for a, b > 0 and 0 ≤ x ≤ 1.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.5.8.
    """
    if x <= 0.0 or x >= 1.0:
        return float(x >= 1.0)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(log_front + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(a, b, x) / a
    return 1.0 - front * _beta_fraction(b, a, 1.0 - x) / b


def t_cdf(t: float, df: float) -> float:
    """Return P(T ≤ t) of Student's t with ``df`` > 0 degrees of freedom."""
    tail = 0.5 * incomplete_beta(df / 2.0, 0.5, df / (df + t * t))
    return 1.0 - tail if t > 0 else tail


def t_quantile(probability: float, df: float) -> float:
    """Return t with P(T ≤ t) = ``probability``; infinite when there is no degree of freedom.

    Student 1908; found by bisection on the distribution function, to about 1e-10.
    """
    if df <= 0:
        return math.inf if probability > 0.5 else -math.inf
    if probability < 0.5:
        return -t_quantile(1.0 - probability, df)
    low, high = 0.0, 2.0
    while t_cdf(high, df) < probability:
        high *= 2.0
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (middle, high) if t_cdf(middle, df) < probability else (low, middle)
        if high - low < 1e-11 * max(1.0, high):
            break
    return (low + high) / 2.0
