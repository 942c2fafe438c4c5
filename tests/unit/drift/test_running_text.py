from __future__ import annotations

from pytest_promptdrift.drift import running_texts
from pytest_promptdrift.model import Response, ToolCall


def of(*texts: str) -> tuple[str, ...] | None:
    return running_texts([Response(text=text) for text in texts])


def test_the_values_of_shared_fields_are_what_runs_on() -> None:
    found = of(
        '{"a": "one", "n": 1, "b": ["x", "y"]}', '{"b": ["z"], "n": null, "a": "two", "new": "no"}'
    )
    assert found == ("plain\none\nx\ny\n1", "plain\ntwo\nz\nnull")


def test_layout_and_order_do_not_count() -> None:
    left, right = of('{"a": "one", "b": ["x", "y"]}', '{"b":  ["y", "x"],\n "a": "one"}') or ()
    assert left == right


def test_a_fence_counts() -> None:
    left, right = of('{"a": "one"}', '```json\n{"a": "one"}\n```') or ()
    assert left != right


def test_answers_that_are_not_all_json_have_none() -> None:
    assert of('{"a": "one"}', "one") is None
    call = ToolCall(name="pay", arguments={})
    assert running_texts([Response(text='{"a": "one"}', tool_calls=(call,))]) is None
