"""Lists every setting with its value and its origin, for people who wonder where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .settings import Origin

if TYPE_CHECKING:
    from .settings import Config, ModelConfig

_FIELDS = (
    "default_models",
    "model_override",
    "samples",
    "concurrency",
    "timeout",
    "retries",
    "retry_after_cap",
    "embedder",
    "alpha",
    "margin",
    "floor",
    "effect_floor",
    "error_share",
    "policies",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One line of a listing: a name, the value as text, and where it came from."""

    name: str
    value: str
    origin: Origin


def describe(config: Config) -> list[Setting]:
    """Return every setting in the order of the documentation, then every configured model.

    Contains names of environment variables, never their values.
    """
    settings = [
        Setting(
            name=name,
            value=_text(getattr(config, name)),
            origin=config.origin(name),
        )
        for name in _FIELDS
    ]
    for model in config.models.values():
        origin = Origin(source="project", detail=str(model.where or ""))
        settings.append(Setting(name=f"models.{model.name}", value=_model(model), origin=origin))
    return settings


def _text(value: object) -> str:
    if value is None or value in ((), {}):
        return "not set"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {policy}" for name, policy in value.items())
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _model(model: ModelConfig) -> str:
    parts = [f"{model.provider}:{model.model}"]
    if model.base_url:
        parts.append(f"at {model.base_url}")
    if model.params:
        parts.append("with " + ", ".join(f"{key}={value}" for key, value in model.params.items()))
    if model.key_variable:
        parts.append(f"key in {model.key_variable}")
    return ", ".join(parts)
