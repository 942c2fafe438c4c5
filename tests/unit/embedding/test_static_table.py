"""The shipped table: unit rows, a floor that holds on hand-written pairs, and its blind spot."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.checks.embedding import get_embedder
from pytest_promptdrift.checks.embedding.calibration import measure_floor
from pytest_promptdrift.checks.embedding.static_table import SHIPPED, SHIPPED_FLOOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Pairs(NamedTuple):
    paraphrase: list[tuple[str, str]]
    off_topic: list[tuple[str, str]]
    changed_fact: list[tuple[str, str]]


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    data = json.loads(Path(__file__).with_name("pairs.json").read_text(encoding="utf-8"))
    topics = data["topics"]
    off_topic = [(topic["answer"], other) for topic in topics for other in data["non_answers"]]
    for one, two in itertools.combinations(topics, 2):
        off_topic += [
            (one["answer"], two["answer"]),
            (one["answer"], two["paraphrases"][0]),
            (one["answer"], two["related"]),
        ]
    return Pairs(
        paraphrase=[
            pair
            for topic in topics
            for pair in itertools.combinations([topic["answer"], *topic["paraphrases"]], 2)
        ],
        off_topic=off_topic,
        changed_fact=[(topic["answer"], topic["changed"]) for topic in topics],
    )


def similarities(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
    embedder = get_embedder("static")
    left = embedder.embed([one for one, _ in pairs])
    right = embedder.embed([two for _, two in pairs])
    return (left * right).sum(axis=1)


def test_paraphrases_stay_above_the_floor(pairs: Pairs) -> None:
    assert len(pairs.paraphrase) == 90
    assert (similarities(pairs.paraphrase) >= SHIPPED_FLOOR).mean() >= 0.99


def test_answers_of_another_topic_fall_below_the_floor(pairs: Pairs) -> None:
    assert len(pairs.off_topic) == 1455
    assert (similarities(pairs.off_topic) < SHIPPED_FLOOR).mean() >= 0.98


def test_one_changed_fact_is_invisible(pairs: Pairs) -> None:
    """The documented blind spot; if this fails, the documentation has become too modest."""
    assert np.median(similarities(pairs.changed_fact)) > 0.95


def test_the_stated_floor_agrees_with_the_measured_one() -> None:
    assert measure_floor(get_embedder("static").embed) == pytest.approx(SHIPPED_FLOOR, abs=0.05)


@given(st.lists(st.text(), max_size=5))
def test_every_row_has_length_one_or_is_zero(texts: list[str]) -> None:
    rows = get_embedder("static").embed(texts)

    assert rows.shape == (len(texts), 128)
    assert rows.dtype == np.float32
    lengths = np.linalg.norm(rows, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))


def test_empty_text_is_a_row_of_zeros_and_similar_to_nothing() -> None:
    empty, text = get_embedder("static").embed(["", "a refund within 14 days"])

    assert not empty.any()
    assert empty @ text == 0


def test_lone_surrogates_do_not_crash() -> None:
    row = get_embedder("static").embed(["a refund \ud800 within 14 days"])[0]

    assert np.linalg.norm(row) == pytest.approx(1)


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    embedder = get_embedder("static")
    texts = ["a refund within 14 days", "the parcel is late", "hello"]

    alone = np.stack([embedder.embed([text])[0] for text in texts])

    assert np.array_equal(embedder.embed(texts), alone)


def test_the_end_of_a_long_text_counts() -> None:
    embedder = get_embedder("static")
    start = "The parcel is late. " * 800

    plain, ended = embedder.embed([start, start + "Tomatoes need water. " * 800])

    assert plain @ ended < 0.99


def test_the_table_travels_with_its_licence_and_origin() -> None:
    assert "Apache License" in (SHIPPED / "LICENSE").read_text(encoding="utf-8")
    assert "all-MiniLM-L6-v2" in (SHIPPED / "NOTICE").read_text(encoding="utf-8")
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 4_500_000
