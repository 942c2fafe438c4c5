"""What the last runs left undecided: one file of the project, for the commands, never committed.

It is a note and no truth: whoever reads it checks that it still holds.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_promptdrift._files import locked, write_atomically
from pytest_promptdrift.model import Pending

from .disk import read
from .fields import FieldError, check
from .source import FileKind, parse

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from .redaction import Redactor

FOLDER = ".promptdrift"
FORMAT = 1
RUN = "pytest --promptdrift"

_TEXT = (str,)
_FILE = {"format": (int,), "pending": (list,)}
_ENTRY: dict[str, tuple[type, ...]] = {
    "case_file": _TEXT,
    "case_id": _TEXT,
    "label": _TEXT,
    "status": _TEXT,
    "headline": _TEXT,
    "judged_at": _TEXT,
    "recording_id": _TEXT,
    "samples": (int,),
    "answers": _TEXT,
    "accepted_id": _TEXT,
    "checks": (dict,),
    "refused": _TEXT,
    "data": (dict,),
}
# What is nested deeper is for nobody to look at, and a reader might not survive it.
_MAX_DEPTH = 60
_NEEDS = frozenset({"case_file", "case_id", "label", "status", "headline", "judged_at"})


class PendingStore:
    """Reads and writes ``<root>/.promptdrift/pending.json``, which keeps itself out of git."""

    def __init__(self, root: Path, *, lock_folder: Path, redactor: Redactor) -> None:
        """Use the folder of the project; locks go into ``lock_folder``."""
        self.path = root / FOLDER / "pending.json"
        self._lock_folder = lock_folder
        self._redactor = redactor

    def read(self) -> tuple[Pending, ...]:
        """Return what waits for a decision; raises StoreError for a file that is not readable."""
        data = read(str(self.path), PENDING.name)[1]
        if data is None:
            return ()
        found: tuple[Pending, ...] = parse(data, str(self.path), kind=PENDING)["pending"]
        return found

    def merge(self, settled: Collection[str], entries: Sequence[Pending]) -> None:
        """Drop what is ``settled`` (node ids) and put the entries in place of those they follow.

        What concerns other cases stays. Nothing is written when nothing changes but the time of
        the judgement, and the file is removed when nothing is left. Credentials are redacted.
        """
        # without the lock first: most runs change nothing, and the lock costs an import
        before = self.read()
        if not before and not entries:
            return
        gone = {self._redactor.redact(node) for node in settled}
        new = {entry.node: entry for entry in map(self._redacted, entries)}
        if _merged(before, gone, new) == before:
            return
        with locked(self.path, self._lock_folder):
            before = self.read()
            after = _merged(before, gone, new)
            if after != before:
                self._write(after)

    def discard(self, nodes: Collection[str]) -> None:
        """Drop the entries with these node ids."""
        self.merge(nodes, ())

    def _redacted(self, entry: Pending) -> Pending:
        values: Any = self._redactor.redact_json(_plain({n: getattr(entry, n) for n in _ENTRY}))
        return Pending(**values)

    def _write(self, entries: Sequence[Pending]) -> None:
        if not entries:
            self.path.unlink(missing_ok=True)
            return
        ignore = self.path.with_name(".gitignore")
        if not ignore.exists():
            write_atomically(ignore, b"*\n", scratch=self._lock_folder)
        # one line an entry: a file with indentation takes ten times as long to write
        lines = ",\n  ".join([json.dumps(_entry_to(entry)) for entry in entries])
        text = f'{{\n "format": {FORMAT},\n "pending": [\n  {lines}\n ]\n}}\n'
        write_atomically(self.path, text.encode(), scratch=self._lock_folder)


def _merged(
    before: tuple[Pending, ...], gone: Collection[str], new: dict[str, Pending]
) -> tuple[Pending, ...]:
    after = {e.node: e for e in before if e.node not in gone or e.node in new}
    for node, entry in new.items():
        old = after.get(node)
        if old is None or dataclasses.replace(entry, judged_at=old.judged_at) != old:
            after[node] = entry
    return tuple(after.values())


def _plain(value: Any, depth: int = 0) -> Any:
    """Return what will be read again: plain containers, no number that JSON lacks, not too deep."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, Mapping | Sequence):
        return value
    if depth >= _MAX_DEPTH:
        return "(nested too deeply to be kept)"
    if isinstance(value, Mapping):
        return {key: _plain(item, depth + 1) for key, item in value.items()}
    return [_plain(item, depth + 1) for item in value]


def _entry_to(entry: Pending) -> dict[str, object]:
    values = {name: getattr(entry, name) for name in _ENTRY}
    return {
        k: value for k, value in values.items() if k in _NEEDS or value not in (None, {}, "", 0)
    }


def _checked(document: Any) -> dict[str, Any]:
    found = check(document, _FILE, ())
    found["pending"] = tuple([_entry_from(entry, n) for n, entry in enumerate(found["pending"])])
    return found


def _entry_from(value: object, n: int) -> Pending:
    raw = check(value, _ENTRY, ("pending", n), _NEEDS)
    for name, text in raw.get("checks", {}).items():
        if type(text) is not str:
            message = f"the digest of check {name!r} has to be text, found {text!r}"
            raise FieldError(("pending", n, "checks", name), message)
    return Pending(**raw)


PENDING = FileKind(
    name="pending",
    format=FORMAT,
    check=_checked,
    remedy=f"delete it and run {RUN} again: rm {{path}}",
    conflict="it was committed",
    merge=f"delete it and run {RUN} again: rm {{path}}",
)
