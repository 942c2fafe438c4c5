"""Verdicts as data: what machines and JUnit get, and what a passed case costs."""

from __future__ import annotations

import json

import pytest
from support.verdicts import (
    CASES,
    FAMILIES,
    WORD,
    cause,
    check,
    comparison,
    family,
    field_gone,
    finding,
    flipped_answer,
    instrument,
    quantised,
    score,
    verdict,
)

from pytest_promptdrift.model import (
    MISSING,
    FieldChange,
    Miss,
    NearRecording,
    Problem,
    Spent,
    Status,
)
from pytest_promptdrift.report.data import (
    family_data,
    family_properties,
    properties,
    verdict_data,
)


@pytest.mark.parametrize("name", CASES)
def test_the_data_of_a_case_is_json(name: str) -> None:
    data = verdict_data(CASES[name](), "said")
    assert json.loads(json.dumps(data, allow_nan=False)) == data


@pytest.mark.parametrize("name", FAMILIES)
def test_the_data_of_a_family_is_json(name: str) -> None:
    data = family_data(FAMILIES[name](), "said")
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_what_simply_passed_has_no_more_than_its_numbers() -> None:
    data = verdict_data(verdict(Status.PASSED, checks=(check("equals", True),)), "passed")
    assert data == {
        "format": 2,
        "kind": "case",
        "status": "passed",
        "headline": "passed",
        "case": "refund",
        "label": "openai:gpt-5-mini",
        "model": "openai:gpt-5-mini",
        "file": "triage.prompt.yaml",
        "line": 12,
        "recording": "9f86d081884c",
        "samples": 5,
        "called": 0,
        "usd": 0.0015,
        "tokens": 600,
        "seconds": 4.0,
        "checks": [
            {
                "name": "equals",
                "held": 1,
                "total": 1,
                "needed": 1,
                "passed": True,
                "crashed": False,
                "score": None,
                "score_only": False,
            }
        ],
    }


def test_passed_cases_share_what_they_have_in_common() -> None:
    one, two = (
        verdict_data(verdict(Status.PASSED, checks=(check("equals", True),)), "passed")
        for _ in range(2)
    )
    assert one["checks"][0] is two["checks"][0]  # type: ignore[index]  # a list
    made = verdict(Status.NEW, check_digests={"equals": "1a2b"})
    other = verdict(Status.NEW, check_digests={"equals": "1a2b"})
    assert verdict_data(made, "")["check_digests"] is verdict_data(other, "")["check_digests"]


def test_a_comparison_is_told_in_full() -> None:
    data = verdict_data(flipped_answer(), "said")["comparison"]
    assert data == {
        "accepted": "ab12cd34ef56",
        "accepted_at": "2026-11-24T00:50:00+00:00",
        "accepted_samples": 5,
        "fresh_samples": 5,
        "same_request": False,
        "findings": [
            {
                "kind": "number",
                "message": "number: something else",
                "severity": "fail",
                "old": "14 days",
                "new": "30 days",
                "path": None,
                "accepted": 5,
                "accepted_of": 5,
                "fresh": 5,
                "fresh_of": 5,
                "p": 0.004,
                "adjusted_p": 0.008,
            }
        ],
        "attribution": {
            "causes": [
                {
                    "kind": "prompt",
                    "message": "prompt: 1 line changed",
                    "ours": True,
                    "changes": [{"path": WORD.path, "old": WORD.old, "new": WORD.new}],
                }
            ],
            "experiment": None,
        },
        "scores": [],
        "ratio": None,
        "p": None,
        "undecided": None,
        "needed": None,
        "skipped": [],
        "accepted_answers": [
            {"text": "You have 14 days to return it.", "samples": [1, 2, 3, 4, 5]}
        ],
        "fresh_answers": [{"text": "You have 30 days to return it.", "samples": [1, 2, 3, 4, 5]}],
        "accepted_spent": None,
    }


def test_what_a_decision_is_held_against_comes_with_what_waits() -> None:
    made = verdict(Status.NEW, check_digests={"equals": "1a2b"})
    data = verdict_data(made, "new")
    assert data["answers"] == "0123456789abcdef"
    assert data["check_digests"] == {"equals": "1a2b"}


def test_numbers_that_json_does_not_have_are_null() -> None:
    endless = score(low=float("-inf"), high=float("inf"), p=None)
    made = verdict(Status.DRIFTED, comparison=comparison(scores=(endless,), ratio=float("inf")))
    data = verdict_data(made, "")["comparison"]
    assert isinstance(data, dict)
    assert data["ratio"] is None
    assert (data["scores"][0]["low"], data["scores"][0]["high"]) == (None, None)


def test_the_reasons_of_a_failed_check_are_told_with_their_samples() -> None:
    made = verdict(Status.FAILED, checks=(check("equals", True, False), check("length", True)))
    first, second = verdict_data(made, "")["checks"]  # type: ignore[misc]  # two checks
    assert first["reasons"] == [{"reason": "no 1", "samples": [2]}]
    assert "reasons" not in second


def test_a_miss_and_a_problem_are_told() -> None:
    changes = (
        FieldChange(path="body.seed", old=MISSING, new=1),
        FieldChange(path="body.top_p", old=0.5, new=MISSING),
    )
    near = NearRecording(
        recording_id="abc", case_id="refund", label="m", similarity=0.9, changes=changes, more=1
    )
    missed = verdict(Status.UNRECORDED, miss=Miss(digest="d", stored=0, needed=2, near=(near,)))
    assert verdict_data(missed, "")["miss"] == {
        "digest": "d",
        "stored": 0,
        "needed": 2,
        "near": [
            {
                "recording": "abc",
                "case": "refund",
                "label": "m",
                "similarity": 0.9,
                "changes": [{"path": "body.seed", "new": 1}, {"path": "body.top_p", "old": 0.5}],
                "more": 1,
            }
        ],
    }
    failed = verdict(Status.ERROR, problem=Problem(kind="timeout", message="late"))
    assert verdict_data(failed, "")["problem"] == {
        "kind": "timeout",
        "message": "late",
        "hint": None,
    }


def test_long_prompts_are_told_by_their_difference_and_long_values_are_cut() -> None:
    text = " ".join(f"word{n}" for n in range(400))
    edited = FieldChange(path="body.a", old=text, new=text.replace("word7 ", "other "))
    listed = FieldChange(path="body.b", old=[text] * 2, new=MISSING)
    found = cause("prompt", "edited", edited, listed)
    data = verdict_data(verdict(Status.DRIFTED, comparison=comparison(attribution=found)), "")
    first, second = data["comparison"]["attribution"]["causes"][0]["changes"]  # type: ignore[index]
    assert "[-word7-]" in first["diff"][0]
    assert "old" not in first
    assert "characters more]" in second["old"]
    assert len(second["old"]) < 2100


def test_a_few_answers_speak_for_many() -> None:
    made = verdict(
        Status.DRIFTED,
        answers=tuple(f"answer {n}" for n in range(9)),
        comparison=comparison(accepted_answers=("x" * 9000,)),
    )
    data = verdict_data(made, "")["comparison"]
    assert isinstance(data, dict)
    assert len(data["fresh_answers"]) == 5
    assert len(data["accepted_answers"][0]["text"]) < 2100


def test_notes_are_kept_with_what_passed() -> None:
    assert verdict_data(verdict(Status.PASSED, notes=("a cache?",)), "")["notes"] == ["a cache?"]


def test_the_spending_of_the_accepted_side_is_told() -> None:
    before = Spent(usd=None, tokens=3, seconds=1.0)
    made = verdict(Status.PENDING, comparison=comparison(accepted_spent=before))
    data = verdict_data(made, "")["comparison"]
    assert isinstance(data, dict)
    assert data["accepted_spent"] == {"usd": None, "tokens": 3, "seconds": 1.0}


# ------------------------------------------------------------------ JUnit


def test_the_properties_of_a_case_name_the_comparison() -> None:
    found = dict(properties(field_gone()))
    assert found["promptdrift_status"] == "drifted"
    assert found["promptdrift_accepted"] == "ab12cd34ef56"
    assert found["promptdrift_findings"] == 1
    assert found["promptdrift_attribution"] == "provider fingerprint fp_1 → fp_2"


def test_the_properties_of_a_case_without_comparison_are_few() -> None:
    made = verdict(Status.PASSED, recording_id=None, spent=None)
    assert properties(made) == [
        ("promptdrift_status", "passed"),
        ("promptdrift_model", "openai:gpt-5-mini"),
        ("promptdrift_samples", 5),
    ]


def test_a_score_is_told_with_its_difference_interval_and_p() -> None:
    made = verdict(Status.DRIFTED, comparison=comparison(findings=(finding(),), scores=(score(),)))
    found = dict(properties(made))
    assert found["promptdrift_difference_pass"] == -0.15
    assert found["promptdrift_interval_pass"] == "-0.220000 -0.080000"
    assert found["promptdrift_p_pass"] == 0.0005


def test_a_score_without_an_interval_has_none() -> None:
    plain = score(low=None, high=None, p=None)
    found = dict(properties(verdict(Status.DRIFTED, comparison=comparison(scores=(plain,)))))
    assert "promptdrift_interval_pass" not in found
    assert "promptdrift_p_pass" not in found


def test_the_provider_is_blamed_only_for_drift() -> None:
    def attribution(status: Status) -> object:
        return dict(properties(verdict(status, comparison=comparison())))["promptdrift_attribution"]

    assert attribution(Status.DRIFTED) == "nothing visible changed: the provider did"
    assert attribution(Status.PASSED) == "nothing visible changed"


def test_a_case_without_attribution_names_no_cause() -> None:
    made = verdict(Status.DRIFTED, comparison=comparison(attribution=None))
    assert "promptdrift_attribution" not in dict(properties(made))


def test_unknown_costs_are_unknown() -> None:
    made = verdict(Status.PASSED, spent=Spent(usd=None, tokens=None, seconds=1.0))
    found = dict(properties(made))
    assert (found["promptdrift_cost_usd"], found["promptdrift_tokens"]) == ("unknown", "unknown")


def test_the_properties_of_a_family_state_the_rate_and_every_p() -> None:
    found = dict(family_properties(quantised()))
    assert found == {
        "promptdrift_status": "drifted",
        "promptdrift_model": "openai:gpt-5-mini",
        "promptdrift_cases": 40,
        "promptdrift_compared": 40,
        "promptdrift_errors": 0,
        "promptdrift_alpha": 0.05,
        "promptdrift_level": 0.016667,
        "promptdrift_drifted_cases": 3,
        "promptdrift_p_scores": 0.31,
        "promptdrift_p_distribution": 0.0005,
        "promptdrift_p_facts": 0.22,
        "promptdrift_difference_pass": -0.01,
        "promptdrift_interval_pass": "-0.040000 0.020000",
        "promptdrift_p_pass": 0.31,
        "promptdrift_attribution": "nothing visible changed: the provider did",
    }


def test_a_family_without_fresh_answers_names_no_cause() -> None:
    made = family(tests=(instrument("facts", 1.0, fired=False),))
    assert "promptdrift_attribution" not in dict(family_properties(made))
