"""From the name of a model, as case files and options say it, to the model itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ConfigError, did_you_mean, nearest

from .readers import model_name_problem
from .secrets import shown
from .settings import ModelConfig

if TYPE_CHECKING:
    from pytest_promptdrift._errors import Where

    from .settings import Config

# The longest prefix wins, so that openai:responses is not the model "responses:…" of openai.
PROVIDERS = ("openai:responses", "openai", "anthropic", "python", "fake")
ENTRY_POINTS = "pytest_promptdrift.providers"
KEY_VARIABLES = {
    "openai": "OPENAI_API_KEY",
    "openai:responses": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
}
# Spellings other tools use, and ours.
_ELSEWHERE = {"openai:chat": "openai", "anthropic:messages": "anthropic"}
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*\Z")
_TABLE_HINT = "give it a name: [tool.promptdrift.models.NAME] with provider and model"


def resolve_model(config: Config, name: str, where: Where | None = None) -> ModelConfig:
    """Return the model called ``name``: a configured one, or one spelled ``provider:model``.

    Raises ConfigError, at ``where``, that names the nearest name.
    """
    configured = config.models.get(name)
    if configured is not None:
        return configured
    if problem := model_name_problem(name):
        msg = f"the model name {shown(name)} {problem}"
        raise ConfigError(msg, where=where, hint=_TABLE_HINT)
    split = split_name(name)
    if split is None:
        raise _unknown(config, name, where)
    provider, model = split
    for spelling, ours in _ELSEWHERE.items():
        if name.startswith(f"{spelling}:"):
            right = f"{ours}:{name[len(spelling) + 1 :]}"
            msg = f"unknown model {shown(name)}, did you mean {shown(right)}?"
            raise ConfigError(msg, where=where)
    if problem := model_problem(provider, model):
        msg = f"the model {shown(name)} {problem}"
        raise ConfigError(msg, where=where)
    return ModelConfig(
        name=name,
        provider=provider,
        model=model,
        key_variable=KEY_VARIABLES.get(provider),
        where=where,
    )


def split_name(name: str) -> tuple[str, str] | None:
    """Split ``provider:model``, or return None when it starts with no known provider.

    Extensions are looked up only for a prefix that is not built in, because the look-up reads the
    metadata of every installed package.
    """
    for provider in PROVIDERS:
        if name.startswith(f"{provider}:"):
            return provider, name[len(provider) + 1 :]
    prefix, colon, rest = name.partition(":")
    if colon and prefix in extension_prefixes():
        return prefix, rest
    return None


def extension_prefixes() -> tuple[str, ...]:
    """Return the prefixes that installed extensions provide."""
    from importlib.metadata import entry_points  # noqa: PLC0415  (slow; for unknown prefixes only)

    return tuple(sorted({point.name for point in entry_points(group=ENTRY_POINTS)}))


def model_problem(provider: str, model: str) -> str | None:
    """Tell why ``model`` can be no model of ``provider``, or None."""
    if not model.strip():
        return f"names no model; write {provider}:MODEL"
    if provider == "python" and not _FUNCTION.match(model):
        return "names no function; write python:module:function"
    return None


def known_providers() -> tuple[str, ...]:
    """Return every provider that can be named: built in, and from extensions."""
    return (*PROVIDERS, *(p for p in extension_prefixes() if p not in PROVIDERS))


def _unknown(config: Config, name: str, where: Where | None) -> ConfigError:
    prefix, colon, rest = name.partition(":")
    close = nearest(name, config.models)
    if close is not None:
        msg = f"unknown model {shown(name)}, did you mean {close!r}?"
        return ConfigError(msg, where=where)
    if colon and rest:
        msg = f"unknown provider {shown(prefix)}{did_you_mean(prefix, known_providers())}"
        return ConfigError(msg, where=where)
    known = ", ".join(sorted(config.models))
    have = f"; configured: {known}" if known else ""
    hint = "write provider:model, such as openai:gpt-5-mini, or add [tool.promptdrift.models.NAME]"
    return ConfigError(f"unknown model {shown(name)}{have}", where=where, hint=hint)
