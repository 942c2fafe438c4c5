from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_promptdrift._canonical import json_equal
from pytest_promptdrift.store.text_lines import dump, from_lines, to_lines

any_text = st.text(st.characters(exclude_categories=())) | st.text(
    st.sampled_from('a\n\r\t\0 \u2028\ud83d\ude00\U0001f600\\"$'), max_size=8
)
keys = any_text | st.sampled_from(["$lines", "$$lines", "$items", "$$$items", "$"])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text
values = st.recursive(
    scalars.filter(lambda value: value not in (float("inf"), -float("inf"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


def stored(value: object) -> bytes:
    return dump(to_lines(value))


@given(values)
@example({"$lines": ["a", "b"]})
@example({"$lines": "a\nb"})
@example({"$$lines": {"$lines": []}})
@example({"$items": [["a", 1]]})
@example({"\ud83d\ude00": 1, "\U0001f600": 2})
@example("\ud83d\ude00\n\ud83d\ud83d\ude00\ude00")
@example("a\r\nb \r\n\0\u2028c\n")
@example("\n")
@example("")
def test_nothing_is_lost(value: object) -> None:
    assert json_equal(from_lines(json.loads(stored(value))), value)


@given(values)
def test_a_file_is_utf8_with_lines_that_every_tool_sees_alike(value: object) -> None:
    data = stored(value)

    text = data.decode()
    assert text.endswith("\n")
    assert "\r" not in text
    assert text.splitlines() == text.removesuffix("\n").split("\n")


def test_every_line_of_a_text_is_a_line_of_the_file() -> None:
    assert stored({"text": "first\nsecond \n", "short": "x"}).decode() == (
        '{\n "text": {\n  "$lines": [\n   "first",\n   "second ",\n   ""\n  ]\n },\n'
        ' "short": "x"\n}\n'
    )


def test_letters_of_every_script_stay_readable() -> None:
    assert stored("Grüße 日本 😀") == '"Grüße 日本 😀"\n'.encode()


def test_characters_that_hide_or_turn_text_around_are_escaped() -> None:
    assert stored("a\u202eb\u2028\ufeff\x85") == b'"a\\u202eb\\u2028\\ufeff\\u0085"\n'


@pytest.mark.parametrize(
    "value",
    [
        {"$lines": 5},
        {"$lines": [1]},
        {"$lines": ["a", [1]]},
        {"$lines": ["a", {}]},
        {"$items": 5},
        {"$items": [["a"]]},
        {"$items": [[1, 2]]},
        {"$items": [["a", 1], 3]},
        {"$lines": ["a"], "more": 1},
        {"$": 1},
    ],
)
def test_a_marker_with_something_else_in_it_is_left_alone(value: object) -> None:
    assert from_lines(value) == value


def test_reading_does_not_change_what_was_read() -> None:
    raw = {"a": {"$lines": ["x", "y"]}, "b": [{"$$lines": 1}]}
    before = json.dumps(raw)

    assert from_lines(raw) == {"a": "x\ny", "b": [{"$lines": 1}]}
    assert json.dumps(raw) == before
