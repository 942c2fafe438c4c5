"""Puts the converted parts together into one case file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from .prompts import convert_prompts
from .providers import convert_providers
from .source import open_source
from .tests import convert_tests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .prompts import Wording
    from .providers import Models
    from .source import LeftOut, Source

_HANDLED = {
    "prompts",
    "providers",
    "targets",
    "tests",
    "defaultTest",
    "scenarios",
    "assertionTemplates",
}
_SILENT = {
    "description",
    "tags",
    "$schema",
    "outputPath",
    "evaluateOptions",
    "commandLineOptions",
    "sharing",
}


_LIMIT = "max_output_tokens"
# What the other tool sends when nothing is said.
_DEFAULT_LIMIT = 1024

# Returns what is wrong with parameters for a model, by their names.
JudgeParams: TypeAlias = "Callable[[str, dict[str, object]], dict[str, str]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A case file as data, the settings that belong into the project file, and what is missing."""

    document: dict[str, object]
    tables: dict[str, dict[str, object]] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()


def convert(path: Path, shown: str, judge: JudgeParams) -> Conversion:
    """Convert a configuration file; ``judge`` knows which parameters a model takes.

    Raises PromptDriftError when the file is not readable as a configuration at all.
    """
    source = open_source(path, shown)
    config = source.mapping()
    for key in config:
        if key not in _HANDLED | _SILENT:
            source.leave_out((key,), f"{key} of the configuration")
    wordings = convert_prompts(source, config)
    models = convert_providers(source, config)
    found = convert_tests(source, config)
    document: dict[str, object] = _prompt(wordings)
    if models.names:
        document["models"] = models.names
    shared, tables = _params(source, models, judge)
    if shared:
        document["params"] = shared
    document.update(models.shared)
    if found.checks:
        document["checks"] = found.checks
    _fill_missing(source, wordings, found.cases)
    document["cases"] = [case or {"id": "only"} for case in found.cases]
    return Conversion(
        document=document, tables=tables, left_out=tuple(sorted(set(source.left_out)))
    )


def _prompt(wordings: list[Wording]) -> dict[str, object]:
    if len(wordings) == 1:
        return dict(wordings[0].body)
    return {
        "variants": {
            wording.name: wording.body["prompt"]
            if list(wording.body) == ["prompt"]
            else wording.body
            for wording in wordings
        }
    }


def _params(
    source: Source, models: Models, judge: JudgeParams
) -> tuple[dict[str, object], dict[str, dict[str, object]]]:
    """Split parameters into those of all models and those of single ones, without refused ones."""
    kept: dict[str, dict[str, object]] = {}
    for model, params in models.params.items():
        refused = judge(model, params)
        kept[model] = {name: value for name, value in params.items() if name not in refused}
        for name in params.keys() & refused.keys():
            source.leave_out(("providers",), f"{name} of {model}: {refused[name]}")
    first = next(iter(kept.values()), {})
    shared = {k: v for k, v in first.items() if all(p.get(k) == v for p in kept.values())}
    if _LIMIT not in shared and any(_LIMIT in judge(model, shared) for model in kept):
        # the file has to load by itself, and some models cannot be asked without a limit
        given = (params[_LIMIT] for params in kept.values() if _LIMIT in params)
        shared[_LIMIT] = next(given, _DEFAULT_LIMIT)
        what = f"one of the models needs an output limit; {shared[_LIMIT]} goes for all of them now"
        source.leave_out(("providers",), what)
    own = {m: {k: v for k, v in p.items() if k not in shared} for m, p in kept.items()}
    return shared, {model: params for model, params in own.items() if params}


def _fill_missing(source: Source, wordings: list[Wording], cases: list[dict[str, object]]) -> None:
    """Give every case the variables that a prompt uses: a missing one is an error here."""
    used = sorted(frozenset[str]().union(*(wording.names for wording in wordings)))
    for case in cases:
        variables = case.get("vars")
        known = variables if isinstance(variables, dict) else {}
        missing = [name for name in used if name not in known]
        if missing:
            what = (
                f"a test without {', '.join(missing)}; the prompt uses it, so it is empty text now"
            )
            source.leave_out(("tests",), what)
            case["vars"] = {**known, **dict.fromkeys(missing, "")}
