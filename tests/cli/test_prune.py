from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift.model import Cost
from pytest_promptdrift.store import RecordingStore, Unused

if TYPE_CHECKING:
    from .conftest import Cli


PYPROJECT = """
[tool.promptdrift.models.demo]
provider = "fake"
"""
CASES = """
prompt: "Sort: {{ message }}"
models: [demo]
cases:
  - {id: first, vars: {message: one}}
  - {id: second, vars: {message: two}}
"""
PLANTED = "sk-planted-0123456789abcdefghijklmn"


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("pyproject.toml", PYPROJECT)
    cli.write("prompts/triage.prompt.yaml", CASES)
    cli.record("prompts/triage.prompt.yaml", "billing\nsecond line")
    return cli


def recordings(cli: Cli) -> list[str]:
    return [name.rpartition("/")[2] for name in cli.files() if "/recordings/" in name]


def test_recordings_in_use_are_kept(project: Cli) -> None:
    result = project.run("prune", "--yes")
    assert (result.code, result.out) == (0, "nothing to prune: 2 recordings, all in use\n")
    assert recordings(project) == ["first.json", "second.json"]


def test_without_recordings_there_is_nothing_to_prune(cli: Cli) -> None:
    assert cli.run("prune").out == "nothing to prune: there are no recordings\n"


def test_a_removed_case_leaves_an_unused_recording(project: Cli) -> None:
    project.write("prompts/triage.prompt.yaml", CASES.replace("first", "third"))
    result = project.run("prune")
    assert result.code == 1
    assert "recordings/first.json: case 'first', the case is gone" in result.out
    assert "demo  1 sample, recorded 2026-10-02\n    billing\n" in result.out
    assert "second line" not in result.out
    assert "second.json" not in result.out
    assert result.out.endswith(
        "1 unused recording; nothing was removed\nremove them: pytest-promptdrift prune --yes\n"
    )
    assert recordings(project) == ["first.json", "second.json"]


def test_yes_removes_exactly_what_was_shown(project: Cli) -> None:
    project.write("prompts/triage.prompt.yaml", CASES.replace("message: one", "message: new"))
    result = project.run("prune", "--yes")
    assert result.code == 0
    assert "case 'first', the request changed" in result.out
    assert "removed 1 recording; kept 1 recording that cases use" in result.out
    assert recordings(project) == ["second.json"]


def test_other_recordings_of_the_same_case_are_kept(project: Cli) -> None:
    project.write("prompts/triage.prompt.yaml", CASES.replace("message: one", "message: new"))
    project.record("prompts/triage.prompt.yaml")
    result = project.run("prune", "--yes")
    assert "removed 1 recording; kept 2 recordings that cases use" in result.out
    assert recordings(project) == ["first.json", "second.json"]
    assert project.run("prune").code == 0


@pytest.mark.parametrize(
    ("typed", "left"), [("y\n", ["second.json"]), ("\n", ["first.json", "second.json"])]
)
def test_a_person_is_asked(project: Cli, typed: str, left: list[str]) -> None:
    project.write("prompts/triage.prompt.yaml", CASES.replace("first", "third"))
    result = project.run("prune", types=typed)
    assert "remove 1 recording? [y/N]" in result.out
    assert recordings(project) == left
    assert result.code == (0 if typed.startswith("y") else 1)


def test_a_case_file_with_mistakes_stops_everything(project: Cli) -> None:
    project.write("prompts/broken.prompt.yaml", "prompt: x\ncasess: []\n")
    project.write("prompts/triage.prompt.yaml", CASES.replace("first", "third"))
    result = project.run("prune", "--yes")
    assert result.code == 1
    assert "nothing can be called unused; nothing was removed" in result.err
    assert "prompts/broken.prompt.yaml:2" in result.err
    assert recordings(project) == ["first.json", "second.json"]


def test_files_that_share_recordings_are_read_together(project: Cli) -> None:
    (project.folder / "prompts/triage.prompt.yml").write_text(CASES)
    project.write("prompts/triage.prompt.yaml", CASES.replace("first", "third"))
    result = project.run("prune", "prompts/triage.prompt.yaml", "--yes")
    assert "nothing to prune: 2 recordings, all in use" in result.out


def test_recordings_without_a_case_file_are_unused(project: Cli) -> None:
    (project.folder / "prompts/triage.prompt.yaml").unlink()
    result = project.run("prune", "--yes")
    assert "the case file is gone" in result.out
    assert "removed 2 recordings; kept none" in result.out
    assert recordings(project) == []


def test_a_test_file_owns_the_recordings_of_its_name(project: Cli) -> None:
    (project.folder / "prompts/triage.prompt.yaml").rename(project.folder / "prompts/triage.py")
    assert project.run("prune").out == "nothing to prune: there are no recordings\n"


def test_only_what_is_named_is_looked_at(project: Cli) -> None:
    project.write("prompts/triage.prompt.yaml", CASES.replace("first", "third"))
    project.write("other/x.prompt.yaml", CASES)
    assert project.run("prune", "other").code == 0
    assert project.run("prune", "prompts/triage.prompt.yaml").code == 1


def test_a_path_that_is_no_case_file_is_named(project: Cli) -> None:
    assert "no such file or folder: 'gone'" in project.run("prune", "gone").err
    result = project.run("prune", "pyproject.toml")
    assert result.code == 1
    assert "not a case file: 'pyproject.toml'" in result.err


def test_other_models_of_the_environment_make_nothing_unused(project: Cli) -> None:
    project.environ["PROMPTDRIFT_MODELS"] = "fake:other"
    result = project.run("prune", "--yes")
    assert result.code == 1
    assert "PROMPTDRIFT_MODELS replaces the models" in result.err
    assert recordings(project) == ["first.json", "second.json"]


def test_an_unreadable_recording_stops_everything(project: Cli) -> None:
    file = project.folder / "prompts/__promptdrift__/triage/recordings/first.json"
    file.write_text("{")
    result = project.run("prune", "--yes")
    assert result.code == 1
    assert "first.json" in result.err
    assert file.exists()


def test_the_price_and_the_days_of_samples_are_shown(project: Cli) -> None:
    project.record(
        "prompts/triage.prompt.yaml", "", cost=Cost(usd=0.0021, prices="x"), response_id="a"
    )
    project.write("prompts/triage.prompt.yaml", CASES.replace("first", "third"))
    assert "2 samples, recorded 2026-10-02\n" in project.run("prune").out
    project.write("prompts/triage.prompt.yaml", CASES)
    project.run("prune", "--yes")


def test_what_was_paid_is_shown_when_every_price_is_known(cli: Cli) -> None:
    cli.write("pyproject.toml", PYPROJECT)
    cli.write("a.prompt.yaml", CASES)
    cli.record("a.prompt.yaml", "", cost=Cost(usd=0.0021, prices="x"))
    cli.write("a.prompt.yaml", CASES.replace("first", "third"))
    out = cli.run("prune").out
    assert "1 sample, recorded 2026-10-02, paid $0.0021\n    (no text)\n" in out


def test_answers_are_redacted_before_they_are_shown(project: Cli) -> None:
    project.environ["OPENAI_API_KEY"] = "billing"
    project.write("prompts/triage.prompt.yaml", CASES.replace("first", "third"))
    out = project.run("prune").out
    assert "billing" not in out
    assert "[redacted: OPENAI_API_KEY]" in out


def test_recordings_that_went_away_meanwhile_are_said(
    project: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("prompts/triage.prompt.yaml", CASES.replace("first", "third"))
    remove = RecordingStore.remove

    def late(store: RecordingStore, unused: Unused) -> int:
        remove(store, unused)
        return 0

    monkeypatch.setattr(RecordingStore, "remove", late)
    result = project.run("prune", "--yes")
    assert "removed 0 recordings; kept 1 recording that cases use" in result.out
    assert "1 recording was already gone" in result.out


def test_checks_of_the_project_are_known_by_their_names(project: Cli) -> None:
    project.write(
        "conftest.py",
        """
        def pytest_promptdrift_checks(registry):
            registry.register_check("polite", lambda argument: None)
            registry.register_check(name(), None)
        raise SystemExit("this file is never run")
        """,
    )
    project.write("prompts/conftest.py", "not python")
    project.write("prompts/triage.prompt.yaml", "checks: [polite]\n" + CASES.lstrip())
    assert project.run("prune").code == 0
    project.write("prompts/triage.prompt.yaml", "checks: [polit]\n" + CASES.lstrip())
    assert "did you mean 'polite'" in project.run("prune").err
