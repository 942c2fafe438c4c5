"""The conclusion for one case × variant × model, with everything a report needs to explain it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from .result import CheckSummary, Status
    from pytest_promptdrift._canonical import JsonValue
    from pytest_promptdrift._errors import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field of a request that differs; ``path`` is like ``body.messages[1].content``.

    A side that does not have the field at all is marked by ``old_missing`` or ``new_missing``.
    """

    path: str
    old: JsonValue = None
    new: JsonValue = None
    old_missing: bool = False
    new_missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NearRecording:
    """A recording that resembles the request which has none.

    ``similarity`` is in 0…1; 1 means the very same request under another case. ``more`` counts
    the changes left out of ``changes``.
    """

    recording_id: str
    case_id: str
    label: str
    similarity: float
    changes: tuple[FieldChange, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A request without enough recorded samples: what there is, what was asked, what is near."""

    digest: str
    stored: int
    needed: int
    near: tuple[NearRecording, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why there is no verdict: the kind in one or two words, the message, and what to do."""

    kind: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the judged samples had cost when they were recorded; None means unknown."""

    usd: float | None
    tokens: int | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The conclusion for one case × variant × model.

    ``samples`` is the number of independent recorded samples that were judged, ``spare`` how many
    more are stored. ``answers`` holds the text of the judged samples, only when there is something
    to show. ``called`` is the number of calls this run made for it.
    """

    status: Status
    case_id: str
    label: str
    model: str
    where: Where | None = None
    recording_id: str | None = None
    samples: int = 0
    spare: int = 0
    called: int = 0
    checks: tuple[CheckSummary, ...] = ()
    answers: tuple[str, ...] = ()
    miss: Miss | None = None
    problem: Problem | None = None
    spent: Spent | None = None
    notes: tuple[str, ...] = ()
