"""Checks that only measure: what they say is kept, and never fails a case by itself."""

from __future__ import annotations

import pytest
from support.checking import context, plan, problem, summary

from pytest_promptdrift.checks import CheckRegistry, run_check

SPELLINGS = [
    {"equals": "x", "score_only": True},
    {"equals": {"value": "x", "score_only": True}},
    {"equals": {"value": "x"}, "score_only": True},
    {"json_equals": {"value": 1, "score_only": True}},
    {"json_schema": {"schema": {"type": "object"}, "score_only": True}},
    {"json_schema": {"type": "object"}, "score_only": True},
    {"refusal": {"score_only": True}},
    {"json": {"score_only": True}},
    {"python": "os.path:basename", "score_only": True},
    {"python": {"python": "os.path:basename", "score_only": True}},
]


@pytest.mark.parametrize("spec", SPELLINGS, ids=str)
def test_every_spelling_can_say_that_a_check_only_measures(spec: object) -> None:
    assert plan(spec).score_only


@pytest.mark.parametrize("name", ["equals", "json_equals", "contains"])
def test_a_check_without_argument_takes_the_expected_answer_and_only_measures(name: str) -> None:
    made = plan({name: {"score_only": True}}, expected="billing")

    assert (made.score_only, made.uses_expected) == (True, True)
    results = run_check(made, [context('"billing"'), context("shipping")]).results
    assert results[1].passed is False


def test_a_check_that_compares_takes_the_expected_answer_beside_other_options_too() -> None:
    spec = {"json_equals": {"ignore": ["/id"], "score_only": True}}
    result = run_check(plan(spec, expected={"id": 1, "a": 2}), [context('{"id": 5, "a": 2}')])

    assert result.score_only
    assert result.held == 1


def test_a_check_that_only_measures_passes_whatever_it_finds() -> None:
    result = summary({"equals": "x", "score_only": True}, "x", "y", "z")

    assert (result.passed, result.score_only) == (True, True)
    assert (result.held, result.total, result.needed) == (1, 3, 0)


def test_the_scores_of_a_check_that_only_measures_are_kept() -> None:
    spec = {"similar": {"to": "a refund", "min": 1, "score_only": True}}
    score = summary(spec, "a refund", "the weather").score

    assert score is not None
    assert score < 1


def test_a_crash_of_a_check_that_only_measures_is_a_crash() -> None:
    registry = CheckRegistry()
    registry.register_check("broken", lambda _: lambda context: 1 // 0)
    result = run_check(plan({"broken": None, "score_only": True}, registry=registry), [context("")])

    assert result.crashed
    assert not result.passed


@pytest.mark.parametrize(
    "spec",
    [
        {"contains": "x", "score_only": True, "samples": 2},
        {"contains": {"text": "x", "score_only": True, "samples": "50%"}},
        {"contains": {"text": "x", "score_only": True}, "samples": 2},
    ],
    ids=str,
)
def test_what_only_measures_cannot_ask_for_a_number_of_samples(spec: object) -> None:
    assert "exclude each other" in problem(spec, samples=5).message


def test_score_only_that_is_false_asks_for_samples_as_usual() -> None:
    made = plan({"contains": "x", "score_only": False, "samples": 2}, samples=5)

    assert (made.score_only, made.needed) == (False, 2)


@pytest.mark.parametrize("value", ["yes", 1, None, []])
def test_score_only_is_true_or_false(value: object) -> None:
    found = problem({"contains": "x", "score_only": value}).message

    assert "score_only: true or false expected" in found


def test_score_only_is_said_once() -> None:
    spec = {"contains": {"text": "x", "score_only": True}, "score_only": True}

    assert "score_only is given twice" in problem(spec).message


def test_a_misspelled_option_beside_a_check_names_the_nearest_one() -> None:
    message = problem({"contains": "x", "scoreonly": True}).message

    assert "'scoreonly' beside 'contains' is unknown, did you mean 'score_only'?" in message


def test_options_that_stand_under_a_check_given_nothing_are_shown_their_place() -> None:
    error = problem({"equals": None, "score_only": True}, expected="x")

    assert error.hint == "write {equals: {score_only: …}}"


@pytest.mark.parametrize("option", [{"score_only": True}, {"samples": 1}], ids=str)
def test_an_option_among_the_keywords_of_a_schema_is_not_silently_ignored(option: dict) -> None:
    error = problem({"json_schema": {"type": "object", **option}})

    assert "is no keyword of JSON Schema" in error.message


def test_a_value_that_has_a_key_score_only_beside_others_is_compared_as_it_is() -> None:
    made = plan({"json_equals": {"score_only": True, "b": 1}})

    assert not made.score_only
    assert run_check(made, [context('{"score_only": true, "b": 1}')]).passed


def test_a_registered_check_keeps_a_mapping_to_itself() -> None:
    seen: list[object] = []
    registry = CheckRegistry()
    registry.register_check("mine", lambda given: seen.append(given) or (lambda context: True))
    made = plan({"mine": {"score_only": True}}, registry=registry)

    assert seen == [{"score_only": True}]
    assert not made.score_only
