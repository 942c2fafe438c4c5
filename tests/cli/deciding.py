"""Decisions about what is recorded, as a person would have made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.decided import FIRST_DAY

from pytest_promptdrift.cases import cells, load_case_file
from pytest_promptdrift.cli.project import open_project, registry_of
from pytest_promptdrift.model import Decision
from pytest_promptdrift.store import BaselineStore, answers_digest, suite_folder

if TYPE_CHECKING:
    from .conftest import Cli


def decide(
    cli: Cli,
    name: str = "prompts/triage.prompt.yaml",
    *,
    accepted: bool = True,
    at: str = FIRST_DAY,
    why: str = "",
) -> None:
    """Accept or reject the recording of every request of a case file."""
    project = open_project(cli.console())
    path = cli.folder / name
    case_file = load_case_file(path, project.config, registry=registry_of(project, [path]))
    suite = suite_folder(path)
    recordings = project.store(suite)
    baselines = BaselineStore(suite, lock_folder=project.lock_folder, redactor=project.redactor)
    items = []
    for cell in cells(case_file):
        recording = recordings.find(cell.case.id, cell.digest)
        assert recording is not None
        decision = Decision(
            recording_id=recording.id,
            accepted=accepted,
            samples=len(recording.samples),
            answers=answers_digest(recording.samples),
            at=at,
            why=why,
        )
        items.append((cell.case.id, cell.label, decision))
    baselines.decide(items)
