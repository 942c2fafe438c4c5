"""Where the recordings of a case file lie: beside it, or in the run folder for a live run."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import digest_text
from pytest_promptdrift._files import write_atomically
from pytest_promptdrift.store import RecordingStore, suite_folder

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_promptdrift.cases import CaseFile
    from pytest_promptdrift.store import Redactor


@dataclass(slots=True, kw_only=True)
class Stores:
    """One store for each case file; with a ``run_folder``, none of them in the tree."""

    root: Path
    lock_folder: Path
    redactor: Redactor
    run_folder: Path | None = None
    _open: dict[str, RecordingStore] = field(default_factory=dict)

    def of(self, case_file: CaseFile) -> RecordingStore:
        """Return the store of a case file."""
        path = str(case_file.path)
        found = self._open.get(path)
        if found is None:
            found = self._open[path] = RecordingStore(
                self._folder(case_file), lock_folder=self.lock_folder, redactor=self.redactor
            )
        return found

    def _folder(self, case_file: CaseFile) -> Path:
        if self.run_folder is None:
            return suite_folder(case_file.path)
        inside = os.path.relpath(case_file.folder, self.root)
        if inside.startswith(os.pardir):  # a case file outside the project
            inside = digest_text(str(case_file.folder))[:12]
        return self.run_folder / inside / case_file.name

    def prepare(self) -> None:
        """Make the run folder, invisible to git, before anything is paid for."""
        if self.run_folder is not None:
            # .promptdrift/runs/<run>: the folder of all runs keeps itself out of commits
            write_atomically(self.run_folder.parent.parent / ".gitignore", b"*\n")
