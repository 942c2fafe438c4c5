"""``import``: turns another tool's configuration into a case file that loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import CaseFileErrors, PromptDriftError
from pytest_promptdrift._text import plural

if TYPE_CHECKING:
    import argparse

    from .console import Console
    from .project import Project
    from .promptfoo import Conversion

_MOST_LISTED = 50


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument("tool", choices=["promptfoo"], help="where the file comes from")
    parser.add_argument("file", type=Path, metavar="FILE", help="its configuration (YAML or JSON)")
    parser.add_argument(
        "--output", type=Path, metavar="NAME", help="the case file to write, in the same folder"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Convert, write, and list what was not converted; 1 when something was left out."""
    from .project import open_project  # noqa: PLC0415  (not for --help)
    from .promptfoo import convert  # noqa: PLC0415  (the same)

    project = open_project(console)
    path: Path = console.folder / arguments.file
    target = path.with_name(arguments.output.name) if arguments.output else _beside(path)
    _check_target(target, arguments.output)
    conversion = convert(path, str(arguments.file), lambda *found: _refused(project, *found))
    _write(conversion, target, arguments.file)
    shown = project.shown(target)
    problem, cases = _load(target, project)
    console.say(f"wrote {shown}" + (f": {plural(cases, 'case')}" if cases else ""))
    _say_left_out(conversion, console)
    _say_tables(conversion, console)
    if problem:
        console.error(f"\nit does not load yet:\n{problem}")
        return 1
    console.say(f"\nnext: pytest {shown} --promptdrift --promptdrift-mode record")
    return 1 if conversion.left_out else 0


def _beside(path: Path) -> Path:
    stem = path.name.split(".")[0].removesuffix("config") or "imported"
    return path.with_name(f"{stem}.prompt.yaml")


def _check_target(target: Path, asked: Path | None) -> None:
    if asked is not None and asked.name != str(asked):
        msg = "the case file lies beside the configuration, whose files it names"
        raise PromptDriftError(msg, hint=f"give a name without a folder: --output {asked.name}")
    if not target.name.endswith((".prompt.yaml", ".prompt.yml")):
        msg = f"the name of a case file ends with .prompt.yaml, found {target.name!r}"
        raise PromptDriftError(msg)
    if target.exists():
        msg = f"{target.name} exists; nothing was written"
        raise PromptDriftError(msg, hint="choose another name: --output NAME.prompt.yaml")


def _refused(project: Project, model: str, params: dict[str, object]) -> dict[str, str]:
    """Return what is wrong with request parameters for a model, by their names."""
    from pytest_promptdrift.config import resolve_model  # noqa: PLC0415  (only for an import)
    from pytest_promptdrift.providers import check_params  # noqa: PLC0415  (the same)

    found = check_params(params, resolve_model(project.config, model))  # type: ignore[arg-type]  # it comes from YAML
    return {problem.path.removeprefix("params."): problem.message for problem in found}


def _write(conversion: Conversion, target: Path, source: Path) -> None:
    from pytest_promptdrift._files import write_atomically  # noqa: PLC0415  (only for an import)

    from .promptfoo.writer import to_yaml  # noqa: PLC0415  (the same)

    text = f"# made from {source.name}\n{to_yaml(conversion.document)}"
    write_atomically(target, text.encode())


def _load(target: Path, project: Project) -> tuple[str | None, int]:
    """Return what is wrong with the new file, or None, and how many cases it has."""
    from pytest_promptdrift.cases import load_case_file  # noqa: PLC0415  (only for an import)

    try:
        return None, len(load_case_file(target, project.config).cases)
    except CaseFileErrors as errors:
        return str(errors), 0


def _say_left_out(conversion: Conversion, console: Console) -> None:
    if not conversion.left_out:
        return
    console.title(f"not converted, or to be looked at ({len(conversion.left_out)})")
    for left_out in conversion.left_out[:_MOST_LISTED]:
        console.say(f"{left_out.where}: {left_out.what}", indent=2)
    hidden = len(conversion.left_out) - _MOST_LISTED
    if hidden > 0:
        console.say(f"and {hidden} more", indent=2)


def _say_tables(conversion: Conversion, console: Console) -> None:
    if not conversion.tables:
        return
    console.title("parameters of single models, for pyproject.toml")
    for model, params in conversion.tables.items():
        console.say(f"[tool.promptdrift.models.{json.dumps(model)}]", indent=2)
        for name, value in params.items():
            console.say(f"params.{name} = {_toml(value)}", indent=2)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
