"""Streams: whole ones are stored, all others are not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import openai
import pytest
from support.intercepted import APIS, Memory, ask, ask_async, close_network, dumped, open_client
from support.loopback import Reply, cut, tool_call

from pytest_promptdrift.interception import FailureKind

if TYPE_CHECKING:
    from support.loopback import Loopback

ASKED: dict[str, Any] = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize("api", APIS)
def test_a_cut_stream_is_never_stored(api: str, server: Loopback, memory: Memory) -> None:
    server.answer = cut(after=700)
    with (
        memory.intercepting(),
        open_client(api, is_async=False, max_retries=0) as client,
        pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)),
    ):
        ask(client, api, "stream", "hello")
    assert memory.stored == 0
    assert [told.kind for _, told in memory.failures] == [FailureKind.CUT_STREAM]


@pytest.mark.parametrize("api", APIS)
def test_an_abandoned_stream_is_never_stored(api: str, server: Loopback, memory: Memory) -> None:
    with memory.intercepting(), open_client(api, is_async=False) as client:
        resource = {
            "chat": client.chat.completions if api == "chat" else None,
            "responses": getattr(client, "responses", None),
            "messages": getattr(client, "messages", None),
        }[api]
        asked = dict(ASKED) if api != "responses" else {"model": "gpt-5-mini", "input": "hi"}
        if api == "messages":
            asked["max_tokens"] = 10
        with resource.create(**asked, stream=True) as stream:
            next(iter(stream))
    assert memory.stored == 0
    assert [told.kind for _, told in memory.failures] == [FailureKind.ABANDONED]


def test_a_stream_that_is_never_closed_is_given_up_when_its_test_ends(
    server: Loopback, memory: Memory
) -> None:
    with openai.OpenAI() as client:
        with memory.intercepting():
            stream = client.chat.completions.create(**ASKED, stream=True)
            next(iter(stream))
            assert memory.failures == []
        assert [told.kind for _, told in memory.failures] == [FailureKind.ABANDONED]
        stream.close()
    assert len(memory.failures) == 1


def test_an_asynchronous_stream_that_is_abandoned_is_never_stored(
    server: Loopback, memory: Memory
) -> None:
    async def main() -> None:
        async with (
            openai.AsyncOpenAI() as client,
            await client.chat.completions.create(**ASKED, stream=True) as stream,
        ):
            await anext(aiter(stream))

    with memory.intercepting():
        asyncio.run(main())
    assert memory.stored == 0
    assert [told.kind for _, told in memory.failures] == [FailureKind.ABANDONED]


def test_a_stream_that_reports_an_error_is_never_stored(server: Loopback, memory: Memory) -> None:
    event = (
        b'event: error\ndata: {"type": "error", "error": '
        b'{"type": "overloaded_error", "message": "Overloaded"}}\n\n'
    )
    server.answer = Reply(raw=event, content_type="text/event-stream")
    with (
        memory.intercepting(),
        open_client("messages", is_async=False) as client,
        pytest.raises(anthropic.APIStatusError, match="Overloaded"),
    ):
        ask(client, "messages", "stream", "hello")
    assert memory.stored == 0
    assert [told.kind for _, told in memory.failures] == [FailureKind.FAILED_STREAM]


def test_a_stream_whose_connection_ends_early_without_an_error_is_never_stored(
    server: Loopback, memory: Memory
) -> None:
    chunk = b'data: {"id": "x", "choices": [{"index": 0, "delta": {"content": "half"}}]}\n\n'
    server.answer = Reply(raw=chunk, content_type="text/event-stream")
    with memory.intercepting(), openai.OpenAI() as client:
        ask(client, "chat", "stream", "hello")
    assert memory.stored == 0
    assert [told.kind for _, told in memory.failures] == [FailureKind.CUT_STREAM]


def test_a_stream_with_a_reason_for_its_end_needs_no_mark(server: Loopback, memory: Memory) -> None:
    chunk = (
        b'data: {"id": "x", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
    )
    server.answer = Reply(raw=chunk, content_type="text/event-stream")
    with memory.intercepting(), openai.OpenAI() as client:
        ask(client, "chat", "stream", "hello")
    assert memory.stored == 1


def test_a_connection_that_breaks_after_the_end_of_a_stream_is_no_matter(
    server: Loopback, memory: Memory
) -> None:
    whole = b'data: {"id": "x", "choices": []}\n\ndata: [DONE]\n\n'
    server.answer = Reply(
        raw=whole + b": later", cut_after=len(whole), content_type="text/event-stream"
    )

    async def main() -> Any:
        async with openai.AsyncOpenAI() as client:
            return await ask_async(client, "chat", "stream", "hello")

    with memory.intercepting():
        asyncio.run(main())
    assert memory.stored == 1
    assert memory.failures == []


@pytest.mark.parametrize("api", APIS)
def test_streamed_tool_calls_are_replayed(
    api: str, server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = tool_call("weather", {"city": "Oslo"}, "Let me see.")

    def run() -> Any:
        with open_client(api, is_async=False) as client:
            return ask(client, api, "helper", "hello")

    with memory.intercepting():
        first = run()
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        assert run() == first


def test_a_stream_is_stored_as_a_list_of_events(server: Loopback, memory: Memory) -> None:
    server.answer = "hello world"
    with memory.intercepting(), open_client("messages", is_async=False) as client:
        ask(client, "messages", "stream", "hello")
    call, answer = memory.recordings[0]
    assert call.streams
    assert answer.kind == "events"
    assert isinstance(answer.value, list)
    assert [event["event"] for event in answer.value] == [  # type: ignore[index,call-overload]
        "message_start",
        "ping",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_a_streamed_call_is_another_request(server: Loopback, memory: Memory) -> None:
    with memory.intercepting(), openai.OpenAI() as client:
        ask(client, "chat", "plain", "hello")
        ask(client, "chat", "stream", "hello")
    assert len({call.request.digest for call in memory.calls}) == 2


def test_a_response_that_is_streamed_by_hand_is_replayed(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> Any:
        with (
            openai.OpenAI() as client,
            client.chat.completions.with_streaming_response.create(**ASKED) as response,
        ):
            return dumped(response.parse())

    with memory.intercepting():
        first = run()
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        assert run() == first


def test_a_body_that_nobody_reads_is_never_stored(server: Loopback, memory: Memory) -> None:
    with (
        memory.intercepting(),
        openai.OpenAI() as client,
        client.chat.completions.with_streaming_response.create(**ASKED),
    ):
        pass
    assert memory.stored == 0
    assert [told.kind for _, told in memory.failures] == [FailureKind.ABANDONED]
