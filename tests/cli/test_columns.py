from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.cli.columns import Cell, Sheet, columns_of, wrap


def wrapped(text: str, width: int | None) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in wrap([(text, False)], width)]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 8, ["one two", "three"]),
        ("one two three", None, ["one two three"]),
        ("unbreakable", 4, ["unbr", "eaka", "ble"]),
        ("an unbreakable", 4, ["an", "unbr", "eaka", "ble"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("\tx", 6, ["    x"]),
        ("日本語", 4, ["日本", "語"]),
        ("日本語", 1, ["日", "本", "語"]),
        ("", 5, [""]),
    ],
)
def test_lines_are_broken_at_spaces_where_there_are_some(
    text: str, width: int | None, lines: list[str]
) -> None:
    assert wrapped(text, width) == lines


@given(st.text(st.sampled_from("ab 日é\n"), max_size=80), st.integers(2, 20))
def test_no_line_is_wider_and_no_character_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(columns_of(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def cell(text: str, head: str = "", most: int | None = None) -> Cell:
    return Cell(head=head, pieces=[(text, False)], most=most)


def test_two_sides_stand_beside_each_other_where_there_is_room() -> None:
    sheet = Sheet(width=90)
    rows = [(cell("old", "2 of 4  "), cell("new 日", "4 of 4  ")), (cell("other"), None)]
    assert list(sheet.lay_out(("accepted", "fresh"), rows)) == [
        f"  {'accepted':<42} │ fresh",
        f"  {'2 of 4  old':<42} │ 4 of 4  new 日",
        f"  {'other':<42} │",
    ]


def test_the_second_column_begins_where_it_does_also_behind_wide_characters() -> None:
    lines = list(Sheet(width=90).lay_out(("a", "b"), [(cell("日本"), cell("x"))]))
    assert lines[1] == f"  日本{' ' * 38} │ x"


@pytest.mark.parametrize("width", [None, 60])
def test_they_stand_below_each_other_where_there_is_none(width: int | None) -> None:
    rows = [(cell("old", "2 of 4  "), cell("new", "4 of 4  "))]
    assert list(Sheet(width=width).lay_out(("accepted", "fresh"), rows)) == [
        "  accepted",
        "    2 of 4  old",
        "  fresh",
        "    4 of 4  new",
    ]


def test_a_side_without_answers_is_left_out() -> None:
    assert list(Sheet(width=120).lay_out(("a", "b"), [(None, cell("x"))])) == ["  b", "    x"]
    assert list(Sheet(width=120).lay_out(("a", "b"), [(cell("x"), None)])) == ["  a", "    x"]


def test_wrapped_lines_stand_under_their_text() -> None:
    lines = list(Sheet(width=24).lay_out(("a", "b"), [(cell("one two three", "1 of 9  "), None)]))
    assert lines == ["  a", "    1 of 9  one two", "            three"]


def test_the_lines_of_a_text_are_counted() -> None:
    lines = list(Sheet(width=None).lay_out(("a", "b"), [(cell("1\n2\n3", most=2), None)]))
    assert lines == ["  a", "    1", "    2", "    …"]


def test_changes_are_coloured_only_in_colour() -> None:
    pair = (Cell(head="", pieces=[("a ", False), ("b", True)]), None)
    plain = list(Sheet(width=None).lay_out(("a", "b"), [pair]))
    bright = list(Sheet(width=None, colour=True).lay_out(("a", "b"), [pair]))
    assert plain[1] == "    a b"
    assert bright[1] == "    a \x1b[31mb\x1b[0m"
    long = Cell(head="", pieces=[("1\n2", False)], most=1)
    assert list(Sheet(width=None, colour=True).lay_out(("a", "b"), [(None, long)]))[-1] == (
        "    \x1b[2m…\x1b[0m"
    )
