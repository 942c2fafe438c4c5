"""Recognises what a text in JSON stands for: a date, an address, an identifier."""

from __future__ import annotations

import re
from typing import Final

_LONGEST = 300
_FORMATS: Final = (
    (
        "date-time",
        re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"),
    ),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("time", re.compile(r"\d\d:\d\d(?::\d\d)?")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("email", re.compile(r"[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+")),
    ("uri", re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s]+")),
)


def format_of(text: str) -> str | None:
    """Return the name of the format that the whole text has, or None."""
    if len(text) > _LONGEST:
        return None
    return next((name for name, pattern in _FORMATS if pattern.fullmatch(text)), None)
