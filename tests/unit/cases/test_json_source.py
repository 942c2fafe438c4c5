from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.cases.json_source import json_places, parse_json, parse_json_row
from pytest_promptdrift.cases.yaml_source import UnreadableError

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)  # fmt: skip


@given(_JSON, st.sampled_from([None, 2]), st.booleans())
def test_lines_are_found_for_whatever_json_can_hold(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    parsed = parse_json(text)
    assert parsed.value == value
    assert parsed.notes == []
    places = json_places(text)
    assert isinstance(value, dict | list) is not (places.children is None)
    if isinstance(value, dict):
        assert set(places.children or ()) == set(value)


def test_the_lines_of_cases_are_known() -> None:
    text = '{"prompt": "{ \\" [",\n "cases": [\n {"id": "a"},\n\n {"id":\n "b"}, 3]}'
    assert parse_json(text).case_lines == [3, 5, 6]


def test_a_key_stands_on_its_own_line() -> None:
    root = json_places('{"a":\n1, "b\\n":\n [{"c": 2}]}')
    assert isinstance(root.children, dict)
    assert {key: place.line for key, place in root.children.items()} == {"a": 1, "b\n": 2}


def test_keys_that_are_given_twice_are_noted() -> None:
    notes = parse_json('{"a": 1,\n "b": {"c": 1, "c": 2},\n "a": 3}').notes
    assert [(note.line, note.message) for note in notes] == [
        (2, "the key 'c' is given twice in the same mapping"),
        (3, "the key 'a' is given twice in the same mapping"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 1, "the file is empty"),
        (" \n ", 1, "the file is empty"),
        ('{"a": 1,\n}', 2, "not valid JSON"),
        ('{"a": 1}\nx', 2, "not valid JSON: Extra data"),
        ('{"a": "NaN",\n "b": NaN}', 2, "NaN is not a JSON number"),
        ('{"a": 1,\n "b": [-Infinity]}', 2, "-Infinity is not a JSON number"),
        ('[1,\n 1e999]', 2, "1e999 is not a JSON number"),
        ("[" + "1" * 5000 + "]", 1, "too many digits"),
        ("[" * 100_000, 1, "levels of nesting"),
        ("[" * 150 + "]" * 150, 1, "levels of nesting"),
        ('{"a": "\x00"}', 1, "not valid JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_line(text: str, line: int, part: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_json(text)
    assert caught.value.note.line == line
    assert part in caught.value.note.message.replace("more than 4,000 digits", "too many digits")


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ('{"a": 1, "a": 2}', "the key 'a' is given twice"),
        ('{"a": ' + "[" * 150 + "]" * 150 + "}", "levels of nesting"),
        ('{"a": ', "not valid JSON"),
    ],
)
def test_a_row_that_cannot_be_read_keeps_its_line(row: str, part: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_json_row(row, 7)
    assert caught.value.note.line == 7
    assert part in caught.value.note.message


def test_a_row_may_hold_many_brackets_in_text() -> None:
    row = json.dumps({"a": "[{" * 200})
    assert parse_json_row(row, 1) == {"a": "[{" * 200}
