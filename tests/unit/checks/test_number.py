from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import judge, problem

from pytest_promptdrift._numbers import find_numbers


def numbers(text: str, point: str = ".") -> list[float]:
    return [number.value for number in find_numbers(text, point)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("42", [42]),
        ("The total is $1,234.50.", [1234.5]),
        ("1,234,567 people", [1234567]),
        ("Rs 12,34,567.8", [1234567.8]),
        ("1\u202f234\u202f567", [1234567]),
        ("1'000", [1000]),
        ("-5", [-5]),
        ("−3.5", [-3.5]),
        ("$-5 and -$6", [-5, -6]),
        ("5-10", [5, 10]),
        ("45% or 45 %", [45, 45]),
        ("1.5e3", [1500]),
        (".5", [0.5]),
        ("3.", [3]),
        ("10, 20", [10, 20]),
        ("1,5", [1, 5]),
        ("1,234,5", [1, 234, 5]),
        ("1 234", [1, 234]),
        ("2024-05-01", [2024, 5, 1]),
        ("version 1.2.3", []),
        ("A4, gpt-5-mini, COVID-19", []),
        ("30days", [30]),
        ("1e999", [float("inf")]),
        ("٣", [3]),
        ("nothing", []),
        ("1,2345", [1, 2345]),
        ("(7)", [7]),
        ("x=3", [3]),
    ],
)
def test_numbers_are_found_among_words(text: str, found: list[float]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("1.234,5 und 3,5", [1234.5, 3.5]), ("1.234.567", [1234567]), ("12", [12]), ("0,5 %", [0.5])],
)
def test_decimal_comma_is_read_on_request(text: str, found: list[float]) -> None:
    assert numbers(text, ",") == found


@given(st.integers(-(10**20), 10**20))
def test_any_integer_is_read_back(number: int) -> None:
    assert numbers(f"it is {number}.") == [number]
    assert numbers(f"it is {number:,}!") == [number]


@given(st.floats(-1e9, 1e9).map(lambda x: round(x, 4)))
def test_any_decimal_is_read_back(number: float) -> None:
    assert numbers(f"about {number:.4f} or so") == [number]
    assert numbers(f"${abs(number):,.4f}") == [abs(number)]
    german = f"{number:,.4f}".translate(str.maketrans(",.", ".,"))
    assert numbers(german, ",") == [number]


@given(st.text() | st.text(alphabet="0123456789.,-+eE% $€'\u00a0aA"))
def test_any_text_can_be_searched(text: str) -> None:
    for point in ".,":
        assert all(isinstance(value, int | float) for value in numbers(text, point))


@pytest.mark.parametrize(
    ("spec", "text", "passed"),
    [
        ({"number": 42}, "about 42.0", True),
        ({"number": "1,000"}, "1000", True),
        ({"number": {"value": 10, "tolerance": 0.5}}, "10.5", True),
        ({"number": {"value": 10, "tolerance": "10%"}}, "11", True),
        ({"number": {"value": 10, "tolerance": "10%"}}, "11.1", False),
        ({"number": {"min": 1, "max": 5}}, "5", True),
        ({"number": {"min": 1}}, "0.99", False),
        ({"number": {"max": 5}}, "6", False),
        ({"number": {"value": 4, "which": "last"}}, "from 3 to 4", True),
        ({"number": {"value": 3, "which": "first"}}, "from 3 to 4", True),
        ({"number": {"value": 1.5, "decimal": ","}}, "1,5", True),
        ({"number": 1}, "9" * 5000, False),
        ({"number": {"min": 1}}, "1e999", True),
    ],
    ids=lambda value: str(value)[:40],
)
def test_number_decides(spec: object, text: str, passed: bool) -> None:
    result = judge(spec, text)
    assert not result.crashed
    assert result.passed is passed


@pytest.mark.parametrize(
    ("spec", "text", "reason"),
    [
        ({"number": 42}, "it is 41", "42 expected, found 41"),
        ({"number": 42}, "none", "42 expected, no number in 'none'"),
        ({"number": {"value": 5, "tolerance": 1}}, "7", "5 ± 1 expected, found 7"),
        ({"number": {"min": 1}}, "0", "at least 1 expected, found 0"),
        ({"number": {"max": 1}}, "$2", "at most 1 expected, found $2"),
        ({"number": {"min": 1, "max": 2}}, "3", "1 to 2 expected, found 3"),
        ({"number": 3}, "3 or 4", "found several numbers: 3, 4 (which: first or last chooses)"),
        ({"number": 5}, "-5", "(differs only in the sign)"),
        ({"number": 0.45}, "45%", "(a percentage counts by its number, 45)"),
        ({"number": 0.45}, "44%", "0.45 expected, found 44%"),
    ],
    ids=str,
)
def test_reason_says_which_number_was_found(spec: object, text: str, reason: str) -> None:
    assert reason in judge(spec, text).reason


def test_many_numbers_are_listed_up_to_ten() -> None:
    reason = judge({"number": 1}, ", ".join(map(str, range(100_000)))).reason
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and more" in reason


def test_last_of_very_many_numbers_is_found() -> None:
    text = "1 " * 100_000 + "7"
    assert judge({"number": {"value": 7, "which": "last"}}, text).passed is True


def test_expected_text_of_a_dataset_may_be_a_number() -> None:
    assert judge("number", "12.5", expected="12.50").passed is True


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("number", "needs a value, min or max"),
        ({"number": "many"}, "a number expected, found the text 'many'"),
        ({"number": "3 or 4"}, "a number expected"),
        ({"number": {"value": 1, "min": 1}}, "not both"),
        ({"number": {"min": 3, "max": 1}}, "no answer can pass"),
        ({"number": {"min": 3, "tolerance": 1}}, "tolerance belongs to a value"),
        ({"number": {"value": 1, "which": "middle"}}, "unknown value 'middle'"),
        ({"number": float("inf")}, "a number expected"),
    ],
    ids=str,
)
def test_wrong_argument_is_named(spec: object, message: str) -> None:
    assert message in problem(spec).message
