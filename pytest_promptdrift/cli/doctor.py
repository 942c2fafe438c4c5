"""``doctor``: what is set, installed, recorded and missing, and what to do next."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ConfigError
from pytest_promptdrift._text import plural

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from pytest_promptdrift.config import Config, ModelConfig

    from .console import Console
    from .project import Project
    from .suites import BaselineState, FileState

_PACKAGES = (
    "pytest-promptdrift",
    "pytest",
    "pytest-xdist",
    "openai",
    "anthropic",
    "jsonschema-rs",
    "genai-prices",
    "model2vec",
)
# Distributions with a name so close to ours that one is easily installed for the other.
_LOOKALIKES = (
    "promptdrift",
    "promptdrift-py",
    "promptdrift-ci",
    "promptdrifter",
    "pytest-prompt-drift",
)
_PLUGIN = "pytest_promptdrift.plugin.entry"
_SHIPPED = "static"
_PRUNE = "look at unused recordings: pytest-promptdrift prune"
_RECORD = "pytest --promptdrift --promptdrift-mode record"
_DECIDE = "judge and decide: pytest --promptdrift, then pytest-promptdrift review"
_SHOWN_CASES = 3


@dataclass(slots=True, kw_only=True)
class _Findings:
    """What is wrong, and what could be done next, in the order in which it should be."""

    problems: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def wrong(self, problem: str, step: str | None = None) -> None:
        self.problems.append(problem)
        self.step(step)

    def step(self, step: str | None) -> None:
        if step is not None and step not in self.steps:
            self.steps.append(step)


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="case files or folders (default: here)"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Look at everything; 1 when something is wrong."""
    from .project import find_case_files, open_project  # noqa: PLC0415  (not for --help)
    from .suites import look_at, orphaned_suites  # noqa: PLC0415  (the same)

    findings = _Findings()
    project: Project | None = None
    try:
        project = open_project(console)
    except ConfigError as error:
        findings.wrong(str(error), "correct the settings, then run doctor again")
    if project is not None:
        _say_settings(project.config, console)
    _say_installed(console)
    _find_clashes(console, findings)
    if project is not None:
        files = find_case_files(project, arguments.paths)
        states = look_at(project, files, findings.problems)
        _say_files(states, project, console, findings)
        for suite in orphaned_suites(project, arguments.paths):
            console.say(f"{project.shown(suite)}: recordings without a case file", indent=2)
            findings.step(_PRUNE)
        _say_models(_models(project, states), console)
        _say_embedder(project.config, console, findings)
    _say_end(console, findings)
    return 1 if findings.problems else 0


def _say_settings(config: Config, console: Console) -> None:
    from pytest_promptdrift.config import describe  # noqa: PLC0415  (not for --help)

    console.title("settings")
    rows = []
    for setting in describe(config):
        origin = setting.origin
        detail = f" ({origin.detail})" if origin.detail else ""
        rows.append((setting.name, setting.value, f"{origin.source}{detail}"))
    console.table(rows)


def _say_installed(console: Console) -> None:
    console.title("installed")
    rows = [("python", platform.python_version())]
    rows += [(name, _version(name) or "not installed") for name in _PACKAGES]
    console.table(rows)


def _version(name: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  (slow)

    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _find_clashes(console: Console, findings: _Findings) -> None:
    """Look for what keeps the plugin from being loaded, or may be taken for it."""
    from importlib.metadata import entry_points  # noqa: PLC0415  (slow)

    ours = {point.value for point in entry_points(group="pytest11", name="promptdrift")}
    for value in sorted(ours - {_PLUGIN}):
        problem = f"another package registers a pytest plugin 'promptdrift': {value}"
        findings.wrong(problem, "uninstall one of the two: pytest loads only one of that name")
    if console.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        problem = "PYTEST_DISABLE_PLUGIN_AUTOLOAD is set, so pytest does not load this plugin"
        findings.wrong(problem, "add -p promptdrift to the pytest command, or unset the variable")
    similar = [name for name in _LOOKALIKES if _version(name)]
    if similar:
        console.title("packages with a similar name (no part of this one)")
        console.table([(name, _version(name) or "") for name in similar])


def _say_files(
    states: list[FileState],
    project: Project,
    console: Console,
    findings: _Findings,
) -> None:
    console.title("case files")
    if not states:
        console.say("none found (*.prompt.yaml, *.prompt.yml, *.prompt.json)", indent=2)
        findings.step("write a first case file: pytest-promptdrift init")
    for state in states:
        console.say(project.shown(state.path), indent=2)
        for line in _file_lines(state):
            console.say(line, indent=4)
        if state.unrecorded:
            many = plural(state.unrecorded, "request has", "requests have")
            problem = f"{project.shown(state.path)}: {many} too few recorded samples"
            findings.wrong(problem, f"record what is missing: {_RECORD}")
        if state.recorded and state.baseline.accepted < state.baseline.cells:
            findings.step(_DECIDE)
        if state.unused or state.baseline.obsolete:
            findings.step(_PRUNE)
        _find_broken_baselines(state.baseline, project.shown(state.path), findings)


def _find_broken_baselines(state: BaselineState, path: str, findings: _Findings) -> None:
    """Report accepted recordings that are not there as they were accepted."""
    step = "bring back what was accepted with git, or decide anew: pytest-promptdrift review"
    for cases, what in (
        (state.lost, "the accepted recording is gone"),
        (state.edited, "the accepted answers were edited or taken out"),
    ):
        if cases:
            more = len(cases) - _SHOWN_CASES
            named = ", ".join(cases[:_SHOWN_CASES]) + (f" and {more} more" if more > 0 else "")
            findings.wrong(f"{path}: {what}: {named}", step)


def _file_lines(state: FileState) -> Iterator[str]:
    if state.broken:
        yield "has mistakes, see below"
        return
    parts = [plural(state.cases, "case")]
    if state.variants > 1:
        parts.append(plural(state.variants, "variant"))
    if state.samples > 1:
        parts.append(f"up to {state.samples} samples each")
    yield f"{', '.join(parts)}; {plural(len(state.models), 'model')}: {', '.join(state.models)}"
    counts = [f"{state.recorded} recorded"]
    if state.unrecorded:
        counts.append(f"{state.unrecorded} unrecorded")
    if state.unused:
        counts.append(plural(state.unused, "unused recording"))
    yield f"of {plural(state.recorded + state.unrecorded, 'request')}: {', '.join(counts)}"
    yield _baseline_line(state.baseline)


def _baseline_line(state: BaselineState) -> str:
    line = f"baseline: {state.accepted} of {state.cells} accepted"
    if state.changed:
        asks = plural(state.changed, "asks", "ask")
        line += f", of which {asks} something else today"
    if state.obsolete:
        line += f"; {plural(state.obsolete, 'baseline')} of what is in no case file any more"
    return line


def _models(project: Project, states: Iterable[FileState]) -> list[ModelConfig]:
    from pytest_promptdrift.config import resolve_model  # noqa: PLC0415  (not for --help)

    names = dict.fromkeys(project.config.models)
    for state in states:
        names.update(dict.fromkeys(state.models))
    return [resolve_model(project.config, name) for name in names]


def _say_models(models: list[ModelConfig], console: Console) -> None:
    if not models:
        return
    console.title("models")
    console.table((model.name, _key(model, console), _price(model)) for model in models)


def _say_embedder(config: Config, console: Console, findings: _Findings) -> None:
    found = config.embedder
    if found != _SHIPPED:
        # the shipped one is always there; another may need a package or a folder
        from pytest_promptdrift.checks.embedding import get_embedder  # noqa: PLC0415  (heavy)

        try:
            found = get_embedder(config.embedder).id
        except ConfigError as error:
            place = config.origin("embedder").detail
            findings.wrong(f"{place}: {error}")
            found = f"{found} (cannot be used, see below)"
    console.title("embedder of the similar check")
    console.say(found, indent=2)


def _key(model: ModelConfig, console: Console) -> str:
    if model.key_variable is None:
        return "no key needed" if model.provider in {"fake", "python"} or model.base_url else "-"
    present = bool(console.environ.get(model.key_variable, "").strip())
    return f"{model.key_variable} is set" if present else f"{model.key_variable} is not set"


def _price(model: ModelConfig) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415  (not for --help)

    from pytest_promptdrift.model import Usage  # noqa: PLC0415  (the same)
    from pytest_promptdrift.providers import price  # noqa: PLC0415  (the same)

    if model.provider == "fake":
        return "free"
    million = Usage(input_tokens=1_000_000, output_tokens=1_000_000)
    cost = price(model, model.model, million, datetime.now(UTC))
    if cost is None:
        return "price unknown: give prices in the settings"
    return f"price known ({cost.prices})"


def _say_end(console: Console, findings: _Findings) -> None:
    if findings.problems:
        console.title(f"problems ({len(findings.problems)})")
        for problem in findings.problems:
            console.say(problem, indent=2)
    else:
        console.say()
        console.say("nothing is wrong")
    if findings.steps:
        console.title("next")
        for step in findings.steps:
            console.say(step, indent=2)
