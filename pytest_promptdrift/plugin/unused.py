"""Recordings that no case of a collected file asks for and nobody has accepted."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import StoreError
from pytest_promptdrift.cases import cells
from pytest_promptdrift.model import Mode
from pytest_promptdrift.store import BaselineStore, suite_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_promptdrift.cases import CaseFile
    from pytest_promptdrift.engine.runner import RunContext


def count_unused(files: Iterable[CaseFile], context: RunContext) -> int:
    """Count recordings that nothing addresses; the accepted ones are in use.

    Models chosen on the command line make other requests, so nothing can be said then. A file
    that cannot be read was reported by its case and is not counted.
    """
    if context.config.model_override or context.mode is Mode.LIVE:
        return 0
    # two files of one stem, YAML and JSON, share a folder of recordings
    suites: dict[Path, _Suite] = {}
    for case_file in files:
        folder = suite_folder(case_file.path)
        suite = suites.setdefault(folder, _Suite(case_file))
        for cell in cells(case_file):
            suite.known.setdefault(cell.case.id, set()).add(cell.digest)
            suite.labels.setdefault(cell.case.id, set()).add(cell.label)
    count = 0
    for folder, suite in suites.items():
        baselines = BaselineStore(
            folder, lock_folder=context.stores.lock_folder, redactor=context.stores.redactor
        )
        with suppress(StoreError):
            store = context.stores.of(suite.case_file)
            found = store.unused(suite.known, baselines.accepted(suite.labels))
            count += sum(max(1, len(one.recordings)) for one in found)
    return count


class _Suite:
    """What the case files that share a folder ask for."""

    def __init__(self, case_file: CaseFile) -> None:
        self.case_file = case_file
        self.known: dict[str, set[str]] = {}
        self.labels: dict[str, set[str]] = {}
