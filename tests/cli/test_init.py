from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

from pytest_promptdrift.config import Options, load_config

if TYPE_CHECKING:
    from .conftest import Cli


def pytest_in(cli: Cli, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "prompts", *options],
        cwd=cli.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_starter_records_and_replays_at_once_without_a_key(cli: Cli) -> None:
    assert cli.run("init").code == 0
    recorded = pytest_in(cli, "--promptdrift", "--promptdrift-mode", "record")
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    assert "3 passed" in recorded.stdout
    stored = cli.files()
    assert sum("recordings" in name for name in stored) == 3
    replayed = pytest_in(cli, "--promptdrift")
    assert replayed.returncode == 0, replayed.stdout
    assert "replayed 3 recorded answers, no call made" in replayed.stdout
    assert cli.files() == stored
    assert cli.run("doctor").code == 0
    assert "nothing to prune: 3 recordings, all in use" in cli.run("prune").out


def test_init_says_how_to_go_on_and_how_to_ask_a_real_model(cli: Cli) -> None:
    out = cli.run("init").out
    assert "pytest prompts --promptdrift --promptdrift-mode record" in out
    assert "in prompts/triage.prompt.yaml write  models: [openai:gpt-5-mini]" in out
    assert "set OPENAI_API_KEY" in out


def test_init_writes_into_the_folder_that_is_named(cli: Cli) -> None:
    cli.run("init", "tests/golden")
    assert sorted(cli.files()) == [
        "pyproject.toml",
        "tests/golden/case-file.schema.json",
        "tests/golden/triage.prompt.yaml",
    ]


def test_the_case_file_names_the_schema_beside_it(cli: Cli) -> None:
    cli.run("init")
    first = (cli.folder / "prompts/triage.prompt.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=case-file.schema.json"
    assert (cli.folder / "prompts/case-file.schema.json").read_text() == cli.run("schema").out


def test_init_never_overwrites_a_case_file(cli: Cli) -> None:
    cli.write("prompts/triage.prompt.yaml", "mine\n")
    before = cli.files()
    result = cli.run("init")
    assert result.code == 1
    assert "prompts/triage.prompt.yaml exists; nothing was written" in result.err
    assert cli.files() == before


def test_init_keeps_a_schema_that_is_there(cli: Cli) -> None:
    cli.write("prompts/case-file.schema.json", "{}\n")
    cli.run("init")
    assert (cli.folder / "prompts/case-file.schema.json").read_text() == "{}\n"


def test_init_adds_its_table_behind_what_a_project_file_has(cli: Cli) -> None:
    cli.write("pyproject.toml", '[project]\nname = "x"\n# the end')
    assert "added the scripted model to pyproject.toml" in cli.run("init").out
    text = (cli.folder / "pyproject.toml").read_text()
    assert text.startswith('[project]\nname = "x"\n# the end\n\n[tool.promptdrift.models.starter]')
    assert tomllib.loads(text)["project"] == {"name": "x"}


def test_init_keeps_the_line_ends_of_a_project_file(cli: Cli) -> None:
    (cli.folder / "pyproject.toml").write_bytes(b"[project]\r\nname = 'x'\r\n")
    cli.run("init")
    data = (cli.folder / "pyproject.toml").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") > 5


def test_init_does_not_touch_settings_that_are_there(cli: Cli) -> None:
    cli.write("pyproject.toml", "[tool.promptdrift]\nsamples = 2\n")
    before = (cli.folder / "pyproject.toml").read_bytes()
    result = cli.run("init")
    assert result.code == 1
    assert (cli.folder / "pyproject.toml").read_bytes() == before
    assert "first, add this to pyproject.toml" in result.out
    snippet = result.out.partition("first, add this to pyproject.toml\n")[2]
    file = cli.write("pyproject.toml", before.decode() + snippet.replace("\n  ", "\n").lstrip())
    config = load_config(cli.folder, project_file=file, environ={}, options=Options())
    assert config.models["starter"].provider == "fake"


def test_init_has_nothing_to_add_when_the_model_is_there(cli: Cli) -> None:
    cli.run("init")
    result = cli.run("init", "more")
    assert result.code == 0
    assert "add this" not in result.out


def test_a_project_file_that_is_no_toml_stops_init(cli: Cli) -> None:
    cli.write("pyproject.toml", "[x\n")
    result = cli.run("init")
    assert result.code == 1
    assert "pyproject.toml is not valid TOML, nothing was written" in result.err
    assert list(cli.files()) == ["pyproject.toml"]


def test_the_project_file_may_lie_above(cli: Cli) -> None:
    cli.write("pyproject.toml", "[project]\nname = 'x'\n")
    (cli.folder / "sub").mkdir()
    inner = type(cli)(cli.folder / "sub")
    inner.run("init")
    assert "starter" in (cli.folder / "pyproject.toml").read_text()
    assert not (cli.folder / "sub" / "pyproject.toml").exists()
