"""Reads every setting from every source, and reports all mistakes at once.

Precedence: option, environment, project file, default. Case files come between environment and
project file; which of the two a value of Config is, its origin tells.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ConfigError, did_you_mean
from pytest_promptdrift.model.kinds import POLICIES, policy_names

from . import readers
from .models import read_models
from .resolve import resolve_model
from .secrets import secret_paths, shown, without
from .settings import Config, Origin
from .toml_source import TomlTable, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_promptdrift._errors import Where

    from .settings import ModelConfig

TABLE = ("tool", "promptdrift")

_READERS: Mapping[str, readers.Reader[object]] = {
    "default_models": readers.names,
    "samples": readers.whole(1),
    "concurrency": readers.whole(1),
    "timeout": readers.seconds,
    "retries": readers.whole(0),
    "retry_after_cap": readers.number,
    "embedder": readers.text,
    "alpha": readers.between(0, 0.5, open_ends="()"),
    "margin": readers.between(0, 1, open_ends="("),
    "floor": readers.between(0, 1),
    "effect_floor": readers.number,
    "error_share": readers.between(0, 1),
}
_VARIABLES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "samples": ("PROMPTDRIFT_SAMPLES", int),
    "concurrency": ("PROMPTDRIFT_CONCURRENCY", int),
    "timeout": ("PROMPTDRIFT_TIMEOUT", float),
    "model_override": (
        "PROMPTDRIFT_MODELS",
        lambda text: [name.strip() for name in text.split(",") if name.strip()],
    ),
}
_OPTIONS = {
    "model_override": "--promptdrift-model",
    "samples": "--promptdrift-samples",
    "concurrency": "--promptdrift-concurrency",
    "timeout": "--promptdrift-timeout",
}
_MODE = re.compile(r"(?:(?:record|default)?[_-]?mode|record|replay|refresh|live|online|network)\Z")
_MODE_VARIABLES = ("PROMPTDRIFT_MODE", "PROMPTDRIFT_RECORD", "PROMPTDRIFT_LIVE")
_ONLY_COMMAND_LINE = "only the command line can choose a mode that calls models"
_MODE_HINT = "run: pytest --promptdrift --promptdrift-mode record"


class ConfigErrors(ConfigError):  # noqa: N818  (many of them)
    """All mistakes found in the configuration, sorted by line; those outside files come last."""

    def __init__(self, errors: list[ConfigError]) -> None:
        ordered = sorted(errors, key=lambda e: (e.where is None, (e.where and e.where.line) or 0))
        super().__init__("\n".join(str(error) for error in ordered))
        self.errors = tuple(ordered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line chose; None and empty mean that it said nothing."""

    models: tuple[str, ...] = ()
    samples: int | None = None
    concurrency: int | None = None
    timeout: float | None = None


@dataclass(slots=True, kw_only=True)
class _Found:
    """Values by field name with their origins; a later source replaces an earlier one."""

    values: dict[str, object] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    errors: list[ConfigError] = field(default_factory=list)

    def keep(self, key: str, value: object, origin: Origin) -> None:
        reader = readers.names if key == "model_override" else _READERS[key]
        try:
            self.values[key] = reader(value)
        except readers.NotThatError as error:
            self.errors.append(ConfigError(f"{origin.detail} {error}"))
        else:
            self.origins[key] = origin


def find_project_file(folder: Path) -> Path | None:
    """Return the pyproject.toml of ``folder`` or of the nearest folder above that has one."""
    for place in (folder, *folder.parents):
        if (file := place / "pyproject.toml").is_file():
            return file
    return None


def load_config(
    root: Path,
    *,
    project_file: Path | None,
    environ: Mapping[str, str],
    options: Options,
) -> Config:
    """Return the settings of a run; raises ConfigError with every mistake in every source."""
    found = _Found()
    table = None if project_file is None else _open(project_file, root, found.errors)
    models = {} if table is None else _read_project(table, found)
    _read_environment(environ, found)
    _read_options(options, found)
    config = Config(
        root=root,
        project_file=project_file,
        models=models,
        origins=found.origins,
        **found.values,  # type: ignore[arg-type]  # each was read by the reader of its name
    )
    if not found.errors:
        _check_names(config, table, found.errors)
    if found.errors:
        raise found.errors[0] if len(found.errors) == 1 else ConfigErrors(found.errors)
    return config


def _open(project_file: Path, root: Path, errors: list[ConfigError]) -> TomlTable | None:
    inside = project_file.is_relative_to(root)
    name = (project_file.relative_to(root) if inside else project_file).as_posix()
    try:
        return read_table(project_file, TABLE, name)
    except ConfigError as error:
        errors.append(error)
        return None


def _read_project(table: TomlTable, found: _Found) -> dict[str, ModelConfig]:
    problems = readers.Problems(table=table, errors=found.errors)
    secrets = set(secret_paths(table.values))
    for path in sorted(secrets):
        hint = 'put it into an environment variable and name that: key_variable = "NAME"'
        problems.add(path, f"{'.'.join(path)} holds a key, which does not belong in a file", hint)
    clean = without(table.values, secrets)
    models = read_models(clean.pop("models"), problems) if "models" in clean else {}
    if "policies" in clean:
        found.values["policies"] = _read_policies(clean.pop("policies"), problems)
        found.origins["policies"] = Origin(source="project", detail=str(table.where("policies")))
    if models:
        found.origins["models"] = Origin(source="project", detail=str(table.where("models")))
    for key, value in clean.items():
        if _MODE.match(key):
            problems.add((key,), f"{key} cannot be configured: {_ONLY_COMMAND_LINE}", _MODE_HINT)
        elif key not in _READERS:
            near = did_you_mean(key, (*_READERS, "models", "policies"))
            problems.add((key,), f"unknown key {shown(key)} in [tool.promptdrift]{near}")
        else:
            read = problems.read((key,), value, _READERS[key])
            if read is not None:
                found.values[key] = read
                found.origins[key] = Origin(source="project", detail=str(table.where(key)))
    return models


def _read_policies(value: object, problems: readers.Problems) -> dict[str, str]:
    """Return what ``[tool.promptdrift.policies]`` sets; what is wrong with it is noted."""
    if not isinstance(value, dict):
        problems.add(("policies",), f"policies must be a table, found {shown(value)}")
        return {}
    found: dict[str, str] = {}
    for name, policy in value.items():
        path = ("policies", name)
        if name not in policy_names():
            near = did_you_mean(name, policy_names())
            problems.add(path, f"unknown kind of finding {shown(name)}{near}")
        elif policy not in POLICIES:
            words = ", ".join(POLICIES)
            near = did_you_mean(policy, POLICIES) if isinstance(policy, str) else ""
            said = f"policies.{name} must be one of {words}, found {shown(policy)}{near}"
            problems.add(path, said)
        else:
            found[name] = str(policy)
    return found


def _read_environment(environ: Mapping[str, str], found: _Found) -> None:
    for variable in _MODE_VARIABLES:
        if variable in environ:
            msg = f"{variable} is set, but {_ONLY_COMMAND_LINE}"
            found.errors.append(ConfigError(msg, hint=f"unset {variable}; {_MODE_HINT}"))
    for key, (variable, parse) in _VARIABLES.items():
        text = environ.get(variable, "").strip()
        if not text:
            continue
        value: object = text
        with suppress(ValueError):
            # a text that does not parse goes on as it is: the reader says what was expected
            value = parse(text)
        found.keep(key, value, Origin(source="environment", detail=variable))


def _read_options(options: Options, found: _Found) -> None:
    given: Mapping[str, object] = {
        "model_override": list(options.models) or None,
        "samples": options.samples,
        "concurrency": options.concurrency,
        "timeout": options.timeout,
    }
    for key, value in given.items():
        if value is not None:
            found.keep(key, value, Origin(source="option", detail=_OPTIONS[key]))


def _check_names(config: Config, table: TomlTable | None, errors: list[ConfigError]) -> None:
    """Note every chosen model that does not exist."""
    lists = {"default_models": config.default_models, "model_override": config.model_override}
    for key, chosen in lists.items():
        where: Where | None = None
        if key == "default_models" and table is not None:
            where = table.where(key)
        for name in chosen:
            try:
                resolve_model(config, name, where)
            except ConfigError as error:
                if where is None:
                    said_by = config.origins[key].detail
                    errors.append(ConfigError(f"{said_by}: {error.message}", hint=error.hint))
                else:
                    errors.append(error)
