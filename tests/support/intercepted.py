"""What the tests of the interception share: a handler in memory, applications, a closed network."""

from __future__ import annotations

import json
import socket
import threading
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from pytest_promptdrift.interception import (
    CallFailure,
    InterceptedCall,
    Interception,
    RecordedAnswer,
    answer_from_json,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import pytest

    from .loopback import Call, Loopback

APIS = ("chat", "responses", "messages")
SHAPES = ("plain", "stream", "helper", "parsed", "raw")


class Triage(BaseModel):
    label: str
    score: float
    reasons: list[str]


class Memory:
    """A handler that keeps answers as the JSON text that a store would write."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = defaultdict(list)
        self.calls: list[InterceptedCall] = []
        self.recordings: list[tuple[InterceptedCall, RecordedAnswer]] = []
        self.failures: list[tuple[InterceptedCall, CallFailure]] = []
        self.replays = False
        self._given: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def handle(self, call: InterceptedCall) -> RecordedAnswer | None:
        with self._lock:
            self.calls.append(call)
            if not self.replays:
                return None
            digest = call.request.digest
            index = self._given[digest]
            if index >= len(self.answers[digest]):
                msg = f"call {call.number} is not recorded: sample {index + 1}"
                raise LookupError(msg)
            self._given[digest] += 1
            return answer_from_json(json.loads(self.answers[digest][index]))

    def recorded(self, call: InterceptedCall, answer: RecordedAnswer) -> None:
        with self._lock:
            self.recordings.append((call, answer))
            self.answers[call.request.digest].append(json.dumps(answer.as_json()))

    def failed(self, call: InterceptedCall, failure: CallFailure) -> None:
        with self._lock:
            self.failures.append((call, failure))

    @property
    def stored(self) -> int:
        return sum(len(answers) for answers in self.answers.values())

    @contextmanager
    def intercepting(self, owner: str = "test_it", **options: Any) -> Iterator[Interception]:
        options.setdefault("offline", self.replays)
        with Interception(self, **options) as interception, interception.owned_by(owner):
            yield interception

    def replay(self) -> None:
        """Answer from what was recorded, from the first sample on."""
        self.replays = True
        self.calls.clear()
        self._given.clear()


def answer_of(call: Call) -> str:
    """What the server says: a document that differs from call to call."""
    document = {"label": "billing", "score": 0.5, "reasons": [f"call {call.number}", "überaus 🎈"]}
    return json.dumps(document)


def set_addresses(monkeypatch: pytest.MonkeyPatch, server: Loopback) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.openai_url)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.anthropic_url)
    set_keys(monkeypatch)


def set_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai-0123456789abcdef")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-0123456789abcdef")


def close_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every socket that would connect, and forget every key."""

    def refuse(*arguments: object) -> None:
        msg = f"a socket was opened: {arguments[1:]}"
        raise AssertionError(msg)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)


def _asked(api: str, text: str) -> dict[str, Any]:
    turns = [{"role": "user", "content": text}]
    if api == "chat":
        return {"model": "gpt-5-mini", "messages": turns}
    if api == "responses":
        return {"model": "gpt-5-mini", "input": turns}
    return {"model": "claude-haiku-4-5", "messages": turns, "max_tokens": 100}


def _resource(client: Any, api: str) -> Any:
    return {
        "chat": lambda: client.chat.completions,
        "responses": lambda: client.responses,
        "messages": lambda: client.messages,
    }[api]()


def _typed(api: str) -> dict[str, Any]:
    return {
        {"chat": "response_format", "responses": "text_format", "messages": "output_format"}[
            api
        ]: Triage
    }


def dumped(value: Any) -> Any:
    """Everything that an object of an SDK holds."""
    return value.model_dump(warnings=False) if isinstance(value, BaseModel) else repr(value)


_FINAL = {
    "chat": "get_final_completion",
    "responses": "get_final_response",
    "messages": "get_final_message",
}


def ask(client: Any, api: str, shape: str, text: str) -> Any:
    """Make one call and return all that came back."""
    resource, asked = _resource(client, api), _asked(api, text)
    if shape == "plain":
        return dumped(resource.create(**asked))
    if shape == "stream":
        with resource.create(**asked, stream=True) as stream:
            return [dumped(event) for event in stream]
    if shape == "helper":
        with resource.stream(**asked) as stream:
            events = [dumped(event) for event in stream]
            return [*events, dumped(getattr(stream, _FINAL[api])())]
    if shape == "parsed":
        made = resource.parse(**asked, **_typed(api))
        return [dumped(made), _parsed(made, api)]
    raw = resource.with_raw_response.create(**asked)
    return [*_raw(raw), dumped(raw.parse())]


async def ask_async(client: Any, api: str, shape: str, text: str) -> Any:
    """Make one call and return all that came back."""
    resource, asked = _resource(client, api), _asked(api, text)
    if shape == "plain":
        return dumped(await resource.create(**asked))
    if shape == "stream":
        async with await resource.create(**asked, stream=True) as stream:
            return [dumped(event) async for event in stream]
    if shape == "helper":
        async with resource.stream(**asked) as stream:
            events = [dumped(event) async for event in stream]
            return [*events, dumped(await getattr(stream, _FINAL[api])())]
    if shape == "parsed":
        made = await resource.parse(**asked, **_typed(api))
        return [dumped(made), _parsed(made, api)]
    raw = await resource.with_raw_response.create(**asked)
    made = raw.parse()
    return [*_raw(raw), dumped(await made if hasattr(made, "__await__") else made)]


def _raw(raw: Any) -> list[Any]:
    kept = ("content-type", "request-id", "x-request-id")
    return [raw.status_code, {name: raw.headers.get(name) for name in kept}, raw.http_response.text]


def _parsed(made: Any, api: str) -> Any:
    if api == "chat":
        held = made.choices[0].message.parsed
    elif api == "responses":
        held = made.output_parsed
    else:
        held = made.parsed_output
    assert isinstance(held, Triage)
    return held.model_dump()


def open_client(api: str, *, is_async: bool, **options: Any) -> Any:
    """Build a client as an application would."""
    import anthropic
    import openai

    if api == "messages":
        return (anthropic.AsyncAnthropic if is_async else anthropic.Anthropic)(**options)
    return (openai.AsyncOpenAI if is_async else openai.OpenAI)(**options)


async def closing(client: Any, use: Callable[[Any], Any]) -> Any:
    """Use a client and close it."""
    try:
        return await use(client)
    finally:
        await client.close()


async def collect(stream: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in stream]
