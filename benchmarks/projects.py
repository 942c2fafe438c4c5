"""Writes the projects that are measured: the suite for the plugin, and the same files for nothing.

The recordings are made by the plugin itself, in its record mode, from a server on this machine.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from . import cases
from .measure import Command, command, run
from .server import serving

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Only the plugin under test: what else is installed would be added to both sides and hide it.
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
PYTEST = (sys.executable, "-m", "pytest", "-q")
PLUGIN = ("-p", "pytest_promptdrift.plugin.entry", "--promptdrift")

_KEY = "BENCHMARK_API_KEY"
_PYPROJECT = f"""\
[tool.promptdrift.models.bench]
provider = "openai"
model = "{cases.MODEL}"
base_url = "{{url}}/v1"
key_variable = "{_KEY}"
"""
_HEAD = """\
system: {instruction}
prompt: |
  Message of the customer:
  {{{{ message }}}}
models: [bench]
checks:
  - json_schema: {schema}
cases:
"""
_CASE = """\
  - id: {id}
    vars:
      message: {message}
    checks:
      - contains: "{order}"
"""
_NO_OP = '''\
"""Collects the same files into items that do nothing: what pytest itself costs."""

import pytest
import yaml


def pytest_collect_file(file_path, parent):
    if file_path.name.endswith(".prompt.yaml"):
        return File.from_parent(parent, path=file_path)


class File(pytest.File):
    def collect(self):
        with self.path.open("rb") as file:
            loaded = yaml.load(file, yaml.CSafeLoader)
        for case in loaded["cases"]:
            yield Item.from_parent(self, name=case["id"])


class Item(pytest.Item):
    def runtest(self):
        pass
'''


def case_file(numbers: Iterable[int]) -> str:
    """Return the text of a case file."""
    head = _HEAD.format(
        instruction=json.dumps(cases.INSTRUCTION), schema=json.dumps({"schema": cases.SCHEMA})
    )
    body = (
        _CASE.format(
            id=cases.case_id(n), message=json.dumps(cases.message(n)), order=cases.order(n)
        )
        for n in numbers
    )
    return head + "".join(body)


def no_op(folder: Path, count: int, per_file: int = 1000) -> Command:
    """Write a project whose items do nothing and return how to run it."""
    _write_cases(folder, count, per_file)
    (folder / "conftest.py").write_text(_NO_OP, encoding="utf-8")
    return command(*PYTEST, folder=folder, env=ALONE, says=f"{count} passed")


def recorded(folder: Path, count: int, per_file: int = 1000) -> Command:
    """Write a project, record it once, and return how to replay it."""
    replay = command(*PYTEST, *PLUGIN, folder=folder, env=ALONE, says=f"{count} passed")
    done = folder / "recorded"
    if done.exists():
        return replay
    _write_cases(folder, count, per_file)
    with serving() as server:
        configure(folder, server.url)
        run(calling(folder, count, mode="record"))
    done.touch()
    return replay


def configure(folder: Path, url: str) -> None:
    """Point the model of a project to a server."""
    (folder / "pyproject.toml").write_text(_PYPROJECT.format(url=url), encoding="utf-8")


def calling(folder: Path, count: int, *, mode: str, concurrency: int = 16) -> Command:
    """Return how to run a project in a mode that calls its model."""
    options = (f"--promptdrift-mode={mode}", f"--promptdrift-concurrency={concurrency}")
    return command(
        *(*PYTEST, *PLUGIN, *options),
        folder=folder,
        env={**ALONE, _KEY: "not-a-secret"},
        says=f"{count} passed",
        timeout=1200,
    )


def write_suite(folder: Path, count: int, per_file: int = 1000) -> None:
    """Write the case files of a project, nothing else."""
    _write_cases(folder, count, per_file)


def _write_cases(folder: Path, count: int, per_file: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, count, per_file):
        text = case_file(range(start, min(start + per_file, count)))
        (folder / f"suite{start // per_file}.prompt.yaml").write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").touch()
