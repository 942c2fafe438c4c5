"""Node ids, selection, reports: a case behaves like any other test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Project

MATRIX = """
models: [demo, fake:echo]
variants:
  zero_shot: "Classify: {{ message }}"
  few_shot: "Refund is billing. Classify: {{ message }}"
markers: [slow]
tags: [money]
cases:
  - id: double-charge
    vars: {message: I was charged twice.}
  - id: late
    vars: {message: My invoice is late.}
    markers: [nightly]
"""
MARKED = """
[tool.pytest]
markers = ["slow: takes long", "nightly: runs at night"]
"""


@pytest.fixture
def matrix(project: Project) -> Project:
    project.edit("pyproject.toml", "[tool.pytest]\n", MARKED)
    return project.write({"triage.prompt.yaml": MATRIX})


def test_node_ids_name_case_variant_and_model(matrix: Project) -> None:
    result = matrix.run("--collect-only", "-q")
    result.stdout.fnmatch_lines(
        [
            "triage.prompt.yaml::double-charge?zero_shot-demo?",
            "triage.prompt.yaml::double-charge?zero_shot-fake:echo?",
            "triage.prompt.yaml::double-charge?few_shot-demo?",
            "triage.prompt.yaml::late?few_shot-fake:echo?",
        ]
    )


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        (("-k", "late"), 4),
        (("-k", "few_shot and demo"), 2),
        (("-k", "money"), 8),
        (("-m", "nightly"), 4),
        (("-m", "promptdrift"), 8),
        (("-m", "not slow"), 0),
        (("triage.prompt.yaml::late[zero_shot-demo]",), 1),
    ],
)
def test_cases_are_selected_like_tests(
    matrix: Project, selection: tuple[str, ...], count: int
) -> None:
    result = matrix.run("--collect-only", "-q", *selection)
    assert len([line for line in result.outlines if "::" in line]) == count


def test_collecting_calls_nothing_in_any_mode(matrix: Project) -> None:
    before = matrix.files()
    matrix.record("--collect-only").assert_outcomes()
    assert matrix.files() == before


def test_last_failed_and_first_failure(project: Project) -> None:
    project.record("-k", "late")
    project.run().assert_outcomes(passed=1, failed=1)
    project.run("--lf").assert_outcomes(failed=1)
    project.run("-x").assert_outcomes(failed=1)


def test_junit_holds_status_scores_tokens_and_cost(project: Project) -> None:
    project.edit(
        "triage.prompt.yaml", "  - one_of:", "  - similar: {to: billing, min: 0.1}\n  - one_of:"
    )
    project.record("--junitxml=out.xml").assert_outcomes(passed=2)
    case = next(iter(ET.parse(project.path / "out.xml").iter("testcase")))
    found = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert found["promptdrift_status"] == "new"
    assert found["promptdrift_model"] == "demo"
    assert found["promptdrift_held_one_of"] == "1/1"
    assert float(found["promptdrift_score_similar"]) > 0.9
    assert float(found["promptdrift_cost_usd"]) == 0
    assert int(found["promptdrift_tokens"]) > 0


def test_a_failure_shows_no_frames_of_the_plugin(project: Project) -> None:
    project.edit("pyproject.toml", '["billing"]', '["Billing issue"]')
    text = project.record().stdout.str()
    assert "Traceback" not in text
    assert "items.py" not in text
    assert "pytest.fail" not in text


def test_it_works_without_terminal_cache_and_capture(project: Project) -> None:
    for plugin in ("terminal", "cacheprovider", "capture"):
        project.run("--promptdrift-mode=refresh", "-p", f"no:{plugin}")
        assert project.subprocess("-p", f"no:{plugin}").ret == 0


def test_workers_replay_with_one_summary(project: Project) -> None:
    project.record()
    result = project.run("-n2")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["2 cases: 2 new", "replayed 2 recorded answers*"])


def test_failures_of_workers_keep_text_and_headline(project: Project) -> None:
    result = project.run("-n2")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*next *pytest --promptdrift-mode record*"])
    result.stdout.fnmatch_lines(["FAILED *double-charge* - unrecorded: this request*"])


def test_workers_may_record_whole_files_only(project: Project) -> None:
    result = project.record("-n2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*needs --dist loadfile*"])
    result = project.record("-n2", "--dist=loadfile")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["called 2 times*"])
    project.run().assert_outcomes(passed=2)


def test_mistakes_of_all_files_stop_the_run_before_any_test(project: Project) -> None:
    project.write(
        {
            "a.prompt.yaml": """
            prompt: hi
            models: [demo]
            samples: 0
            chekcs: []
            cases: [{id: x}]
            """,
            "b.prompt.yaml": """
            prompt: hi {{ nme }}
            models: [demo]
            cases: [{id: x, vars: {name: y}}]
            """,
            "test_other.py": "def test_it(): pass\n",
        }
    )
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "*mistakes in the case files, nothing was run",
            "*a.prompt.yaml:3: *samples*",
            "*a.prompt.yaml:4: *chekcs*did you mean 'checks'*",
            "*b.prompt.yaml:1: *nme*did you mean 'name'*",
        ]
    )
    result.stdout.no_fnmatch_line("*passed*")


def test_mistakes_are_told_by_workers_too(project: Project) -> None:
    project.edit("triage.prompt.yaml", "checks:", "chekcs:")
    result = project.run("-n2")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*triage.prompt.yaml:*chekcs*did you mean 'checks'*"])


def test_a_conftest_can_offer_a_check(project: Project) -> None:
    project.write(
        {
            "conftest.py": """
            def pytest_promptdrift_checks(registry):
                def shouts(argument):
                    return lambda context: context.response.text.isupper()

                registry.register_check("shouts", shouts)
            """
        }
    )
    project.edit("triage.prompt.yaml", "  - one_of:", "  - shouts\n  - one_of:")
    result = project.record()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*failed: shouts*"])


def test_a_check_that_crashes_is_an_error_and_not_a_failure(project: Project) -> None:
    project.write({"mine.py": "def broken(answer):\n    return {}['x']\n"})
    project.edit("triage.prompt.yaml", "  - one_of:", "  - python: mine:broken\n  - one_of:")
    result = project.record()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*error: a check could not decide*KeyError*mine.py:2*"])


def test_an_interruption_keeps_what_was_paid_for(project: Project) -> None:
    project.edit(
        "pyproject.toml",
        'answers = ["billing"]',
        'rules = [{match = ".", answer = "billing", latency = 0.15}]\nconcurrency = 1',
    )
    project.edit("triage.prompt.yaml", "models: [demo]", "models: [demo]\nsamples: 20")
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--promptdrift-mode=record"],
        cwd=project.path,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        stderr=subprocess.STDOUT,
    )
    stored = project.path / "__promptdrift__" / "triage" / "recordings" / "double-charge.json"
    deadline = time.monotonic() + 90
    while not (
        stored.exists() and len(project.recording("double-charge")["recordings"][0]["samples"]) > 2
    ):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == pytest.ExitCode.INTERRUPTED, out
    assert "a re-run asks only for the rest" in out
    kept = len(project.recording("double-charge")["recordings"][0]["samples"])
    assert f"{kept} answers of this run are kept" in out
