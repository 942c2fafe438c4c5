"""The recordings of one suite: a folder with one file per case, read often, written carefully.

Every write takes the lock of the suite, reads the file again, adds to what is there and replaces
it, so that neither a second process nor a killed one loses an answer. There is one lock a suite: to
make a lock file for each of a thousand cases takes longer than to write what was recorded. This
module knows nothing of modes and makes no decision about which call is made.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_promptdrift._canonical import digest
from pytest_promptdrift._errors import StoreError, Where
from pytest_promptdrift._files import locked, write_atomically

from .case_recordings import CaseRecordings, choose
from .disk import Stamp, names, read, stamp
from .fields import FORMAT, recording_to, sample_to
from .layout import ENDING, RECORDINGS, recording_file_name, recording_id
from .text_lines import dump, to_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from pytest_promptdrift.model import Recording, Request, Sample

    from .case_recordings import Head
    from .near import Index, Nearest
    from .redaction import Redactor

# Files kept parsed: the cells of a case follow each other, so a few are enough, and ten thousand
# would be fifty megabytes.
_KEPT_FILES = 64


def series_name(at: datetime, suffix: str) -> str:
    """Return the series of a refresh run: its time (UTC), so that names sort, and a suffix.

    The suffix keeps two runs of one second apart.
    """
    return f"{at:%Y%m%dT%H%M%SZ}-{suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What became of a sample: where it is, and whether it was ``stored`` just now.

    ``stored`` is False when the response was there already, as ``index``.
    """

    recording_id: str
    index: int
    stored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """Recordings of one file that no selected case addresses; ``whole_file`` when all of them."""

    path: Path
    case_id: str
    recordings: tuple[Head, ...]
    whole_file: bool


class RecordingStore:
    """Reads and writes the recordings of one suite folder; one object per suite and process."""

    def __init__(self, suite: Path, *, lock_folder: Path, redactor: Redactor) -> None:
        """Use ``<suite>/recordings``; locks and half-written files go into ``lock_folder``."""
        self.folder = suite / RECORDINGS
        self._prefix = f"{self.folder}{os.sep}"
        self._lock_folder = lock_folder
        self._redactor = redactor
        self._kept: dict[str, tuple[Stamp, CaseRecordings]] = {}
        # Of every case that was asked for, a hash of the file's stamp and the requests that it
        # answers, so that nothing is read twice. Small, and the texts are those of the caller.
        self._answered: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._index: Index | None = None

    def path(self, case_id: str) -> Path:
        """Return the file of a case, whether it exists or not."""
        return self.folder / recording_file_name(case_id)

    def load(self, case_id: str) -> CaseRecordings:
        """Return what is recorded for a case; raises StoreError for a file that is not readable.

        A file is read again only when it has changed.
        """
        return self._load(case_id)[1]

    def _load(self, case_id: str) -> tuple[Stamp, CaseRecordings]:
        path = self._prefix + recording_file_name(case_id)
        kept = self._kept.get(path)
        if kept is not None and kept[0] == stamp(path):
            return kept
        read_at, data = read(path)
        loaded = CaseRecordings(path, data, case_id=case_id)
        while len(self._kept) >= _KEPT_FILES:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[path] = made = (read_at, loaded)
        return made

    def by_id(self, case_id: str, recording_id: str) -> Recording | None:
        """Return the recording of a case with this id, or None; raises StoreError like ``find``."""
        return self._load(case_id)[1].get(recording_id)

    def find(
        self, case_id: str, request_digest: str, *, needed: int = 1, series: str | None = None
    ) -> Recording | None:
        """Return the recording that answers a request, or None when there is none.

        Without a ``series`` that is the newest one with ``needed`` samples, else the one with most
        samples. Raises StoreError also when the recording was edited and would answer another
        request than the one it was made for.
        """
        read_at, loaded = self._load(case_id)
        found = loaded.of(request_digest)
        digests = [entry["digest"] for entry in loaded.entries]
        if digests == [request_digest]:
            digests = [request_digest]
        self._answered[case_id] = (hash(read_at), tuple(digests))
        if series is not None:
            found = [recording for recording in found if recording.series == series]
        return choose(found, needed)

    def check_writable(self, case_id: str, request: Request | None = None) -> None:
        """Raise StoreError when ``append`` would have to refuse; to be asked before a paid call.

        With the request, also when that holds a credential.
        """
        loaded = self._strictly(self.path(case_id), case_id)
        if request is not None:
            canonical = request.canonical()
            self._redactor.guard_json(canonical, f"case {case_id!r}: request")
            loaded.of(digest(canonical))
        for folder in (self.folder, self._lock_folder):
            _check_folder(folder)

    def append(
        self, case_id: str, request: Request, *, label: str, sample: Sample, series: str = ""
    ) -> Appended:
        """Store a sample behind those that its recording has, or make the recording.

        Raises SecretFoundError when it holds a credential, and StoreError when the file cannot be
        read or written; the file is then as it was. A response that the recording already has, by
        its id, is not stored again.
        """
        path = self.path(case_id)
        try:
            return self._append(path, case_id, request, label=label, sample=sample, series=series)
        except (RecursionError, ValueError) as error:
            # NaN in the arguments of a tool call, or a nesting that no reader would survive
            raise StoreError(
                f"request and answer cannot be stored as JSON: {error}",
                where=Where(path=str(path)),
                hint="ask the model for values that JSON has, or record another case",
            ) from error

    def _append(
        self, path: Path, case_id: str, request: Request, *, label: str, sample: Sample, series: str
    ) -> Appended:
        canonical = request.canonical()
        request_digest = digest(canonical)
        wanted = recording_id(request_digest, series)
        raw = sample_to(sample)
        self._guard(case_id, canonical, label, raw)
        with locked(self.folder, self._lock_folder):
            loaded = self._strictly(path, case_id)
            # reading what is there also makes sure that it is sound before it is written again
            loaded.of(request_digest)
            entry = next((entry for entry in loaded.entries if entry["id"] == wanted), None)
            if entry is None:
                stored = to_lines(canonical)
                entry = recording_to(wanted, request_digest, series, label, stored)
                loaded.entries.append(entry)
            samples = entry["samples"]
            known = _index_of(raw.get("response_id"), samples)
            if known is not None:
                return Appended(recording_id=wanted, index=known, stored=False)
            samples.append(to_lines(raw))
            self._write(path, case_id, loaded.entries)
        return Appended(recording_id=wanted, index=len(samples) - 1, stored=True)

    def nearest(self, request: Request, case_id: str, *, limit: int = 3) -> list[Nearest]:
        """Return the recordings most like a request that has none, the best first.

        Those of the same case come first; the other cases are looked at when it has none, or when
        one of them holds exactly this request: then the case was renamed.
        """
        if self._index is None:
            from .near import Index  # noqa: PLC0415  (only a miss needs it)

            self._index = Index(self.folder)
        return self._index.nearest(request, self.load(case_id), limit)

    def cases(self) -> Iterator[CaseRecordings | StoreError]:
        """Yield the recordings of every file of the suite, or the error that it is."""
        for name in self._names():
            path = self._prefix + name
            try:
                yield CaseRecordings(path, read(path)[1], strict=True)
            except StoreError as error:
                yield error

    def _names(self) -> list[str]:
        return names(self.folder, ENDING)

    def unused(
        self,
        known: Mapping[str, Collection[str]],
        keep: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> list[Unused]:
        """Return the recordings that none of the ``known`` requests (digests by case id) address.

        ``known`` has to name all cases of all files that use this suite folder; ``keep`` has the
        ids of recordings that are in use for another reason, by case id, and is asked only for
        cases with something unused. Raises StoreError for a file that cannot be read.
        """
        wanted = {recording_file_name(case_id): case_id for case_id in known}
        found = []
        for name in self._names():
            # macOS may give a name back in its decomposed form
            case_id = wanted.get(unicodedata.normalize("NFC", name), "")
            digests = known.get(case_id, ())
            path = self._prefix + name
            if self._all_wanted(path, case_id, digests):
                continue
            loaded = CaseRecordings(path, read(path)[1])
            heads = loaded.heads()
            idle = tuple(head for head in heads if head.digest not in digests)
            if idle:
                kept = keep.get(case_id or loaded.case_id, ())
                idle = tuple(head for head in idle if head.id not in kept)
            if idle or not heads:
                whole = len(idle) == len(heads)
                found.append(
                    Unused(
                        path=Path(path),
                        case_id=loaded.case_id,
                        recordings=idle,
                        whole_file=whole,
                    )
                )
        return found

    def _all_wanted(self, path: str, case_id: str, digests: Collection[str]) -> bool:
        """Tell whether a file is known, without reading it again, to hold nothing that is idle."""
        read_at, answered = self._answered.get(case_id, (0, ()))
        if not answered or any(digest not in digests for digest in answered):
            return False
        return read_at == hash(stamp(path))

    def remove(self, unused: Unused) -> int:
        """Delete these recordings, and the file when nothing is left; return how many there were.

        What was added since they were found is kept.
        """
        doomed = {head.id for head in unused.recordings}
        with locked(self.folder, self._lock_folder):
            before = self._strictly(unused.path, unused.case_id).entries
            left = [entry for entry in before if entry["id"] not in doomed]
            if left:
                self._write(unused.path, unused.case_id, left)
            else:
                unused.path.unlink(missing_ok=True)
        return len(before) - len(left)

    def _strictly(self, path: Path, case_id: str) -> CaseRecordings:
        """Read a file that is about to be written, past what is kept and more strictly."""
        return CaseRecordings(str(path), read(str(path))[1], case_id=case_id, strict=True)

    def _guard(self, case_id: str, request: object, label: str, answer: object) -> None:
        everything = {"id": case_id, "label": label, "request": request, "answer": answer}
        self._redactor.guard_json(everything, f"case {case_id!r}")

    def _write(self, path: Path, case_id: str, entries: list[dict[str, Any]]) -> None:
        document = {"format": FORMAT, "case": case_id, "recordings": entries}
        write_atomically(path, dump(document), scratch=self._lock_folder)
        self._kept.pop(str(path), None)


def _check_folder(folder: Path) -> None:
    """Raise StoreError when no file can be made in a folder, which may have to be made itself."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise StoreError(
            "a file is where a folder for recordings should be",
            where=Where(path=str(there)),
            hint=f"move it away: mv {there} {there}.old",
        )
    if not os.access(there, os.W_OK | os.X_OK):
        raise StoreError(
            "recordings cannot be written: no permission",
            where=Where(path=str(there)),
            hint=f"make it writable: chmod u+wx {there}",
        )


def _index_of(response_id: object, samples: list[Any]) -> int | None:
    """Return which of the stored samples is this response; None when it is new or has no id."""
    if not response_id:
        return None
    ids = [sample.get("response_id") for sample in samples]
    return ids.index(response_id) if response_id in ids else None
