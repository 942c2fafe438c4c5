"""The life of a recording: missing, recorded, replayed, edited, recorded again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Project


def test_nothing_is_called_and_nothing_written_without_a_recording(project: Project) -> None:
    before = project.files()
    result = project.run()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*unrecorded: this request has no recording",
            "*next *pytest --promptdrift-mode record 'triage.prompt.yaml::double-charge?demo?'",
        ]
    )
    assert project.files() == before


def test_what_was_recorded_is_replayed_without_a_call(project: Project) -> None:
    project.record().assert_outcomes(passed=2)
    recorded = project.files()
    result = project.run()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["replayed 2 recorded answers, no call made*"])
    assert project.files() == recorded


def test_an_edited_prompt_names_the_nearest_recording_and_the_changed_words(
    project: Project,
) -> None:
    project.record().assert_outcomes(passed=2)
    project.edit("triage.prompt.yaml", "technical or other.", "shipping or other.")
    result = project.run("-k", "double")
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(
        [
            "*unrecorded: this request has no recording",
            "*nearest*of double-charge?demo?, *% alike",
            "*body.messages?0?.content*",
            "*- *?-technical-?*",
            "*+ *{+shipping+}*",
            "*next*pytest --promptdrift-mode record*",
        ]
    )
    project.record().assert_outcomes(passed=2)
    project.run().assert_outcomes(passed=2)


def test_recording_calls_only_for_missing_samples(project: Project) -> None:
    project.edit("triage.prompt.yaml", "models: [demo]", "models: [demo]\nsamples: 3")
    project.record("-k", "double").stdout.fnmatch_lines(["called 3 times*"])
    project.edit("triage.prompt.yaml", "samples: 3", "samples: 5")
    result = project.run("-k", "double")
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["*3 samples of 5 recorded, 2 missing*"])
    project.record("-k", "double").stdout.fnmatch_lines(["called 2 times*"])
    project.run("-k", "double").assert_outcomes(passed=1, deselected=1)


def test_a_second_recording_run_calls_nothing(project: Project) -> None:
    project.record()
    result = project.record()
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("called*")


def test_refresh_records_beside_the_old_answers(project: Project) -> None:
    project.record()
    old = project.recording("double-charge")["recordings"]
    project.edit("pyproject.toml", '["billing"]', '["other"]')
    project.run("--promptdrift-mode=refresh").assert_outcomes(failed=2)
    new = project.recording("double-charge")["recordings"]
    assert new[0] == old[0]
    assert len(new) == 2
    assert new[1]["id"] != new[0]["id"]


def test_live_stores_nothing_in_the_tree(project: Project) -> None:
    before = project.files()
    project.run("--promptdrift-mode=live").assert_outcomes(passed=2)
    after = project.files()
    assert {name for name in after if not name.startswith(".promptdrift")} == set(before)
    assert (project.path / ".promptdrift" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("way", ["ini", "environment"])
def test_only_the_command_line_can_choose_a_mode_that_calls(
    project: Project, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "ini":
        project.edit(
            "pyproject.toml", '"no:randomly"', '"no:randomly", "--promptdrift-mode=record"'
        )
    else:
        monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio --promptdrift-mode=record")
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*must be typed on the command line*"])


def test_the_configuration_cannot_choose_a_mode(project: Project) -> None:
    project.edit(
        "pyproject.toml",
        "[tool.promptdrift.models",
        '[tool.promptdrift]\nmode = "record"\n\n[tool.promptdrift.models',
    )
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*only the command line can choose*"])


def test_a_mode_alone_is_enough_to_run_the_cases(project: Project) -> None:
    result = project.pytester.runpytest_inprocess("--promptdrift-mode=record")
    result.assert_outcomes(passed=2)


def test_other_models_can_be_tried_without_touching_a_case(project: Project) -> None:
    project.record()
    result = project.run("--promptdrift-model=fake:echo")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*--promptdrift-model fake:echo*"])


def test_failed_checks_fail_and_say_what_was_found(project: Project) -> None:
    project.edit("pyproject.toml", '["billing"]', '["Billing issue"]')
    result = project.record()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["*failed: one_of*Billing issue*", "*FAILED *double-charge*one_of*"]
    )


def test_the_whole_suite_is_one_hit_for_one_request(project: Project) -> None:
    project.edit(
        "triage.prompt.yaml",
        "prompt: |\n  Classify the message as billing, technical or other.\n  {{ message }}",
        "variants:\n  first: 'Classify {{ message }}'\n  second: 'Classify {{ message }}'",
    )
    result = project.record()
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["called 2 times*"])


def test_unused_recordings_are_reported(project: Project) -> None:
    project.record()
    project.edit("triage.prompt.yaml", "technical or other.", "shipping or other.")
    project.record().stdout.fnmatch_lines(["2 recordings are unused: pytest-promptdrift prune*"])
