from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.cli.judged import CheckFound, Judged, read_judged
from pytest_promptdrift.model import CheckResult, CheckSummary, Finding, Status, Verdict
from pytest_promptdrift.model.comparison import Attribution, Cause, Comparison, ScoreChange
from pytest_promptdrift.report.data import verdict_data

FINDING = Finding(
    kind="number",
    message="another number",
    severity="fail",
    old="14 days",
    new="30 days",
    accepted=5,
    accepted_of=5,
    fresh=5,
    fresh_of=5,
    p=0.008,
    adjusted_p=0.02,
)
SCORE = ScoreChange(
    name="pass", accepted=1.0, fresh=0.6, low=-0.8, high=-0.1, p=0.03, margin=0.05,
    answer="regressed", needed=9,
)  # fmt: skip
CAUSE = Cause(kind="prompt", message="prompt: 1 line changed", ours=True)


def verdict() -> Verdict:
    failing = CheckResult(name="contains", passed=False, reason="'x' not found")
    return Verdict(
        status=Status.DRIFTED,
        case_id="refund",
        label="demo",
        model="demo",
        checks=(
            CheckSummary(name="contains", held=0, total=1, needed=1, results=(failing,)),
            CheckSummary(
                name="equals", held=1, total=1, needed=1,
                results=(CheckResult(name="equals", passed=True),),
            ),
        ),
        notes=("a note",),
        comparison=Comparison(
            accepted_id="ab12cd34ef56",
            accepted_at="",
            accepted_samples=5,
            fresh_samples=5,
            same_request=False,
            findings=(FINDING,),
            attribution=Attribution(causes=(CAUSE,), experiment="try it"),
            scores=(SCORE,),
            ratio=2.1,
            p=0.01,
            undecided="too few samples",
            needed=9,
            skipped=("facts: German",),
        ),
    )  # fmt: skip


def test_what_a_run_leaves_is_read_back() -> None:
    assert read_judged(verdict_data(verdict(), "drifted")) == Judged(  # type: ignore[arg-type]
        findings=(FINDING,),
        scores=(SCORE,),
        attribution=Attribution(causes=(CAUSE,), experiment="try it"),
        checks=(CheckFound(name="contains", held=0, total=1, reason="'x' not found"),),
        ratio=2.1,
        p=0.01,
        notes=(
            "too few samples; 9 samples would decide",
            "not looked at: facts: German",
            "a note",
        ),
    )


def test_a_problem_is_a_note_and_an_unknown_number_is_left_out() -> None:
    data = {"problem": {"message": "rejected"}, "comparison": {"undecided": "few", "needed": True}}
    assert read_judged(data).notes == ("rejected", "few")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"comparison": 1, "checks": {}, "notes": "x", "problem": []},
        {"comparison": {"findings": [1, {}, {"kind": "x", "message": "y", "severity": "bad"}]}},
        {"comparison": {"scores": [{"name": "x", "accepted": True, "fresh": 10**400}]}},
        {"comparison": {"attribution": {"causes": [{}], "experiment": 1}}},
        {"checks": [{"name": "x", "held": 1, "total": 1, "passed": True}, {"name": 1}]},
    ],
)
def test_what_cannot_be_understood_is_left_out(data: dict[str, object]) -> None:
    found = read_judged(data)  # type: ignore[arg-type]
    assert (found.findings, found.scores, found.checks) == ((), (), ())
    assert found.attribution in {None, Attribution()}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["comparison", "findings", "kind", "message", "severity", "scores", "name", "p",
             "accepted", "fresh", "attribution", "causes", "checks", "held", "total", "passed",
             "reasons", "notes", "problem", "undecided", "needed", "skipped", "ratio"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["comparison", "checks", "notes", "problem"]), VALUES))
def test_no_data_is_a_crash(data: dict[str, object]) -> None:
    read_judged(data)  # type: ignore[arg-type]
