"""What differs between one accepted and one fresh answer, before the answers are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kinds import KINDS

if TYPE_CHECKING:
    from pytest_promptdrift.model import Severity

    from .claims import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """One difference of a pair of answers.

    ``old_key`` and ``new_key`` are the normal forms by which the other answers are asked whether
    they say the same. ``claim`` is the fresh claim, for kinds that have no such form. ``vague``
    marks a place that varies by nature, so that it can only be worth a look.
    """

    kind: str
    old_key: str
    new_key: str
    old: str
    new: str
    path: str | None = None
    claim: Claim | None = None
    vague: bool = False

    @property
    def severity(self) -> Severity:
        """``fail`` or ``warn``, by the kind."""
        return "warn" if self.vague or KINDS[self.kind].policy == "warn" else "fail"
