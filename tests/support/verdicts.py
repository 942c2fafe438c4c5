"""Verdicts built by hand, for tests of what people and machines read about them."""

from __future__ import annotations

from typing import Any

from pytest_promptdrift._errors import Where
from pytest_promptdrift.model import (
    CheckResult,
    CheckSummary,
    FieldChange,
    Finding,
    Problem,
    Spent,
    Status,
    Verdict,
)
from pytest_promptdrift.model.comparison import (
    Attribution,
    Cause,
    CauseKind,
    Comparison,
    FamilyVerdict,
    InstrumentTest,
    ScoreChange,
)

LABEL = "openai:gpt-5-mini"
FILE = "triage.prompt.yaml"
OLD, NEW = "You have 14 days to return it.", "You have 30 days to return it."


def verdict(status: Status, **rest: Any) -> Verdict:
    plain: dict[str, Any] = {
        "case_id": "refund",
        "label": LABEL,
        "model": LABEL,
        "where": Where(path=FILE, line=12),
        "recording_id": "9f86d081884c",
        "samples": 5,
        "spent": Spent(usd=0.0015, tokens=600, seconds=4.0),
        "answers_digest": "0123456789abcdef",
    }
    return Verdict(status=status, **{**plain, **rest})


def comparison(**rest: Any) -> Comparison:
    plain: dict[str, Any] = {
        "accepted_id": "ab12cd34ef56",
        "accepted_at": "2026-11-24T00:50:00+00:00",
        "accepted_samples": 5,
        "fresh_samples": 5,
        "same_request": True,
        "attribution": Attribution(),
    }
    return Comparison(**{**plain, **rest})


def check(
    name: str, *outcomes: bool, needed: int | None = None, reason: str = "no"
) -> CheckSummary:
    results = tuple(
        CheckResult(name=name, passed=ok, reason="" if ok else f"{reason} {n}")
        for n, ok in enumerate(outcomes)
    )
    needed = len(outcomes) if needed is None else needed
    return CheckSummary(
        name=name, held=sum(outcomes), total=len(outcomes), needed=needed, results=results
    )


def finding(kind: str = "number", **rest: Any) -> Finding:
    plain: dict[str, Any] = {
        "message": f"{kind}: something else",
        "severity": "fail",
        "old": "14 days",
        "new": "30 days",
        "accepted": 5,
        "accepted_of": 5,
        "fresh": 5,
        "fresh_of": 5,
    }
    return Finding(kind=kind, **{**plain, **rest})


def cause(kind: CauseKind, message: str, *changes: FieldChange, ours: bool = True) -> Attribution:
    found = Cause(kind=kind, message=message, ours=ours, changes=changes)
    return Attribution(causes=(found,))


def family(status: Status = Status.PASSED, **rest: Any) -> FamilyVerdict:
    plain: dict[str, Any] = {
        "case_file": FILE,
        "label": LABEL,
        "model": LABEL,
        "cases": 40,
        "compared": 40,
        "errors": 0,
        "alpha": 0.05,
        "level": 0.05 / 3,
        "families": 3,
        "samples": (5, 5),
        "unchanged": 40,
        "usd_per_sample": 0.00085,
    }
    return FamilyVerdict(status=status, **{**plain, **rest})


def score(answer: str = "regressed", **rest: Any) -> ScoreChange:
    plain: dict[str, Any] = {
        "name": "pass",
        "accepted": 0.93,
        "fresh": 0.78,
        "low": -0.22,
        "high": -0.08,
        "p": 0.0005,
        "margin": 0.05,
        "answer": answer,
    }
    return ScoreChange(**{**plain, **rest})


def instrument(name: str, p: float = 0.001, **rest: Any) -> InstrumentTest:
    plain: dict[str, Any] = {
        "level": 0.05 / 9,
        "fired": True,
        "message": "answers differ 2.10 × as much as accepted ones among themselves",
        "effect": 2.1,
    }
    return InstrumentTest(instrument=name, p=p, **{**plain, **rest})  # type: ignore[arg-type]


# ------------------------------------------------------------------ ten rehearsals as a user

WORD = FieldChange(
    path="body.messages[0].content",
    old="You are a polite assistant of a shop.",
    new="You are a friendly assistant of a shop.",
)


def harmless_edit() -> Verdict:
    return verdict(
        Status.PENDING,
        answers=(OLD,) * 5,
        comparison=comparison(
            same_request=False,
            attribution=cause("prompt", "prompt: 1 line changed", WORD),
            accepted_answers=(OLD,) * 5,
            ratio=1.02,
            p=0.62,
        ),
    )


def flipped_answer() -> Verdict:
    found = finding(p=0.004, adjusted_p=0.008)
    return verdict(
        Status.DRIFTED,
        answers=(NEW,) * 5,
        comparison=comparison(
            same_request=False,
            findings=(found,),
            attribution=cause("prompt", "prompt: 1 line changed", WORD),
            accepted_answers=(OLD,) * 5,
        ),
    )


def model_swap() -> Verdict:
    changed = FieldChange(path="body.model", old="gpt-5-mini", new="gpt-5-nano")
    found = finding(
        "distribution",
        message="the answers differ 3.4 × as much as the accepted ones among themselves",
        old=None,
        new=None,
        p=0.008,
        adjusted_p=0.016,
    )
    return verdict(
        Status.DRIFTED,
        answers=("Return it within 14 days.",) * 3 + ("14 days.",) * 2,
        comparison=comparison(
            same_request=False,
            findings=(found,),
            attribution=cause("model", "requested model gpt-5-mini → gpt-5-nano", changed),
            accepted_answers=(OLD,) * 4 + ("You have two weeks to return it.",),
            ratio=3.4,
            p=0.008,
        ),
    )


def quantised() -> FamilyVerdict:
    return family(
        Status.DRIFTED,
        tests=(
            instrument("scores", 0.31, fired=False, message="no score dropped beyond noise"),
            instrument("distribution", 0.0005),
            instrument("facts", 0.22, fired=False, message="0 of 210 facts changed"),
        ),
        scores=(score("fine", fresh=0.92, low=-0.04, high=0.02, p=0.31),),
        drifted=("refund", "double-charge", "late"),
        unchanged=37,
        attribution=Attribution(),
    )


def field_new() -> Verdict:
    found = finding(
        "field_new",
        message="$.eta: a new field: string",
        severity="warn",
        old=None,
        new="string",
        path="$.eta",
        accepted=0,
    )
    return verdict(Status.PASSED, comparison=comparison(findings=(found,)))


def field_gone() -> Verdict:
    found = finding(
        "field_gone",
        message="$.days: a field is gone (missing in 5 of 5 fresh objects): integer",
        old="integer",
        new=None,
        path="$.days",
    )
    return verdict(
        Status.DRIFTED,
        answers=('{"ok": true}',) * 5,
        comparison=comparison(
            findings=(found,),
            attribution=cause("fingerprint", "provider fingerprint fp_1 → fp_2", ours=False),
            accepted_answers=('{"ok": true, "days": 14}',) * 5,
        ),
    )


def one_of_five() -> Verdict:
    found = finding(severity="note", fresh=1, p=0.5, adjusted_p=1.0)
    return verdict(
        Status.INCONCLUSIVE,
        answers=(OLD,) * 4 + (NEW,),
        comparison=comparison(
            findings=(found,),
            accepted_answers=(OLD,) * 5,
            undecided="5 + 5 samples cannot tell one other answer from chance",
            needed=14,
        ),
    )


def tightened_schema() -> Verdict:
    return verdict(
        Status.FAILED,
        recording_id="ab12cd34ef56",
        checks=(check("json_schema", *(False,) * 5, reason="$.days: 14 is above 7, sample"),),
        answers=('{"days": 14}',) * 5,
        comparison=comparison(
            fresh_samples=0,
            attribution=cause("check", "check json_schema changed since it was accepted"),
        ),
    )


def judge_edit() -> Verdict:
    return verdict(
        Status.FAILED,
        recording_id="ab12cd34ef56",
        checks=(check("judge_tone", False, True, True, True, True, reason="too casual, sample"),),
        answers=(OLD,) * 5,
        comparison=comparison(
            fresh_samples=0,
            attribution=cause("judge", "judge_tone changed since it was accepted"),
        ),
    )


def rate_limited() -> Verdict:
    problem = Problem(
        kind="rate limit",
        message="HTTP 429 after 3 attempts",
        hint="run again: what was recorded is not asked twice",
    )
    return verdict(Status.ERROR, problem=problem, samples=2, recording_id=None)


def rate_limited_family() -> FamilyVerdict:
    problem = Problem(
        kind="too many errors",
        message="12 of 40 cases have no answer to judge, more than 10%",
        hint="run again when the provider answers; what was recorded is not asked again",
    )
    return family(Status.ERROR, compared=28, errors=12, problem=problem, unchanged=28)


def new_case() -> Verdict:
    return verdict(Status.NEW, answers=(OLD,) * 5)


def rejected() -> Verdict:
    problem = Problem(kind="rejected", message="rejected on 2026-11-24: 30 days is wrong")
    return verdict(
        Status.FAILED,
        problem=problem,
        answers=(NEW,) * 5,
        comparison=comparison(findings=(finding(),), accepted_answers=(OLD,) * 5),
    )


CASES = {
    made.__name__: made
    for made in (
        harmless_edit,
        flipped_answer,
        model_swap,
        field_new,
        field_gone,
        one_of_five,
        tightened_schema,
        judge_edit,
        rate_limited,
        new_case,
        rejected,
    )
}
FAMILIES = {made.__name__: made for made in (quantised, rate_limited_family)}
