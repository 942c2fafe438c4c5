from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.decided import a_baseline, a_decision

if TYPE_CHECKING:
    from .conftest import Project

CASES = ("double-charge", "late")


@pytest.fixture
def edited(project: Project) -> Project:
    """A project whose prompt was recorded, edited and recorded again."""
    project.record()
    project.edit("triage.prompt.yaml", "technical or other.", "shipping or other.")
    project.record()
    return project


def accept(project: Project, number: int, *cases: str, label: str = "demo") -> None:
    ids = [project.recording(case)["recordings"][number]["id"] for case in cases]
    a_baseline(project.path).decide(
        [(case, label, a_decision(one)) for case, one in zip(cases, ids, strict=True)]
    )


def unused(project: Project) -> str:
    lines = project.run("--promptdrift-mode=replay").outlines
    return next((line for line in lines if "promptdrift prune" in line), "")


def test_the_accepted_recording_is_in_use_whatever_is_asked_now(edited: Project) -> None:
    assert unused(edited).startswith("2 recordings are unused")
    accept(edited, 0, "double-charge")
    assert unused(edited).startswith("1 recording is unused")
    accept(edited, 0, "late")
    assert unused(edited) == ""


def test_what_was_accepted_earlier_is_unused(edited: Project) -> None:
    accept(edited, 0, *CASES)
    accept(edited, 1, *CASES)
    assert unused(edited).startswith("2 recordings are unused")


def test_what_was_accepted_for_a_model_that_is_gone_is_unused(edited: Project) -> None:
    accept(edited, 0, *CASES, label="gone")
    assert unused(edited).startswith("2 recordings are unused")
