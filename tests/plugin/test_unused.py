"""A project that has the plugin installed and does not use it must not feel it."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

OWN_MODULES = {
    "pytest_promptdrift",
    "pytest_promptdrift.plugin",
    "pytest_promptdrift.plugin.entry",
    "pytest_promptdrift.plugin.hooks",
    "pytest_promptdrift.plugin.options",
}
# What a replay has no use for, and what takes longer to load than a hundred cases to replay.
HEAVY = {
    "aiohttp",
    "anthropic",
    "asyncio",
    "deepdiff",
    "filelock",
    "genai_prices",
    "httpx",
    "httpx2",
    "jinja2",
    "jsonschema",
    "model2vec",
    "numpy",
    "openai",
    "pydantic",
    "rich",
}
# Written when the session is over, to a file outside the project.
CONFTEST = """
import json
import pathlib
import sys


def pytest_unconfigure(config):
    pathlib.Path({target!r}).write_text(json.dumps(sorted(sys.modules)))
"""
CASE_FILE = """
prompt: "Classify: {{ message }}"
models: [demo]
checks:
  - json_schema: {type: string}
  - contains: "billing"
cases:
  - id: charged
    vars: {message: I was charged twice.}
"""
PYPROJECT = """
[tool.promptdrift.models.demo]
provider = "fake"
answers = ['"billing"']
"""


@pytest.fixture
def bystander(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with one ordinary test, and with case files that nobody asks for."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makepyfile("def test_nothing():\n    pass\n")
    (pytester.path / "triage.prompt.yaml").write_text(CASE_FILE)
    (pytester.path / "pyproject.toml").write_text(PYPROJECT)
    return pytester


def modules_after(
    bystander: pytest.Pytester, target: Path, *args: str, outcomes: int = 1
) -> set[str]:
    (bystander.path / "conftest.py").write_text(CONFTEST.format(target=str(target)))
    result = bystander.runpytest_subprocess(*args)
    result.assert_outcomes(passed=outcomes)
    return set(json.loads(target.read_text()))


def files_of(bystander: pytest.Pytester) -> set[str]:
    found = (path.relative_to(bystander.path) for path in bystander.path.rglob("*"))
    # what the runner of this test writes down is no part of the project
    ours = re.compile(r"stdout|stderr|runpytest-\d+|__pycache__")
    return {str(path) for path in found if not any(ours.fullmatch(part) for part in path.parts)}


def words_of(result: pytest.RunResult) -> list[str]:
    """The output without what differs from run to run, and without pytest's list of plugins."""
    lines = [line for line in result.outlines if not line.startswith("plugins: ")]
    return [re.sub(r"in \d+\.\d\ds", "in a moment", line) for line in lines]


def test_only_the_entry_point_is_loaded(bystander: pytest.Pytester, tmp_path: Path) -> None:
    with_it = modules_after(bystander, tmp_path.parent / "with.json")
    without = modules_after(bystander, tmp_path.parent / "without.json", "-p", "no:promptdrift")

    assert with_it - without == OWN_MODULES


def test_no_file_is_written(bystander: pytest.Pytester) -> None:
    bystander.runpytest_subprocess("-p", "no:promptdrift").assert_outcomes(passed=1)
    before = files_of(bystander)
    bystander.runpytest_subprocess().assert_outcomes(passed=1)

    assert files_of(bystander) == before


@pytest.mark.parametrize("verbosity", ["-q", "-v"])
def test_no_line_is_printed(bystander: pytest.Pytester, verbosity: str) -> None:
    with_it = bystander.runpytest_subprocess(verbosity, "-ra")
    without = bystander.runpytest_subprocess(verbosity, "-ra", "-p", "no:promptdrift")

    with_it.assert_outcomes(passed=1)
    assert words_of(with_it) == words_of(without)


def test_case_files_are_left_alone(bystander: pytest.Pytester) -> None:
    (bystander.path / "broken.prompt.yaml").write_text("cases: [}")
    result = bystander.runpytest_subprocess("--collect-only", "-q")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*.prompt.yaml*")


def test_a_conftest_may_offer_checks_to_runs_that_do_not_use_them(
    bystander: pytest.Pytester,
) -> None:
    bystander.makeconftest("def pytest_promptdrift_checks(registry):\n    raise AssertionError\n")

    bystander.runpytest_subprocess().assert_outcomes(passed=1)


def test_an_optional_hook_survives_the_plugin_being_switched_off(
    bystander: pytest.Pytester,
) -> None:
    bystander.makeconftest(
        """
        import pytest

        @pytest.hookimpl(optionalhook=True)
        def pytest_promptdrift_checks(registry):
            raise AssertionError
        """
    )

    bystander.runpytest_subprocess("-p", "no:promptdrift").assert_outcomes(passed=1)


def test_switched_off_the_options_are_unknown(bystander: pytest.Pytester) -> None:
    result = bystander.runpytest_subprocess("-p", "no:promptdrift", "--promptdrift")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --promptdrift*"])


def test_the_package_alone_loads_nothing(bystander: pytest.Pytester) -> None:
    code = (
        "import sys; old = set(sys.modules); import pytest_promptdrift; "
        "print(*(set(sys.modules) - old))"
    )
    result = bystander.run(sys.executable, "-c", code)

    loaded = set(result.outlines[-1].split())
    assert {name for name in loaded if name.startswith("pytest_promptdrift")} == {
        "pytest_promptdrift"
    }
    assert not loaded & HEAVY


def test_a_replay_loads_nothing_heavy(bystander: pytest.Pytester, tmp_path: Path) -> None:
    target = tmp_path.parent / "replay.json"
    bystander.runpytest_subprocess("--promptdrift-mode=record").assert_outcomes(passed=2)
    alone = modules_after(bystander, tmp_path.parent / "alone.json", "-p", "no:promptdrift")
    loaded = modules_after(bystander, target, "--promptdrift", outcomes=2)

    assert "pytest_promptdrift.engine.runner" in loaded
    assert sorted((loaded - alone) & HEAVY) == []
