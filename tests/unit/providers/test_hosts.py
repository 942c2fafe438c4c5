from __future__ import annotations

import pytest
from support.prompts import a_model

from pytest_promptdrift._errors import ProviderError, ProviderErrorKind
from pytest_promptdrift._place import place_of
from pytest_promptdrift.providers.hosts import ANTHROPIC, OPENAI, host, key_for

OWN = "http://127.0.0.1:8091/v1"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://api.openai.com/v1", "api.openai.com/v1"),
        ("https://API.OpenAI.com:443/v1/", "api.openai.com/v1"),
        ("http://127.0.0.1:8091/v1", "127.0.0.1:8091/v1"),
        ("http://localhost:80", "localhost"),
        ("https://localhost:80/", "localhost:80"),
        ("https://user:secret@gateway.example/x?key=secret#f", "gateway.example/x"),
        ("http://[::1]:8000/v1", "[::1]:8000/v1"),
        ("localhost:8000/v1", "localhost:8000/v1"),
        ("http://h:notaport/v1", "h/v1"),
    ],
)
def test_an_address_has_one_spelling_and_no_secret(url: str, place: str) -> None:
    assert place_of(url) == place


def test_the_providers_own_address_is_no_host() -> None:
    assert host(a_model(), OPENAI, {}) is None
    assert host(a_model(base_url="https://api.openai.com/v1/"), OPENAI, {}) is None
    assert host(a_model("anthropic"), ANTHROPIC, {"ANTHROPIC_BASE_URL": " "}) is None


def test_the_model_wins_over_the_environment() -> None:
    environ = {"OPENAI_BASE_URL": "http://gateway/v1"}
    assert host(a_model(), OPENAI, environ) == "gateway/v1"
    assert host(a_model(base_url=OWN), OPENAI, environ) == "127.0.0.1:8091/v1"


def test_the_usual_variable_holds_the_key() -> None:
    assert key_for(a_model(), OPENAI, {"OPENAI_API_KEY": " sk-1\n"}) == ("sk-1", "OPENAI_API_KEY")


def test_anthropic_takes_a_key_or_a_token() -> None:
    token = {"ANTHROPIC_AUTH_TOKEN": "t"}
    assert key_for(a_model("anthropic"), ANTHROPIC, token) == ("t", "ANTHROPIC_AUTH_TOKEN")
    both = {**token, "ANTHROPIC_API_KEY": "k"}
    assert key_for(a_model("anthropic"), ANTHROPIC, both) == ("k", "ANTHROPIC_API_KEY")


def test_a_server_of_ones_own_never_gets_the_real_key() -> None:
    environ = {"OPENAI_API_KEY": "sk-real"}
    assert key_for(a_model(base_url=OWN), OPENAI, environ) == ("no-key", "")


def test_a_server_of_ones_own_gets_the_key_that_was_named_for_it() -> None:
    model = a_model(base_url=OWN, key_variable="MY_KEY")
    assert key_for(model, OPENAI, {"MY_KEY": "k", "OPENAI_API_KEY": "x"}) == ("k", "MY_KEY")


def test_a_gateway_from_the_environment_gets_the_key_from_the_environment() -> None:
    environ = {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": OWN}
    assert key_for(a_model(), OPENAI, environ)[0] == "sk-1"


@pytest.mark.parametrize(
    ("provider", "vendor", "names"),
    [
        ("openai", OPENAI, "OPENAI_API_KEY"),
        ("anthropic", ANTHROPIC, "ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN"),
    ],
)
def test_a_missing_key_names_the_variable(provider: str, vendor: object, names: str) -> None:
    with pytest.raises(ProviderError, match=f"variable {names} is not set") as caught:
        key_for(a_model(provider), vendor, {"OPENAI_API_KEY": ""})  # type: ignore[arg-type]
    assert caught.value.kind is ProviderErrorKind.MISSING_KEY


@pytest.mark.parametrize("key", ["sk 1", "sk-ä", "sk\n1", "sk\x00"])
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ProviderError, match="characters that no key has") as caught:
        key_for(a_model(), OPENAI, {"OPENAI_API_KEY": key})
    assert key not in str(caught.value)
