"""Compares accepted and fresh samples of one family: the tests, before any level is chosen.

What is decided here looks at answers only through ``drift``, ``checks`` and ``stats``; levels and
policies come later, because they depend on the other families of the run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._refusal import refusing_words
from pytest_promptdrift._text import plural
from pytest_promptdrift.drift import (
    fact_findings,
    identity,
    running_texts,
    shape_findings,
    skipped,
    traits_of,
)
from pytest_promptdrift.model.kinds import KINDS

from .judge import check_samples, shown
from .scoring import CaseScores, score_names, scores_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_promptdrift._canonical import JsonObject
    from pytest_promptdrift.model import (
        Finding,
        Response,
        Sample,
        Trait,
    )
    from pytest_promptdrift.stats.distribution import DistributionTest
    from pytest_promptdrift.stats.representations import Answer
    from pytest_promptdrift.stats.scores import ScoreTest
    from pytest_promptdrift.stats.traits import TraitCounts, TraitTest

    from .sides import Sides

    _Pair = tuple[tuple[Answer, ...], tuple[Answer, ...]]

IGNORE, FAIL = "ignore", "fail"
# Below this temperature, and with fewer characters, one answer twice says nothing about a cache.
_COLD, _LONG = 0.3, 40


def policy_of(kind: str, policies: Mapping[str, str]) -> str:
    """Return what a finding of this kind does, where ``policies`` holds what was configured."""
    return policies.get(kind) or KINDS[kind].policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCase:
    """One case of a family with what was found without regard to the others.

    ``by_rule`` is True where statistics cannot speak: one sample on a side, or answers without
    any chance in them. ``findings`` are those of the rules, empty otherwise. ``traits`` are the
    rows of its counts, each with the words of an answer that has it.
    """

    case_id: str
    accepted: int
    fresh: int
    by_rule: bool
    differs: bool
    scores: CaseScores
    findings: tuple[Finding, ...] = ()
    traits: Mapping[Trait, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyTests:
    """All tests of one family; ``p`` has the instruments that can make it drift.

    ``trait_rows`` leads from the position of a case to that of its counts in ``traits``.
    """

    cases: tuple[ComparedCase, ...]
    p: Mapping[str, float]
    trait_rows: Mapping[int, int] = field(default_factory=dict)
    distribution: DistributionTest | None = None
    traits: TraitTest | None = None
    scores: Mapping[str, ScoreTest] = field(default_factory=dict)
    repeats: str | None = None


def compare_family(
    family: Sequence[Sides], policies: Mapping[str, str], *, level: float = 0.05
) -> FamilyTests:
    """Run every test that the policies of the family allow; ``family`` is not empty.

    ``level`` is the lowest that one instrument may be held against: it decides how finely a p near
    it is measured, and nothing else.
    """
    cases, counts, answers = [], [], []
    for sides in family:
        case, count, pair = _compare_case(sides)
        cases.append(case)
        counts.append(count)
        answers.append(pair)
    p: dict[str, float] = {}
    scores = _test_scores(cases, level)
    if scores and policy_of("scores", policies) != IGNORE:
        p["scores"] = min(1.0, len(scores) * min(test.p for test in scores.values()))
    distribution = _test_distribution(answers, level)
    if policy_of("distribution", policies) != IGNORE:
        p["distribution"] = distribution.p
    traits = _test_traits(counts, level)
    if traits is not None:
        p["facts"] = traits.p
    counted = [index for index, count in enumerate(counts) if count is not None]
    return FamilyTests(
        cases=tuple(cases),
        p=p,
        trait_rows={index: row for row, index in enumerate(counted)},
        distribution=distribution,
        traits=traits,
        scores=scores,
        repeats=None if all(map(_cold, family)) else _repeats(answers),
    )


def _compare_case(sides: Sides) -> tuple[ComparedCase, TraitCounts | None, _Pair]:
    before, after = _responses(sides.before), _responses(sides.after)
    by_rule = _by_rule(sides, before, after)
    scores = CaseScores(
        accepted=scores_of(check_samples(sides.cell, sides.accepted.request, sides.before)),
        fresh=scores_of(check_samples(sides.cell, sides.fresh.request, sides.after)),
    )
    differs = {identity(r) for r in before} != {identity(r) for r in after}
    found: tuple[Finding, ...] = ()
    traits: Mapping[Trait, str] = {}
    counts = None
    if by_rule and differs:
        found = (*shape_findings(before, after), *fact_findings(before, after))
    elif not by_rule and len({identity(r) for r in (*before, *after)}) > 1:
        # asked without regard to the sides: a choice that looks at them would spoil the test
        traits, counts = _count_traits(before, after, sides.cell.case.policies)
    case = ComparedCase(
        case_id=sides.cell.case.id,
        accepted=len(before),
        fresh=len(after),
        by_rule=by_rule,
        differs=differs,
        scores=scores,
        findings=found,
        traits=traits,
        skipped=skipped(before, after) if differs else (),
    )
    return case, counts, _answers(before, after)


def _responses(samples: Sequence[Sample]) -> tuple[Response, ...]:
    return tuple([sample.response for sample in samples])


def _by_rule(sides: Sides, before: Sequence[Response], after: Sequence[Response]) -> bool:
    """Tell whether only rules can speak: one sample on a side, or no chance in the answers.

    At temperature 0 the samples of one request are one and the same answer many times. They are no
    evidence about a rate, and any other answer is a change.
    """
    if min(len(before), len(after)) < 2:
        return True
    cold = _temperature(sides.accepted.request) == 0 == _temperature(sides.fresh.request)
    return cold and len({identity(response) for response in before}) == 1


def _temperature(request: JsonObject) -> float | None:
    body = request.get("body")
    if not isinstance(body, dict):
        return None
    params = body.get("params")  # where a scripted model has them
    value = body.get("temperature", params.get("temperature") if isinstance(params, dict) else None)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _count_traits(
    before: Sequence[Response], after: Sequence[Response], policies: Mapping[str, str]
) -> tuple[dict[Trait, str], TraitCounts]:
    import numpy as np  # noqa: PLC0415  (a replay in which nothing changed does without)

    from pytest_promptdrift.stats.traits import TraitCounts  # noqa: PLC0415  (the same)

    told = [traits_of(response) for response in (*before, *after)]
    found = [frozenset(one) for one in told]
    # those that all samples have say nothing, and in one order whatever the sides are
    some = frozenset.union(*found) - frozenset.intersection(*found)
    kept = sorted([t for t in some if policy_of(t[0], policies) == FAIL])
    traits = {trait: next(one[trait] for one in told if trait in one) for trait in kept}
    hits = np.array([[trait in one for one in found] for trait in traits], dtype=np.bool_)
    return traits, TraitCounts(
        accepted=len(before), fresh=len(after), hits=hits.reshape(len(traits), len(found))
    )


def _answers(before: Sequence[Response], after: Sequence[Response]) -> _Pair:
    """Return the answers as their distribution is looked at; what is chosen regards both sides."""
    from pytest_promptdrift.stats.representations import Answer  # noqa: PLC0415  (numpy)

    responses = (*before, *after)
    texts = running_texts(responses)
    if texts is None:
        texts = tuple([shown(response) for response in responses])
    answers = tuple(
        [
            Answer(
                text=text,
                refused=bool(response.refusal or refusing_words(response.text)),
                finish_reason=response.finish_reason or "",
            )
            for response, text in zip(responses, texts, strict=True)
        ]
    )
    return answers[: len(before)], answers[len(before) :]


def _test_scores(cases: Sequence[ComparedCase], level: float) -> dict[str, ScoreTest]:
    """Test every score that cases have on both sides, over the cases that have it."""
    names = score_names([case.scores for case in cases])
    return {
        name: _test_score(
            name,
            [case.scores.accepted.get(name, ()) for case in cases],
            [case.scores.fresh.get(name, ()) for case in cases],
            level / len(names),
        )
        for name in names
    }


def _test_score(
    name: str,
    accepted: Sequence[Sequence[float]],
    fresh: Sequence[Sequence[float]],
    level: float,
) -> ScoreTest:
    from pytest_promptdrift.stats.gate import score_rng  # noqa: PLC0415  (numpy)
    from pytest_promptdrift.stats.planning import resolve  # noqa: PLC0415  (with it)
    from pytest_promptdrift.stats.scores import compare_scores  # noqa: PLC0415  (numpy)

    return resolve(
        lambda draws: compare_scores(
            accepted, fresh, rng=score_rng(accepted, fresh, name), draws=draws
        ),
        level,
    )


def _test_distribution(answers: Sequence[_Pair], level: float) -> DistributionTest:
    from pytest_promptdrift.stats.distribution import compare_distributions  # noqa: PLC0415  (numpy)
    from pytest_promptdrift.stats.planning import resolve  # noqa: PLC0415  (with it)
    from pytest_promptdrift.stats.representations import (  # noqa: PLC0415  (numpy)
        lay_out,
        layout_rng,
        ngram_vectors,
        style_vectors,
    )

    layout = lay_out([pair[0] for pair in answers], [pair[1] for pair in answers])
    words, style = ngram_vectors(layout.texts), style_vectors(layout.answers)
    return resolve(
        lambda draws: compare_distributions(
            layout.sizes, {"words": words}, style, rng=layout_rng(layout), draws=draws
        ),
        level,
    )


def _cold(sides: Sides) -> bool:
    """Tell whether a model that repeats itself is no surprise."""
    asked = (_temperature(sides.accepted.request), _temperature(sides.fresh.request))
    return any(value is not None and value < _COLD for value in asked)


def _repeats(answers: Sequence[_Pair]) -> str | None:
    """Say when most answers came before: short ones do that honestly, long ones from a cache."""
    told = [[answer.text for side in pair for answer in side] for pair in answers]
    again = 0
    for texts in told:
        long = [text for text in texts if len(text) >= _LONG]
        again += len(long) - len(set(long))
    total = sum(map(len, told))
    if 2 * again < total:
        return None
    return (
        f"{again} of {plural(total, 'answer')} repeat an earlier one of their case, character by"
        " character, and the temperature is not low: if a cache gave them, they are no evidence"
        " of their own"
    )


def _test_traits(counts: Sequence[TraitCounts | None], level: float) -> TraitTest | None:
    kept = [count for count in counts if count is not None]
    if not kept:
        return None
    from pytest_promptdrift.stats.planning import resolve  # noqa: PLC0415  (with numpy)
    from pytest_promptdrift.stats.traits import compare_traits, traits_rng  # noqa: PLC0415  (numpy)

    return resolve(lambda draws: compare_traits(kept, rng=traits_rng(kept), draws=draws), level)
