from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from support.checking import judge, problem, summary

from pytest_promptdrift._errors import ConfigError
from pytest_promptdrift.checks import CheckRegistry

if TYPE_CHECKING:
    from collections.abc import Sequence


class Letters:
    """Counts a and b: texts with the same share of both are similar."""

    id = "letters:1"
    floor = 0.9

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], /) -> list[list[float]]:
        self.asked.extend(texts)
        return [self._unit(text.count("a"), text.count("b")) for text in texts]

    def _unit(self, a: int, b: int) -> list[float]:
        length = math.hypot(a, b)
        return [a / length, b / length] if length else [math.nan, 0.0]


def registry(embedder: Letters) -> CheckRegistry:
    return CheckRegistry(get_embedder=lambda name: embedder)


def test_similar_answer_passes_with_a_score() -> None:
    result = judge({"similar": "aab"}, "aaaabb", registry=registry(Letters()))
    assert (result.passed, result.score, result.reason) == (True, 1.0, "similarity 1.00")


def test_floor_of_the_embedder_is_the_default() -> None:
    result = judge({"similar": "aaab"}, "ab", registry=registry(Letters()))
    assert result.passed is False
    assert result.reason == "similarity 0.89, at least 0.90 expected: 'ab' against 'aaab'"


def test_min_replaces_the_floor() -> None:
    spec = {"similar": {"to": "aaab", "min": 0.85}}
    assert judge(spec, "ab", registry=registry(Letters())).passed is True


def test_bare_check_compares_with_the_expected_answer() -> None:
    assert judge("similar", "ba", expected="ab", registry=registry(Letters())).passed is True


def test_target_is_embedded_once_for_all_samples() -> None:
    embedder = Letters()
    summary({"similar": "ab"}, "a", "b", "ab", registry=registry(embedder))
    assert embedder.asked == ["ab", "a", "b", "ab"]


def test_empty_answer_is_not_similar() -> None:
    result = judge({"similar": "ab"}, " \n", registry=registry(Letters()))
    assert (result.passed, result.score) == (False, 0.0)


def test_opposite_meaning_has_the_score_zero() -> None:
    class Signed(Letters):
        def _unit(self, a: int, b: int) -> list[float]:
            return [1.0 if a else -1.0]

    assert judge({"similar": "a"}, "b", registry=registry(Signed())).score == 0.0


def test_embedding_that_is_no_number_is_a_crash() -> None:
    result = judge({"similar": "ab"}, "xyz", registry=registry(Letters()))
    assert result.crashed
    assert "the embedder gave no number" in result.reason


def test_arrays_are_taken() -> None:
    numpy = pytest.importorskip("numpy")

    class Arrays(Letters):
        def embed(self, texts: Sequence[str], /) -> object:
            return numpy.array(super().embed(texts), dtype=numpy.float32)

    assert judge({"similar": "ab"}, "ba", registry=registry(Arrays())).score == 1.0


@pytest.mark.parametrize("spec", [{"similar": {"to": "a", "embedder": "mine"}}, {"similar": "a"}])
def test_embedder_is_found_by_name_and_loaded_once(spec: object) -> None:
    asked: list[str] = []

    def get(name: str) -> Letters:
        asked.append(name)
        return Letters()

    own = CheckRegistry(get_embedder=get)
    for text in "ab":
        judge(spec, text, registry=own, embedder="mine", expected=text)
    assert asked == ["mine"]


def test_unknown_embedder_is_a_mistake_with_the_way_out() -> None:
    def missing(name: str) -> Letters:
        msg = f"the embedder {name!r} is not installed"
        raise ConfigError(msg, hint="pip install pytest-promptdrift[onnx]")

    error = problem({"similar": "a"}, registry=CheckRegistry(get_embedder=missing))
    assert error.message == "similar: the embedder 'static' is not installed"
    assert error.hint == "pip install pytest-promptdrift[onnx]"


def test_embedder_that_cannot_be_imported_is_a_mistake() -> None:
    def broken(name: str) -> Letters:
        raise ImportError(name)

    error = problem({"similar": "a"}, registry=CheckRegistry(get_embedder=broken))
    assert "the embedder 'static' cannot be loaded" in error.message


def test_shipped_embedders_are_known_by_default() -> None:
    error = problem({"similar": {"to": "a", "embedder": "no-such-embedder"}})
    assert "unknown embedder 'no-such-embedder'" in error.message


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("similar", "needs to, or the case an expected answer"),
        ({"similar": {"to": "a", "min": 2}}, "between 0 and 1"),
        ({"similar": ""}, "the text is empty"),
    ],
    ids=str,
)
def test_wrong_argument_is_named(spec: object, message: str) -> None:
    assert message in problem(spec).message
