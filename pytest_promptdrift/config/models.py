"""Reads the ``[tool.promptdrift.models.NAME]`` tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import did_you_mean

from . import readers
from .resolve import (
    KEY_VARIABLES,
    PROVIDERS,
    known_providers,
    model_problem,
    split_name,
)
from .secrets import shown
from .settings import ModelConfig, PriceOverride

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject, JsonValue

    from .readers import Problems

_COMMON = ("provider", "model", "params", "prices", "concurrency")
_REMOTE = ("base_url", "key_variable")
# What each built-in provider takes beside the common keys; an extension may take anything.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "openai": (*_REMOTE, "max_tokens_parameter"),
    "openai:responses": _REMOTE,
    "anthropic": _REMOTE,
    "python": ("function",),
    "fake": (),
}
PROVIDER_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "python": ("sources",),
    "fake": ("answers", "rules", "latency"),
}
_PRICES = ("input", "output", "cached_input")


def read_models(value: object, problems: Problems) -> dict[str, ModelConfig]:
    """Return the usable models of the ``models`` table, and note what is wrong with the others."""
    if not isinstance(value, Mapping):
        problems.add(
            ("models",), "models must be a table of tables: [tool.promptdrift.models.NAME]"
        )
        return {}
    models: dict[str, ModelConfig] = {}
    for name, table in value.items():
        path = ("models", name)
        if problem := readers.model_name_problem(name):
            problems.add(path, f"the model name {shown(name)} {problem}")
        elif not isinstance(table, Mapping):
            found = f"must be a table, found {shown(table)}"
            problems.add(path, f"models.{name} {found}", f"write [tool.promptdrift.models.{name}]")
        elif model := _read_model(name, table, problems):
            models[name] = model
    return models


def _read_model(name: str, table: Mapping[str, object], problems: Problems) -> ModelConfig | None:
    path = ("models", name)
    identity = _identity(name, table, problems)
    if identity is None:
        return None
    provider, model = identity
    _check_keys(path, table, provider, problems)

    def take(key: str, reader: readers.Reader[readers.T]) -> readers.T | None:
        return problems.read((*path, key), table[key], reader) if key in table else None

    url = take("base_url", readers.base_url)
    # a key that belongs to the provider must not go to somebody else's address
    own_key = None if "base_url" in table else KEY_VARIABLES.get(provider)
    return ModelConfig(
        name=name,
        provider=provider,
        model=model,
        base_url=url,
        key_variable=take("key_variable", readers.variable) or own_key,
        params=take("params", readers.json_object) or {},
        max_tokens_parameter=take("max_tokens_parameter", readers.identifier),
        prices=_read_prices((*path, "prices"), table.get("prices"), problems),
        concurrency=take("concurrency", readers.whole(1)),
        options=_read_options(path, table, provider, problems),
        where=problems.table.where(*path),
    )


def _identity(name: str, table: Mapping[str, object], problems: Problems) -> tuple[str, str] | None:
    """Return provider and model, which the name itself may say: ``models."openai:gpt-5-mini"``."""
    path = ("models", name)
    implied = split_name(name) if ":" in name else None
    if "provider" not in table:
        if implied is None:
            _missing_provider(path, table, problems)
            return None
        provider = implied[0]
    else:
        found = problems.read((*path, "provider"), table["provider"], readers.text)
        if found is None:
            return None
        provider = found
        if provider not in PROVIDERS and provider not in (known := known_providers()):
            msg = f"unknown provider {shown(provider)}{did_you_mean(provider, known)}"
            problems.add((*path, "provider"), msg)
            return None
    model = _model(path, table, provider, implied, problems)
    if model is None:
        return None
    if problem := model_problem(provider, model):
        problems.add((*path, "model"), f"the model {shown(model)} of models.{name} {problem}")
        return None
    return provider, model


def _missing_provider(
    path: tuple[str, ...], table: Mapping[str, object], problems: Problems
) -> None:
    model = table.get("model")
    split = split_name(model) if isinstance(model, str) else None
    hint = f"write provider = {split[0]!r} and model = {split[1]!r}" if split else None
    allowed = ", ".join(sorted(PROVIDERS))
    problems.add(path, f"{'.'.join(path)} has no provider; allowed: {allowed}", hint)


def _model(
    path: tuple[str, ...],
    table: Mapping[str, object],
    provider: str,
    implied: tuple[str, str] | None,
    problems: Problems,
) -> str | None:
    key = "function" if provider == "python" and "function" in table else "model"
    if key == "function" and "model" in table:
        problems.add((*path, "model"), f"{'.'.join(path)} has both model and function: keep one")
        return None
    if key in table:
        return problems.read((*path, key), table[key], readers.text)
    if implied is not None and implied[0] == provider:
        return implied[1]
    if provider == "fake":
        # a scripted model is nothing but its answers; its table's name is enough
        return path[-1]
    wanted = 'function = "module:function"' if provider == "python" else "model"
    problems.add(path, f"{'.'.join(path)} has no model; add {wanted}")
    return None


def _check_keys(
    path: tuple[str, ...], table: Mapping[str, object], provider: str, problems: Problems
) -> None:
    if provider not in _KEYS:
        return
    known = (*_COMMON, *_KEYS[provider], *PROVIDER_OPTIONS.get(provider, ()))
    for key in table:
        if key in known:
            continue
        if any(key in keys for keys in (*_KEYS.values(), *PROVIDER_OPTIONS.values())):
            msg = f"{'.'.join((*path, key))} means nothing to provider {provider!r}"
        else:
            msg = f"unknown key {shown(key)} in {'.'.join(path)}{did_you_mean(key, known)}"
        hint = None
        if key in ("temperature", "top_p", "max_tokens", "seed", "max_output_tokens"):
            hint = f"parameters of a request belong in params: params = {{ {key} = … }}"
        problems.add((*path, key), msg, hint)


def _read_prices(path: tuple[str, ...], value: object, problems: Problems) -> PriceOverride | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        problems.add(path, f"{'.'.join(path)} must be a table with input and output")
        return None
    for key in value:
        if key not in _PRICES:
            msg = f"unknown key {shown(key)} in {'.'.join(path)}{did_you_mean(key, _PRICES)}"
            problems.add((*path, key), msg)
    read = {
        key: problems.read((*path, key), value[key], readers.number)
        for key in _PRICES
        if key in value
    }
    missing = [key for key in ("input", "output") if key not in value]
    if missing:
        what = "US dollars per million tokens"
        problems.add(path, f"{'.'.join(path)} has no {' and no '.join(missing)} ({what})")
    given, returned = read.get("input"), read.get("output")
    if given is None or returned is None:
        return None
    return PriceOverride(input=given, output=returned, cached_input=read.get("cached_input"))


def _read_options(
    path: tuple[str, ...], table: Mapping[str, object], provider: str, problems: Problems
) -> JsonObject:
    mine = PROVIDER_OPTIONS.get(provider, ())
    if provider not in _KEYS:
        known = (*_COMMON, *_REMOTE, "max_tokens_parameter")
        mine = tuple(key for key in table if key not in known)
    options: dict[str, JsonValue] = {}
    for key in mine:
        if key in table:
            value = problems.read((*path, key), table[key], readers.json_value)
            if value is not None:
                options[key] = value
    return options
