"""Where calls meet other code: our own, transports that hand on, answers that come in part."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from typing import TYPE_CHECKING, Any

import httpx2
import openai
import pytest
from support.intercepted import Memory, ask, open_client
from support.loopback import Reply, hang
from support.prompts import a_model
from support.prompts import ask as prompt_of

from pytest_promptdrift.interception import FailureKind, Interception, active_mock
from pytest_promptdrift.providers import CallSettings, build_request
from pytest_promptdrift.providers import open_client as open_own

if TYPE_CHECKING:
    from support.loopback import Loopback

ASKED: dict[str, Any] = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hi"}]}


def test_calls_of_golden_cases_are_left_alone(server: Loopback, memory: Memory) -> None:
    environ = {"OPENAI_BASE_URL": server.openai_url, "OPENAI_API_KEY": "sk-openai-0123456789"}
    model = a_model("openai")
    request = build_request(prompt_of(), model, environ=environ)

    async def main() -> str:
        client = open_own(model, CallSettings(), environ)
        try:
            return (await client.complete(request, {})).text
        finally:
            await client.aclose()

    with Interception(memory, offline=True):
        assert "billing" in asyncio.run(main())
    assert memory.calls == []


class HandingOn(httpx2.BaseTransport):
    """Sends through another client, as the SDK does for keys that are certificates."""

    def __init__(self, client: httpx2.Client) -> None:
        self.client = client

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self.client._transport_for_url(request.url).handle_request(request)


def test_a_transport_that_hands_on_makes_one_call(server: Loopback, memory: Memory) -> None:
    with (
        memory.intercepting(),
        httpx2.Client() as inner,
        httpx2.Client(transport=HandingOn(inner)) as outer,
        openai.OpenAI(http_client=outer) as client,
    ):
        ask(client, "chat", "stream", "hello")
    assert len(memory.calls) == memory.stored == server.hits == 1


def test_of_two_interceptions_the_inner_one_answers(server: Loopback, memory: Memory) -> None:
    inner = Memory()
    with (
        memory.intercepting("outer"),
        inner.intercepting("inner"),
        open_client("chat", is_async=False) as client,
    ):
        ask(client, "chat", "plain", "hello")
    assert (len(memory.calls), len(inner.calls), inner.stored) == (0, 1, 1)


def test_a_compressed_stream_that_was_left_early_is_not_stored(
    server: Loopback, memory: Memory
) -> None:
    event = b'data: {"id": "x", "choices": []}\n\n'
    packed = gzip.compress(event * 3)[:-8]
    server.answer = Reply(
        raw=packed, content_type="text/event-stream", headers={"content-encoding": "gzip"}
    )
    with (
        memory.intercepting(),
        openai.OpenAI() as client,
        client.chat.completions.create(**ASKED, stream=True) as stream,
    ):
        next(iter(stream))
    assert memory.stored == 0
    assert len(memory.failures) == 1


def test_a_body_in_a_broken_encoding_is_never_stored(server: Loopback, memory: Memory) -> None:
    server.answer = Reply(raw=b"no gzip", headers={"content-encoding": "gzip"})
    with (
        memory.intercepting(),
        openai.OpenAI(max_retries=0) as client,
        pytest.raises((openai.OpenAIError, httpx2.DecodingError)),
    ):
        ask(client, "chat", "plain", "hello")
    assert memory.stored == 0
    assert len(memory.failures) == 1


def test_a_call_that_its_test_did_not_wait_for_is_given_up(
    server: Loopback, memory: Memory
) -> None:
    server.answer = hang()
    sent = threading.Event()
    handle = memory.handle

    def noted(call: Any) -> Any:
        sent.set()
        return handle(call)

    memory.handle = noted  # type: ignore[method-assign]

    def late() -> None:
        with openai.OpenAI(max_retries=0) as client, pytest.raises(openai.OpenAIError):
            client.chat.completions.create(**ASKED)

    with memory.intercepting():
        thread = threading.Thread(target=late)
        thread.start()
        assert sent.wait(10)
        # The call is on its way once the server has it.
        while not server.calls:
            sent.wait(0.001)
    assert [told.kind for _, told in memory.failures] == [FailureKind.ABANDONED]
    server.close()
    thread.join(10)
    assert len(memory.failures) == 1


def test_a_mock_answers_a_call_that_no_test_owns(memory: Memory, server: Loopback) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"id": "x"}))
    assert active_mock(httpx2, transport) == "httpx2.MockTransport"
    with Interception(memory, offline=True) as interception:
        with httpx2.Client(transport=transport) as http, openai.OpenAI(http_client=http) as client:
            client.chat.completions.create(**ASKED)
        assert interception.problems == []


def test_a_stored_answer_is_plain_json(server: Loopback, memory: Memory) -> None:
    with memory.intercepting(), openai.OpenAI() as client:
        ask(client, "chat", "plain", "hello")
    stored = memory.recordings[0][1].as_json()
    assert json.loads(json.dumps(stored)) == stored
    assert set(stored) == {"status", "headers", "layout", "json"}
    assert stored["layout"] == "spaced"
