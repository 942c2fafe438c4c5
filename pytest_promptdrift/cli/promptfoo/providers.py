"""Providers of the other tool as models of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .source import file_reference, items

if TYPE_CHECKING:
    from .source import Keys, Source

_PREFIXES = {
    "openai:chat:": "openai:",
    "openai:responses:": "openai:responses:",
    "anthropic:messages:": "anthropic:",
}
_NOT_CHAT = (
    "completion",
    "embedding",
    "embeddings",
    "image",
    "realtime",
    "assistant",
    "moderation",
)
_SERVERS = {
    "ollama": "http://127.0.0.1:11434/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "localai": "http://127.0.0.1:8080/v1",
    "vllm": "http://127.0.0.1:8000/v1",
    "groq": "https://api.groq.com/openai/v1",
    "mistral": "https://api.mistral.ai/v1",
    "deepseek": "https://api.deepseek.com/v1",
    "togetherai": "https://api.together.xyz/v1",
}
_PARAMS = {
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "max_output_tokens": "max_output_tokens",
    **{
        same: same
        for same in (
            "temperature",
            "top_p",
            "seed",
            "stop",
            "frequency_penalty",
            "presence_penalty",
            "reasoning_effort",
            "reasoning",
            "thinking",
            "verbosity",
            "stop_sequences",
            "metadata",
            "service_tier",
            "parallel_tool_calls",
        )
    },
}


@dataclass(slots=True, kw_only=True)
class Models:
    """The converted providers; ``params`` has those of each model, ``shared`` what goes on top."""

    names: list[str] = field(default_factory=list)
    params: dict[str, dict[str, object]] = field(default_factory=dict)
    shared: dict[str, object] = field(default_factory=dict)


def convert_providers(source: Source, config: dict[str, object]) -> Models:
    """Return the models of a configuration."""
    key = "providers" if "providers" in config else "targets"
    models = Models()
    for index, item in items(config.get(key)):
        keys: Keys = (key, index) if isinstance(config[key], list) else (key,)
        name, settings, inner = _spelled(item)
        if name is None:
            source.leave_out(keys, "this provider has no id that can be converted")
            continue
        model = _model(source, keys, name)
        if model is None:
            continue
        if model in models.names:
            source.leave_out(keys, f"{name} is listed a second time; one model is asked once")
            continue
        models.names.append(model)
        models.params[model] = _settings(source, (*keys, *inner), settings, models.shared)
    return models


def _spelled(item: object) -> tuple[str | None, dict[str, object], Keys]:
    """Return id, config and the keys to the config of the three spellings of a provider."""
    if isinstance(item, str):
        return item, {}, ()
    if not isinstance(item, dict):
        return None, {}, ()
    inner: Keys = ("config",)
    if "id" not in item and len(item) == 1:
        name, item = next(iter(item.items()))
        inner = (name, "config")
        item = item if isinstance(item, dict) else {}
        identifier = item.get("id", name)
    else:
        identifier = item.get("id")
    settings = item.get("config")
    found = settings if isinstance(settings, dict) else {}
    return (identifier if isinstance(identifier, str) else None), found, inner


def _model(source: Source, keys: Keys, name: str) -> str | None:
    for prefix, ours in _PREFIXES.items():
        if name.startswith(prefix) and len(name) > len(prefix):
            return ours + name.removeprefix(prefix)
    family, _, rest = name.partition(":")
    if family in {"openai", "anthropic"} and rest and rest.partition(":")[0] not in _NOT_CHAT:
        return name
    if file_reference(name) is not None or family in {"exec", "python", "webhook", "http", "https"}:
        source.leave_out(
            keys, f"provider {name!r}: a Python function can be python:module:function"
        )
    elif family in _SERVERS:
        how = f'provider = "openai" and base_url = "{_SERVERS[family]}"'
        what = f"provider {name!r}: write [tool.promptdrift.models.NAME] with {how}"
        source.leave_out(keys, what)
    else:
        source.leave_out(keys, f"provider {name!r} has no counterpart")
    return None


def _settings(
    source: Source, keys: Keys, settings: dict[str, object], shared: dict[str, object]
) -> dict[str, object]:
    params: dict[str, object] = {}
    for key, value in settings.items():
        at = (*keys, key)
        if key in _PARAMS:
            params[_PARAMS[key]] = value
        elif key == "response_format" and (found := _response_format(value)) is not None:
            _share(source, at, shared, ("response_format", found))
        elif key == "tools" and (tools := _tools(value)) is not None:
            _share(source, at, shared, ("tools", tools))
        elif key == "tool_choice" and isinstance(value, str):
            _share(source, at, shared, ("tool_choice", value))
        elif key in {"apiBaseUrl", "apiHost", "apiKey", "apiKeyEnvar", "organization"}:
            # the value is never repeated: it may be a key
            where = "[tool.promptdrift.models.NAME] with base_url and key_variable"
            source.leave_out(at, f"{key}: addresses and keys are named in {where}")
        else:
            source.leave_out(at, f"the provider's {key}")
    return params


def _share(source: Source, keys: Keys, shared: dict[str, object], item: tuple[str, object]) -> None:
    key, value = item
    if shared.setdefault(key, value) != value:
        source.leave_out(keys, f"{key} differs between providers; the first one is kept for all")


def _response_format(value: object) -> object | None:
    if not isinstance(value, dict):
        return None
    if value.get("type") == "json_object":
        return "json"
    inner = value.get("json_schema", value)
    if value.get("type") != "json_schema" or not isinstance(inner, dict):
        return None
    schema = inner.get("schema")
    reference = file_reference(schema)
    if not isinstance(schema, dict) and reference is None:
        return None
    kept = {key: inner[key] for key in ("name", "strict") if key in inner}
    return {"schema_file": reference, **kept} if reference else {"schema": schema, **kept}


def _tools(value: object) -> list[dict[str, object]] | None:
    if not isinstance(value, list):
        return None
    tools: list[dict[str, object]] = []
    for item in value:
        if not isinstance(item, dict):
            return None
        tool = item.get("function") if item.get("type") == "function" else item
        tool = item if tool is None else tool
        if not isinstance(tool, dict) or "name" not in tool:
            return None
        ours = {key: tool[key] for key in ("name", "description", "strict") if key in tool}
        parameters = tool.get("parameters", tool.get("input_schema"))
        if parameters is not None:
            ours["parameters"] = parameters
        tools.append(ours)
    return tools
