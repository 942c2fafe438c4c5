"""What a run is configured to do, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_promptdrift._canonical import JsonObject
    from pytest_promptdrift._errors import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOverride:
    """The user's own prices of a model, in US dollars per million tokens.

    ``cached_input`` falls back to ``input`` when it is None.
    """

    input: float
    output: float
    cached_input: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """A model of the matrix.

    ``name`` is what case files and node ids say: ``openai:gpt-5-mini`` or the name of a
    ``[tool.promptdrift.models.NAME]`` table. ``provider`` is ``openai``, ``openai:responses``,
    ``anthropic``, ``python``, ``fake`` or an extension's; ``model`` is what is sent as the model
    (for ``python``: ``module:function``). ``base_url`` is None for the provider's own address.
    ``key_variable`` names the environment variable of the key; a model with a ``base_url`` and
    without ``key_variable`` is never sent a real key. ``max_tokens_parameter`` overrides the name
    under which a chat model takes the output limit. ``options`` belong to the provider (answers of
    a fake, sources of a Python function).
    """

    name: str
    provider: str
    model: str
    base_url: str | None = None
    key_variable: str | None = None
    params: JsonObject = field(default_factory=dict)
    max_tokens_parameter: str | None = None
    prices: PriceOverride | None = None
    concurrency: int | None = None
    options: JsonObject = field(default_factory=dict)
    where: Where | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a setting came from: ``option``, ``environment``, ``project`` or ``default``."""

    source: str
    detail: str = ""


_DEFAULT = Origin(source="default")
_OVERRIDES = ("option", "environment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of a run, with the origin of every value in ``origins`` (by field name).

    ``root`` is the folder of the project; ``project_file`` the pyproject.toml that was read, if
    any. ``model_override`` holds the models chosen on the command line, which replace those of
    every case file. ``samples`` may be a default for case files (from the project) or win over
    them (from option and environment): ask the two properties. ``timeout`` is the deadline of one
    call with its retries and ``retry_after_cap`` the longest pause a provider may ask for, both in
    seconds.

    ``alpha`` is the chance that a whole run cries drift when nothing changed but chance. A score
    that dropped by less than ``margin`` is fine, one that dropped by less than ``floor`` is not
    worth a failure; ``effect_floor`` is the same for whole answers, as energy distance over that
    among the accepted ones. A family with more errors than ``error_share`` gets no verdict.
    ``policies`` has what was set (``fail``, ``warn`` or ``ignore``) by kind or group of kinds.
    """

    root: Path
    project_file: Path | None = None
    models: Mapping[str, ModelConfig] = field(default_factory=dict)
    default_models: tuple[str, ...] = ()
    model_override: tuple[str, ...] = ()
    samples: int | None = None
    concurrency: int = 16
    timeout: float = 120.0
    retries: int = 2
    retry_after_cap: float = 60.0
    embedder: str = "static"
    alpha: float = 0.05
    margin: float = 0.05
    floor: float = 0.02
    effect_floor: float = 0.005
    error_share: float = 0.1
    policies: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def samples_override(self) -> int | None:
        """Number of samples that replaces those of every case file: an option or variable."""
        return self.samples if self.origin("samples").source in _OVERRIDES else None

    @property
    def samples_default(self) -> int:
        """Number of samples of a case file that does not say."""
        return 1 if self.samples is None else self.samples

    def origin(self, name: str) -> Origin:
        """Return where the value of the field ``name`` came from."""
        return self.origins.get(name, _DEFAULT)
