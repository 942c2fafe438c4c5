from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.cli.marked import Piece, bracketed, mark_changes, shorten

TEXTS = st.text(st.sampled_from("ab cd.\n日本,-"), max_size=60)


def marked(old: str, new: str) -> tuple[str, str]:
    left, right = mark_changes(old, new)
    return _told(bracketed(left, "[-", "-]")), _told(bracketed(right, "{+", "+}"))


def _told(pieces: list[Piece]) -> str:
    return "".join(text for text, _ in pieces)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("within 14 days.", "within 30 days.", ("within [-14-] days.", "within {+30+} days.")),
        ("one two", "one two three", ("one two", "one two {+three+}")),
        ("a b c d", "a x y d", ("a [-b c-] d", "a {+x y+} d")),
        ("same", "same", ("same", "same")),
        ("", "new", ("", "{+new+}")),
        ("line\nend", "line end", ("[-line-]\nend", "{+line+} end")),
        ("請求は一回です。", "請求は二回です。", ("請求は[-一-]回です。", "請求は{+二+}回です。")),
    ],
)
def test_changed_words_are_marked(old: str, new: str, shown: tuple[str, str]) -> None:
    assert marked(old, new) == shown


@given(TEXTS, TEXTS)
def test_nothing_of_either_text_is_lost(old: str, new: str) -> None:
    left, right = mark_changes(old, new)
    assert (_told(left), _told(right)) == (old, new)


@given(TEXTS, TEXTS)
def test_what_is_not_marked_stands_in_both_texts(old: str, new: str) -> None:
    sides = mark_changes(old, new)
    same = ["".join("".join(t for t, changed in side if not changed).split()) for side in sides]
    assert same[0] == same[1]


def test_texts_that_are_too_much_word_by_word_are_compared_by_sentences() -> None:
    words = " ".join(f"a w{n} a" for n in range(900))
    others = " ".join(f"a v{n} a" for n in range(900))
    started = process_time()
    shown = marked(f"First. {words}. Same here. The end.", f"First. {others}. Same here. An end.")
    assert process_time() - started < 12
    assert shown[0].startswith("First. a [-w0 a")
    assert shown[0].endswith("w899-] a. Same here. [-The-] end.")


def test_texts_that_have_one_sentence_too_many_are_marked_as_a_whole() -> None:
    words = "a b " * 4000
    shown = marked(f"x {words}y", f"z {words[2:]}w")
    assert shown[0].startswith("[-x a b")


def test_long_stretches_without_a_change_are_cut() -> None:
    long = "word " * 400
    pieces = shorten([(long, False), ("new", True), (long, True)])
    assert pieces[0] == (f"{long[:160]} [… 1,680 characters alike …] {long[-160:]}", False)
    assert pieces[1:] == [("new", True), (long, True)]
