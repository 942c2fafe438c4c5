from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest
from support.prompts import a_model, ask

from pytest_promptdrift._errors import ConfigError
from pytest_promptdrift.model import Request
from pytest_promptdrift.providers import (
    Provider,
    build_request,
    client_key,
    find_provider,
    provider_names,
    registry,
)

if TYPE_CHECKING:
    from pathlib import Path


def _build(prompt: Any, model: Any, *, environ: Any, root: Path) -> Request:
    return Request(api="parrot", body={"say": prompt.text()})


def parrot() -> Provider:
    return Provider(name="parrot", build=_build, open=lambda *_: None, share=lambda _: "parrot")  # type: ignore[arg-type,return-value]


def broken() -> Provider:
    raise RuntimeError("no feathers")


def no_provider() -> str:
    return "parrot"


@pytest.fixture
def extensions(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint(name=name, value=f"{__name__}:{name}", group=registry.GROUP)
        for name in ("parrot", "broken", "no_provider")
    ]
    made = {"parrot": parrot, "broken": broken, "no_provider": no_provider}
    monkeypatch.setattr(EntryPoint, "load", lambda self: made[self.name])

    def entry_points(*, group: str, name: str | None = None) -> list[EntryPoint]:
        assert group == "pytest_promptdrift.providers"
        return [point for point in points if name in {None, point.name}]

    monkeypatch.setattr(registry, "entry_points", entry_points)


@pytest.mark.usefixtures("extensions")
def test_an_extension_answers_under_its_own_name() -> None:
    model = a_model("parrot", model="grey")
    assert build_request(ask("hi"), model).body == {"say": "hi"}
    assert client_key(model) == "parrot"
    assert provider_names()[-3:] == ("parrot", "broken", "no_provider")


@pytest.mark.usefixtures("extensions")
def test_an_extension_that_does_not_load_is_named() -> None:
    with pytest.raises(ConfigError, match=r"'broken' of .*:broken cannot be loaded: no feathers"):
        find_provider("broken")
    with pytest.raises(ConfigError, match=r"'no_provider' of .* is no Provider"):
        find_provider("no_provider")


def test_an_unknown_provider_gets_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="no provider 'antropic', did you mean 'anthropic'"):
        build_request(ask(), a_model("antropic"))


@pytest.mark.parametrize("name", ["openai", "openai:responses", "anthropic", "python", "fake"])
def test_our_own_providers_are_found_by_name(name: str) -> None:
    assert find_provider(name).name == name
    assert name in provider_names()


def test_models_of_one_server_and_key_share_a_client() -> None:
    assert client_key(a_model()) == client_key(a_model("openai:responses"))
    assert client_key(a_model()) != client_key(a_model("anthropic"))
    assert client_key(a_model()) != client_key(a_model(base_url="http://x/v1"))
    assert client_key(a_model()) != client_key(a_model(key_variable="OTHER"))


_HEAVY = ("openai", "anthropic", "httpx", "httpx2", "genai_prices", "pydantic", "asyncio", "numpy")
_SCRIPT = """
import sys
from pytest_promptdrift.config.settings import ModelConfig
from pytest_promptdrift.model import Message, Part, Prompt
from pytest_promptdrift.providers import build_request, client_key
prompt = Prompt(
    system=None,
    messages=(Message(role="user", parts=(Part(text="hi"),)),),
    params={"max_output_tokens": 5},
)
for provider in ("openai", "openai:responses", "anthropic", "fake", "python"):
    model = ModelConfig(name="m", provider=provider, model="json:loads")
    build_request(prompt, model, environ={}).digest
print(*(name for name in HEAVY if name in sys.modules))
"""


def test_building_requests_loads_no_sdk_and_no_loop() -> None:
    script = _SCRIPT.replace("HEAVY", repr(_HEAVY))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
