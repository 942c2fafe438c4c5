"""Words, diffs and numbers as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift._text import (
    cut,
    duration,
    interval,
    money,
    number,
    p_value,
    plural,
    share,
    signed,
    visible,
    word_diff,
)


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "$0.00"),
        (0.5, "$0.50"),
        (0.123, "$0.12"),
        (0.0123, "$0.012"),
        (0.00012, "$0.00012"),
        (0.0000123, "$0.000012"),
        (0.0000001, "<$0.000001"),
        (3.2, "$3.20"),
        (0.999, "$1.00"),
        (1234.5, "$1,234.50"),
    ],
)
def test_money_keeps_the_digits_that_mean_something(usd: float, text: str) -> None:
    assert money(usd) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.31, "0.3 s"),
        (9.97, "10 s"),
        (42, "42 s"),
        (131, "2 min 11 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_numbers_and_plurals() -> None:
    assert [number(x) for x in (0.912, 12.0, 1234.0, 12345.6)] == ["0.912", "12", "1,234", "12,346"]
    assert (plural(1, "sample"), plural(1200, "sample")) == ("1 sample", "1,200 samples")
    assert plural(2, "reply", "replies") == "2 replies"


def test_a_long_text_says_how_much_is_hidden() -> None:
    assert cut("short") == "short"
    assert cut("x" * 403, 400).endswith("[… 3 characters more]")


def test_a_word_diff_marks_only_what_changed() -> None:
    assert word_diff("billing, technical or other", "billing, shipping or other") == [
        "- billing, [-technical-] or other",
        "+ billing, {+shipping+} or other",
    ]


def test_a_late_change_in_a_long_text_is_shown() -> None:
    old = "word " * 3000 + "Friday"
    minus, plus = word_diff(old, old.replace("Friday", "Monday"))
    assert "[-Friday-]" in minus
    assert "{+Monday+}" in plus
    assert len(plus) < 250


def test_changed_phrases_stay_together() -> None:
    assert word_diff("is it my invoice here?", "is it our two bills here?") == [
        "- is it [-my invoice-] here?",
        "+ is it {+our two bills+} here?",
    ]


def test_only_changed_lines_are_shown() -> None:
    old = "Be kind.\n\nReturns: 14 days.\nRefunds: 5 days."
    assert word_diff(old, old.replace("14", "30")) == [
        "- Returns: [-14-] days.",
        "+ Returns: {+30+} days.",
    ]


def test_lines_that_came_and_went_are_shown_whole() -> None:
    assert word_diff("a\nb\nc", "a\nc") == ["- b"]
    assert word_diff("a", "a\n") == ["+ (empty line)"]


def test_a_rewritten_prompt_does_not_fill_the_report() -> None:
    old, new = ("\n".join(f"{word} {n}" for n in range(3000)) for word in ("old", "new"))
    lines = word_diff(old, new)
    assert len(lines) == 41
    assert lines[-1] == "… 5,960 more changed lines"


@given(st.text(), st.text())
def test_a_diff_is_empty_exactly_for_equal_texts(old: str, new: str) -> None:
    assert (word_diff(old, new) == []) == (old == new)


@given(st.text())
def test_nothing_a_model_writes_can_steer_a_terminal(text: str) -> None:
    shown = visible(text)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.splitlines() == shown.removesuffix("\n").split("\n") * bool(shown)
    shown.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.15, "−0.15"),
        (0.04, "+0.04"),
        (0.0, "0.00"),
        (-0.0, "0.00"),
        (0.003, "+0.003"),
        (-0.00021, "−0.0002"),
        (-0.00001, "−<0.0001"),
        (1e-15, "0.00"),
        (float("nan"), "unknown"),
        (float("-inf"), "unknown"),
    ],
)
def test_a_difference_has_its_sign_and_is_not_rounded_to_nothing(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(-0.22, -0.08, " [−0.22, −0.08]"), (None, 1.0, ""), (-1.0, None, ""), (-math.inf, 0.1, "")],
)
def test_an_interval_without_an_end_is_left_out(
    low: float | None, high: float | None, text: str
) -> None:
    assert interval(low, high) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "p < .0001"),
        (0.00009, "p < .0001"),
        (0.0005, "p = .0005"),
        (0.001, "p = .001"),
        (0.0163, "p = .016"),
        (0.0996, "p = .100"),
        (0.313, "p = .31"),
        (0.9949, "p = .99"),
        (0.995, "p = 1"),
        (1.0, "p = 1"),
        (math.nan, "p unknown"),
    ],
)
def test_a_p_value_is_never_zero_and_has_no_leading_one(p: float, text: str) -> None:
    assert p_value(p) == text


def test_a_p_value_can_have_another_name() -> None:
    assert p_value(0.008, "adjusted p") == "adjusted p = .008"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.05, ".05"), (0.05 / 3, ".017"), (0.0056, ".0056"), (1e-7, ".0000001"), (1, "1"), (0, "0")],
)
def test_a_level_has_the_digits_that_mean_something(value: float, text: str) -> None:
    assert share(value) == text
