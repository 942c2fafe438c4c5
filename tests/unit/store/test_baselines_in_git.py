"""Two people who accept different cases: git merges what they decided without a question."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from support.decided import SECOND_DAY, a_baseline, a_decision

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

LABEL = "openai:gpt-5-mini"
MINE, THEIRS = "111111111111", "222222222222"


class Repository:
    """A repository without anybody's settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "somebody"),
            **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "somebody@example.org"),
        }
        self("init", "-q", "-b", "main")

    def __call__(self, *command: str) -> str:
        done = subprocess.run(
            ["git", *command],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def commit(self, message: str) -> None:
        self("add", "__promptdrift__")
        self("commit", "-q", "-m", message)

    def accept(self, branch: str, *items: tuple[str, str, str]) -> None:
        """Accept recordings of cases on a branch of its own that starts at main."""
        self("checkout", "-q", "-b", branch, "main")
        store = a_baseline(self.folder)
        for case_id, label, recording_id in items:
            store.decide([(case_id, label, a_decision(recording_id, at=SECOND_DAY, why=branch))])
        self.commit(branch)

    def merge(self, *branches: str) -> None:
        for branch in branches:
            self("checkout", "-q", "main")
            self("merge", "-q", "--no-edit", branch)
        assert self("status", "--porcelain", "--untracked-files=no") == ""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository in which four cases have a baseline."""
    repository = Repository(tmp_path)
    cases = ("charge-1", "charge-2", "charge-3", "charge-4")
    a_baseline(tmp_path).decide([(case_id, LABEL, a_decision()) for case_id in cases])
    repository.commit("start")
    return repository


def accepted(repository: Repository, case_id: str, label: str = LABEL) -> str | None:
    found = a_baseline(repository.folder).current(case_id, label)
    return found and found.recording_id


def test_two_people_accept_neighbouring_new_cases(repository: Repository) -> None:
    repository.accept("mine", ("refund-1", LABEL, MINE))
    repository.accept("theirs", ("refund-2", LABEL, THEIRS))
    repository.merge("mine", "theirs")

    assert accepted(repository, "refund-1") == MINE
    assert accepted(repository, "refund-2") == THEIRS


def test_two_people_accept_neighbouring_cases_anew(repository: Repository) -> None:
    repository.accept("mine", ("charge-2", LABEL, MINE))
    repository.accept("theirs", ("charge-3", LABEL, THEIRS))
    repository.merge("mine", "theirs")

    assert accepted(repository, "charge-2") == MINE
    assert accepted(repository, "charge-3") == THEIRS
    assert len(a_baseline(repository.folder).decisions("charge-2", LABEL)) == 2


def test_two_people_start_the_baseline_of_a_suite(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository("commit", "-q", "--allow-empty", "-m", "start")
    repository.accept("mine", ("a", LABEL, MINE))
    repository.accept("theirs", ("b", LABEL, THEIRS))
    repository.merge("mine", "theirs")

    assert (accepted(repository, "a"), accepted(repository, "b")) == (MINE, THEIRS)


def test_the_diff_of_a_decision_is_added_lines_only(repository: Repository) -> None:
    repository.accept("mine", ("charge-2", LABEL, MINE), ("charge-2", "another", THEIRS))
    changed = repository("diff", "--numstat", "main", "mine").split()

    assert changed == ["24", "0", "__promptdrift__/triage/baseline/charge-2.json"]


def test_one_case_decided_twice_is_a_conflict_that_loses_nothing(repository: Repository) -> None:
    repository.accept("mine", ("charge-2", LABEL, MINE))
    repository.accept("theirs", ("charge-2", LABEL, THEIRS))
    repository.merge("mine")

    with pytest.raises(AssertionError, match="CONFLICT"):
        repository.merge("theirs")
    text = a_baseline(repository.folder).path("charge-2").read_text()
    assert MINE in text
    assert THEIRS in text
