"""Recordings that no case of a collected file asks for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import StoreError
from pytest_promptdrift.cases import cells
from pytest_promptdrift.model import Mode
from pytest_promptdrift.store import suite_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_promptdrift.cases import CaseFile
    from pytest_promptdrift.engine.runner import RunContext


def count_unused(files: Iterable[CaseFile], context: RunContext) -> int:
    """Count recordings that nothing addresses.

    Models chosen on the command line make other requests, so nothing can be said then. A file
    that cannot be read was reported by its case and is not counted.
    """
    if context.config.model_override or context.mode is Mode.LIVE:
        return 0
    # two files of one stem, YAML and JSON, share a folder of recordings
    suites: dict[Path, tuple[CaseFile, dict[str, set[str]]]] = {}
    for case_file in files:
        _, known = suites.setdefault(suite_folder(case_file.path), (case_file, {}))
        for cell in cells(case_file):
            known.setdefault(cell.case.id, set()).add(cell.digest)
    count = 0
    for case_file, known in suites.values():
        with suppress(StoreError):
            found = context.stores.of(case_file).unused(known)
            count += sum(max(1, len(one.recordings)) for one in found)
    return count
