"""What the last runs left undecided: one file of the project, for the commands, never committed.

It is a note and no truth: whoever reads it checks that it still holds.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from pytest_promptdrift._files import locked, write_atomically
from pytest_promptdrift.model import Pending

from .disk import read
from .fields import FieldError, check
from .source import FileKind, parse
from .text_lines import dump

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from .redaction import Redactor

FOLDER = ".promptdrift"
FORMAT = 1
RUN = "pytest --promptdrift"

_TEXT = (str,)
_MAYBE_TEXT = (str, type(None))
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
        gone = {self._redactor.redact(node) for node in settled}
        new = {entry.node: entry for entry in map(self._redacted, entries)}
        # without the lock first: most runs change nothing, and the lock costs an import
        before = self.read()
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
        values = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}
        return Pending(**self._clean(values))

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._redactor.redact(value)
        if isinstance(value, dict):
            return {self._clean(key): self._clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(item) for item in value]
        return value

    def _write(self, entries: Sequence[Pending]) -> None:
        if not entries:
            self.path.unlink(missing_ok=True)
            return
        ignore = self.path.with_name(".gitignore")
        if not ignore.exists():
            write_atomically(ignore, b"*\n", scratch=self._lock_folder)
        document = {"format": FORMAT, "pending": [_entry_to(entry) for entry in entries]}
        write_atomically(self.path, dump(document), scratch=self._lock_folder)


def _merged(
    before: tuple[Pending, ...], gone: Collection[str], new: dict[str, Pending]
) -> tuple[Pending, ...]:
    after = {entry.node: entry for entry in before if entry.node not in gone}
    for node, entry in new.items():
        old = after.get(node)
        if old is None or dataclasses.replace(entry, judged_at=old.judged_at) != old:
            after[node] = entry
    return tuple(after.values())


def _entry_to(entry: Pending) -> dict[str, object]:
    values = {name: getattr(entry, name) for name in _ENTRY}
    return {key: value for key, value in values.items() if value not in (None, {}, "", 0)}


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
