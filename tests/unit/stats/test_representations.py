from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.stats.distances import pairwise
from pytest_promptdrift.stats.representations import (
    STYLE_FEATURES,
    Answer,
    independent,
    lay_out,
    layout_rng,
    ngram_vectors,
    style_names,
    style_vectors,
)
from pytest_promptdrift.stats.seeding import uniforms


def answers(*texts: str) -> list[Answer]:
    return [Answer(text=text) for text in texts]


def style(text: str, **given_: object) -> dict[str, float]:
    only = [Answer(text=text, **given_)]
    return dict(zip(style_names(only), style_vectors(only)[0].tolist(), strict=True))


SOME_TEXT = st.text(st.characters(), max_size=40).filter(lambda text: text.strip(" \0"))


@given(st.lists(SOME_TEXT, min_size=1, max_size=5))
def test_every_text_becomes_a_unit_vector(texts: list[str]) -> None:
    assert np.linalg.norm(ngram_vectors(texts), axis=1) == pytest.approx(np.ones(len(texts)))


def test_texts_that_share_more_are_nearer() -> None:
    texts = [
        "Refunds are paid within 14 days.",
        "Refunds are paid within 30 days.",
        "Bitte wenden Sie sich an uns.",
    ]
    near = pairwise(ngram_vectors(texts))
    assert near[0, 1] < 0.8
    assert near[0, 2] > 1.2


def test_equal_texts_are_at_distance_zero_and_letter_case_counts() -> None:
    near = pairwise(ngram_vectors(["Same text", "Same text", "same text"]))
    assert near[0, 1] == 0
    assert near[0, 2] > 0


def test_a_text_without_a_word_is_the_zero_vector() -> None:
    vectors = ngram_vectors(["", " ", "\0", "some words"])
    assert not vectors[:3].any()
    assert pairwise(vectors)[0, 1] == 0
    assert pairwise(vectors)[0, 3] == pytest.approx(1)


@pytest.mark.parametrize("other", ["a  b", "a\nb", "ab", "a b.", "A b", "a b b"])
def test_spaces_line_breaks_and_punctuation_count(other: str) -> None:
    assert pairwise(ngram_vectors(["a b", other]))[0, 1] > 0.1


def test_the_same_words_in_another_order_are_the_same() -> None:
    assert pairwise(ngram_vectors(["red blue", "blue red"]))[0, 1] == 0


def test_no_text_gives_no_vector() -> None:
    assert len(ngram_vectors([])) == 0
    assert style_vectors([]).shape == (0, len(STYLE_FEATURES))


def test_vectors_are_the_same_on_every_machine() -> None:
    # where the largest weights of a fixed text fall may never change
    vector = ngram_vectors(["the same everywhere"])[0]
    assert np.flatnonzero(np.abs(vector) > 0)[:6].tolist() == PINNED


PINNED = [38, 192, 259, 335, 485, 489]


def test_what_all_texts_say_weighs_less_than_what_one_says() -> None:
    shared = [f"Dear customer, {word}" for word in ("apple", "kiwi", "lemon", "melon")]
    near = pairwise(ngram_vectors(shared))
    alone = pairwise(ngram_vectors(shared[:2]))
    assert near[0, 1] > alone[0, 1]


def test_style_sees_lists_code_digits_and_punctuation() -> None:
    plain = style("please send the parcel back")
    marked = style("1. Send it\n2. Wait\n- or `call` us: 0800!")
    for feature in ("lines", "lists", "code", "digits", "punctuation", "capitals"):
        assert marked[feature] > plain[feature]
    assert marked["lists"] == pytest.approx(np.log(4))
    assert style("")["length"] == 0


def test_style_takes_refusals_and_finish_reasons_as_given() -> None:
    both = [Answer(text="a", finish_reason="stop"), Answer(text="a", finish_reason="length")]
    assert style_names(both)[-2:] == ("finish length", "finish stop")
    assert style_vectors(both)[:, -2:].tolist() == [[0, 1], [1, 0]]
    assert style("no", refused=True)["refusal"] == 1


def test_a_layout_puts_accepted_before_fresh_and_forgets_their_order() -> None:
    layout = lay_out([answers("b", "a"), answers("c")], [answers("d"), []])
    assert layout.texts == ("a", "b", "d", "c")
    assert layout.sizes == ((2, 1), (1, 0))
    again = lay_out([answers("a", "b"), answers("c")], [answers("d"), []])
    assert uniforms(layout_rng(layout), 1) == uniforms(layout_rng(again), 1)


def test_one_response_id_twice_is_one_sample() -> None:
    assert independent(["a", "b", "a", None, None, ""]) == (0, 1, 3, 4, 5)
