"""The conclusion for one case × variant × model, with everything a report needs to explain it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift._errors import Where

    from .comparison import Comparison
    from .evidence import FieldChange, Problem, Spent
    from .result import CheckSummary, Status


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
class Verdict:
    """The conclusion for one case × variant × model.

    ``samples`` is the number of independent recorded samples that were judged, ``spare`` how many
    more are stored. ``answers`` holds the text of the judged samples, only when there is something
    to show. ``called`` is the number of calls this run made for it. ``answers_digest`` and
    ``check_digests`` are what a decision about it would be held against later. ``comparison`` is
    there when the recording is not the accepted one.
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
    answers_digest: str = ""
    check_digests: Mapping[str, str] | None = None
    comparison: Comparison | None = None
