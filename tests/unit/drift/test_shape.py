from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift._text import visible
from pytest_promptdrift.drift import shape_findings
from pytest_promptdrift.model import Finding, Response, ToolCall

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def found(old: object, new: object) -> list[Finding]:
    sides = [side if isinstance(side, list) else [side] for side in (old, new)]
    return list(
        shape_findings(
            *[
                [Response(text=v if isinstance(v, str) else json.dumps(v)) for v in side]
                for side in sides
            ]
        )
    )


def kinds(old: object, new: object) -> list[tuple[str, str | None, str]]:
    return [(f.kind, f.path, f.severity) for f in found(old, new)]


@pytest.mark.parametrize(
    ("kind", "path", "old", "new"),
    [
        ("field_gone", "$.b", {"a": 1, "b": 2}, {"a": 1}),
        ("field_gone", "$.l[].x", {"l": [{"x": 1}, {"x": 2}]}, {"l": [{"x": 1}, {}]}),
        ("type_changed", "$.a", {"a": 1}, {"a": "1"}),
        ("type_changed", "$.a", {"a": 1}, {"a": True}),
        ("type_changed", "$", {"a": 1}, [1]),
        ("newly_null", "$.a", {"a": 1}, {"a": None}),
        ("list_to_object", "$.a", {"a": [1]}, {"a": {"b": 1}}),
        ("format_changed", "$.d", {"d": "2026-03-03"}, {"d": "3 March"}),
        ("format_changed", "$.m", {"m": "a@b.org"}, {"m": "nobody"}),
        ("format_changed", "$.u", {"u": "https://a.org/x"}, {"u": ""}),
        ("enum_left", "$.s[]", {"s": ["open", "paid"] * 5}, {"s": ["closed"]}),
        ("format_changed", "$.d", {"d": "2026-03-03"}, {"d": "long " * 100}),
        ("json_broken", "$", {"a": 1}, '{"a": 1'),
        ("json_fence", "$", {"a": 1}, '```json\n{"a": 1}\n```'),
        ("json_preamble", "$", {"a": 1}, 'Here it is: {"a": 1}'),
        ("json_preamble", "$", {"a": 1}, 'Here it is:\n```json\n{"a": 1}\n```\nBye.'),
    ],
)
def test_a_breaking_change_fails_at_its_path(
    kind: str, path: str, old: object, new: object
) -> None:
    assert kinds([old], [new]) == [(kind, path, "fail")]


def test_a_new_field_is_only_a_warning() -> None:
    assert kinds({"a": 1}, {"a": 1, "b": 2}) == [("field_new", "$.b", "warn")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([{"a": 1, "b": 2}, {"a": 1}], [{"a": 3}]),
        ([{"a": 1}, {"a": None}], [{"a": None}]),
        ([{"a": []}], [{"a": [1]}]),
        ([{"a": [1]}], [{"a": []}]),
        ([{"a": 1}], [{"a": 1.5}]),
        ([{"s": "open"}, {"s": "paid"}], [{"s": "late"}]),
        (["```json\n{}\n```"], ["```json\n{}\n```"]),
        (["just text"], ['{"a": 1}']),
        (
            [{"by_id": {str(n): n for n in range(100)}}],
            [{"by_id": {str(n): n for n in range(50, 150)}}],
        ),
    ],
)
def test_what_the_accepted_answers_leave_open_is_no_finding(old: object, new: object) -> None:
    assert kinds(old, new) == []


def test_a_missing_field_counts_the_answers_and_the_objects() -> None:
    (finding,) = found([{"a": 1, "b": 1}] * 3, [{"a": 1}, {"a": 1, "b": 1}])
    assert (finding.accepted, finding.accepted_of, finding.fresh, finding.fresh_of) == (3, 3, 1, 2)
    assert finding.message == "$.b: a field is gone (missing in 1 of 2 fresh objects): number"


def calls(*names: str, **arguments: object) -> Response:
    made = tuple(ToolCall(name=name, arguments=arguments) for name in names)  # type: ignore[arg-type]
    return Response(text="", tool_calls=made)


@pytest.mark.parametrize(
    ("old", "new", "kind", "severity"),
    [
        (calls("a"), calls("b"), "tool_name", "fail"),
        (calls("a", "b"), calls("b", "a"), "tool_order", "warn"),
        (calls("a", "b"), calls("a"), "tool_gone", "fail"),
        (calls("a"), Response(text="no call"), "tool_gone", "fail"),
        (calls("a"), calls("a", "b"), "tool_new", "fail"),
        (calls("a", city="x"), calls("a", city=3), "type_changed", "fail"),
        (calls("a", city="x"), calls("a", city="x", days=3), "field_new", "warn"),
        (
            calls("a"),
            Response(text="", tool_calls=(ToolCall(name="a", arguments=None, raw="{oops"),)),
            "tool_arguments",
            "fail",
        ),
    ],
)
def test_a_changed_tool_call_is_named(
    old: Response, new: Response, kind: str, severity: str
) -> None:
    assert [(f.kind, f.severity) for f in shape_findings([old], [new])] == [(kind, severity)]


def test_arguments_are_named_by_the_tool() -> None:
    (finding,) = shape_findings([calls("order", id="1")], [calls("order")])
    assert (finding.path, finding.message) == (
        "order.id",
        "order.id: a field is gone (missing in 1 of 1 fresh object): string",
    )


def test_no_answers_give_nothing() -> None:
    assert shape_findings([], [Response(text="{}")]) == ()


@given(st.lists(JSON.filter(lambda v: isinstance(v, dict | list)), min_size=1, max_size=4))
def test_answers_have_the_shape_of_themselves(values: list[object]) -> None:
    texts = [Response(text=json.dumps(value)) for value in values]
    assert shape_findings(texts, texts) == ()
    assert shape_findings(texts, texts[::-1]) == ()


@given(JSON | st.text(), JSON | st.text())
def test_no_answer_makes_it_raise(old: object, new: object) -> None:
    for finding in found([old], [new]):
        assert 0 <= finding.accepted <= finding.accepted_of
        assert 0 <= finding.fresh <= finding.fresh_of
        assert "\n" not in finding.message
        assert visible(finding.message) == finding.message


@pytest.mark.parametrize(
    "value",
    [
        [{f"k{n}": n} for n in range(30_000)],
        {f"k{n}": [n] for n in range(30_000)},
        [{"id": n, "name": f"n{n}", "tags": ["a", "b"]} for n in range(15_000)],
    ],
)
def test_hostile_sizes_are_bounded(value: object) -> None:
    old, new = json.dumps(value), json.dumps(value).replace(": ", ": 1")
    began = time.process_time()
    assert len(found([old], [new])) <= 50
    assert time.process_time() - began < 15


def test_endless_nesting_is_no_crash() -> None:
    assert [f.kind for f in found(["[" * 50 + "]" * 50], ["[" * 100_000])] == ["json_broken"]
