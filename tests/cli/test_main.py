from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift.cli import main as module
from pytest_promptdrift.cli.main import COMMANDS, main

if TYPE_CHECKING:
    from .conftest import Cli


ROOT = Path(__file__).parents[2]


def python(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environ},
        check=False,
    )


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert "Models are only ever called by pytest" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"usage: pytest-promptdrift {name}" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"1.2.3 of {name}")
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == "pytest-promptdrift 1.2.3 of pytest-promptdrift\n"


def test_no_command_is_misuse(cli: Cli) -> None:
    result = cli.run()
    assert result.code == 2
    assert result.err == "no command given\n  run: pytest-promptdrift --help\n"


def test_an_unknown_command_names_the_nearest(cli: Cli) -> None:
    result = cli.run("docter")
    assert result.code == 2
    assert "unknown command 'docter', did you mean 'doctor'?" in result.err


def test_an_unknown_option_is_misuse_with_the_help_of_its_command(cli: Cli) -> None:
    result = cli.run("prune", "--force")
    assert result.code == 2
    assert result.err == "unrecognized arguments: --force\n  run: pytest-promptdrift prune --help\n"


def test_options_are_not_abbreviated(cli: Cli) -> None:
    assert cli.run("prune", "--ye").code == 2
    assert cli.run("--vers").code == 2


def test_an_error_of_the_project_is_a_message_and_not_a_traceback(cli: Cli) -> None:
    cli.write("pyproject.toml", "[tool.promptdrift]\nsamples = 0\n")
    result = cli.run("prune")
    assert result.code == 1
    assert result.err.startswith("pyproject.toml:2: samples must be a whole number")


def test_an_interrupt_ends_with_the_usual_code(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_dispatch", interrupted)
    result = cli.run("doctor")
    assert (result.code, result.err) == (130, "interrupted\n")


@pytest.mark.parametrize("command", ["schema", "prune"])
def test_a_reader_that_leaves_is_no_traceback(command: str, tmp_path: Path) -> None:
    code = f"import sys; from {module.__name__} import main; sys.exit(main([{command!r}]))"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        problem = process.stderr.read()
    assert (problem, process.returncode) == (b"", 1)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; before = set(sys.modules);"
        "from pytest_promptdrift.cli.main import main; main(['--help']);"
        "main(['prune', '--help']); main(['doctor', '--help']); main(['init', '--help']);"
        "main(['import', '--help']); main(['schema', '--help']);"
        "main(['review', '--help']); main(['accept', '--help']); main(['reject', '--help']);"
        "main(['pending', '--help']); main(['history', '--help']);"
        "heavy = {'yaml', 'jinja2', 'openai', 'anthropic', 'numpy', 'pytest', 'rich', 'filelock',"
        "'genai_prices', 'jsonschema_rs', 'asyncio', 'tomllib', 'importlib.metadata'};"
        "print(sorted(heavy & (set(sys.modules) - before)), file=sys.stderr)"
    )
    assert python(code).stderr.strip() == "[]"
