"""The recordings of one case: the checked text of a file, of which only what is asked is parsed.

It reads no file. What it returns has been verified: a recording whose request was edited by hand
does not have the digest of what it would answer, and is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_promptdrift._canonical import NotJsonError, digest
from pytest_promptdrift._errors import StoreError, Where

from .fields import FieldError, recording_from
from .layout import recording_id
from .source import RECORD, at_field, broken, line_of, parse
from .text_lines import from_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_promptdrift.model import Recording


def verify(recording: Recording) -> bool:
    """Tell whether id and digest of a recording are those of the request that it holds."""
    try:
        found = digest(recording.request)
    except NotJsonError:  # a number beyond every double: written by hand
        return False
    return found == recording.digest and recording.id == recording_id(found, recording.series)


def choose(recordings: Iterable[Recording], needed: int = 1) -> Recording | None:
    """Return the newest of the recordings of one request that has ``needed`` samples.

    When none has as many, the one with most samples; of several such ones, the newest. The names
    of series sort by time, and the first recording's is empty.
    """
    best, best_rank = None, (-1, "")
    for recording in recordings:
        rank = (min(len(recording.samples), needed), recording.series)
        if rank > best_rank:
            best, best_rank = recording, rank
    return best


class Head(NamedTuple):
    """A recording without its request and its answers; ``samples`` is how many it has."""

    id: str
    digest: str
    series: str
    label: str
    samples: int


class CaseRecordings:
    """What is recorded for one case, in the order of its file; empty when there is no file."""

    __slots__ = ("_data", "_parsed", "case_id", "entries", "path")

    def __init__(
        self, path: str, data: bytes | None, *, case_id: str = "", strict: bool = False
    ) -> None:
        """Check the structure of ``data``, the bytes of the file, or None without one.

        The case is the one that the file names, ``case_id`` without a file. A renamed file still
        answers: what it may answer is decided by the digest.
        """
        self.path = path
        self._data = data
        document = parse(data, path, strict=strict) if data is not None else {"recordings": []}
        self.case_id: str = document.get("case", case_id)
        self.entries: list[dict[str, Any]] = document["recordings"]
        self._parsed: dict[int, Recording] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Recording]:
        return (self._recording(n) for n in range(len(self.entries)))

    def of(self, request_digest: str) -> list[Recording]:
        """Return the recordings of a request, one per series; StoreError when one was edited."""
        return [
            self._recording(n)
            for n, entry in enumerate(self.entries)
            if entry["digest"] == request_digest
        ]

    def get(self, recording_id: str) -> Recording | None:
        """Return the recording with this id, or None."""
        for n, entry in enumerate(self.entries):
            if entry["id"] == recording_id:
                return self._recording(n)
        return None

    def heads(self) -> list[Head]:
        """Return what is known of every recording without parsing it."""
        return [
            Head(e["id"], e["digest"], e["series"], e["label"], len(e["samples"]))
            for e in self.entries
        ]

    def _recording(self, n: int) -> Recording:
        found = self._parsed.get(n)
        if found is None:
            found = self._parsed[n] = self._parse(n)
        return found

    def _parse(self, n: int) -> Recording:
        try:
            whole: Any = from_lines(self.entries[n])
            recording = recording_from(whole)
        except RecursionError as error:
            line = line_of(self._text(), ("recordings", n))
            raise broken("values are nested too deeply", self.path, line) from error
        except FieldError as error:
            error.path = ("recordings", n, *error.path)
            raise at_field(error, self._text(), self.path) from error
        if not verify(recording):
            raise self._edited(recording, n)
        return recording

    def _edited(self, recording: Recording, n: int) -> StoreError:
        line = line_of(self._text(), ("recordings", n, "request"))
        return StoreError(
            f"the request of recording {recording.id!r} is not the one it was recorded for:"
            " it or its digest was edited",
            where=Where(path=self.path, line=line),
            hint=(
                f"undo the edit: git checkout -- {self.path}"
                f"  or delete this recording and record again: {RECORD}"
            ),
        )

    def _text(self) -> str:
        return (self._data or b"").decode()
