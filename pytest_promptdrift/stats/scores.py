"""Scores of a family: tests, interval, and one of three answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from .arrangements import CaseScores, one_case_test
from .gate import (
    DRAWS,
    GateTest,
    Scores,
    stratified_permutation_gate,
    usable_cases,
    within_case_variance,
)
from .multiple import benjamini_hochberg
from .planning import SamplePlan, draws_for, plan_samples
from .quantiles import Interval, normal_quantile, t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

# from here on t on the case differences alone covers as it says
_MANY_CASES = 20
# a case that cannot reach this p with its samples is no part of the multiple test (Tarone 1990)
_REACHABLE = 0.05
_INFINITE = Interval(low=-math.inf, high=math.inf)


class ScoreAnswer(StrEnum):
    """What scores can say."""

    REGRESSED = "regressed"
    FINE = "fine"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseScore:
    """One case alone. ``adjusted_p`` is None where too few samples (or no spread) can say anything.

    ``index`` counts in the lists that were given; a case without samples on a side is not listed.
    """

    index: int
    accepted_mean: float
    fresh_mean: float
    accepted: int
    fresh: int
    p: float
    smallest_p: float
    adjusted_p: float | None

    @property
    def difference(self) -> float:
        """Mean of the fresh less mean of the accepted samples."""
        return self.fresh_mean - self.accepted_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTest:
    """All that the scores of a family say before a level, a margin and a floor are chosen."""

    gate: GateTest
    cases: tuple[CaseScore, ...]
    interval: Interval
    variance: float | None
    accepted: float  # harmonic mean of the samples per case
    fresh: float

    @property
    def p(self) -> float:
        """One p for "nothing became worse": half the alpha for the gate, half for the cases."""
        single = [case.adjusted_p for case in self.cases if case.adjusted_p is not None]
        return min(1.0, 2.0 * min([self.gate.p_drop, *single]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreVerdict:
    """The answer, which test fired ("gate", "cases"), and what would decide an open question."""

    answer: ScoreAnswer
    fired: tuple[str, ...]
    broken: tuple[CaseScore, ...]
    improved: bool
    plan: SamplePlan | None


def mean_interval(
    accepted: Sequence[Scores],
    fresh: Sequence[Scores],
    *,
    level: float = 0.95,
    scale: float = 1.0,
) -> Interval:
    """Return the interval for the mean case difference.

    Twenty cases or more: Student's t on the case differences. Fewer: the wider of that and t on
    the spread inside the cases, because a handful of differences can agree by luck; one case has
    only the latter. Never narrower than what the same number of samples could show had they all
    been equal (one success and one failure added to each side, Agresti and Caffo 2000), with
    ``scale`` the range of the score: twenty perfect answers do not prove perfection. No case, or a
    single case with one sample a side: infinite.
    """
    cases = usable_cases(accepted, fresh)
    if not cases:
        return Interval(low=-math.inf, high=math.inf, level=level)
    d = np.array([_means(c)[1] - _means(c)[0] for c in cases])
    tail = 0.5 + level / 2
    halves = [normal_quantile(tail) * scale * _least_error(cases)]
    if len(cases) > 1:
        halves.append(t_quantile(tail, len(cases) - 1) * float(d.std(ddof=1)) / math.sqrt(d.size))
    if len(cases) < _MANY_CASES:
        error, freedom = _within_error(cases)
        if freedom:
            halves.append(t_quantile(tail, freedom) * error if error else 0.0)
        elif len(cases) == 1:
            halves.append(math.inf)
    centre, half = float(d.mean()), max(halves)
    return Interval(low=centre - half, high=centre + half, level=level)


def _means(case: CaseScores) -> tuple[float, float]:
    left, right = case.pooled[: case.accepted], case.pooled[case.accepted :]
    return (
        case.low + case.width * float(left.mean()),
        case.low + case.width * float(right.mean()),
    )


def _least_error(cases: Sequence[CaseScores]) -> float:
    """Return the standard error of a difference of shares that were all equal."""
    samples = (sum(c.accepted for c in cases), sum(c.fresh for c in cases))
    return math.sqrt(sum((n + 1) / (n + 2) ** 3 for n in samples))


def _within_error(cases: Sequence[CaseScores]) -> tuple[float, int]:
    """Return the pooled within-case standard error of the mean difference and its freedom."""
    total, freedom = 0.0, 0
    for case in cases:
        sides = (case.pooled[: case.accepted], case.pooled[case.accepted :])
        own = sum(side.size - 1 for side in sides)
        if own:
            squares = sum(float(((side - side.mean()) ** 2).sum()) for side in sides)
            ratio = 1.0 / case.accepted + 1.0 / case.fresh
            total += case.width**2 * squares / own * ratio
            freedom += own
    return math.sqrt(total) / len(cases), freedom


def _test_cases(
    accepted: Sequence[Scores], fresh: Sequence[Scores], *, draws: int, rng: Generator
) -> tuple[CaseScore, ...]:
    """Test every case that has both sides, with Benjamini–Hochberg over those that could fire."""
    indices = [i for i, (a, f) in enumerate(zip(accepted, fresh, strict=True)) if len(a) * len(f)]
    pooled = usable_cases(accepted, fresh)
    fine = draws_for(_REACHABLE / 2 / max(1, len(pooled)), least=draws)
    tests = [one_case_test(case, draws=draws, fine_draws=fine, rng=rng) for case in pooled]
    able = [i for i, test in enumerate(tests) if test.smallest <= _REACHABLE]
    adjusted = dict(zip(able, benjamini_hochberg([tests[i].drop for i in able]), strict=True))
    return tuple(
        CaseScore(
            index=indices[i],
            accepted_mean=_means(case)[0],
            fresh_mean=_means(case)[1],
            accepted=case.accepted,
            fresh=case.fresh,
            p=test.drop,
            smallest_p=test.smallest,
            adjusted_p=adjusted.get(i),
        )
        for i, (case, test) in enumerate(zip(pooled, tests, strict=True))
    )


def compare_scores(
    accepted: Sequence[Scores],
    fresh: Sequence[Scores],
    *,
    rng: Generator,
    draws: int = DRAWS,
    scale: float = 1.0,
) -> ScoreTest:
    """Run the gate, the test of each case and the interval; one list entry a case, same order.

    Cases without samples on a side are left out and nothing else. What an arrangement cannot
    change (whether a case could reach p = .05 at all) may decide who takes part in the correction
    (Tarone 1990, Gilbert 2005).
    """
    pooled = usable_cases(accepted, fresh)
    return ScoreTest(
        gate=stratified_permutation_gate(accepted, fresh, rng=rng, draws=draws),
        cases=_test_cases(accepted, fresh, draws=draws, rng=rng),
        interval=mean_interval(accepted, fresh, scale=scale) if pooled else _INFINITE,
        variance=within_case_variance(accepted, fresh) if pooled else None,
        accepted=_harmonic([case.accepted for case in pooled]),
        fresh=_harmonic([case.fresh for case in pooled]),
    )


def _harmonic(counts: Sequence[int]) -> float:
    return len(counts) / sum(1.0 / count for count in counts) if counts else 0.0


def judge_scores(
    test: ScoreTest,
    *,
    alpha: float = 0.05,
    margin: float = 0.05,
    floor: float = 0.02,
    power: float = 0.8,
) -> ScoreVerdict:
    """Answer regressed, fine or inconclusive.

    Regressed: the gate at half of ``alpha`` and a drop of at least ``floor``, or a case at the
    other half with a drop of its own of at least ``floor``. Fine: not regressed, and the lower end
    of the interval is above −``margin``. Otherwise inconclusive, with the samples that would
    decide. Improvement is the mirrored gate; it never changes the answer.
    """
    drop = -test.gate.difference
    broken = tuple(
        case
        for case in test.cases
        if case.adjusted_p is not None
        and case.adjusted_p <= alpha / 2
        and -case.difference >= floor
    )
    gate = test.gate.p_drop <= alpha / 2 and drop >= floor
    fired = (*(("gate",) if gate else ()), *(("cases",) if broken else ()))
    if fired:
        answer = ScoreAnswer.REGRESSED
    elif test.interval.low > -margin:
        answer = ScoreAnswer.FINE
    else:
        answer = ScoreAnswer.INCONCLUSIVE
    return ScoreVerdict(
        answer=answer,
        fired=fired,
        broken=broken,
        improved=test.gate.p_rise <= alpha / 2 and -drop >= floor,
        plan=deciding_plan(test, alpha=alpha, margin=margin, floor=floor, power=power)
        if answer is ScoreAnswer.INCONCLUSIVE
        else None,
    )


def deciding_plan(
    test: ScoreTest, *, alpha: float, margin: float, floor: float, power: float = 0.8
) -> SamplePlan:
    """Return the samples per case that would settle the drop that was seen, one way or the other.

    The nearer question is planned for: that the drop is real, or that it is smaller than the
    margin. Never fewer than there are now, plus one. Without a measurable variance the largest
    one a score from 0 to 1 can have is assumed.
    """
    drop = max(0.0, -test.gate.difference)
    gap = max(margin - drop, drop if drop >= floor else 0.0)
    samples = math.ceil(max(test.accepted, test.fresh))
    # a variance of zero was measured on few samples: keep what they could not have shown
    least = 1.0 / (samples * max(1, test.gate.cases) + 2)
    plan = plan_samples(
        cases=test.gate.cases,
        accepted=test.accepted,
        drop=gap,
        variance=0.25 if test.variance is None else max(test.variance, least),
        alpha=alpha / 2,
        power=power,
    )
    more = math.floor(test.fresh) + 1
    return SamplePlan(
        fresh=None if plan.fresh is None else max(plan.fresh, more),
        both=None if plan.both is None else max(plan.both, more),
        drop=gap,
        power=power,
    )
