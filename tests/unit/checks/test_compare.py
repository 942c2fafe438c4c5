from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import context

from pytest_promptdrift._canonical import json_equal
from pytest_promptdrift.checks.compare import Rules, unchanged
from pytest_promptdrift.checks.structure import comparing

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["a:b", ":", "\u003a"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(value=VALUES, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_the_same_value_in_the_same_order_is_seen_at_once(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    assert unchanged(value)(json.dumps(value, indent=indent, ensure_ascii=ascii_only))


@given(one=VALUES, other=VALUES)
def test_what_is_seen_at_once_is_equal(one: object, other: object) -> None:
    if unchanged(one)(json.dumps(other)):
        assert json_equal(one, other)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        ({"a": 1}, '{"a": 1, "a": 1}'),
        ({"a": 1}, '{"a": 2, "a": 1}'),
        ({"a:b": 1}, '{"a\\u003ab": 1, "a\\u003Ab": 1}'),
        ({"a": "x:y"}, '{"a": "x\\u003ay", "a": "x\\u003ay"}'),
    ],
)
def test_a_key_that_stands_twice_is_never_overlooked(expected: object, answer: str) -> None:
    result = comparing("json_equals", expected, Rules())(context(answer))

    assert result.passed is False
    assert "stands twice" in result.reason


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (1, "true"),
        (True, "1"),
        (1, "NaN"),
        ({"a": 1}, "{"),
        ([1], "[" * 100_000),
        ("1", "1"),
    ],
)
def test_other_values_are_left_to_the_strict_reader(expected: object, answer: str) -> None:
    assert not unchanged(expected)(answer)


def test_an_expected_value_that_is_nested_without_end_is_left_to_the_strict_reader() -> None:
    value: object = 1
    for _ in range(5000):
        value = [value]

    assert not unchanged(value)("1")
