"""What verdicts and comparisons are made of: changed fields, problems, and money."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonValue


class Missing(Enum):
    """Stands for a field that one of two requests does not have (null is a value)."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that differs; ``path`` reads like ``body.messages[1].content``."""

    path: str
    old: JsonValue | Missing
    new: JsonValue | Missing


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
