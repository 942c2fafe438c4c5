"""One difference between the accepted and the fresh answers of a case, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["fail", "warn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One named difference, with the fragment of each side and how many answers show it.

    ``kind`` says in one word what differs (``number``, ``negation``, ``field_gone``).
    ``severity`` is ``fail`` for what is wrong or breaks a consumer, ``warn`` for what is only
    worth a look (of a structure: an addition). ``path`` says where, in an answer that is JSON or a
    tool call. ``old`` stands in ``accepted`` of ``accepted_of`` answers; ``fresh`` of ``fresh_of``
    answers deviate from it, saying ``new`` (the most frequent, where they disagree). With one
    answer on each side this is a rule, not evidence about a rate.
    """

    kind: str
    message: str
    severity: Severity
    old: str | None = None
    new: str | None = None
    path: str | None = None
    accepted: int = 1
    accepted_of: int = 1
    fresh: int = 1
    fresh_of: int = 1
