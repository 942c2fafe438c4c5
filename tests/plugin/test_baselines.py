"""A baseline is what a person accepted: it stays, it is judged against, and it cannot be bent."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Project

SAY = ["Returns take 14 days.", "It takes 14 days to return it.", "You have 14 days."]
COLD = """
    [tool.pytest]
    addopts = ["-p", "no:randomly"]

    [tool.promptdrift.models.demo]
    provider = "fake"
    model = "demo"
    answers = ["14 days"]
    params = { temperature = 0 }
"""


def answers(project: Project, new: list[str]) -> Project:
    text = (project.path / "pyproject.toml").read_text(encoding="utf-8")
    lines = [
        f"answers = {json.dumps(new)}" if line.startswith("answers") else line
        for line in text.splitlines()
    ]
    (project.path / "pyproject.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return project


def free(project: Project, samples: int, cases: int = 2) -> Project:
    """Write a suite without checks, whose answers say the same in several ways."""
    listed = "".join(f"  - {{id: c{n}, vars: {{message: Q{n}?}}}}\n" for n in range(cases))
    head = f'prompt: "{{{{ message }}}}"\nmodels: [demo]\nsamples: {samples}\ncases:\n'
    (project.path / "triage.prompt.yaml").write_text(head + listed, encoding="utf-8")
    return answers(project, SAY)


def report(project: Project, *args: str) -> dict[str, Any]:
    project.run("--promptdrift-report=run.json", *args)
    found: dict[str, Any] = json.loads((project.path / "run.json").read_text(encoding="utf-8"))
    return found


def statuses(project: Project, *args: str) -> dict[str, str]:
    found = report(project, *args)
    both = found["cases"] + found["families"]
    return {one["node"].partition("::")[2]: one["status"] for one in both}


def recordings(project: Project, case: str = "c0") -> Path:
    return project.path / f"__promptdrift__/triage/recordings/{case}.json"


def test_what_was_accepted_passes_and_has_a_family(project: Project) -> None:
    project.recorded()
    assert statuses(project) == {
        "double-charge[demo]": "passed",
        "late[demo]": "passed",
        "family[demo]": "passed",
    }
    assert "2 cases" not in project.command("pending")


def test_a_new_case_fails_where_nobody_is_looking(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.record()
    project.run().assert_outcomes(passed=2)
    project.run("--promptdrift-strict").assert_outcomes(failed=2)
    monkeypatch.setenv("CI", "1")
    result = project.run()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*new: *", "*next *pytest-promptdrift *triage.prompt.yaml*"])
    monkeypatch.setenv("CI", "false")
    project.run().assert_outcomes(passed=2)


def test_passing_never_moves_the_baseline(project: Project) -> None:
    free(project, 3).recorded()
    stored = {n: b for n, b in project.files().items() if "baseline" in n}
    for _ in range(3):
        project.run("--promptdrift-mode=refresh")
    assert {n: b for n, b in project.files().items() if "baseline" in n} == stored


def test_edited_accepted_answers_are_an_error(project: Project) -> None:
    free(project, 1).recorded()
    path = recordings(project)
    path.write_text(path.read_text(encoding="utf-8").replace("14", "15"), encoding="utf-8")
    result = project.run("-k", "c0")
    result.assert_outcomes(errors=1, deselected=2)
    result.stdout.fnmatch_lines(["*accepted answers of recording * were edited*", "*git checkout*"])


def test_an_accepted_recording_that_is_gone_is_an_error(project: Project) -> None:
    free(project, 1).recorded()
    project.run("--promptdrift-mode=refresh")
    stored = json.loads(recordings(project).read_text(encoding="utf-8"))
    del stored["recordings"][0]
    recordings(project).write_text(json.dumps(stored), encoding="utf-8")
    result = project.run("-k", "c0")
    result.assert_outcomes(errors=1, deselected=2)
    result.stdout.fnmatch_lines(["*the accepted recording * is gone*"])


def test_more_samples_than_were_accepted_are_fresh_ones(project: Project) -> None:
    free(project, 2).recorded()
    project.edit("triage.prompt.yaml", "samples: 2", "samples: 5")
    found = report(project, "--promptdrift-mode=record")["cases"][0]["comparison"]
    assert (found["accepted_samples"], found["fresh_samples"]) == (2, 3)
    assert found["same_request"] is True
    project.accept("triage.prompt.yaml::c0[demo]")
    assert report(project)["cases"][0].get("comparison") is None


def test_fewer_samples_than_were_accepted_change_nothing(project: Project) -> None:
    free(project, 5).recorded()
    project.edit("triage.prompt.yaml", "samples: 5", "samples: 2")
    assert set(statuses(project).values()) == {"passed"}


def test_a_rejected_recording_fails_with_the_reason_until_it_is_recorded_anew(
    project: Project,
) -> None:
    project.record()
    project.command("reject", "double-charge", "--reason", "too curt")
    result = project.run("-k", "double")
    result.assert_outcomes(failed=1, deselected=2)
    result.stdout.fnmatch_lines(["*failed: rejected*too curt*"])
    again = project.run("--promptdrift-mode=refresh", "-k", "double")
    again.assert_outcomes(passed=1, deselected=2)


def test_one_sample_a_side_is_judged_by_rules(project: Project) -> None:
    free(project, 1).recorded()
    answers(project, ["Returns take 30 days."])
    found = statuses(project, "--promptdrift-mode=refresh")
    assert found["c0[demo]"] == "drifted"
    result = project.run("-k", "c0")
    result.stdout.fnmatch_lines(["*drifted: *14 days*30 days*", "*one sample*"])


def test_one_other_answer_without_another_fact_is_inconclusive(project: Project) -> None:
    answers(free(project, 1), ["Returns take 14 days."]).recorded()
    answers(project, ["You have 14 days to return it."])
    found = statuses(project, "--promptdrift-mode=refresh")
    assert found["c0[demo]"] == "inconclusive"
    project.run("-k", "c0").assert_outcomes(passed=1, deselected=2)
    project.run("-k", "c0", "--promptdrift-strict").assert_outcomes(failed=1, deselected=2)


def test_three_samples_a_side_cannot_prove_one_flip_and_say_how_many_could(
    project: Project,
) -> None:
    free(project, 3, cases=1).recorded()
    answers(project, [text.replace("14", "30") for text in SAY])
    found = report(project, "--promptdrift-mode=refresh")["cases"][0]
    assert found["status"] == "inconclusive"
    assert found["comparison"]["needed"] >= 5


def test_at_temperature_zero_any_other_answer_is_a_change(project: Project) -> None:
    project.write({"pyproject.toml": COLD})
    head = 'prompt: "{{ message }}"\nmodels: [demo]\nsamples: 3\ncases:\n'
    project.write({"triage.prompt.yaml": head + "  - {id: c0, vars: {message: Q?}}\n"}).recorded()
    answers(project, ["30 days"])
    found = report(project, "--promptdrift-mode=refresh")["cases"][0]
    assert found["status"] == "drifted"
    assert found["comparison"]["findings"][0]["kind"] == "number"


@pytest.mark.parametrize(
    ("policy", "status"), [("warn", "inconclusive"), ("ignore", "inconclusive")]
)
def test_a_policy_decides_what_a_kind_of_difference_does(
    project: Project, policy: str, status: str
) -> None:
    free(project, 1).recorded()
    answers(project, ["Returns take 30 days."])
    project.edit("triage.prompt.yaml", "samples: 1", f"samples: 1\npolicies: {{number: {policy}}}")
    found = report(project, "--promptdrift-mode=refresh")["cases"][0]
    assert found["status"] == status
    severities = [f["severity"] for f in found["comparison"]["findings"] if f["kind"] == "number"]
    assert severities == (["warn"] if policy == "warn" else [])


def test_a_family_verdict_may_be_asked_for_alone(project: Project) -> None:
    free(project, 5, cases=6).recorded()
    answers(project, ["Sure thing! " + text.replace("14", "30") for text in SAY])
    project.run("--promptdrift-mode=refresh")
    result = project.run("-k", "family")
    result.assert_outcomes(failed=1, deselected=6)
    result.stdout.fnmatch_lines(["*drifted: *", "*family *6 cases*"])


def test_workers_come_to_the_same_verdicts(project: Project) -> None:
    free(project, 5, cases=6).recorded()
    answers(project, [text.replace("14", "30") for text in SAY])
    project.run("--promptdrift-mode=refresh")
    alone = statuses(project)
    assert "drifted" in alone.values()
    assert statuses(project, "-n2") == alone


def test_a_worker_that_calls_judges_its_own_files(project: Project) -> None:
    free(project, 5, cases=6)
    text = (project.path / "triage.prompt.yaml").read_text(encoding="utf-8")
    project.write({"other.prompt.yaml": text}).recorded()
    answers(project, [text.replace("14", "30") for text in SAY])
    found = report(project, "--promptdrift-mode=refresh", "-n2", "--dist=loadfile")
    assert {family["status"] for family in found["families"]} == {"drifted"}
    assert {family["families"] for family in found["families"]} == {2}


def test_a_live_run_is_judged_and_leaves_baseline_recordings_and_pending_alone(
    project: Project,
) -> None:
    free(project, 5, cases=6).recorded()
    before = project.files()
    answers(project, [text.replace("14", "30") for text in SAY])
    after_edit = {**before, "pyproject.toml": project.files()["pyproject.toml"]}
    found = statuses(project, "--promptdrift-mode=live")
    assert found["family[demo]"] == "drifted"
    now = {n: b for n, b in project.files().items() if "/runs/" not in n and n != "run.json"}
    assert now == after_edit | {n: b for n, b in now.items() if n == ".promptdrift/.gitignore"}


def test_an_unchanged_replay_against_a_baseline_needs_no_numbers(project: Project) -> None:
    free(project, 3).recorded()
    code = (
        "import sys, pytest; code = pytest.main(['--promptdrift', '-q', '-p', 'no:hypothesispytest'"
        ", '-p', 'no:randomly']); print('numpy' in sys.modules, 'LOADED'); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project.path, capture_output=True, text=True, check=False
    )
    assert "3 passed" in done.stdout
    assert "False LOADED" in done.stdout


def test_too_many_errors_leave_a_family_without_a_verdict_and_few_do_not(
    project: Project,
) -> None:
    free(project, 1, cases=12).recorded()
    text = (project.path / "pyproject.toml").read_text(encoding="utf-8")
    limited = 'rules = [{match = "Q0", error = "429"}, {match = "", answer = "14 days"}]'
    lines = [limited if line.startswith("answers") else line for line in text.splitlines()]
    (project.path / "pyproject.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = report(project, "--promptdrift-mode=refresh")["families"][0]
    assert found["errors"] == 1
    assert found["status"] != "error"


def test_an_interrupted_run_offers_nothing(project: Project) -> None:
    project.write(
        {
            "conftest.py": """
        def pytest_runtest_teardown(item):
            if "late" in item.name:
                raise KeyboardInterrupt
    """
        }
    )
    project.run("--promptdrift-mode=record", no_reraise_ctrlc=True)
    assert not (project.path / ".promptdrift" / "pending.json").exists()


def test_a_failing_case_cannot_be_accepted(project: Project) -> None:
    project.edit("pyproject.toml", '["billing"]', '["technical"]')
    project.record().assert_outcomes(failed=2)
    with pytest.raises(AssertionError, match="a check fails"):
        project.accept()
    assert not list(project.path.rglob("baseline/*.json"))


def test_an_unchanged_case_says_nothing_and_leaves_nothing(project: Project) -> None:
    project.recorded()
    before = project.files()
    result = project.run()
    result.assert_outcomes(passed=3)
    assert project.files() == before
    result.stdout.no_fnmatch_line("*wait*")


def test_what_passed_beside_its_baseline_waits_for_nobody_and_moves_only_by_name(
    project: Project,
) -> None:
    free(project, 5).recorded()
    project.run("--promptdrift-mode=refresh")
    said = project.command("pending")
    assert "nothing waits for a decision" in said
    assert "2 cases made anew pass beside the baseline" in said
    assert "passes beside its baseline" in project.command("pending", "triage.prompt.yaml::c0")
    assert "nothing" in project.accept()
    before = project.files()
    project.accept("triage.prompt.yaml::c0[demo]")
    after = project.files()
    changed = {name for name in after if after[name] != before.get(name)}
    assert {name for name in changed if "baseline" in name} == {
        "__promptdrift__/triage/baseline/c0.json"
    }


def test_what_was_found_is_kept_without_a_terminal_as_well(project: Project) -> None:
    project.record("-p", "no:terminal", "--promptdrift-report=run.json")
    assert (project.path / "run.json").exists()
    assert (project.path / ".promptdrift" / "pending.json").exists()
