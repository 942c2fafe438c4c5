"""Finds the provider of a model: our own by table, extensions by entry point; all lazily.

An extension is a distribution with an entry point in the group ``pytest_promptdrift.providers``
whose name is the provider and whose object is a function without arguments that returns a
``Provider``.
"""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ConfigError, did_you_mean

from .client import Client, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Prompt, Request

    from .client import CallSettings

GROUP = "pytest_promptdrift.providers"


def _openai() -> Provider:
    from . import openai_chat  # noqa: PLC0415  (each provider is loaded when first used)

    return Provider(name="openai", build=openai_chat.build, open=_open_openai, share=_share_sdk)


def _openai_responses() -> Provider:
    from . import openai_responses as api  # noqa: PLC0415  (each provider is loaded when first used)

    return Provider(name="openai:responses", build=api.build, open=_open_openai, share=_share_sdk)


def _anthropic() -> Provider:
    from . import anthropic_messages as api  # noqa: PLC0415  (loaded when first used)

    return Provider(name="anthropic", build=api.build, open=_open_anthropic, share=_share_sdk)


def _python() -> Provider:
    from . import python_function as own  # noqa: PLC0415  (each provider is loaded when first used)

    return Provider(name="python", build=own.build, open=_open_python, share=own.share)


def _fake() -> Provider:
    from . import fake  # noqa: PLC0415  (each provider is loaded when first used)

    return Provider(name="fake", build=fake.build, open=fake.open_client, share=fake.share)


def _open_openai(model: ModelConfig, settings: CallSettings, environ: Mapping[str, str]) -> Client:
    from . import sdk  # noqa: PLC0415  (only a call needs it)

    return sdk.open_openai(model, settings, environ)


def _open_python(model: ModelConfig, settings: CallSettings, environ: Mapping[str, str]) -> Client:
    from . import python_client  # noqa: PLC0415  (only a call needs it)

    return python_client.open_client(model, settings, environ)


def _open_anthropic(
    model: ModelConfig, settings: CallSettings, environ: Mapping[str, str]
) -> Client:
    from . import sdk  # noqa: PLC0415  (only a call needs it)

    return sdk.open_anthropic(model, settings, environ)


def _share_sdk(model: ModelConfig) -> Hashable:
    from . import sdk  # noqa: PLC0415  (only a call needs it)

    return sdk.share(model)


BUILT_IN: Mapping[str, Callable[[], Provider]] = {
    "openai": _openai,
    "openai:responses": _openai_responses,
    "anthropic": _anthropic,
    "python": _python,
    "fake": _fake,
}


def provider_names() -> tuple[str, ...]:
    """Return the names of all providers, those of extensions included."""
    return tuple(dict.fromkeys([*BUILT_IN, *(point.name for point in entry_points(group=GROUP))]))


def find_provider(name: str) -> Provider:
    """Return a provider; raises ConfigError with the nearest name when there is none."""
    factory = BUILT_IN.get(name)
    if factory is not None:
        return factory()
    for point in entry_points(group=GROUP, name=name):
        try:
            provider = point.load()()
        except Exception as error:
            msg = f"the provider {name!r} of {point.value} cannot be loaded: {error}"
            raise ConfigError(msg) from error
        if isinstance(provider, Provider):
            return provider
        msg = f"the provider {name!r} of {point.value} is no Provider"
        raise ConfigError(msg, hint="the entry point names a function that returns a Provider")
    msg = f"no provider {name!r}{did_you_mean(name, provider_names())}"
    raise ConfigError(msg)


def build_request(
    prompt: Prompt,
    model: ModelConfig,
    *,
    environ: Mapping[str, str] | None = None,
    root: Path | None = None,
) -> Request:
    """Return the exact request that puts a prompt to a model.

    Pure: no SDK, no network; ``environ`` decides only which server is meant. ``root`` is the
    folder of the project, from which a Python function's sources are found. Raises ParamsError
    with everything that is wrong at once.
    """
    return find_provider(model.provider).build(
        prompt,
        model,
        environ=os.environ if environ is None else environ,
        root=Path.cwd() if root is None else root,
    )


def open_client(
    model: ModelConfig, settings: CallSettings, environ: Mapping[str, str] | None = None
) -> Client:
    """Return a client for a model and all others of the same ``client_key``.

    Here, and only here, the SDK is imported. Raises ProviderError when the model's key is missing.
    """
    provider = find_provider(model.provider)
    return provider.open(model, settings, os.environ if environ is None else environ)


def check_key(model: ModelConfig, environ: Mapping[str, str]) -> None:
    """Raise ProviderError when the key of a model is missing; loads no SDK.

    Nothing is known of the keys of extensions: they say so themselves when they are opened.
    """
    from . import hosts  # noqa: PLC0415  (a replay needs no key)

    vendor = {
        "openai": hosts.OPENAI,
        "openai:responses": hosts.OPENAI,
        "anthropic": hosts.ANTHROPIC,
    }
    if model.provider in vendor:
        hosts.key_for(model, vendor[model.provider], environ)


def client_key(model: ModelConfig) -> Hashable:
    """Return what is equal for the models that may share one client."""
    return find_provider(model.provider).share(model)
