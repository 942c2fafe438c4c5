from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import judge, problem

TEXT_SPECS = [
    {"equals": "a b"},
    {"equals": {"value": "a ", "strip": False}},
    {"equals": {"value": "A", "ignore_case": True}},
    {"contains": "a"},
    {"contains": {"text": "A", "ignore_case": True}},
    {"contains": {"any": ["a", "b"], "none": ["c"]}},
    {"contains": {"all": ["a", " "]}},
    {"icontains": "SS"},
    {"icontains": {"none": ["a"]}},
    {"starts_with": "a"},
    {"starts_with": {"text": " A", "ignore_case": True}},
    {"ends_with": "b"},
    {"one_of": ["a", "b b"]},
    {"one_of": {"values": ["A"], "ignore_case": True}},
    {"regex": "a+b"},
    {"regex": {"value": "a.", "full": True, "flags": ["dotall", "ignore_case"]}},
    {"length": {"max": 3}},
    {"length": {"min": 1, "max": 2, "unit": "words"}},
    {"length": {"exact": 1, "unit": "lines"}},
    {"length": {"min": 4, "unit": "bytes"}},
]


def negated(spec: dict[str, object]) -> dict[str, object]:
    ((name, argument),) = spec.items()
    return {f"not_{name}": argument}


@pytest.mark.parametrize("spec", TEXT_SPECS, ids=str)
@given(text=st.text(alphabet=st.sampled_from("aAbBß \n`.\ud800é"), max_size=6) | st.text())
def test_not_form_is_the_exact_complement(spec: dict[str, object], text: str) -> None:
    plain, inverse = judge(spec, text), judge(negated(spec), text)
    assert not plain.crashed
    assert not inverse.crashed
    assert plain.passed is not inverse.passed


@pytest.mark.parametrize(
    ("spec", "text", "passed"),
    [
        ({"equals": "billing"}, " billing\n", True),
        ({"equals": {"value": "billing", "strip": False}}, "billing\n", False),
        ({"equals": {"value": "Billing", "ignore_case": True}}, "BILLING", True),
        ({"equals": ""}, "  ", True),
        ({"contains": "30 days"}, "within 30 days", True),
        ({"contains": {"any": ["x", "y"]}}, "only y", True),
        ({"contains": {"all": ["x", "y"]}}, "only y", False),
        ({"contains": {"text": "x", "all": ["y"]}}, "y", False),
        ({"contains": {"none": ["x"]}}, "only y", True),
        ({"contains": {"text": "STRASSE", "ignore_case": True}}, "die Straße", True),
        ({"icontains": "REFUND"}, "a refund", True),
        ({"starts_with": "Dear"}, "\nDear customer", True),
        ({"ends_with": "."}, "Done.\n", True),
        ({"ends_with": {"text": "DONE", "ignore_case": True}}, "all done", True),
        ({"one_of": ["billing", "other"]}, " other ", True),
        ({"one_of": ["billing", "other"]}, "Other", False),
        ({"regex": "^b"}, "a\nb", False),
        ({"regex": {"value": "^b", "flags": "multiline"}}, "a\nb", True),
        ({"regex": {"value": "a.b", "flags": ["dotall"]}}, "a\nb", True),
        ({"regex": {"value": "b", "full": True}}, "ab", False),
        ({"length": 3}, "äöü", True),
        ({"length": {"max": 5, "unit": "bytes"}}, "äöü", False),
        ({"length": {"min": 2, "unit": "lines"}}, "a\nb", True),
        ({"length": {"max": 2, "unit": "words"}}, "a b c", False),
    ],
    ids=str,
)
def test_text_check_decides(spec: object, text: str, passed: bool) -> None:
    assert judge(spec, text).passed is passed


@pytest.mark.parametrize(
    ("spec", "text", "note"),
    [
        ({"equals": "billing"}, "Billing", "differs only in case"),
        ({"equals": {"value": "billing", "strip": False}}, "billing ", "white space around"),
        ({"equals": "billing"}, "billing.", "punctuation at the end"),
        ({"equals": "billing"}, "```text\nbilling\n```", "inside a code fence"),
        ({"equals": "billing"}, '"billing"', "quotation marks or emphasis"),
        ({"equals": "a b"}, "a  b", "differs only in white space"),
        ({"equals": "ﬁne"}, "fine", "Unicode form"),
        ({"equals": "billing"}, "**Billing.**", "case, punctuation, quotation marks"),
        ({"one_of": ["x", "billing"]}, "I think billing fits", "among 4 words"),
        ({"contains": "order  12"}, "Order 12 is late", "but for case or white space"),
        ({"one_of": ["billing"]}, "shipping", "found 'shipping'"),
        ({"equals": "…"}, "x", "found 'x'"),
        ({"regex": "Yes"}, "yes", "flags: ignore_case"),
        ({"regex": {"value": "yes", "full": True}}, "yes\n", "white space around"),
        ({"regex": {"value": "yes", "full": True}}, "yes sir", "a part of it matches"),
        ({"regex": {"value": "YES", "full": True}}, "yes", "differs only in case"),
        ({"starts_with": "Dear"}, "dear Sir", "differs only in case"),
        ({"ends_with": "bye"}, "see you", "found 'see you'"),
    ],
    ids=str,
)
def test_near_miss_is_named(spec: object, text: str, note: str) -> None:
    result = judge(spec, text)
    assert result.passed is False
    assert note in result.reason


def test_reason_shows_expected_and_found() -> None:
    assert judge({"equals": "billing"}, "shipping").reason == (
        "'billing' expected, found 'shipping'"
    )


@pytest.mark.parametrize(
    ("spec", "text", "fragment"),
    [
        ({"not_contains": "sorry"}, "We are sorry about that", "'sorry' found in"),
        ({"not_contains": {"all": ["a", "b"]}}, "ab", "which it must not"),
        ({"not_equals": "x"}, "x", "any answer but 'x' expected"),
        ({"not_one_of": ["x"]}, "x", "which is one of 'x'"),
        ({"not_starts_with": "x"}, "xy", "starts with 'x', which it must not"),
        ({"not_ends_with": "y"}, "xy", "ends with 'y', which it must not"),
        ({"not_regex": "x+"}, "axx", "must not match, found 'axx'"),
        ({"not_length": {"min": 1}}, "abc", "not at least 1 character expected, found 3"),
        ({"contains": {"none": ["sorry"]}}, "so sorry", "'sorry' must not be there"),
        ({"contains": {"any": ["x", "y"]}}, "z", "none of 'x', 'y' found"),
        ({"icontains": {"all": ["x", "y"]}}, "X", "'y' not found"),
        ({"length": {"min": 2, "max": 3}}, "a", "2 to 3 characters expected, found 1"),
    ],
    ids=str,
)
def test_failure_says_what_is_there(spec: object, text: str, fragment: str) -> None:
    result = judge(spec, text)
    assert result.passed is False
    assert fragment in result.reason


@pytest.mark.parametrize("spec", [*TEXT_SPECS, *map(negated, TEXT_SPECS)], ids=str)
def test_long_hostile_answer_gives_one_short_line(spec: object) -> None:
    for text in ("\x1b[31m" * 20_000, "a b" * 40_000, "```\n" * 20_000, "\u202e\ud800\n" * 9_000):
        result = judge(spec, text)
        assert not result.crashed
        assert len(result.reason) < 600
        assert result.reason.isprintable()


def test_empty_text_to_look_for_is_an_error() -> None:
    assert "in every answer" in problem({"contains": ""}).message


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"contains": {"any": []}}, "any: the list is empty"),
        ({"contains": {"any": "x"}}, "any: a list expected, found the text 'x'"),
        ({"contains": {"ignore_case": True}}, "needs a text, or any, all or none"),
        ({"regex": "(a"}, "unterminated subpattern at character 1"),
        ({"regex": "a{99999999999999999999}"}, "no usable regular expression"),
        ({"regex": {"value": "a", "flags": ["ignorecase"]}}, "did you mean 'ignore_case'?"),
        ({"regex": {"value": "a", "flags": [3]}}, "item 1: one of ignore_case, multiline"),
        ({"length": {"min": 3, "max": 2}}, "no answer can pass"),
        ({"length": {"exact": 3, "max": 2}}, "not both"),
        ({"length": {"max": -1}}, "a whole number from 0 expected, found -1"),
        ({"length": {"max": True}}, "a number expected, found true"),
        ({"length": {"max": "3"}}, "found the text '3'"),
        ({"length": {"max": 3, "unit": "tokens"}}, "unknown value 'tokens'"),
        ({"equals": 30}, "text expected, found 30; put it in quotation marks"),
        ({"equals": None}, "text expected, found nothing"),
        ({"equals": ["x"]}, "text expected, found a list"),
        ({"one_of": ["x", 1]}, "values: item 2: text expected, found 1"),
    ],
    ids=str,
)
def test_wrong_argument_is_named(spec: object, message: str) -> None:
    error = problem(spec)
    assert message in error.message
    assert str(error).startswith("triage.prompt.yaml:7: ")


def test_length_without_limits_shows_an_example() -> None:
    assert problem("length").hint == "write {length: {max: 200}}"


def test_pattern_that_python_warns_about_is_accepted() -> None:
    assert judge({"regex": "[[a]x"}, "[x").passed is True
