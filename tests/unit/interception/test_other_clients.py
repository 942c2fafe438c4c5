"""Clients of the same SDKs for other hosts, and keys that are fetched."""

from __future__ import annotations

import asyncio
import importlib.util
from typing import TYPE_CHECKING, Any

import anthropic
import httpx
import openai
import pytest
from support.intercepted import Memory, ask, ask_async, close_network
from support.loopback import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.loopback import Call, Loopback

TEXT = {"role": "user", "content": "hi"}


def both(
    application: Callable[[], Any], memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> tuple[Any, Any]:
    with memory.intercepting():
        first = application()
    assert memory.stored == len(memory.calls) > 0
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        return first, application()


@pytest.mark.parametrize("shape", ["plain", "stream", "parsed"])
def test_azure(
    shape: str, server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key-0123456789")
    server.answer = Reply(raw=None, text='{"label": "a", "score": 1, "reasons": []}')
    monkeypatch.setattr(
        "support.loopback.PATHS",
        {"/openai/deployments/gpt-5-mini/chat/completions": "chat"},
    )

    def application() -> Any:
        with openai.AzureOpenAI(azure_endpoint=url, api_version="2025-01-01") as client:
            return ask(client, "chat", shape, "hello")

    first, again = both(application, memory, monkeypatch)
    assert again == first
    request = memory.calls[0].request
    assert request.api == "openai.chat"
    assert request.host is not None
    assert request.host.endswith("/openai/deployments/gpt-5-mini?api-version=2025-01-01")


def test_azure_in_asynchronous_code(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key-0123456789")
    monkeypatch.setattr(
        "support.loopback.PATHS",
        {"/openai/deployments/gpt-5-mini/chat/completions": "chat"},
    )

    def application() -> Any:
        async def main() -> Any:
            kind = openai.AsyncAzureOpenAI
            async with kind(azure_endpoint=url, api_version="2025-01-01") as client:
                return await ask_async(client, "chat", "stream", "hello")

        return asyncio.run(main())

    first, again = both(application, memory, monkeypatch)
    assert again == first


MESSAGE = (
    b'{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":'
    b'[{"type":"text","text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,'
    b'"usage":{"input_tokens":1,"output_tokens":1}}'
)


@pytest.mark.skipif(
    importlib.util.find_spec("google.auth") is None if importlib.util.find_spec("google") else True,
    reason="google-auth is not installed: the Vertex client cannot be tested",
)
@pytest.mark.parametrize("stream", [False, True])
def test_vertex(
    stream: bool, server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_VERTEX_BASE_URL", f"{server.url}/v1")
    server.answer = lambda _: Reply(raw=MESSAGE)
    if stream:
        server.answer = lambda _: Reply(raw=MESSAGES_STREAM, content_type="text/event-stream")

    def application() -> Any:
        with anthropic.AnthropicVertex(
            project_id="p", region="europe-west1", access_token="token"
        ) as client:
            asked: Any = {"model": "claude", "max_tokens": 5, "messages": [TEXT]}
            if not stream:
                return client.messages.create(**asked).model_dump()
            with client.messages.create(**asked, stream=True) as events:
                return [event.model_dump() for event in events]

    first, again = both(application, memory, monkeypatch)
    assert again == first
    assert len(first) > 1
    assert memory.calls[0].streams is stream
    assert "rawpredict" in str(memory.calls[0].request.body["path"]).lower()


MESSAGES_STREAM = (
    b'event: message_start\ndata: {"type":"message_start","message":' + MESSAGE + b"}\n\n"
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
)


def event_of_aws(payload: bytes) -> bytes:
    """One frame of AWS's binary event stream."""
    import base64
    import json
    import struct
    import zlib

    body = json.dumps({"bytes": base64.b64encode(payload).decode()}).encode()
    named = ((":event-type", "chunk"), (":content-type", "application/json"))
    headers = b"".join(
        bytes([len(name)])
        + name.encode()
        + b"\x07"
        + struct.pack(">H", len(value))
        + value.encode()
        for name, value in (*named, (":message-type", "event"))
    )
    head = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    frame = head + struct.pack(">I", zlib.crc32(head)) + headers + body
    return frame + struct.pack(">I", zlib.crc32(frame))


@pytest.mark.skipif(
    importlib.util.find_spec("boto3") is None,
    reason="boto3 is not installed: the Bedrock client cannot be tested",
)
@pytest.mark.parametrize("stream", [False, True])
def test_bedrock(
    stream: bool, server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BEDROCK_BASE_URL", server.url)

    def answer(_: Call) -> Reply:
        if not stream:
            return Reply(raw=MESSAGE)
        start = b'{"type":"message_start","message":' + MESSAGE + b"}"
        frames = event_of_aws(start) + event_of_aws(b'{"type":"message_stop"}')
        return Reply(raw=frames, content_type="application/vnd.amazon.eventstream")

    server.answer = answer

    def application() -> Any:
        with anthropic.AnthropicBedrock(
            aws_access_key="AK", aws_secret_key="secret", aws_region="eu-north-1"
        ) as client:
            asked: Any = {"model": "claude", "max_tokens": 5, "messages": [TEXT]}
            if not stream:
                return client.messages.create(**asked).model_dump()
            with client.messages.create(**asked, stream=True) as events:
                return [event.model_dump() for event in events]

    first, again = both(application, memory, monkeypatch)
    assert again == first
    assert len(first) > 1
    assert memory.calls[0].streams is stream


@pytest.mark.filterwarnings("ignore:Passing an .httpx:DeprecationWarning")
@pytest.mark.parametrize("shape", ["plain", "stream"])
def test_a_client_of_the_older_http_library(
    shape: str, server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def application() -> Any:
        legacy: Any = httpx.Client()
        with openai.OpenAI(http_client=legacy) as client:
            return ask(client, "chat", shape, "hello")

    first, again = both(application, memory, monkeypatch)
    assert again == first


def workload_client(url: str) -> openai.OpenAI:
    identity: Any = {
        "provider": {"get_token": lambda: "subject", "token_type": "jwt"},
        "identity_provider_id": "idp",
        "service_account_id": "sa",
        "client_id": "c",
    }
    client = openai.OpenAI(workload_identity=identity)
    auth: Any = client._workload_identity_auth
    auth.token_exchange_url = f"{url}/oauth/token"
    return client


def test_a_token_is_neither_recorded_nor_fetched_in_a_replay(
    server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = Reply(raw=b'{"access_token": "true-token", "expires_in": 3600, "token_type": "Bearer"}')

    def answer(call: Call) -> Reply | str:
        return token if call.path.endswith("/token") else "hello"

    server.answer = answer
    url = server.url

    def application() -> Any:
        with workload_client(url) as client:
            return ask(client, "chat", "plain", "hello")

    first, again = both(application, memory, monkeypatch)
    assert again == first
    assert server.hits == 2
    assert server.calls[1].headers["authorization"] == "Bearer true-token"
    assert "true-token" not in repr(memory.answers)
