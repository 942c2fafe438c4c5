from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.recorded import a_request

from pytest_promptdrift._canonical import json_equal
from pytest_promptdrift.model import MISSING, FieldChange
from pytest_promptdrift.store import diff_requests

values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from([1.0, 0.5]) | st.text("ab"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("xy"), inner, max_size=3),
    max_leaves=12,
)


def shown(old: object, new: object) -> list[tuple[str, object, object]]:
    return [(change.path, change.old, change.new) for change in diff_requests(old, new)]


def test_a_changed_message_is_one_field() -> None:
    old, new = a_request("refund me").canonical(), a_request("refund us").canonical()

    assert diff_requests(old, new) == [
        FieldChange(path="body.messages[1].content", old="refund me", new="refund us")
    ]


def test_fields_are_added_and_removed() -> None:
    assert shown({"a": 1, "b": None}, {"c": None, "a": 1}) == [
        ("c", MISSING, None),
        ("b", None, MISSING),
    ]


def test_a_message_put_in_between_changes_nothing_else() -> None:
    old = {"m": ["system", "question", "end"]}
    new = {"m": ["system", "example", "answer", "question", "end"]}

    assert shown(old, new) == [("m[1]", MISSING, "example"), ("m[2]", MISSING, "answer")]
    assert shown(new, old) == [("m[1]", "example", MISSING), ("m[2]", "answer", MISSING)]


def test_a_repeated_item_is_added_once() -> None:
    assert shown(["a", "a"], ["a", "a", "a"]) == [("[2]", MISSING, "a")]


def test_unlike_types_are_one_change() -> None:
    assert shown({"a": {"b": 1}}, {"a": [1]}) == [("a", {"b": 1}, [1])]
    assert shown(True, 1) == [("", True, 1)]
    assert shown("ab", ["a", "b"]) == [("", "ab", ["a", "b"])]


def test_equal_numbers_are_no_change() -> None:
    assert shown({"temperature": 1}, {"temperature": 1.0}) == []


def test_unusual_keys_are_quoted() -> None:
    old = {"a b": {"$x-1": 1, "": 1}}
    new = {"a b": {"$x-1": 2, "": 2}}

    assert [path for path, _, _ in shown(old, new)] == ["['a b'].$x-1", "['a b']['']"]


def test_fields_come_in_the_order_in_which_they_are_sent() -> None:
    old = {"a": [1, {"b": 1, "c": 1}], "d": 1}
    new = {"a": [2, {"b": 2, "c": 2}], "d": 2}

    assert [path for path, _, _ in shown(old, new)] == ["a[0]", "a[1].b", "a[1].c", "d"]


def test_the_number_of_changes_is_bounded() -> None:
    old = {str(n): n for n in range(10_000)}

    assert len(diff_requests(old, {})) == 50
    assert len(diff_requests(old, {}, limit=3)) == 3


def test_no_nesting_is_too_deep() -> None:
    old: object = "old"
    new: object = "new"
    for _ in range(5_000):
        old, new = {"a": old}, {"a": new}

    assert shown(old, new) == [(".".join("a" * 5_000), "old", "new")]


@given(values, values)
def test_there_is_a_change_exactly_when_they_differ(old: object, new: object) -> None:
    changes = diff_requests(old, new)

    assert (changes == []) is json_equal(old, new)
    for change in changes:
        assert not json_equal(change.old, change.new)
