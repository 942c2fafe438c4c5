"""The ten things that happen to people, and the text they read, line by line."""

from __future__ import annotations

import pytest
from support.verdicts import CASES, FAMILIES, FILE, LABEL

from pytest_promptdrift.report.commands import Commands
from pytest_promptdrift.report.failure import failure_lines
from pytest_promptdrift.report.family import family_lines
from pytest_promptdrift.report.layout import WIDTH

NODE = f"'{FILE}::refund[{LABEL}]'"
FAMILY = f"'{FILE}::family[{LABEL}]'"
CASE_LINE = f"  case         refund[{LABEL}] at {FILE}:12"
BASELINE = "  baseline     ab12cd34ef56, accepted on 2026-11-24, 5 samples"
RECORDING = "  recording    9f86d081884c, 5 samples"
DECIDE = (
    f"  next         pytest-promptdrift review {NODE}",
    f"               pytest-promptdrift accept {NODE} --reason '…'",
)
IN_CI = (
    "this fails in CI and under --promptdrift-strict; elsewhere it",
    "               passes with a note",
)


def case_text(name: str, verbosity: int = 0) -> list[str]:
    commands = Commands(node=NODE.strip("'"))
    title = f"refund[{LABEL}]"
    made = CASES[name]()
    return list(failure_lines(made, title=title, commands=commands, verbosity=verbosity))


def family_text(name: str, verbosity: int = 0) -> list[str]:
    commands = Commands(node=FAMILY.strip("'"))
    title = f"family[{LABEL}]"
    made = FAMILIES[name]()
    return list(family_lines(made, title=title, commands=commands, verbosity=verbosity))


def test_a_harmless_word_in_the_prompt_waits_for_a_look() -> None:
    assert case_text("harmless_edit") == [
        "pending: the request changed (prompt), and nobody has accepted its answers yet",
        CASE_LINE,
        "  answers      differ 1.0 × as much as accepted ones among themselves, p = .62",
        "  why          prompt: 1 line changed",
        "                 body.messages[0].content",
        "                   - You are a [-polite-] assistant of a shop.",
        "                   + You are a {+friendly+} assistant of a shop.",
        "  answers      [5 of 5] You have 14 days to return it.",
        "               (the same on both sides)",
        BASELINE,
        RECORDING,
        f"  note         {IN_CI[0]}",
        IN_CI[1],
        *DECIDE,
    ]


def test_a_word_in_the_prompt_that_flips_the_answer_is_told_as_counts() -> None:
    assert case_text("flipped_answer") == [
        (
            'drifted: number: "14 days" in 5 of 5 accepted, 0 of 5 fresh; fresh say "30 days",'
            " adjusted p = .008"
        ),
        CASE_LINE,
        '  fact         number: "14 days" in 5 of 5 accepted, 0 of 5 fresh; fresh say "30',
        '               days", adjusted p = .008',
        "  why          prompt: 1 line changed",
        "                 body.messages[0].content",
        "                   - You are a [-polite-] assistant of a shop.",
        "                   + You are a {+friendly+} assistant of a shop.",
        "  accepted     [5 of 5] You have [-14-] days to return it.",
        "  fresh        [5 of 5] You have {+30+} days to return it.",
        BASELINE,
        RECORDING,
        *DECIDE,
    ]


def test_another_model_is_named_as_the_cause() -> None:
    assert case_text("model_swap") == [
        (
            "drifted: the answers differ 3.4 × as much as the accepted ones among themselves,"
            " adjusted p = .016"
        ),
        CASE_LINE,
        "  answers      differ 3.4 × as much as the accepted ones among themselves,",
        "               adjusted p = .016",
        "  why          requested model gpt-5-mini → gpt-5-nano",
        "  accepted     [4 of 5] [-You have-] 14 days[- to return it-].",
        "               [1 of 5] You have two weeks to return it.",
        "  fresh        [3 of 5] {+Return it within+} 14 days.",
        "               [2 of 5] 14 days.",
        BASELINE,
        RECORDING,
        *DECIDE,
    ]


def test_a_quantised_model_under_the_same_name_is_the_providers_doing() -> None:
    assert family_text("quantised") == [
        "drifted: answers differ 2.10 × as much as accepted ones among themselves, p = .0005",
        f"  family       {FILE}::family[{LABEL}], 40 cases",
        "  score        pass rate 0.93 → 0.92, −0.01 [−0.04, +0.02], p = .31, margin .05",
        "               (40 cases, 5 + 5 samples)",
        "  answers      differ 2.10 × as much as accepted ones among themselves,",
        "               p = .0005",
        "  fired        distribution (p = .0005 at level .0056)",
        "  cases        3 of 40 cases changed beyond noise, 37 did not:",
        "               refund, double-charge, late",
        "  why          nothing visible changed: the provider did",
        "  rate         by chance alone, at most 5 % of such runs cry drift; 3 families",
        "               share it, .017 is for this one",
        f"  next         pytest-promptdrift review {FAMILY}",
    ]


def test_a_new_field_passes_with_a_note() -> None:
    text = case_text("field_new")
    assert text[0] == "passed: $.eta: a new field: string"
    assert "  note         $.eta: a new field: string" in text


def test_a_field_that_is_gone_breaks_its_readers() -> None:
    assert case_text("field_gone") == [
        "drifted: $.days: a field is gone (missing in 5 of 5 fresh objects): integer",
        CASE_LINE,
        "  schema       $.days: a field is gone (missing in 5 of 5 fresh objects):",
        "               integer",
        "  why          provider fingerprint fp_1 → fp_2",
        '  accepted     [5 of 5] {"ok": true[-, "days": 14-]}',
        '  fresh        [5 of 5] {"ok": true}',
        BASELINE,
        RECORDING,
        *DECIDE,
    ]


def test_one_other_answer_of_five_asks_for_more_samples() -> None:
    assert case_text("one_of_five") == [
        (
            "inconclusive: 5 + 5 samples cannot tell one other answer from chance;"
            " 14 samples would decide"
        ),
        CASE_LINE,
        "  why          nothing visible changed but the answers: the provider, or chance",
        "  accepted     [5 of 5] You have [-14-] days to return it.",
        "  fresh        [1 of 5] You have {+30+} days to return it.",
        "               [4 of 5] You have 14 days to return it.",
        BASELINE,
        RECORDING,
        '  note         number: "14 days" in 5 of 5 accepted, 4 of 5 fresh; others say',
        '               "30 days", adjusted p = 1',
        "               this fails only under --promptdrift-strict",
        f"  next         pytest --promptdrift-mode record --promptdrift-samples 14 {NODE}",
        "               (9 calls, about $0.0027)",
    ]


def test_a_tightened_schema_is_no_change_of_the_model() -> None:
    assert case_text("tightened_schema") == [
        (
            "failed: json_schema held in 0 of 5: $.days: 14 is above 7, sample 0;"
            " the check changed, not the model"
        ),
        CASE_LINE,
        "  json_schema  held in 0 of 5, 5 needed",
        "               sample 1: $.days: 14 is above 7, sample 0",
        "               sample 2: $.days: 14 is above 7, sample 1",
        "               sample 3: $.days: 14 is above 7, sample 2",
        "               2 more reasons (-vv shows)",
        "  why          check json_schema changed since it was accepted",
        BASELINE,
        '  answers      [1, 2, 3, 4, 5] {"days": 14}',
        "  next         put the check right, or change the prompt and record:",
        f"               pytest --promptdrift-mode record {NODE}",
    ]


def test_an_edited_judge_is_no_change_of_the_model() -> None:
    assert case_text("judge_edit") == [
        "failed: judge_tone held in 4 of 5: too casual, sample 0; the judge changed, not the model",
        CASE_LINE,
        "  judge_tone   held in 4 of 5, 5 needed",
        "               sample 1: too casual, sample 0",
        "  why          judge_tone changed since it was accepted",
        BASELINE,
        "  answers      [1, 2, 3, 4, 5] You have 14 days to return it.",
        "  next         put the judge right, or change the prompt and record:",
        f"               pytest --promptdrift-mode record {NODE}",
    ]


def test_a_rate_limit_is_no_drift() -> None:
    assert case_text("rate_limited") == [
        "error: rate limit: HTTP 429 after 3 attempts",
        CASE_LINE,
        "  kept         2 answers already recorded",
        "  next         run again: what was recorded is not asked twice",
    ]


def test_a_family_with_too_many_errors_has_no_verdict() -> None:
    assert family_text("rate_limited_family") == [
        "error: too many errors: 12 of 40 cases have no answer to judge, more than 10%",
        f"  family       {FILE}::family[{LABEL}], 40 cases, 28",
        "               compared",
        "  note         12 of 40 cases had errors: no verdict about them, and none of",
        "               them counts",
        "  next         run again when the provider answers; what was recorded is not asked again",
    ]


def test_a_new_case_waits_to_be_accepted() -> None:
    assert case_text("new_case") == [
        "new: nothing is accepted for this case yet",
        CASE_LINE,
        "  answers      [1, 2, 3, 4, 5] You have 14 days to return it.",
        RECORDING,
        f"  note         {IN_CI[0]}",
        IN_CI[1],
        *DECIDE,
    ]


def test_what_was_rejected_fails_with_the_reason() -> None:
    assert case_text("rejected") == [
        "failed: rejected on 2026-11-24: 30 days is wrong",
        CASE_LINE,
        '  fact         number: "14 days" in 5 of 5 accepted, 0 of 5 fresh; fresh say "30',
        '               days"',
        "  why          nothing visible changed: the provider did",
        "  accepted     [5 of 5] You have [-14-] days to return it.",
        "  fresh        [5 of 5] You have {+30+} days to return it.",
        BASELINE,
        RECORDING,
        "  next         change the prompt and record, or ask for other answers:",
        f"               pytest --promptdrift-mode refresh {NODE}",
        "               or accept it after all:",
        f"               pytest-promptdrift accept {NODE} --reason '…'",
    ]


def fits(line: str) -> bool:
    """Commands are copied, so they stay on one line; the headline belongs to pytest's summary."""
    return len(line) <= WIDTH or "pytest" in line or "next " in line


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_read_on_a_narrow_terminal(name: str) -> None:
    assert [line for line in case_text(name)[1:] if not fits(line)] == []


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_read_on_a_narrow_terminal(name: str) -> None:
    assert [line for line in family_text(name)[1:] if not fits(line)] == []
