"""Several calls: samples, order, attempts, and answers that are errors."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import openai
import pytest
from support.intercepted import Memory, ask, ask_async, close_network, dumped, open_client
from support.loopback import (
    Reply,
    failure,
    garbage,
    hang,
    html,
    overloaded,
    rate_limited,
    server_error,
    tool_call,
)

from pytest_promptdrift.interception import FailureKind, StoppedCallError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from support.loopback import Loopback


def texts_of(made: Sequence[Any]) -> list[str]:
    return [answer["choices"][0]["message"]["content"] for answer in made]


def chats(texts: Sequence[str]) -> list[Any]:
    with open_client("chat", is_async=False) as client:
        return [ask(client, "chat", "plain", text) for text in texts]


def gathered(texts: Sequence[str]) -> list[Any]:
    async def main() -> list[Any]:
        async with open_client("chat", is_async=True) as client:
            calls = (ask_async(client, "chat", "plain", text) for text in texts)
            return await asyncio.gather(*calls)  # noqa: TID251  (what applications do)

    return asyncio.run(main())


def test_equal_calls_are_successive_samples(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with memory.intercepting():
        first = chats(["same"] * 3)
    assert len(set(texts_of(first))) == 3
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        assert chats(["same"] * 3) == first
    memory.replay()
    with memory.intercepting(), pytest.raises(StoppedCallError, match=r"call 4 .* sample 4"):
        chats(["same"] * 4)


def test_ten_different_calls_at_once_get_their_own_answers(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"question {number}" for number in range(10)]
    with memory.intercepting():
        first = gathered(texts)
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        assert list(reversed(gathered(texts[::-1]))) == first


def test_ten_equal_calls_at_once_get_ten_samples(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with memory.intercepting():
        first = texts_of(gathered(["same"] * 10))
    assert len(set(first)) == 10
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        again = texts_of(gathered(["same"] * 10))
    assert sorted(again) == sorted(first)
    assert sorted(call.number for call in memory.calls) == list(range(1, 11))


def test_in_forty_calls_a_changed_twelfth_is_the_twelfth(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"step {number}" for number in range(40)]
    with memory.intercepting():
        first = chats(texts)
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        assert chats(texts) == first
    memory.replay()
    texts[11] = "another step"
    with memory.intercepting(), pytest.raises(StoppedCallError) as stopped:
        chats(texts)
    assert stopped.value.call is not None
    assert stopped.value.call.number == 12


@pytest.mark.parametrize(
    "passing", [rate_limited(milliseconds="1"), server_error(503), overloaded()]
)
def test_an_attempt_that_failed_in_passing_is_not_stored_and_not_counted(
    passing: Reply, server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = [passing, "fine"]
    with memory.intercepting():
        first = chats(["hello", "again"])
    assert [(call.number, call.attempt) for call in memory.calls] == [(1, 1), (1, 2), (2, 1)]
    assert [(call.attempt, told.kind, told.status) for call, told in memory.failures] == [
        (1, FailureKind.STATUS, passing.status)
    ]
    assert [call.attempt for call, _ in memory.recordings] == [2, 1]
    memory.replay()
    close_network(monkeypatch)
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("a pause was replayed"))
    with memory.intercepting():
        assert chats(["hello", "again"]) == first
    assert [(call.number, call.attempt) for call in memory.calls] == [(1, 1), (2, 1)]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (404, openai.NotFoundError),
        (422, openai.UnprocessableEntityError),
    ],
)
def test_a_refused_request_is_replayed_as_the_same_error(
    status: int,
    kind: type[openai.APIStatusError],
    server: Loopback,
    memory: Memory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.answer = failure(status, "invalid_request_error", "no such thing", "bad_thing")
    with memory.intercepting(), pytest.raises(kind) as first:
        chats(["hello"])
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting(), pytest.raises(kind) as again:
        chats(["hello"])
    assert str(again.value) == str(first.value)
    assert again.value.body == first.value.body
    assert again.value.request_id == first.value.request_id == "req_loopback"


def test_a_refused_message_is_replayed_as_the_same_error(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = failure(400, "invalid_request_error", "max_tokens: too many")

    def message() -> object:
        with open_client("messages", is_async=False) as client:
            return ask(client, "messages", "plain", "hello")

    with memory.intercepting(), pytest.raises(anthropic.BadRequestError) as first:
        message()
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting(), pytest.raises(anthropic.BadRequestError) as again:
        message()
    assert str(again.value) == str(first.value)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failure(401, "authentication_error", "Incorrect API key"), FailureKind.STATUS),
        (failure(403, "permission_error", "No"), FailureKind.STATUS),
        (failure(409, "conflict", "No", x_should_retry="false"), FailureKind.STATUS),
        (failure(400, "odd", "No", x_should_retry="true", retry_after_ms="1"), FailureKind.STATUS),
        (garbage(), FailureKind.UNREADABLE),
        (html(), FailureKind.UNREADABLE),
        (Reply(raw=b'{"error": {"message": "upstream"}}'), FailureKind.STATUS),
        (Reply(raw=b'{"id": "x", "status": "failed", "output": []}'), FailureKind.STATUS),
    ],
)
def test_what_is_no_answer_is_never_stored(
    answer: Reply, kind: FailureKind, server: Loopback, memory: Memory
) -> None:
    server.answer = answer
    with memory.intercepting():
        client = openai.OpenAI(max_retries=1)
        with client, contextlib.suppress(openai.OpenAIError, ValueError):
            client.chat.completions.create(
                model="gpt-5-mini", messages=[{"role": "user", "content": "hi"}]
            )
    assert memory.stored == 0
    assert {told.kind for _, told in memory.failures} == {kind}


def test_a_timeout_is_never_stored(server: Loopback, memory: Memory) -> None:
    server.answer = hang()
    with (
        memory.intercepting(),
        openai.OpenAI(max_retries=0, timeout=0.2) as client,
        pytest.raises(openai.APITimeoutError),
    ):
        ask(client, "chat", "plain", "hello")
    assert [told.kind for _, told in memory.failures] == [FailureKind.TIMEOUT]


def test_a_cancelled_call_is_never_stored(server: Loopback, memory: Memory) -> None:
    server.answer = hang()

    async def main() -> None:
        async with openai.AsyncOpenAI(max_retries=0) as client:
            await asyncio.wait_for(ask_async(client, "chat", "plain", "hello"), 0.2)

    with memory.intercepting(), pytest.raises(TimeoutError):
        asyncio.run(main())
    assert [told.kind for _, told in memory.failures] == [FailureKind.CANCELLED]


def test_a_server_that_is_gone_is_never_stored(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        memory.intercepting(),
        openai.OpenAI(max_retries=0, base_url="http://127.0.0.1:9/v1", api_key="sk-test") as client,
        pytest.raises(openai.APIConnectionError),
    ):
        ask(client, "chat", "plain", "hello")
    assert [told.kind for _, told in memory.failures] == [FailureKind.CONNECTION]


def test_what_the_handler_refuses_to_store_reaches_the_test(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        msg = "the answer holds a key"
        raise ValueError(msg)

    monkeypatch.setattr(memory, "recorded", refuse)
    with memory.intercepting(), pytest.raises(StoppedCallError, match="holds a key"):
        chats(["hello"])
    assert server.hits == 1


def test_a_loop_of_tools_is_replayed(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def agent() -> list[Any]:
        seen = []
        turns: list[Any] = [{"role": "user", "content": "What is the weather?"}]
        with openai.OpenAI() as client:
            while True:
                made = client.chat.completions.create(
                    model="gpt-5-mini",
                    messages=turns,
                    tools=[{"type": "function", "function": {"name": "weather", "parameters": {}}}],
                )
                seen.append(dumped(made))
                said = made.choices[0].message
                if not said.tool_calls:
                    return seen
                turns.append(said)
                turns.append(
                    {"role": "tool", "tool_call_id": said.tool_calls[0].id, "content": "rain"}
                )

    server.script = [tool_call("weather", {"city": "Oslo"}), tool_call("weather", "{}"), "Rain."]
    with memory.intercepting():
        first = agent()
    assert len(first) == 3
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        assert agent() == first


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_embeddings_are_replayed(
    encoding: Any, server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    vector: Any = [0.25, -1e-05, 3.0] if encoding == "float" else "AACAPgAAgL8="
    made = {
        "object": "list",
        "model": "text-embedding-3-small",
        "data": [{"object": "embedding", "index": 0, "embedding": vector}],
        "usage": {"prompt_tokens": 2, "total_tokens": 2},
    }
    server.answer = Reply(raw=httpx2.Response(200, json=made).content)

    def embed() -> Any:
        with openai.OpenAI() as client:
            return dumped(
                client.embeddings.create(
                    model="text-embedding-3-small", input=["hello"], encoding_format=encoding
                )
            )

    with memory.intercepting():
        first = embed()
    assert memory.calls[0].request.api == "openai.embeddings"
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        assert embed() == first


def test_a_redirect_is_one_call(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Reply(raw=b"", status=307, headers={"location": "/elsewhere/v1/chat/completions"})
    server.script = [moved, "fine"]
    with memory.intercepting():
        first = chats(["hello"])
    assert server.hits == 2
    assert len(memory.calls) == memory.stored == 1
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        assert chats(["hello"]) == first


def test_a_compressed_answer_is_stored_as_it_reads(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gzip

    document = b'{"id": "x", "object": "chat.completion", "choices": []}'
    server.answer = Reply(raw=gzip.compress(document), headers={"content-encoding": "gzip"})
    with memory.intercepting():
        first = chats(["hello"])
    assert memory.recordings[0][1].value == {
        "id": "x",
        "object": "chat.completion",
        "choices": [],
    }
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        assert chats(["hello"]) == first


def test_the_normalised_body_makes_the_digest_and_the_true_one_is_sent(
    server: Loopback, memory: Memory
) -> None:
    def without_user(body: Any) -> Any:
        return {key: item for key, item in body.items() if key != "user"}

    def create(user: str) -> None:
        with openai.OpenAI() as client:
            client.chat.completions.create(
                model="gpt-5-mini", messages=[{"role": "user", "content": "hi"}], user=user
            )

    with memory.intercepting(normalise=without_user):
        create("run-1")
        create("run-2")
    assert memory.calls[0].request.digest == memory.calls[1].request.digest
    assert [call.body["user"] for call in server.calls] == ["run-1", "run-2"]


def test_a_hook_that_fails_stops_the_call(server: Loopback, memory: Memory) -> None:
    def broken(body: Any) -> Any:
        raise KeyError("user")

    with memory.intercepting(normalise=broken), pytest.raises(StoppedCallError) as stopped:
        chats(["hello"])
    assert isinstance(stopped.value.error, KeyError)
    assert server.hits == 0


@pytest.mark.parametrize("run", [chats, gathered])
def test_a_call_says_how_it_is_made(
    run: Callable[[Sequence[str]], Any], server: Loopback, memory: Memory
) -> None:
    with memory.intercepting("tests/test_bot.py::test_it"):
        run(["hello"])
    call = memory.calls[0]
    assert call.owner == "tests/test_bot.py::test_it"
    assert call.is_async is (run is gathered)
    assert call.sdk == f"openai {openai.__version__}"
    assert not call.streams
    assert memory.recordings[0][1].latency > 0
