from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.decided import FIRST_DAY, SECOND_DAY

from pytest_promptdrift.model import Cost
from pytest_promptdrift.store import BaselineStore, Obsolete, RecordingStore, Unused

from .deciding import decide

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


def baselines(cli: Cli) -> list[str]:
    return [name.rpartition("/")[2] for name in cli.files() if "/baseline/" in name]


def change(cli: Cli, old: str, new: str) -> None:
    """Change the case file."""
    path = cli.folder / "prompts/triage.prompt.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


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


def test_the_accepted_recording_is_in_use_whatever_is_asked_today(project: Cli) -> None:
    decide(project)
    change(project, "Sort:", "Please sort:")
    project.record("prompts/triage.prompt.yaml")
    result = project.run("prune", "--yes")

    assert (result.code, result.out) == (0, "nothing to prune: 4 recordings, all in use\n")


def test_what_was_accepted_earlier_is_offered_and_described(project: Cli) -> None:
    decide(project, at=FIRST_DAY, why="first")
    change(project, "Sort:", "Please sort:")
    project.record("prompts/triage.prompt.yaml")
    decide(project, at=SECOND_DAY)
    result = project.run("prune", "--yes")

    assert (
        "demo  1 sample, recorded 2026-10-02, was accepted until 2026-11-25\n    billing\n"
        in result.out
    )
    assert "removed 2 recordings; kept 2 recordings that cases use" in result.out
    assert project.run("prune").out == "nothing to prune: 2 recordings, all in use\n"
    assert baselines(project) == ["first.json", "second.json"]


@pytest.mark.parametrize(
    ("why", "told"),
    [("says 30 days\nand more", "2026-11-25: says 30 days\n"), ("", "2026-11-25\n")],
)
def test_what_was_rejected_is_offered_with_the_reason(project: Cli, why: str, told: str) -> None:
    decide(project, at=FIRST_DAY)
    change(project, "Sort:", "Please sort:")
    project.record("prompts/triage.prompt.yaml")
    decide(project, accepted=False, at=SECOND_DAY, why=why)
    change(project, "Please sort:", "Sort:")
    result = project.run("prune")

    assert result.out.count(f"1 sample, recorded 2026-10-02, rejected on {told}") == 2
    assert "2 unused recordings; nothing was removed" in result.out


def test_nothing_was_decided_about_an_ordinary_unused_recording(project: Cli) -> None:
    change(project, "Sort:", "Please sort:")
    project.record("prompts/triage.prompt.yaml")
    decide(project)

    assert "demo  1 sample, recorded 2026-10-02\n" in project.run("prune").out


def test_the_baseline_of_a_case_that_is_gone_goes_with_its_recording(project: Cli) -> None:
    decide(project, why="as it should be")
    change(project, "first", "third")
    shown = project.run("prune")

    assert shown.code == 1
    assert (
        "prompts/__promptdrift__/triage/recordings/first.json: case 'first', the case is gone"
    ) in shown.out
    assert "recorded 2026-10-02, accepted on 2026-11-24: as it should be\n" in shown.out
    assert (
        "prompts/__promptdrift__/triage/baseline/first.json: case 'first', baseline of a case that"
        " is gone (when it was renamed, rename its files)\n  demo\n    "
    ) in shown.out
    assert (
        "accepted on 2026-11-24: as it should be\n\n1 unused recording and 1 baseline" in shown.out
    )
    assert shown.out.endswith(
        "1 unused recording and 1 baseline without a case; nothing was removed\n"
        "remove them: pytest-promptdrift prune --yes\n"
    )
    assert baselines(project) == ["first.json", "second.json"]

    removed = project.run("prune", types="y\n").out
    assert "remove 1 recording and 1 baseline? [y/N]" in removed
    assert "removed 1 recording and 1 baseline; kept 1 recording that cases use" in removed
    assert recordings(project) == ["second.json"]
    assert baselines(project) == ["second.json"]


def test_a_person_who_says_no_keeps_the_baseline(project: Cli) -> None:
    decide(project)
    change(project, "first", "third")
    before = project.files()

    assert project.run("prune", types="n\n").code == 1
    assert project.files() == before


def test_the_baseline_of_a_model_that_is_gone_is_offered(project: Cli) -> None:
    decide(project)
    change(project, "[demo]", "['fake:other']")
    result = project.run("prune", "--yes")

    assert "case 'first', baseline of a variant or model that is gone\n  demo\n" in result.out
    assert "and 2 baselines; kept" in result.out
    assert baselines(project) == []


def test_a_baseline_alone_can_go_too(project: Cli) -> None:
    decide(project)
    change(project, "first", "third")
    (project.folder / "prompts/__promptdrift__/triage/recordings/first.json").unlink()
    result = project.run("prune", "--yes")

    assert "removed 1 baseline; kept 1 recording that cases use" in result.out


def test_the_baselines_of_a_case_file_that_is_gone_are_offered(project: Cli) -> None:
    decide(project)
    (project.folder / "prompts/triage.prompt.yaml").unlink()
    result = project.run("prune", "--yes")

    assert "case 'first', baseline of a case file that is gone" in result.out
    assert "removed 2 recordings and 2 baselines; kept none" in result.out
    assert (recordings(project), baselines(project)) == ([], [])


def test_what_was_decided_meanwhile_is_kept_and_said(
    project: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(project)
    change(project, "first", "third")
    forget = BaselineStore.forget

    def late(store: BaselineStore, obsolete: Obsolete) -> bool:
        store.decide([("first", "demo", obsolete.decisions[0])])
        return forget(store, obsolete)

    monkeypatch.setattr(BaselineStore, "forget", late)
    result = project.run("prune", "--yes")

    assert "removed 1 recording and 0 baselines" in result.out
    assert "1 baseline was changed or gone meanwhile" in result.out
    assert baselines(project) == ["first.json", "second.json"]


def test_an_unreadable_baseline_stops_everything(project: Cli) -> None:
    decide(project)
    change(project, "first", "third")
    path = project.folder / "prompts/__promptdrift__/triage/baseline/second.json"
    path.write_text("{")
    before = project.files()
    result = project.run("prune", "--yes")

    assert result.code == 1
    assert "baseline/second.json:1: not JSON" in result.err
    assert project.files() == before


def test_a_recording_file_that_was_renamed_by_hand_is_shown(project: Cli) -> None:
    folder = project.folder / "prompts/__promptdrift__/triage/recordings"
    (folder / "first.json").rename(folder / "elsewhere.json")
    out = project.run("prune").out

    assert "recordings/elsewhere.json: case 'first', the request changed" in out
    assert "    billing\n" in out
