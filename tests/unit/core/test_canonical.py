from __future__ import annotations

import enum
import json
import re
import subprocess
import sys
from collections import OrderedDict
from types import MappingProxyType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_promptdrift._canonical import (
    NotJsonError,
    canonical_json,
    digest,
    digest_bytes,
    digest_text,
    json_equal,
)

# text() leaves surrogates out by itself
any_text = st.text(st.characters(exclude_categories=()), max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70).map(float)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, 0.0, -0.0, 1, 1.0, True, False, 2**53, 2.0**53, 2**53 + 1, 1e300])
    | any_text
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)


def shuffled(value: object) -> object:
    """The same value with other key orders, tuples for lists and floats for whole numbers."""
    if isinstance(value, dict):
        return MappingProxyType({key: shuffled(value[key]) for key in reversed(list(value))})
    if isinstance(value, list):
        return tuple(shuffled(item) for item in value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    return value


@given(values, values)
@example(1, True)
@example(1, 1.0)
@example(0, -0.0)
@example([2**53], [2.0**53])
@example(2**53 + 1, 2.0**53)
@example(10**300, 1e300)
@example("\ud83d\ude00", "\U0001f600")
@example("\ud800", "\\ud800")
@example({}, [])
@example("1", 1)
@example(None, False)
def test_two_values_have_one_canonical_text_exactly_when_they_are_equal(
    left: object, right: object
) -> None:
    assert (canonical_json(left) == canonical_json(right)) is json_equal(left, right)


@given(values)
def test_key_order_tuples_and_whole_floats_change_nothing(value: object) -> None:
    assert json_equal(value, shuffled(value))
    assert digest(value) == digest(shuffled(value))


@given(values)
@example({"\ud800": "\udc00 \u2028 \x00"})
def test_canonical_text_is_json_of_the_same_value(value: object) -> None:
    text = canonical_json(value)

    # two escaped halves of a character: JSON cannot tell them from the character that they make
    if not re.search(r"\\ud[89ab]..\\ud[c-f]", text):
        assert json_equal(json.loads(text.encode()), value)


@given(values)
def test_a_value_equals_itself_and_nothing_wrapped_around_it(value: object) -> None:
    assert json_equal(value, value)
    assert not json_equal(value, [value])
    assert not json_equal({"a": value}, {"a": [value]})


def test_the_digest_is_the_same_in_every_version() -> None:
    value = {"k": 1, "b": [1.0, None, True, "ü\n"], "a": {"z": -0.0}}

    assert canonical_json(value) == '{"a":{"z":0},"b":[1,null,true,"ü\\n"],"k":1}'
    assert digest(value) == ("eef18c666293ab3cff2219cbcdf59fbfbb3043cfe8d1a401cf1fc7d8b3eb2026")
    assert digest("a") == digest_text('"a"') == digest_bytes(b'"a"')


def test_the_digest_does_not_depend_on_the_process() -> None:
    code = "from pytest_promptdrift._canonical import digest; print(digest({'b': 1, 'a': ['x']}))"
    seeds = ("1", "2")
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in seeds
    }

    assert found == {digest({"a": ["x"], "b": 1.0}) + "\n"}


class Colour(enum.IntEnum):
    RED = 3


class Name(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Colour.RED, 3),
        (Name("a"), "a"),
        (OrderedDict(b=1, a=2), {"a": 2, "b": 1}),
        (range(3), [0, 1, 2]),
        ({Name("k"): (1.0,)}, {"k": [1]}),
    ],
)
def test_subclasses_count_as_what_they_are_in_json(value: object, plain: object) -> None:
    assert canonical_json(value) == canonical_json(plain)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "nan is not a JSON number"),
        ([float("inf")], "inf is not a JSON number"),
        ({"a": -float("inf")}, "-inf is not a JSON number"),
        ({1: "a"}, "JSON keys are text, found 1"),
        ({"a": {1, 2}}, "set is not a JSON type"),
        (b"bytes", "bytes is not a JSON type"),
        (object(), "object is not a JSON type"),
        ([10**5000], "a number is too long"),
    ],
)
def test_what_json_cannot_hold_is_an_error(value: object, message: str) -> None:
    with pytest.raises(NotJsonError, match=message):
        canonical_json(value)


def test_endless_nesting_is_an_error_and_no_crash() -> None:
    value: list[object] = []
    value.append(value)

    with pytest.raises(NotJsonError, match="nested too deeply"):
        digest(value)


def test_hostile_nesting_can_be_compared() -> None:
    left: object = []
    right: object = []
    for _ in range(100_000):
        left, right = [left], [right]

    assert json_equal(left, right)
    assert not json_equal(left, [right])


def test_nan_equals_nan_and_nothing_else() -> None:
    nan = float("nan")

    assert json_equal([nan], [float("nan")])
    assert not json_equal(nan, 0)
    assert not json_equal(10**400, nan)


def test_huge_integers_can_be_compared() -> None:
    assert json_equal(10**400, 10**400)
    assert not json_equal(10**400, 10**400 + 1)
    assert not json_equal(10**400, 1e300)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 1, "b": None}),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ({"a": 1}, [["a", 1]]),
        ("a", ["a"]),
        (None, 0),
        (object(), object()),
    ],
)
def test_different_values_are_not_equal(left: object, right: object) -> None:
    assert not json_equal(left, right)
    assert not json_equal(right, left)
