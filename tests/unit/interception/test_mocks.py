"""Tests that have their calls answered by somebody else keep working."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import openai
import pytest
import vcr
from support.intercepted import Memory, ask, close_network, set_keys

from pytest_promptdrift.interception import Interception, StoppedCallError, active_mock

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpx import HTTPXMock
    from support.loopback import Loopback

ANSWER = {
    "id": "x",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "mocked"},
        }
    ],
}


def chat(**options: Any) -> Any:
    with openai.OpenAI(**options) as client:
        return ask(client, "chat", "plain", "hello")


def test_nobody_else_answers() -> None:
    assert active_mock(httpx2) is None
    assert active_mock(httpx) is None


def test_an_active_cassette_keeps_its_calls(
    server: Loopback, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cassette = str(tmp_path / "cassette.yaml")
    with Interception(memory, offline=True) as it, it.owned_by("test_it") as owner:
        with vcr.use_cassette(cassette):
            first = chat()
        close_network(monkeypatch)
        set_keys(monkeypatch)
        with vcr.use_cassette(cassette, record_mode=vcr.mode.NONE):
            assert active_mock(httpx2) == "a vcrpy cassette"
            assert chat() == first
        assert owner.stood_aside_for == {"a vcrpy cassette"}
        with pytest.raises(StoppedCallError):
            chat()
    assert len(memory.calls) == 1


def test_a_mock_of_the_other_library_changes_nothing(
    server: Loopback, memory: Memory, httpx_mock: HTTPXMock
) -> None:
    assert active_mock(httpx) == "the httpx_mock fixture of pytest-httpx"
    assert active_mock(httpx2) is None
    with memory.intercepting():
        chat()
    assert memory.stored == 1


@pytest.mark.filterwarnings("ignore:Passing an .httpx:DeprecationWarning")
def test_a_mock_of_the_same_library_keeps_its_calls(
    memory: Memory, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpx_mock.add_response(json=ANSWER)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    legacy: Any = httpx.Client()
    with memory.intercepting(offline=True):
        assert chat(http_client=legacy)["id"] == "x"
    assert memory.calls == []


def test_a_transport_that_answers_itself_keeps_its_calls(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=ANSWER))
    with Interception(memory, offline=True) as it, it.owned_by("test_it") as owner:
        with httpx2.Client(transport=transport) as http:
            assert chat(http_client=http)["id"] == "x"
        assert owner.stood_aside_for == {"httpx2.MockTransport"}


def test_a_respx_router_is_found_where_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    respx = pytest.importorskip("respx", reason="respx is not installed: its routers are not tried")
    assert sys.modules["httpx"] is httpx
    with respx.mock:
        assert active_mock(httpx) == "a respx router"
        assert active_mock(httpx2) is None
    assert active_mock(httpx) is None
