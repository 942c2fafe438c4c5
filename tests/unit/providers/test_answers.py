from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift._canonical import canonical_json
from pytest_promptdrift._errors import ProviderErrorKind
from pytest_promptdrift.model import Response, ToolCall, Usage
from pytest_promptdrift.providers import anthropic_messages, openai_chat, openai_responses, reading
from pytest_promptdrift.providers.errors import kind_of, told_in
from pytest_promptdrift.providers.reading import UnreadableError
from pytest_promptdrift.providers.sdk import _failure_in

PROTOCOLS = {"chat": openai_chat, "responses": openai_responses, "messages": anthropic_messages}


def chat(message: Any = None, finish: Any = "stop", **more: Any) -> Response:
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return openai_chat.parse({"choices": [choice], **more})


def responses(*output: Any, **more: Any) -> Response:
    return openai_responses.parse({"status": "completed", "output": list(output), **more})


def messages(*content: Any, **more: Any) -> Response:
    return anthropic_messages.parse({"content": list(content), "stop_reason": "end_turn", **more})


def message_item(*parts: Any) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": list(parts)}


def out(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text}


def test_chat_answer() -> None:
    usage = {
        "prompt_tokens": 12,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    assert chat(
        {"content": "billing"}, id="c1", model="m-1", system_fingerprint="fp", usage=usage
    ) == Response(
        text="billing",
        finish_reason="stop",
        served_model="m-1",
        fingerprint="fp",
        response_id="c1",
        usage=Usage(
            input_tokens=12,
            output_tokens=5,
            cached_input_tokens=4,
            cache_write_tokens=2,
            reasoning_tokens=3,
        ),
    )


def test_chat_answer_of_parts_is_joined() -> None:
    parts = [{"type": "thinking", "thinking": "hm"}, {"text": "bil"}, {"text": "ling"}, 5]
    assert chat({"content": parts}).text == "billing"


def test_chat_content_of_another_type_is_unreadable() -> None:
    with pytest.raises(UnreadableError, match="neither text nor a list"):
        chat({"content": 5})


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("function_call", "tool_calls"),
        ("content_filter", "content_filter"),
        ("eos", "eos"),
        (None, None),
        (7, None),
    ],
)
def test_chat_finish_reasons(finish: Any, expected: str | None) -> None:
    assert chat({"content": "x"}, finish).finish_reason == expected


def test_chat_refusal_has_its_own_field() -> None:
    answer = chat({"content": None, "refusal": "no"})
    assert (answer.text, answer.refusal, answer.finish_reason) == ("", "no", "refusal")


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_chat_without_content_is_an_answer_when_the_finish_reason_explains_it(finish: str) -> None:
    assert chat({"content": None}, finish).text == ""


@pytest.mark.parametrize("finish", ["stop", None])
def test_chat_without_content_is_unreadable_when_nothing_explains_it(finish: str | None) -> None:
    with pytest.raises(UnreadableError, match="no content"):
        chat({"content": None}, finish)


def test_chat_empty_text_is_an_answer() -> None:
    assert chat({"content": ""}).text == ""


def test_chat_tool_calls() -> None:
    calls = [
        {"id": "a", "function": {"name": "find", "arguments": '{"q": 1}'}},
        {"id": "b", "function": {"name": "find", "arguments": "{oops"}},
        {"function": {"name": "find", "arguments": {"q": 2}}},
        {"id": "c", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}},
    ]
    assert chat({"content": None, "tool_calls": calls}, "tool_calls").tool_calls == (
        ToolCall(name="find", arguments={"q": 1}, id="a"),
        ToolCall(name="find", arguments=None, id="b", raw="{oops"),
        ToolCall(name="find", arguments={"q": 2}),
        ToolCall(name="sql", arguments="SELECT 1", id="c"),
    )


def test_chat_function_call_of_old_servers() -> None:
    answer = chat({"content": None, "function_call": {"name": "f", "arguments": "{}"}}, "stop")
    assert answer.tool_calls == (ToolCall(name="f", arguments={}),)


@pytest.mark.parametrize("raw", ["", "NaN", '{"a": Infinity}', "[" * 100_000])
def test_tool_arguments_that_are_no_json_are_kept_as_written(raw: str) -> None:
    call = {"id": "a", "function": {"name": "find", "arguments": raw}}
    (made,) = chat({"tool_calls": [call]}, "tool_calls").tool_calls
    assert (made.arguments, made.raw) == (None, raw)


@pytest.mark.parametrize(
    "call",
    [
        5,
        {},
        {"function": {"arguments": "{}"}},
        {"function": {"name": 5, "arguments": "{}"}},
        {"custom": {"input": "x"}},
    ],
)
def test_a_tool_call_without_a_name_is_unreadable(call: Any) -> None:
    with pytest.raises(UnreadableError):
        chat({"tool_calls": [call]}, "tool_calls")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"choices": []},
        {"choices": None},
        {"choices": {}},
        {"choices": [5]},
        {"choices": [{}]},
        {"choices": [{"message": []}]},
    ],
)
def test_chat_without_a_choice_is_unreadable(answer: Any) -> None:
    with pytest.raises(UnreadableError):
        openai_chat.parse(answer)


def test_responses_answer() -> None:
    usage = {
        "input_tokens": 12,
        "output_tokens": 5,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 3},
    }
    answer = responses(
        {"type": "reasoning", "summary": [], "content": [{"text": "secret thoughts"}]},
        message_item(out("bil"), out("ling")),
        message_item(out("!")),
        id="r1",
        model="m-1",
        usage=usage,
    )
    assert answer == Response(
        text="billing!",
        finish_reason="stop",
        served_model="m-1",
        response_id="r1",
        usage=Usage(
            input_tokens=12,
            output_tokens=5,
            cached_input_tokens=4,
            cache_write_tokens=0,
            reasoning_tokens=3,
        ),
    )


def test_responses_tool_calls() -> None:
    answer = responses(
        {"type": "function_call", "call_id": "a", "name": "find", "arguments": '{"q": 1}'},
        {"type": "custom_tool_call", "call_id": "b", "name": "sql", "input": "SELECT 1"},
        {"type": "web_search_call", "id": "w"},
    )
    assert answer.finish_reason == "tool_calls"
    assert answer.tool_calls == (
        ToolCall(name="find", arguments={"q": 1}, id="a"),
        ToolCall(name="sql", arguments="SELECT 1", id="b"),
    )


def test_responses_refusal() -> None:
    answer = responses(message_item({"type": "refusal", "refusal": "no"}))
    assert (answer.text, answer.refusal, answer.finish_reason) == ("", "no", "refusal")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("max_output_tokens", "length"),
        ("content_filter", "content_filter"),
        ("steered", "steered"),
        (None, "incomplete"),
    ],
)
def test_responses_incomplete_answers(reason: str | None, expected: str) -> None:
    answer = responses(status="incomplete", incomplete_details={"reason": reason})
    assert (answer.text, answer.finish_reason) == ("", expected)


def test_responses_without_a_message_is_unreadable_unless_the_status_explains_it() -> None:
    with pytest.raises(UnreadableError, match="no message"):
        responses({"type": "reasoning"}, 5)
    assert responses(status="queued").finish_reason == "queued"
    assert openai_responses.parse({"output": [message_item(out("x"))]}).finish_reason == "stop"


@pytest.mark.parametrize("output", [None, {}, "x"])
def test_responses_without_a_list_of_output_is_unreadable(output: Any) -> None:
    with pytest.raises(UnreadableError, match="no output"):
        openai_responses.parse({"output": output})


def test_anthropic_answer_counts_cached_input_as_input() -> None:
    usage = {
        "input_tokens": 5,
        "cache_read_input_tokens": 4,
        "cache_creation_input_tokens": 3,
        "output_tokens": 7,
        "output_tokens_details": {"thinking_tokens": 2},
    }
    answer = messages(
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "bil"},
        {"type": "text", "text": "ling"},
        id="m1",
        model="c-1",
        usage=usage,
    )
    assert answer == Response(
        text="billing",
        finish_reason="stop",
        served_model="c-1",
        response_id="m1",
        usage=Usage(
            input_tokens=12,
            output_tokens=7,
            cached_input_tokens=4,
            cache_write_tokens=3,
            reasoning_tokens=2,
        ),
    )


def test_anthropic_tool_use() -> None:
    answer = messages(
        {"type": "text", "text": "look"},
        {"type": "tool_use", "id": "t", "name": "find", "input": {"q": 1}},
        stop_reason="tool_use",
    )
    assert answer.finish_reason == "tool_calls"
    assert answer.tool_calls == (ToolCall(name="find", arguments={"q": 1}, id="t"),)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "pause"),
        ("something_new", "something_new"),
        (None, None),
    ],
)
def test_anthropic_stop_reasons(reason: str | None, expected: str | None) -> None:
    assert messages({"type": "text", "text": "x"}, stop_reason=reason).finish_reason == expected


@pytest.mark.parametrize(
    ("details", "text", "expected"),
    [
        ({"explanation": "not that"}, "no", "not that"),
        (None, "no", "no"),
        ({"category": "cyber"}, "", "cyber"),
        (None, "", "refused"),
    ],
)
def test_anthropic_refusal_says_why(details: Any, text: str, expected: str) -> None:
    answer = messages({"type": "text", "text": text}, stop_reason="refusal", stop_details=details)
    assert (answer.finish_reason, answer.refusal) == ("refusal", expected)


def test_anthropic_empty_answer_is_an_answer() -> None:
    assert messages().text == ""


def test_anthropic_odd_content_is_unreadable() -> None:
    with pytest.raises(UnreadableError, match="no content"):
        anthropic_messages.parse({"content": "x"})
    with pytest.raises(UnreadableError, match="holds no text"):
        messages({"type": "text", "text": 5})


@pytest.mark.parametrize(
    "usage",
    [None, 5, [], {}, {"prompt_tokens": "many", "input_tokens": None}, {"prompt_tokens": -1}],
)
def test_odd_usage_is_no_usage(usage: Any) -> None:
    assert chat({"content": "x"}, usage=usage).usage is None
    assert responses(message_item(out("x")), usage=usage).usage is None
    assert messages({"type": "text", "text": "x"}, usage=usage).usage is None


def test_counts_that_are_whole_floats_are_counts_and_truth_values_are_not() -> None:
    usage = {"prompt_tokens": 3.0, "completion_tokens": True}
    assert chat({"content": "x"}, usage=usage).usage == Usage(input_tokens=3)


@pytest.mark.parametrize(
    ("data", "content_type", "message"),
    [
        (b"", "", "is empty"),
        (b"  \n", "", "is empty"),
        (b"<html>", "", "is a web page"),
        (b" <!DOCTYPE html>", "application/json", "is a web page"),
        (b"{}", "text/html; charset=utf-8", "is a web page"),
        (b'{"a": [1', "", "breaks off or is damaged"),
        (b"hello", "", "is not JSON"),
        (b"\xff\xfe\x00", "", "is not JSON"),
        (b'"text"', "", "is JSON but no object: str"),
        (b"[1]", "", "is JSON but no object: list"),
        (b"[" * 200_000, "", "nested too deeply"),
    ],
)
def test_bodies_that_are_no_answer(data: bytes, content_type: str, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        reading.decode(data, content_type)


def test_numbers_that_json_does_not_have_are_read_as_null() -> None:
    assert reading.decode(b'{"a": NaN, "b": [-Infinity]}') == {"a": None, "b": [None]}


_WORDS = """choices message content text type role tool_calls function name arguments id refusal
status output usage input_tokens prompt_tokens prompt_tokens_details input model stop_reason
stop_details finish_reason custom function_call call_id incomplete_details reason"""
_NAMES = st.sampled_from(re.findall(r"\w+", _WORDS)) | st.text(max_size=3)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)
_TYPES = st.sampled_from(["text", "message", "function_call", "tool_use", "custom_tool_call"])
_BLOCK = st.dictionaries(_NAMES, _JSON, max_size=4).flatmap(
    lambda held: st.builds(lambda kind: {**held, "type": kind}, _TYPES)
)
_DOCUMENT = st.fixed_dictionaries(
    {},
    optional={
        "choices": st.lists(st.fixed_dictionaries({"message": _BLOCK | _JSON}), max_size=2),
        "output": st.lists(_BLOCK | _JSON, max_size=3),
        "content": st.lists(_BLOCK | _JSON, max_size=3),
        "usage": _JSON,
        "status": _JSON,
        "stop_reason": _JSON,
    },
)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(document=_DOCUMENT)
def test_whatever_a_server_writes_is_an_answer_or_unreadable(protocol: str, document: Any) -> None:
    written = reading.decode(json.dumps(document).encode())
    try:
        response = PROTOCOLS[protocol].parse(written)
    except UnreadableError:
        return
    assert isinstance(response.text, str)
    canonical_json([call.arguments for call in response.tool_calls])


@given(document=st.dictionaries(st.sampled_from(["status", "error", "message", "code"]), _JSON))
def test_whatever_an_error_looks_like_it_is_understood(document: Any) -> None:
    written = reading.decode(json.dumps(document).encode())
    told = told_in(written)
    assert isinstance(told.message, str)
    assert isinstance(kind_of(None, told), ProviderErrorKind)
    assert _failure_in(written) in {None, told}


def test_numbers_too_large_for_json_readers_never_become_infinite() -> None:
    assert reading.decode(b'{"a": 1e999, "b": -1.5}') == {"a": None, "b": -1.5}
    call = {"function": {"name": "f", "arguments": '{"a": 1e999}'}}
    assert chat({"tool_calls": [call]}).tool_calls[0].raw == '{"a": 1e999}'
    call = {"function": {"name": "f", "arguments": '{"a": 1.5}'}}
    assert chat({"tool_calls": [call]}).tool_calls[0].arguments == {"a": 1.5}


@pytest.mark.parametrize("as_text", [True, False])
def test_arguments_nested_beyond_all_sense_stay_text(as_text: bool) -> None:
    raw = '{"a": ' + "[" * 150 + "]" * 150 + "}"
    block = {"type": "tool_use", "name": "f", "input": raw if as_text else json.loads(raw)}
    (call,) = messages(block).tool_calls
    assert (call.arguments, call.raw) == (None, raw)
