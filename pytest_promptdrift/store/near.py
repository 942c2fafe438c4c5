"""Which recording is most like a request that has none: for the message about a miss.

Similarity is that of the words of two canonical requests. A suite may have a thousand files and
every case may miss at once, so every file is read once for a small sketch, and only the few with
the most similar sketches are compared in full.
"""

from __future__ import annotations

import heapq
import re
import zlib
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pytest_promptdrift._canonical import NotJsonError, canonical_json, digest
from pytest_promptdrift._errors import StoreError

from .case_recordings import CaseRecordings, choose
from .disk import read
from .layout import ENDING
from .text_lines import from_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pytest_promptdrift.model import Recording, Request

# Bounds of the work for one message.
_MAX_FILES = 2_000
_HALF = 10_000
_MAX_COMPARED = 20
_MAX_OWN = 50
_SKETCH_BITS = 1_024
# A word, or one character of a script that has no spaces.
_TOKEN = re.compile(r"[A-Za-z0-9_]+|[^\x00-\x7f]")
# How much it counts that a recording is for the same protocol and the same model.
_SAME_API = 0.1
_SAME_MODEL = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """A recording that is like a request.

    ``similarity`` is in 0…1. ``exact`` means that it holds this very request, for another case:
    the case was renamed.
    """

    recording: Recording
    case_id: str
    similarity: float
    exact: bool


# Protocol and model of a request.
_Kind: TypeAlias = tuple[object, object]


class _Sketch(NamedTuple):
    path: str
    digest: str
    kind: _Kind
    bits: int


class Index:
    """Sketches of all recordings of a folder; made at the first miss, again when files come."""

    def __init__(self, folder: Path) -> None:
        """Look at ``folder`` when asked, not before."""
        self._folder = folder
        self._made_at: int | None = None
        self._sketches: tuple[_Sketch, ...] = ()

    def nearest(self, request: Request, own: CaseRecordings, limit: int) -> list[Nearest]:
        """Return what is like ``request``, from ``own`` or, when that is empty, from other cases.

        A recording of another case that holds exactly this request is all that is returned.
        """
        wanted = _Wanted(request)
        others = [sketch for sketch in self._current() if sketch.path != own.path]
        renamed = [sketch for sketch in others if sketch.digest == wanted.digest]
        if renamed:
            return wanted.rank(_opened(renamed))[:limit]
        of_own = [(own.case_id, recording) for recording in _newest(own)]
        return wanted.rank(of_own or _opened(wanted.closest(others)))[:limit]

    def _current(self) -> tuple[_Sketch, ...]:
        try:
            changed_at = self._folder.stat().st_mtime_ns
        except OSError:
            return ()
        if changed_at != self._made_at:
            files = sorted(self._folder.glob(f"*{ENDING}"))[:_MAX_FILES]
            self._sketches = tuple(sketch for file in files for sketch in _sketches(str(file)))
            self._made_at = changed_at
        return self._sketches


class _Wanted:
    """The request that has no recording, prepared to be compared with many."""

    def __init__(self, request: Request) -> None:
        canonical = request.canonical()
        self.digest = digest(canonical)
        self._kind = _kind(canonical)
        self._tokens = _tokens(canonical)
        self._words = _words(self._tokens)

    def rank(self, found: Iterable[tuple[str, Recording]]) -> list[Nearest]:
        """Return the recordings, the most similar first; the same protocol and model count."""
        ranked = sorted(
            (self._compared(case_id, recording) for case_id, recording in found),
            key=lambda pair: -pair[0],
        )
        return [near for _, near in ranked]

    def closest(self, sketches: Iterable[_Sketch]) -> list[_Sketch]:
        """Return the few sketches that are worth a full comparison, roughly the best first."""
        bits = _bits(self._tokens)
        return heapq.nlargest(
            _MAX_COMPARED,
            sketches,
            key=lambda s: (
                (s.bits & bits).bit_count() / max((s.bits | bits).bit_count(), 1)
                + self._kinship(s.kind)
            ),
        )

    def _kinship(self, kind: _Kind) -> float:
        return (kind[0] == self._kind[0]) * _SAME_API + (kind == self._kind) * _SAME_MODEL

    def _compared(self, case_id: str, recording: Recording) -> tuple[float, Nearest]:
        exact = recording.digest == self.digest
        words = _words(_tokens(recording.request))
        shared = sum((words & self._words).values())
        similarity = 1.0 if exact else 2 * shared / (words.total() + self._words.total())
        near = Nearest(recording=recording, case_id=case_id, similarity=similarity, exact=exact)
        return similarity + self._kinship(_kind(recording.request)), near


def _newest(own: CaseRecordings) -> Iterator[Recording]:
    """Yield one recording for every request of a case, without those that are not readable."""
    for request_digest in dict.fromkeys(head.digest for head in own.heads()[-_MAX_OWN:]):
        with suppress(StoreError):
            recording = choose(own.of(request_digest))
            if recording is not None:
                yield recording


def _opened(sketches: Iterable[_Sketch]) -> Iterator[tuple[str, Recording]]:
    for sketch in sketches:
        with suppress(StoreError):
            loaded = CaseRecordings(sketch.path, read(sketch.path)[1])
            recording = choose(loaded.of(sketch.digest))
            if recording is not None:
                yield loaded.case_id, recording


def _sketches(path: str) -> list[_Sketch]:
    """Return a sketch of every request of a file; none of a file that cannot be read."""
    try:
        loaded = CaseRecordings(path, read(path)[1])
        requests = {entry["digest"]: from_lines(entry["request"]) for entry in loaded.entries}
        return [
            _Sketch(path, request_digest, _kind(request), _bits(_tokens(request)))
            for request_digest, request in requests.items()
        ]
    except (StoreError, NotJsonError, RecursionError):
        # it is reported where it is used; a hint about another case must not fail for it
        return []


def _kind(request: object) -> _Kind:
    if not isinstance(request, Mapping):
        return (None, None)
    body = request.get("body")
    return request.get("api"), body.get("model") if isinstance(body, Mapping) else None


def _tokens(request: object) -> list[str]:
    text = canonical_json(request)
    if len(text) > 2 * _HALF:
        text = text[:_HALF] + text[-_HALF:]
    return _TOKEN.findall(text)


def _words(tokens: list[str]) -> Counter[object]:
    """Count words and pairs of words, so that their order counts too."""
    return Counter([*tokens, *pairwise(tokens)])


def _bits(tokens: list[str]) -> int:
    bits = 0
    for token in set(tokens):
        bits |= 1 << zlib.crc32(token.encode("utf-8", "surrogatepass")) % _SKETCH_BITS
    return bits
