"""Is it worth it: what a success costs, what a request earns, and how sure that is.

Everything is paired by case: an option is a row of numbers, one a case, in the same order for all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from .quantiles import Interval
from .seeding import Floats, indices, random_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.random import Generator

_REPLICATES = 2000
Metric: TypeAlias = "Callable[[Floats, Floats], Floats]"


def cost_per_success(success: float, cost: float) -> float:
    """Return c / p̂, the expected cost until the first success; infinite without any success.

    Zellinger and Thomson 2025, "Economic Evaluation of LLMs".
    """
    return cost / success if success > 0 else math.inf


def net_value(success: float, cost: float, *, value: float, loss: float = 0.0) -> float:
    """Return p̂·V − (1 − p̂)·L − c: what one request earns on average.

    Howell et al. 2023, "The Economic Trade-offs of Large Language Models".
    """
    return success * value - (1.0 - success) * loss - cost


def break_even_volume(fixed_cost: float, option: float, today: float) -> float | None:
    """Return how many requests pay back ``fixed_cost``, given both net values; None means never.

    N* = F / (net value of the option − net value of today). Nothing to pay back: 0 when the option
    is no worse.
    """
    gain = option - today
    if fixed_cost <= 0 and gain >= 0:
        return 0.0
    return fixed_cost / gain if gain > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its interval from the paired bootstrap."""

    value: float
    interval: Interval


def bootstrap_weights(cases: int, rng: Generator, *, replicates: int = _REPLICATES) -> Floats:
    """Return how often each case is drawn in each replicate, as shares; rows sum to 1.

    Use one matrix for all options and their differences: that is what makes them paired.
    """
    drawn = indices(rng, cases, replicates, cases) if cases else np.zeros((replicates, 0), int)
    flat = drawn + np.arange(replicates)[:, None] * max(1, cases)
    counts = np.bincount(flat.ravel(), minlength=replicates * cases).reshape(replicates, cases)
    return counts / max(1, cases)


def estimate(
    metric: Metric, success: Floats, cost: Floats, weights: Floats, *, level: float = 0.95
) -> Estimate:
    """Return ``metric`` of the mean success and mean cost, with a percentile interval.

    Efron 1979, resampling cases. ``metric`` takes arrays. Replicates that are infinite stay so: an
    interval may end at infinity. Under-covers with fewer than about ten cases. Fewer than two
    cases: the interval is infinite, because there is nothing to resample.
    """
    value = float(metric(_mean(success), _mean(cost))[0]) if success.size else math.nan
    if success.size < 2:
        whole = Interval(low=-math.inf, high=math.inf, level=level)
        return Estimate(value=value, interval=whole)
    drawn = metric(weights @ success, weights @ cost)
    return Estimate(value=value, interval=percentiles(drawn, level=level))


def estimate_difference(
    metric: Metric,
    option: tuple[Floats, Floats],
    today: tuple[Floats, Floats],
    weights: Floats,
    *,
    level: float = 0.95,
) -> Estimate:
    """Return option − today in ``metric``, each a pair (success, cost), with a paired interval.

    The same replicates are used on both sides. Fewer than two cases: as in ``estimate``. A
    replicate in which both sides are infinite tells nothing and counts as no difference.
    """
    both = [metric(_mean(s), _mean(c))[0] for s, c in (option, today)]
    value = _difference(np.array(both[:1]), np.array(both[1:]))
    if option[0].size < 2:
        whole = Interval(low=-math.inf, high=math.inf, level=level)
        return Estimate(value=float(value[0]), interval=whole)
    left, right = (metric(weights @ s, weights @ c) for s, c in (option, today))
    interval = percentiles(_difference(left, right), level=level)
    return Estimate(value=float(value[0]), interval=interval)


def _mean(values: Floats) -> Floats:
    return np.array([values.mean()])


def _difference(left: Floats, right: Floats) -> Floats:
    equal = left == right
    return np.where(equal, 0.0, np.where(equal, 0.0, left) - np.where(equal, 0.0, right))


def percentiles(drawn: Floats, *, level: float = 0.95) -> Interval:
    """Return the middle ``level`` of ``drawn`` by order statistics: infinity does no harm."""
    ordered = np.sort(drawn)
    cut = int((1.0 - level) / 2.0 * ordered.size)
    return Interval(low=float(ordered[cut]), high=float(ordered[-1 - cut]), level=level)


def success_cost_metric() -> Metric:
    """Return ``cost_per_success`` for arrays."""

    def metric(success: Floats, cost: Floats) -> Floats:
        safe = np.where(success > 0, success, 1.0)
        return np.where(success > 0, cost / safe, np.inf)

    return metric


def net_value_metric(*, value: float, loss: float = 0.0) -> Metric:
    """Return ``net_value`` for arrays."""

    def metric(success: Floats, cost: Floats) -> Floats:
        return success * value - (1.0 - success) * loss - cost

    return metric


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOption:
    """The option with the best mean, what it promises, and what choosing by luck added to it."""

    name: str
    seen: float
    corrected: float
    chosen: Mapping[str, float]  # share of the resampled choices that fell on each option

    @property
    def optimism(self) -> float:
        """How much better the winner looks than the way it was chosen deserves."""
        return self.seen - self.corrected


def best_option(
    values: Mapping[str, Floats], rng: Generator, *, folds: int = 5, repeats: int = 40
) -> BestOption:
    """Choose the option with the highest mean over the cases, and correct for having chosen.

    Nested resampling (Varma and Simon 2006): in every split the choice is made on the other cases
    and paid out on the ones held out, so the corrected value is what choosing in this way earns on
    new cases. Ties go to the first. One option needs no correction; one case cannot be split, so
    the corrected value is the mean of all options; no case or no option is a ValueError.
    """
    names = list(values)
    table = np.array([values[name] for name in names], dtype=np.float64)
    if table.size == 0:
        msg = "choosing needs at least one option and one case"
        raise ValueError(msg)
    winner, cases = int(np.argmax(table.mean(axis=1))), table.shape[1]
    held, picks = [], np.zeros(len(names))
    for _ in range(repeats if cases > 1 else 0):
        order = np.argsort(random_keys(rng, 1, cases)[0], kind="stable")
        for part in np.array_split(order, min(folds, cases)):
            rest = np.setdiff1d(order, part)
            pick = int(np.argmax(table[:, rest].mean(axis=1)))
            picks[pick] += part.size
            held.append(table[pick, part].sum())
    seen = float(table[winner].mean())
    corrected = float(np.sum(held)) / (repeats * cases) if held else float(table.mean())
    total = float(picks.sum())
    shares = (picks / total).tolist() if total else [1.0 / len(names)] * len(names)
    return BestOption(
        name=names[winner],
        seen=seen,
        corrected=seen if len(names) == 1 else corrected,
        chosen=dict(zip(names, shares, strict=True)),
    )


def pareto_front(
    points: Mapping[str, Sequence[float]], *, higher_is_better: Sequence[bool]
) -> tuple[str, ...]:
    """Return the names that no other point beats: nowhere worse, and better somewhere.

    Equal points do not beat each other: both stay. NaN anywhere leaves a point out.
    """
    signs = [1.0 if up else -1.0 for up in higher_is_better]
    goods = {
        name: [sign * value for sign, value in zip(signs, point, strict=True)]
        for name, point in points.items()
        if not any(math.isnan(value) for value in point)
    }
    return tuple(
        name
        for name, mine in goods.items()
        if not any(
            all(a >= b for a, b in zip(other, mine, strict=True)) and other != mine
            for other in goods.values()
        )
    )
