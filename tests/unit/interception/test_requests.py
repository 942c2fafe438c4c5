"""What a call of an application asks, in the form that golden cases have."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import anthropic
import openai
import pytest
from support.intercepted import Memory
from support.loopback import Loopback, Reply
from support.prompts import PIXEL, a_model, ask, attach, say

from pytest_promptdrift.interception import reading
from pytest_promptdrift.interception.reading import HttpRequest, fetches_credentials, read_request
from pytest_promptdrift.model import Attachment, Part, Tool
from pytest_promptdrift.providers import anthropic_messages, build_request, openai_chat
from pytest_promptdrift.providers import openai_responses as responses

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_promptdrift.model import Prompt, Request

CHAT_URL = "https://api.openai.com/v1/chat/completions"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def http(
    body: Any = None,
    *,
    sdk: str = "openai",
    url: str = CHAT_URL,
    method: str = "POST",
    content: bytes | None = None,
    **headers: str,
) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("content-type", "application/json")
    data = content if content is not None else json.dumps(body).encode() if body else b""
    return HttpRequest(sdk=sdk, method=method, url=url, headers=named, content=data)


def read(*arguments: Any, **named: Any) -> Request:
    return read_request(http(*arguments, **named), None)[0]


def call_as_golden(server: Loopback, provider: str, prompt: Prompt) -> tuple[Request, Request]:
    """Send the body of a golden case through the SDK, as an application would write it."""
    golden = build_request(prompt, a_model(provider), environ=dict(server_environ(server)))
    memory = Memory()
    body: Any = dict(golden.body)
    with memory.intercepting():
        if provider == "anthropic":
            with anthropic.Anthropic() as client:
                client.messages.create(**body)
        else:
            with openai.OpenAI() as other:
                made = other.responses if provider.endswith("s") else other.chat.completions
                made.create(**body)
    return memory.calls[0].request, golden


def server_environ(server: Loopback) -> dict[str, str]:
    return {"OPENAI_BASE_URL": server.openai_url, "ANTHROPIC_BASE_URL": server.anthropic_url}


@pytest.mark.parametrize("provider", ["openai", "openai:responses", "anthropic"])
def test_the_same_call_as_a_golden_case_has_the_same_digest(
    provider: str, server: Loopback
) -> None:
    prompt = ask("Überall 🎈", system="Be brief.", tools=(Tool(name="look", parameters=SCHEMA),))
    called, golden = call_as_golden(server, provider, prompt)
    assert called == golden
    assert called.digest == golden.digest


def test_the_names_of_the_protocols_are_those_of_golden_cases() -> None:
    assert reading.CHAT == openai_chat.API
    assert reading.RESPONSES == responses.API
    assert reading.MESSAGES == anthropic_messages.API


@pytest.fixture
def image(tmp_path: Path) -> Attachment:
    return attach(tmp_path / "pixel.png", PIXEL, "image/png")


@pytest.fixture
def document(tmp_path: Path) -> Attachment:
    return attach(tmp_path / "terms.pdf", b"%PDF-1.7 terms", "application/pdf")


def filled(body: Any, attachment: Attachment) -> Any:
    """Put the content of a file where its marker stands."""
    if isinstance(body, list):
        return [filled(item, attachment) for item in body]
    if not isinstance(body, dict):
        return body
    if "$attachment" not in body:
        return {key: filled(item, attachment) for key, item in body.items()}
    with open(attachment.path, "rb") as file:  # noqa: PTH123  (a test)
        data = base64.b64encode(file.read()).decode()
    return data if body["as"] == "base64" else f"data:{body['media_type']};base64,{data}"


@pytest.mark.parametrize("provider", ["openai", "openai:responses", "anthropic"])
@pytest.mark.parametrize("kind", ["image", "document"])
def test_files_in_a_body_are_the_markers_of_golden_cases(
    provider: str, kind: str, request: pytest.FixtureRequest, server: Loopback
) -> None:
    held: Attachment = request.getfixturevalue(kind)
    part = Part(image=held) if kind == "image" else Part(file=held)
    turn = say("user", "Look:")
    prompt = ask(messages=(type(turn)(role="user", parts=(*turn.parts, part)),))
    golden = build_request(prompt, a_model(provider), environ=server_environ(server))
    body = filled(golden.body, held)
    assert json.dumps(body) != json.dumps(golden.body)
    url, sdk = {
        "openai": (f"{server.openai_url}/chat/completions", "openai"),
        "openai:responses": (f"{server.openai_url}/responses", "openai"),
        "anthropic": (f"{server.anthropic_url}/v1/messages", "anthropic"),
    }[provider]
    assert read(body, url=url, sdk=sdk) == golden


def test_audio_in_a_body_is_a_marker() -> None:
    data = base64.b64encode(b"RIFF").decode()
    body = {"model": "m", "messages": [{"input_audio": {"data": data, "format": "wav"}}]}
    held: Any = read(body).body["messages"]
    assert held[0]["input_audio"]["data"]["media_type"] == "audio/wav"


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64,not base64",
        "data:image/png;base64,QR==",  # another spelling of the same byte
        "data:image/png;base64,QQ",
        "https://example.com/x.png",
    ],
)
def test_what_is_no_file_stays_as_it_is(url: str) -> None:
    body = {"model": "m", "messages": [{"image_url": {"url": url}}, "text", 1]}
    assert read(body).body == body


def test_nulls_and_a_stream_that_is_none_say_nothing() -> None:
    asked = {"model": "m", "messages": [{"content": None}]}
    assert read({**asked, "stream": False, "stop": None}) == read(asked)
    assert read({**asked, "stream": True}) != read(asked)


def test_the_place_counts_and_what_is_secret_in_it_does_not() -> None:
    body = {"model": "m", "messages": []}
    assert read(body).host is None
    other = read(body, url="https://user:pass@gateway.example/x/v1/chat/completions?sig=secret")
    assert other.host == "gateway.example/x/v1"
    assert "secret" not in json.dumps(other.canonical())
    azure = (
        "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-01-01"
    )
    assert read(body, url=azure).host == (
        "r.openai.azure.com/openai/deployments/d?api-version=2025-01-01"
    )


def test_betas_count_and_other_headers_do_not() -> None:
    body = {"model": "m", "messages": []}
    url = "https://api.anthropic.com/v1/messages?beta=true"
    asked = read(body, sdk="anthropic", url=url, anthropic_beta="b, a", authorization="Bearer x")
    assert asked.betas == ("a", "b")
    assert asked.host is None
    assert asked == read(body, sdk="anthropic", url=url, anthropic_beta="a,b")
    assert asked != read(body, sdk="anthropic", url=url)


def test_any_other_endpoint_is_known_by_all_that_is_asked() -> None:
    url = "https://api.openai.com/v1/files?limit=2&key=secret"
    listed = read(url=url, method="GET")
    assert (listed.api, listed.host) == ("openai.other", None)
    assert listed.body == {"method": "GET", "path": "/v1/files", "query": [["limit", "2"]]}
    made = read({"name": "x"}, url="https://api.openai.com/v1/vector_stores")
    assert made.body["content"] == {"name": "x"}
    raw = read(url="https://api.openai.com/v1/raw", content=b"\x00", content_type="audio/wav")
    assert raw.body["content"]["media_type"] == "audio/wav"  # type: ignore[index,call-overload]
    no_object = read(content=b"[1]")
    assert no_object.api == "openai.other"
    assert read(content=b"{broken").api == "openai.other"


def test_a_form_is_the_same_whatever_its_boundary(server: Loopback, memory: Memory) -> None:
    server.answer = Reply(raw=b'{"text": "hello"}')

    def transcribe(sound: bytes) -> None:
        with openai.OpenAI() as client:
            client.audio.transcriptions.create(file=("a.wav", sound), model="whisper-1")

    with memory.intercepting():
        for sound in (b"\r\n--one", b"\r\n--one", b"two"):
            transcribe(sound)
    digests = [call.request.digest for call in memory.calls]
    assert digests[0] == digests[1] != digests[2]
    fields: Any = memory.calls[0].request.body["content"]
    assert {field["name"] for field in fields} == {"file", "model"}
    assert {field.get("text") for field in fields} == {None, "whisper-1"}
    held = next(field for field in fields if field["name"] == "file")
    assert (held["filename"], held["file"]["bytes"]) == ("a.wav", 7)


@pytest.mark.parametrize(
    ("url", "gives"),
    [
        ("https://auth.openai.com/oauth/token", True),
        ("https://api.anthropic.com/v1/oauth/token", True),
        ("http://169.254.169.254/metadata/identity/oauth2/token", True),
        ("http://metadata.google.internal/computeMetadata/v1/x", True),
        (CHAT_URL, False),
        ("https://api.anthropic.com/v1/messages/count_tokens", False),
    ],
)
def test_addresses_that_give_out_tokens_are_known(url: str, gives: bool) -> None:
    assert fetches_credentials(url) is gives
