from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.loopback import Loopback, failure, garbage, key_echo
from support.prompts import a_model, ask, run

from pytest_promptdrift._errors import ProviderError
from pytest_promptdrift.providers import CallSettings, build_request, open_client

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENAI_KEY = "sk-openai-0123456789abcdef"
ANTHROPIC_KEY = "sk-ant-0123456789abcdef"


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an environment may hold that the SDKs would send along by themselves."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-gateway: gateway-secret\nopenai-beta: odd=v9")
    monkeypatch.setenv(
        "ANTHROPIC_CUSTOM_HEADERS", "x-gateway: gateway-secret\nanthropic-beta: odd-2099"
    )


def call(provider: str, environ: Mapping[str, str], settings: Any = None, **model: Any) -> None:
    made = a_model(provider, **model)
    request = build_request(ask(), made, environ=environ)

    async def complete() -> None:
        client = open_client(made, settings or CallSettings(timeout=20, retries=0), environ)
        try:
            await client.complete(request, {})
        finally:
            await client.aclose()

    run(complete())


def headers(server: Loopback) -> str:
    return "\n".join(f"{name}: {value}" for name, value in server.calls[-1].headers.items())


def own_url(server: Loopback, provider: str) -> str:
    return server.anthropic_url if provider == "anthropic" else server.openai_url


def test_the_key_of_the_environment_goes_where_the_environment_says(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    call(provider, environ)
    key = ANTHROPIC_KEY if provider == "anthropic" else OPENAI_KEY
    assert server.calls[0].headers["authorization"] == f"Bearer {key}"


@pytest.mark.usefixtures("surroundings")
def test_a_server_of_ones_own_gets_nothing_from_the_environment(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    call(provider, environ, base_url=own_url(server, provider))
    assert server.calls[0].headers["authorization"] == "Bearer no-key"
    for secret in ("secret", "sk-", "odd"):
        assert secret not in headers(server)


@pytest.mark.usefixtures("surroundings")
def test_a_server_of_ones_own_gets_the_key_that_was_named_and_nothing_else(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    own = {**environ, "MY_KEY": "mine-123"}
    call(provider, own, base_url=own_url(server, provider), key_variable="MY_KEY")
    assert server.calls[0].headers["authorization"] == "Bearer mine-123"
    for secret in ("secret", "sk-", "odd"):
        assert secret not in headers(server)


@pytest.mark.usefixtures("surroundings")
def test_a_gateway_of_the_environment_gets_its_headers_but_no_hidden_betas(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    call(provider, environ)
    assert server.calls[0].headers["x-gateway"] == "gateway-secret"
    assert "odd" not in headers(server)


def test_an_anthropic_token_is_sent_as_a_token(server: Loopback, environ: dict[str, str]) -> None:
    del environ["ANTHROPIC_API_KEY"]
    call("anthropic", {**environ, "ANTHROPIC_AUTH_TOKEN": "token-1"})
    assert server.calls[0].headers["authorization"] == "Bearer token-1"


@pytest.mark.parametrize("padding", [0, 280, 290, 300])
def test_a_key_that_is_echoed_is_not_in_the_error_wherever_it_is_cut(
    server: Loopback, environ: dict[str, str], provider: str, padding: int
) -> None:
    server.answer = failure(401, "authentication_error", "x" * padding + "{key}" + "y" * 400)
    with pytest.raises(ProviderError) as caught:
        call(provider, environ)
    assert "0123456789" not in str(caught.value)
    assert "sk-openai" not in str(caught.value)
    assert "sk-ant" not in str(caught.value)


def test_a_key_in_an_unreadable_answer_is_not_in_the_error(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = garbage(f"you sent {OPENAI_KEY} and {ANTHROPIC_KEY}".encode())
    hidden = CallSettings(
        timeout=20, redact=lambda text: text.replace(OPENAI_KEY, "…").replace(ANTHROPIC_KEY, "…")
    )
    with pytest.raises(ProviderError) as caught:
        call(provider, environ, hidden)
    assert "0123456789" not in str(caught.value)


def test_everything_a_provider_says_passes_through_redaction(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = key_echo()
    settings = CallSettings(timeout=20, redact=lambda text: text.replace("Incorrect", "[redacted]"))
    with pytest.raises(ProviderError, match=r"\[redacted\] API key provided: \[key\]"):
        call(provider, environ, settings)


def test_a_refused_placeholder_is_told_how_to_name_a_key(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = key_echo()
    with pytest.raises(ProviderError) as caught:
        call(provider, environ, base_url=own_url(server, provider), name="local")
    assert "name its variable as `key_variable` of model 'local'" in (caught.value.hint or "")


def test_control_characters_of_a_provider_do_not_reach_a_terminal(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = failure(400, "invalid_request_error", "\x1b[2J gone")
    with pytest.raises(ProviderError) as caught:
        call(provider, environ)
    assert "\x1b" not in str(caught.value)


def test_the_answer_holds_no_header_and_no_account(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    made = a_model(provider)
    request = build_request(ask(), made, environ=environ)
    assert "sk-" not in str(request.canonical())
