"""Every case about which something was decided, with its decisions, found through the baselines."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift.store import suite_folder

from .choosing import Chooser
from .project import ENDINGS, find_stores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pytest_promptdrift.model import Decision

    from .desk import Desk

_HINT = "see what waits for a first decision: pytest-promptdrift pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One case × variant × model with the decisions about it, the oldest first."""

    case_file: str
    case_id: str
    label: str
    decisions: tuple[Decision, ...]

    @property
    def node(self) -> str:
        """The node id, from the project's folder."""
        return f"{self.case_file}::{self.case_id}[{self.label}]"

    @property
    def current(self) -> Decision | None:
        """The decision that makes the baseline."""
        return next((one for one in reversed(self.decisions) if one.accepted), None)

    def accepted_ids(self) -> tuple[str, ...]:
        """Return the ids of all recordings that were accepted once, in that order."""
        return tuple(dict.fromkeys(one.recording_id for one in self.decisions if one.accepted))


def find_past(desk: Desk, names: Iterable[str]) -> list[Past]:
    """Return the cases that are named; raises PromptDriftError for a name without a decision."""
    places = [past for case_file in _case_files(desk) for past in _of_file(desk, case_file)]
    chooser = Chooser(
        root=desk.root, folder=desk.project.folder, what="was ever decided about", hint=_HINT
    )
    return chooser.choose(names, places)


def _of_file(desk: Desk, case_file: str) -> Iterator[Past]:
    baselines = desk.baselines(case_file)
    for case_id, labels in baselines.labels().items():
        for label in labels:
            decisions = baselines.decisions(case_id, label)
            yield Past(case_file=case_file, case_id=case_id, label=label, decisions=decisions)


def _case_files(desk: Desk) -> list[str]:
    """Return the files whose suites hold something, as paths from the root of the project."""
    found = []
    for store in find_stores(desk.project, [desk.root]):
        suites = (suite for suite in sorted(store.iterdir()) if suite.is_dir())
        found += [
            os.path.relpath(_owner(suite), desk.root).replace(os.sep, "/") for suite in suites
        ]
    return found


def _owner(suite: Path) -> Path:
    """Return the file that a suite belongs to; what it was called when it is gone."""
    folder = suite.parent.parent
    owners = [path for path in sorted(folder.iterdir()) if path.is_file()]
    mine = [path for path in owners if suite_folder(path) == suite]
    mine.sort(key=lambda path: not path.name.endswith(ENDINGS))
    return mine[0] if mine else folder / f"{suite.name}{ENDINGS[0]}"
