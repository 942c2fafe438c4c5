"""Small decisions and the stores that hold them, for tests of what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift.model import Decision
from pytest_promptdrift.store import BaselineStore, Redactor

if TYPE_CHECKING:
    from pathlib import Path

FIRST_DAY = "2026-11-24T00:50:00+00:00"
SECOND_DAY = "2026-11-25T09:00:00+00:00"


def a_decision(
    recording_id: str = "ab12cd34ef56",
    *,
    accepted: bool = True,
    at: str = FIRST_DAY,
    why: str = "facts unchanged",
) -> Decision:
    return Decision(
        recording_id=recording_id,
        accepted=accepted,
        samples=5,
        answers="0123456789abcdef",
        at=at,
        why=why,
        checks={"one_of": "1a2b3c4d", "contains": "5e6f7a8b"},
    )


def a_baseline(folder: Path, redactor: Redactor | None = None) -> BaselineStore:
    return BaselineStore(
        folder / "__promptdrift__" / "triage",
        lock_folder=folder / "locks",
        redactor=redactor or Redactor(),
    )
