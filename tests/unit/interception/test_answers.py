"""Answers as they are stored, and as the SDK gets them again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.interception import (
    CallFailure,
    FailureKind,
    InterceptionError,
    RecordedAnswer,
    answer_from_json,
)
from pytest_promptdrift.interception.answers import Arrived, content_of, read_answer
from pytest_promptdrift.interception.events import end_of, read_events, write_events
from pytest_promptdrift.interception.layouts import layout_of, lossless, written

JSON = {"content-type": "application/json"}
SSE = {"content-type": "text/event-stream; charset=utf-8"}
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(st.text(), values, max_size=4)


def arrived(
    content: bytes, headers: dict[str, str] | None = None, *, status: int = 200, whole: bool = True
) -> Arrived:
    return Arrived(status, JSON if headers is None else headers, content, whole, 0.1)


def stored(content: bytes, headers: dict[str, str] | None = None, api: str = "x") -> RecordedAnswer:
    answer = read_answer(arrived(content, headers), api)
    assert isinstance(answer, RecordedAnswer)
    again = answer_from_json(json.loads(json.dumps(answer.as_json())))
    assert (again.value, again.kind, again.headers) == (answer.value, answer.kind, answer.headers)
    return again


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("separators", [None, (",", ":")])
@pytest.mark.parametrize("ascii_only", [True, False])
@given(document=documents)
def test_a_document_in_any_usual_layout_comes_back_to_the_last_byte(
    document: dict[str, Any], indent: int | None, separators: Any, ascii_only: bool
) -> None:
    if indent is not None:
        separators = (",", ": ")
    text = json.dumps(document, indent=indent, separators=separators, ensure_ascii=ascii_only)
    try:
        content = text.encode()
    except UnicodeEncodeError:
        return  # nobody can send it
    assert content_of(stored(content)) == content


@given(document=documents)
def test_a_document_in_an_odd_layout_comes_back_as_the_same_document(
    document: dict[str, Any],
) -> None:
    content = json.dumps(document, indent="\t").encode()
    assert json.loads(content_of(stored(content))) == document


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '{"a": NaN}', "plain text", "", "[" * 100_000]
)
def test_a_text_that_would_lose_something_is_stored_as_text(text: str) -> None:
    answer = stored(text.encode())
    assert answer.kind == "text"
    assert content_of(answer) == text.encode()


def test_bytes_are_stored_as_base64() -> None:
    answer = stored(b"\xff\xfe", {"content-type": "audio/mpeg"})
    assert (answer.kind, answer.value) == ("base64", "//4=")
    assert content_of(answer) == b"\xff\xfe"


def test_unpaired_surrogates_come_back_as_escapes() -> None:
    assert content_of(stored(b'{"a":"\\ud800"}')) == b'{"a":"\\ud800"}'


def test_only_headers_of_the_allow_list_are_kept() -> None:
    headers = {**JSON, "x-request-id": "req", "set-cookie": "s", "openai-organization": "org"}
    assert stored(b"{}", headers).headers == {**JSON, "x-request-id": "req"}


events = st.lists(
    st.fixed_dictionaries({"data": documents}, optional={"event": st.sampled_from(["a", "b"])}),
    max_size=4,
)


@given(events=events, layout=st.sampled_from(["compact", "spaced", "compact-ascii"]))
def test_a_stream_comes_back_to_the_last_byte(events: list[Any], layout: str) -> None:
    text = write_events(events, layout)
    read, found = read_events(text)
    assert [event["data"] for event in read] == [event["data"] for event in events]  # type: ignore[index,call-overload]
    assert write_events(read, found) == text


def test_an_event_keeps_every_field_and_a_comment_is_dropped() -> None:
    text = (
        ": ping\r\n\r\nid: 7\r\nevent: note\r\ndata: one\r\ndata: two\r\n\r\nevent: empty\r\n\r\n"
    )
    read, layout = read_events(text)
    assert read == [{"id": "7", "event": "note", "text": "one\ntwo"}, {"event": "empty"}]
    assert write_events(read, layout) == (
        "id: 7\nevent: note\ndata: one\ndata: two\n\nevent: empty\n\n"
    )


def test_what_follows_the_mark_or_did_not_arrive_whole_is_left_out() -> None:
    done = 'data: {"a":1}\n\ndata: [DONE]\n\n'
    assert read_events(f"{done}{done}")[0] == read_events(done)[0]
    assert read_events('data: {"a":1}\n\ndata: {"a":2}\n')[0] == [{"data": {"a": 1}}]


@pytest.mark.parametrize(
    ("event", "end"),
    [
        ({"text": "[DONE]"}, "done"),
        ({"data": {"type": "response.incomplete"}}, "done"),
        ({"event": "message_stop", "data": {}}, "done"),
        ({"event": "error", "data": {}}, "failed"),
        ({"data": {"type": "response.failed"}}, "failed"),
        ({"data": {"error": {"message": "no"}}}, "failed"),
        ({"data": {"error": None}}, "open"),
        ({"data": "message_stop"}, "open"),
        ("nothing", "open"),
    ],
)
def test_a_stream_says_how_it_ended(event: Any, end: str) -> None:
    assert end_of([event]) == end


def test_an_unknown_stream_ends_with_its_body() -> None:
    part = b'data: {"type": "image.done"}\n\n'
    assert stored(part, SSE, "openai.other").kind == "events"
    left = read_answer(arrived(part, SSE, whole=False), "openai.other")
    assert left == CallFailure(kind=FailureKind.ABANDONED, status=200)


@pytest.mark.parametrize("status", [301, 401, 403, 408, 409, 429, 500, 503, 529])
def test_what_passes_is_no_answer(status: int) -> None:
    failure = read_answer(arrived(b"{}", status=status), "openai.chat")
    assert failure == CallFailure(kind=FailureKind.STATUS, status=status)


@pytest.mark.parametrize("status", [200, 400, 404, 422])
def test_what_would_be_said_again_is_an_answer(status: int) -> None:
    answer = read_answer(arrived(b'{"error": {}, "id": "x"}', status=status), "openai.chat")
    assert isinstance(answer, RecordedAnswer)
    assert answer.is_error is (status >= 400)


@pytest.mark.parametrize(
    "broken", [{}, {"status": 200}, {"json": {}}, {"status": 200, "json": {}, "headers": []}]
)
def test_what_is_no_stored_answer_is_refused(broken: Any) -> None:
    with pytest.raises(InterceptionError, match="no status or no body"):
        answer_from_json(broken)


def test_an_unknown_layout_is_written_as_the_first() -> None:
    assert written({"a": [1]}, "fancy") == '{"a":[1]}'
    assert layout_of(["{}", '{"a": 1}']) == "spaced"
    assert lossless("{") is None
