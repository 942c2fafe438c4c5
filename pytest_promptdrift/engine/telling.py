"""What the tests of a family found, as data that reports can print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._text import plural
from pytest_promptdrift.model.comparison import InstrumentTest, ScoreChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_promptdrift.stats.distribution import DistributionTest
    from pytest_promptdrift.stats.scores import ScoreTest, ScoreVerdict

    from .concluding import FamilyConclusion


def instrument_tests(conclusion: FamilyConclusion) -> tuple[InstrumentTest, ...]:
    """Return one entry for each instrument that a family was tested with."""
    return (*_scores(conclusion), *_distribution(conclusion), *_facts(conclusion))


def _scores(conclusion: FamilyConclusion) -> Iterator[InstrumentTest]:
    tests, levels = conclusion.tests, conclusion.levels
    if "scores" not in levels.instruments:
        return
    regressed = [n for n, v in conclusion.scores.items() if v.answer == "regressed"]
    worst = min(tests.scores.values(), key=lambda test: test.gate.difference)
    yield InstrumentTest(
        instrument="scores",
        p=tests.p["scores"],
        level=levels.instruments["scores"],
        fired="scores" in levels.fired and bool(regressed),
        message=f"{', '.join(regressed)} dropped" if regressed else "no score dropped beyond noise",
        effect=worst.gate.difference,
    )


def _distribution(conclusion: FamilyConclusion) -> Iterator[InstrumentTest]:
    test, verdict = conclusion.tests.distribution, conclusion.distribution
    if test is None or verdict is None:
        return
    fired = "distribution" in conclusion.levels.fired and verdict.answer == "drifted"
    where = ""
    if fired and not verdict.changed:
        few = verdict.too_few_to_localise
        where = "; too few samples to say in which cases" if few else "; no case stands out"
    yield InstrumentTest(
        instrument="distribution",
        p=test.p,
        level=conclusion.levels.instruments["distribution"],
        fired=fired,
        message=f"{_much(test, str(verdict.answer))}{where}",
        effect=test.ratio,
    )


def _much(test: DistributionTest, answer: str) -> str:
    if answer == "inconclusive":
        return "too few samples to tell whether the answers changed as a whole"
    if test.ratio is None:
        words = "the fresh answers differ" if test.moved else "all answers are the same"
        return f"{words}, and there is no noise of the accepted ones to measure it with"
    said = f"answers differ {test.ratio:.2f} × as much as accepted ones among themselves"
    small = ", less than the effect floor" if answer == "slight" else ""
    return f"{said}{small}"


def _facts(conclusion: FamilyConclusion) -> Iterator[InstrumentTest]:
    test = conclusion.tests.traits
    if test is None or "facts" not in conclusion.levels.instruments:
        return
    level = conclusion.levels.instruments["facts"]
    fired = "facts" in conclusion.levels.fired
    told = sum(
        any(p is not None and p <= conclusion.levels.level for p in case)
        for case in conclusion.named
    )
    compared = len(conclusion.tests.cases)
    yield InstrumentTest(
        instrument="facts",
        p=test.p,
        level=level,
        fired=fired,
        message=_facts_told(told, compared, fired=fired),
        effect=float(told),
    )


def _facts_told(told: int, compared: int, *, fired: bool) -> str:
    if told:
        return f"facts or forms changed beyond chance in {told:,} of {plural(compared, 'case')}"
    if fired:
        said = "facts or forms changed beyond chance over all cases together"
        return f"{said}; too few samples to name which"
    return "no fact or form changed beyond chance"


def family_scores(conclusion: FamilyConclusion, margin: float) -> tuple[ScoreChange, ...]:
    """Return every score of a family with its interval, and what would decide an open one."""
    tests, verdicts = conclusion.tests, conclusion.scores
    return tuple([_score(conclusion, n, tests.scores[n], v, margin) for n, v in verdicts.items()])


def _score(
    conclusion: FamilyConclusion, name: str, test: ScoreTest, verdict: ScoreVerdict, margin: float
) -> ScoreChange:
    cases = conclusion.tests.cases
    count = max(1, len(test.cases))
    accepted = sum(case.accepted_mean for case in test.cases) / count
    answer = str(verdict.answer)
    fired = "scores" in conclusion.levels.fired
    if answer == "regressed" and not fired:
        answer = "inconclusive"  # the part of alpha that all families share was not reached
    return ScoreChange(
        name=name,
        accepted=accepted,
        fresh=accepted + test.gate.difference,
        # scores lie between 0 and 1, and so a difference cannot be more than that
        low=max(-1.0, test.interval.low),
        high=min(1.0, test.interval.high),
        p=test.gate.p_drop,
        margin=margin,
        answer="improved" if verdict.improved and answer == "fine" else answer,
        needed=(verdict.plan.fresh or verdict.plan.both) if verdict.plan else None,
        broken=tuple([cases[case.index].case_id for case in verdict.broken]),
    )
