"""What a person decided about a recording: accepted as the baseline, or rejected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision about one case × variant × model; it is never changed, only followed by others.

    ``samples`` says how many of the first samples of the recording were looked at, and ``answers``
    is their digest, so that an edit of what was accepted is noticed. ``checks`` holds the digest of
    what every check asked at the time, by name. ``at`` is ISO 8601 in UTC; ``why`` is the reason
    that was given, or empty.
    """

    recording_id: str
    accepted: bool
    samples: int
    answers: str
    at: str
    why: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)
