"""One difference between the accepted and the fresh answers of a case, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["fail", "warn", "note"]
# Kind, normal form and path of something that an answer says or is, told without its neighbours.
Trait: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One named difference, with the fragment of each side and how many answers show it.

    ``kind`` says in one word what differs (``number``, ``negation``, ``field_gone``).
    ``severity`` is ``fail`` for what is wrong or breaks a consumer, ``warn`` for what is only
    worth a look (of a structure: an addition), ``note`` for what chance explains. ``path`` says
    where, in an answer that is JSON or a tool call. ``old`` stands in ``accepted`` of
    ``accepted_of`` answers; ``fresh`` of ``fresh_of`` answers deviate from it, saying ``new`` (the
    most frequent, where they disagree). With one answer on each side this is a rule, not evidence
    about a rate; with more, ``p`` is Fisher's exact test of these counts and ``adjusted_p`` the
    same for all that the family was searched for. ``traits`` are what an answer has or lacks when
    it shows the difference.
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
    p: float | None = None
    adjusted_p: float | None = None
    traits: tuple[Trait, ...] = ()
