"""The server that other tests rely on, checked with the official SDKs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import openai
import pytest
from support.loopback import Loopback, Reply, content_filter, cut, refusal, tool_call

if TYPE_CHECKING:
    from collections.abc import Iterator

TURN: Any = [{"role": "user", "content": "hello there"}]


@pytest.fixture
def chat(server: Loopback) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.openai_url, api_key="sk-x", max_retries=0) as client:
        yield client


@pytest.fixture
def claude(server: Loopback) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(
        base_url=server.anthropic_url, api_key="sk-y", max_retries=0
    ) as client:
        yield client


def test_chat_is_understood_whole_and_streamed(server: Loopback, chat: openai.OpenAI) -> None:
    server.answer = lambda call: call.last_user[::-1]
    whole = chat.chat.completions.create(model="m", messages=TURN)
    assert whole.choices[0].message.content == "ereht olleh"
    with chat.chat.completions.stream(
        model="m", messages=TURN, stream_options={"include_usage": True}
    ) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.content == "ereht olleh"
    assert final.usage == whole.usage


def test_responses_are_understood_whole_and_streamed(server: Loopback, chat: openai.OpenAI) -> None:
    server.answer = Reply(text="one two three")
    assert chat.responses.create(model="m", input="hi").output_text == "one two three"
    with chat.responses.stream(model="m", input="hi") as stream:
        assert stream.get_final_response().output_text == "one two three"


def test_messages_are_understood_whole_and_streamed(
    server: Loopback, claude: anthropic.Anthropic
) -> None:
    server.answer = "one two three"
    whole = claude.messages.create(model="m", max_tokens=9, messages=TURN)
    with claude.messages.stream(model="m", max_tokens=9, messages=TURN) as stream:
        final = stream.get_final_message()
    assert [block.text for block in final.content if block.type == "text"] == ["one two three"]
    assert final.usage.output_tokens == whole.usage.output_tokens


@pytest.mark.parametrize(
    "reply", [tool_call("find", {"q": 1}, "look"), refusal(), content_filter()]
)
def test_unusual_answers_stream_too(
    server: Loopback, chat: openai.OpenAI, claude: anthropic.Anthropic, reply: Reply
) -> None:
    server.answer = reply
    chunks = list(chat.chat.completions.create(model="m", messages=TURN, stream=True))
    assert chunks[-1].choices[0].finish_reason in {"stop", "tool_calls", "content_filter"}
    events = list(chat.responses.create(model="m", input="hi", stream=True))
    assert events[-1].type in {"response.completed", "response.incomplete"}
    with claude.messages.stream(model="m", max_tokens=9, messages=TURN) as stream:
        assert stream.get_final_message().stop_reason in {"tool_use", "refusal"}


def test_a_stream_can_be_cut(server: Loopback, claude: anthropic.Anthropic) -> None:
    server.answer = cut(400)
    events = claude.messages.create(model="m", max_tokens=9, messages=TURN, stream=True)
    with pytest.raises((httpx2.RemoteProtocolError, anthropic.APIConnectionError)):
        list(events)


def test_calls_are_kept_with_headers_body_and_number(server: Loopback, chat: openai.OpenAI) -> None:
    server.script = ["first"]
    texts = [
        chat.chat.completions.create(model="m", messages=TURN).choices[0].message.content
        for _ in range(2)
    ]
    assert texts == ["first", "ok"]
    assert [call.number for call in server.calls] == [0, 1]
    assert server.calls[1].headers["authorization"] == "Bearer sk-x"
    assert server.calls[1].body["messages"] == TURN
    assert (server.hits, server.max_in_flight, server.in_flight) == (2, 1, 0)


def test_an_unknown_path_is_not_found(server: Loopback, chat: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        chat.embeddings.create(model="m", input="x")
