from __future__ import annotations

import pytest

from pytest_promptdrift.drift.phrases import MARK, marked_words, tokens_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no later than friday", f"{MARK}least- friday"),
        ("at the very least", "at the very least"),
        ("at the least", f"{MARK}least+"),
        ("it is no longer sold", "it is not sold"),
        ("you must not exceed 5", f"you {MARK}must+ {MARK}least-"),
        ("and not allowed", f"and {MARK}permit-"),
        ("you do not need to sign", f"you {MARK}must- sign"),
        ("no, more than that", f"no {MARK}than+ that"),
        ("whether or not it rains", "it rains"),
        ("a non-smoking room", "a not smoking room"),
        ("please do not hesitate to call", "call"),
        ("on or before friday", f"{MARK}before+ friday"),
        ("no", "no"),
    ],
)
def test_a_phrase_becomes_a_mark(text: str, words: str) -> None:
    assert " ".join(marked_words(tokens_of(text))) == words
