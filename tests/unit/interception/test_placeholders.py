"""Keys where there are none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import anthropic
import openai
import pytest
from support.intercepted import Memory, ask, open_client

from pytest_promptdrift.interception import PLACEHOLDER_VARIABLES, StoppedCallError

if TYPE_CHECKING:
    from support.loopback import Loopback


@pytest.fixture(autouse=True)
def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PLACEHOLDER_VARIABLES, *PLACEHOLDER_VARIABLES.values()):
        if name:
            monkeypatch.delenv(name, raising=False)


def test_clients_can_be_built_without_a_key(memory: Memory) -> None:
    with memory.intercepting(offline=True):
        openai.OpenAI().close()
        openai.AzureOpenAI(azure_endpoint="http://127.0.0.1:9", api_version="2025-01-01").close()
        anthropic.Anthropic().close()
    assert not [name for name in PLACEHOLDER_VARIABLES if name in os.environ]


def test_a_key_that_is_set_stays(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-own")
    with memory.intercepting():
        assert os.environ["OPENAI_API_KEY"] == "sk-own"
    assert os.environ["OPENAI_API_KEY"] == "sk-own"


def test_a_blank_key_is_none_and_comes_back(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    with memory.intercepting():
        assert os.environ["OPENAI_API_KEY"]
    assert os.environ["OPENAI_API_KEY"] == ""


def test_a_key_that_the_test_sets_is_not_taken_away(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with memory.intercepting():
        monkeypatch.setenv("OPENAI_API_KEY", "sk-later")
    assert os.environ["OPENAI_API_KEY"] == "sk-later"


def test_a_token_makes_a_key_needless(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token")
    with memory.intercepting():
        assert "ANTHROPIC_API_KEY" not in os.environ


def test_the_variables_can_be_chosen(memory: Memory) -> None:
    with memory.intercepting(placeholders=("OPENAI_API_KEY",)):
        assert "OPENAI_API_KEY" in os.environ
        assert "ANTHROPIC_API_KEY" not in os.environ


@pytest.mark.parametrize("api", ["chat", "messages"])
def test_a_placeholder_is_never_sent(
    api: str, server: Loopback, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with (
        memory.intercepting(),
        open_client(api, is_async=False) as client,
        pytest.raises(StoppedCallError, match="no key is set for a call of"),
    ):
        ask(client, api, "plain", "hello")
    assert server.hits == 0
