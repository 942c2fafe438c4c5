"""The decisions about one suite: a folder with one file per case, to which is only ever added.

One file a case, so that two people who accept different cases change different files and git has
nothing to merge. Every write takes the lock of the suite, reads the files again, adds to what is
there and replaces them. What a decision should be is not its business.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import SecretFoundError, StoreError, Where
from pytest_promptdrift._files import locked, write_atomically, write_together

from .decisions import BASELINES, document_to, examine
from .disk import Stamp, names, read, stamp
from .fields import FieldError
from .layout import BASELINE, ENDING, recording_file_name
from .source import parse
from .text_lines import dump

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from pytest_promptdrift.model import Decision

    from .redaction import Redactor

# Files kept parsed; the cells of a case follow each other.
_KEPT_FILES = 64
_NOTHING: Mapping[str, tuple[Decision, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Obsolete:
    """Decisions that no case file has a use for: ``case_gone``, or only the label is."""

    path: Path
    case_id: str
    label: str
    decisions: tuple[Decision, ...]
    case_gone: bool


class _CaseDecisions:
    """What was decided about one case, by label in the order of the file."""

    __slots__ = ("by_label", "case_id")

    def __init__(self, case_id: str, by_label: dict[str, tuple[Decision, ...]]) -> None:
        self.case_id = case_id
        self.by_label = by_label


class BaselineStore:
    """Reads and adds decisions; one object per suite and process."""

    def __init__(self, suite: Path, *, lock_folder: Path, redactor: Redactor) -> None:
        """Use ``<suite>/baseline``; locks and half-written files go into ``lock_folder``.

        Which files there are is looked up once, so that a case without one costs nothing.
        """
        self.folder = suite / BASELINE
        self._prefix = f"{self.folder}{os.sep}"
        self._lock_folder = lock_folder
        self._redactor = redactor
        self._listed: set[str] | None = None
        self._kept: dict[str, tuple[Stamp, _CaseDecisions]] = {}

    def path(self, case_id: str) -> Path:
        """Return the file of a case, whether it exists or not."""
        return self.folder / recording_file_name(case_id)

    def any(self) -> bool:
        """Tell whether anything was decided in this suite."""
        return bool(self._names())

    def decisions(self, case_id: str, label: str) -> tuple[Decision, ...]:
        """Return all decisions, the oldest first; raises StoreError for an unreadable file."""
        return self.history(case_id).get(label, ())

    def history(self, case_id: str) -> Mapping[str, tuple[Decision, ...]]:
        """Return all decisions about a case, by label, the oldest first; raises StoreError."""
        if not self._names():
            return _NOTHING
        return self._load(recording_file_name(case_id)).by_label

    def current(self, case_id: str, label: str) -> Decision | None:
        """Return the decision that makes the baseline: the last one that accepted."""
        for decision in reversed(self.decisions(case_id, label)):
            if decision.accepted:
                return decision
        return None

    def rejection(self, case_id: str, label: str, recording_id: str) -> Decision | None:
        """Return the last decision about a recording when that rejected it, else None."""
        for decision in reversed(self.decisions(case_id, label)):
            if decision.recording_id == recording_id:
                return None if decision.accepted else decision
        return None

    def labels(self) -> Mapping[str, tuple[str, ...]]:
        """Return the labels about which something was decided, by case id; reads every file."""
        found = {}
        for name in sorted(self._names()):
            loaded = self._load(name)
            if loaded.by_label:
                found[_case_of(name, loaded.case_id)] = tuple(loaded.by_label)
        return found

    def accepted(self, labels: Mapping[str, Collection[str]]) -> Mapping[str, frozenset[str]]:
        """Return the ids of the accepted recordings by case id, of these labels of each case.

        A file is read when its case is asked for, and that raises StoreError.
        """
        return _Accepted(self, labels)

    def obsolete(self, known: Mapping[str, Collection[str]]) -> list[Obsolete]:
        """Return the decisions about none of the ``known`` labels (by case id); reads every file.

        ``known`` has to name all cases of all files that use this suite folder.
        """
        wanted = {recording_file_name(case_id): case_id for case_id in known}
        found = []
        for name in sorted(self._names()):
            loaded = self._load(name)
            case_id = wanted.get(name)
            labels = () if case_id is None else known[case_id]
            found += [
                Obsolete(
                    path=Path(self._prefix + name),
                    case_id=_case_of(name, loaded.case_id) if case_id is None else case_id,
                    label=label,
                    decisions=decisions,
                    case_gone=case_id is None,
                )
                for label, decisions in loaded.by_label.items()
                if label not in labels
            ]
        return found

    def decide(self, items: Sequence[tuple[str, str, Decision]]) -> None:
        """Add decisions, given as case id, label and decision; the earlier ones stay as they are.

        All files are read and prepared before the first is replaced. Raises StoreError for a
        decision that cannot be one, or a file that cannot be read, and SecretFoundError for a
        reason that holds a credential; nothing was written then.
        """
        for case_id, label, decision in items:
            self._examine(case_id, label, decision)
        if not items:
            return
        with locked(self.folder, self._lock_folder):
            changed: dict[str, _CaseDecisions] = {}
            for case_id, label, decision in items:
                name = recording_file_name(case_id)
                if name not in changed:
                    changed[name] = _CaseDecisions(case_id, self._read(name)[1].by_label)
                by_label = changed[name].by_label
                by_label[label] = (*by_label.get(label, ()), decision)
            files = {Path(self._prefix + name): _bytes(case) for name, case in changed.items()}
            try:
                write_together(files, self._lock_folder)
            finally:
                self._names().update(changed)

    def remove(self, case_id: str, label: str) -> None:
        """Forget all decisions about one label of a case, and the file when nothing is left."""
        self._remove(recording_file_name(case_id), label, ())

    def forget(self, obsolete: Obsolete) -> bool:
        """Remove these decisions; False, and nothing is removed, when there are others by now."""
        name = unicodedata.normalize("NFC", obsolete.path.name)
        return self._remove(name, obsolete.label, obsolete.decisions)

    def _remove(self, name: str, label: str, expected: tuple[Decision, ...]) -> bool:
        path = Path(self._prefix + name)
        with locked(self.folder, self._lock_folder):
            case = self._read(name)[1]
            found = case.by_label.pop(label, ())
            if not found or (expected and found != expected):
                return False
            if case.by_label:
                write_atomically(path, _bytes(case), scratch=self._lock_folder)
            else:
                path.unlink(missing_ok=True)
                self._names().discard(name)
        return True

    def _examine(self, case_id: str, label: str, decision: Decision) -> None:
        try:
            examine(decision, ())
        except FieldError as error:
            message = f"this is no decision about case {case_id!r}, {label}: {error.message}"
            raise StoreError(message, where=Where(path=str(self.path(case_id)))) from error
        everything = {
            "id": case_id,
            "label": label,
            "reason": decision.why,
            "checks": dict(decision.checks),
        }
        try:
            self._redactor.guard_json(everything, f"case {case_id!r}")
        except SecretFoundError as error:
            hint = "give the reason without the credential, and revoke it"
            raise SecretFoundError(error.message, where=error.where, hint=hint) from error

    def _names(self) -> set[str]:
        if self._listed is None:
            # macOS may give a name back in its decomposed form
            found = names(self.folder, ENDING)
            self._listed = {unicodedata.normalize("NFC", name) for name in found}
        return self._listed

    def _load(self, name: str) -> _CaseDecisions:
        if name not in self._names():
            return _CaseDecisions("", {})
        kept = self._kept.get(name)
        if kept is not None and kept[0] == stamp(self._prefix + name):
            return kept[1]
        made = self._read(name)
        while len(self._kept) >= _KEPT_FILES:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[name] = made
        return made[1]

    def _read(self, name: str) -> tuple[Stamp, _CaseDecisions]:
        path = self._prefix + name
        read_at, data = read(path, BASELINES.name)
        if data is None:
            return read_at, _CaseDecisions("", {})
        document = parse(data, path, strict=True, kind=BASELINES)
        return read_at, _CaseDecisions(document["case"], document["decisions"])


class _Accepted(Mapping[str, frozenset[str]]):
    """The accepted recordings of cases, looked up when asked for: mostly none of them is."""

    def __init__(self, store: BaselineStore, labels: Mapping[str, Collection[str]]) -> None:
        self._store = store
        self._labels = labels

    def __getitem__(self, case_id: str) -> frozenset[str]:
        found = (self._store.current(case_id, label) for label in self._labels[case_id])
        return frozenset(decision.recording_id for decision in found if decision is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def __len__(self) -> int:
        return len(self._labels)


def _case_of(name: str, written: str) -> str:
    """Return the case of a file: by its name, which a person may have changed, where that tells."""
    by_name = name.removesuffix(ENDING)
    return by_name if recording_file_name(by_name) == name else written


def _bytes(case: _CaseDecisions) -> bytes:
    return dump(document_to(case.case_id, case.by_label))
