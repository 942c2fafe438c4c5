"""The whole ritual: pytest records and judges, people decide, git merges what they decided."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift.cli.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Cli

PYPROJECT = """
[tool.promptdrift.models.demo]
provider = "fake"
answers = ["You have 14 days to return it."]
"""
CASES = """
prompt: "Answer: {{ message }}"
models: [demo]
checks:
  - contains: days
cases:
  - {id: refund, vars: {message: one}, tags: [money]}
  - {id: opened-box, vars: {message: two}}
"""


def run_pytest(cli: Cli, *argv: str) -> str:
    environ = {k: v for k, v in os.environ.items() if k != "CI"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *argv]
    done = subprocess.run(
        command, cwd=cli.folder, env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def git(cli: Cli, *argv: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *who, *argv], cwd=cli.folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


@pytest.fixture
def recorded(cli: Cli) -> Cli:
    cli.write("pyproject.toml", PYPROJECT)
    cli.write("triage.prompt.yaml", CASES)
    run_pytest(cli, "--promptdrift-mode", "record")
    return cli


def test_what_was_accepted_passes_and_what_changed_waits_again(recorded: Cli) -> None:
    cli = recorded
    assert "2 cases wait for a decision" in cli.run("pending").out
    assert cli.run("accept", "--all", "--reason", "first answers").code == 0
    assert "2 cases: 2 passed" in run_pytest(cli, "--promptdrift")
    assert cli.run("pending").code == 0

    edit(cli.folder / "triage.prompt.yaml", "Answer:", "Reply:")
    edit(cli.folder / "pyproject.toml", "14 days", "30 days")
    assert "2 drifted" in run_pytest(cli, "--promptdrift-mode", "record")
    page = cli.run("review", "refund").out
    assert "You have [-14-] days" in page
    assert "You have {+30+} days" in page
    assert "[-Answer-]" in page
    assert "  why          prompt" in page

    out = cli.run("reject", "refund", "--reason", "the policy says 14").out
    assert "rejected triage.prompt.yaml::refund[demo]" in out
    assert cli.run("accept", "triage.prompt.yaml::family[demo]", "--reason", "x").code == 0
    assert "rejected on" in run_pytest(cli, "--promptdrift")
    assert "no longer waits" in cli.run("pending").out
    assert cli.run("pending").code == 0


def test_what_was_rejected_can_be_accepted_after_all(recorded: Cli) -> None:
    cli = recorded
    cli.run("reject", "refund", "--reason", "too curt")
    assert "1 failed" in run_pytest(cli, "--promptdrift", "-k", "refund")
    result = cli.run("accept", "refund", "--reason", "fine after all")
    assert (result.code, result.err) == (0, "")
    assert "1 passed" in run_pytest(cli, "--promptdrift", "-k", "refund")


def test_answers_with_a_failing_check_are_never_accepted(recorded: Cli) -> None:
    cli = recorded
    edit(cli.folder / "triage.prompt.yaml", "contains: days", "contains: weeks")
    run_pytest(cli, "--promptdrift")
    result = cli.run("accept", "--all", "--reason", "x")
    assert result.code == 1
    assert "a check fails: contains" in result.err


def test_a_case_that_fails_on_its_own_baseline_is_not_called_out_of_date(recorded: Cli) -> None:
    cli = recorded
    cli.run("accept", "--all", "--reason", "x")
    edit(cli.folder / "triage.prompt.yaml", "contains: days", "contains: weeks")
    run_pytest(cli, "--promptdrift")
    out = cli.run("pending").out
    assert "cannot be accepted: a check fails: contains" in out
    assert "out of date" not in out


def test_two_people_accept_different_cases_and_git_merges_them(recorded: Cli) -> None:
    cli = recorded
    git(cli, "init", "-q", "-b", "main")
    git(cli, "add", ".")
    git(cli, "commit", "-qm", "recorded")
    for branch, case in (("ann", "refund"), ("ben", "opened-box")):
        git(cli, "switch", "-q", "-c", branch, "main")
        run_pytest(cli, "--promptdrift")
        assert cli.run("accept", case, "--reason", f"read by {branch}").code == 0
        git(cli, "add", "__promptdrift__")
        git(cli, "commit", "-qm", f"accept {case}")
    git(cli, "merge", "-q", "--no-edit", "ann")
    assert "2 passed" in run_pytest(cli, "--promptdrift")
    assert "read by ann" in cli.run("history", "refund").out
    assert "read by ben" in cli.run("history", "opened-box").out


def test_every_decision_reads_the_disk_anew(recorded: Cli) -> None:
    from pytest_promptdrift.cli.project import open_project

    cli = recorded
    console = cli.console()
    desk = Desk.of(open_project(console), console)
    one = desk.waiting()[0]
    assert desk.still(one)
    cli.run("accept", one.node, "--reason", "x")
    assert not desk.still(one)
