"""Reads a text as strict JSON: one decoder, code fences, and a bound on nesting.

A hostile text (endless nesting, duplicate keys, numbers without end) raises ValueError or
RecursionError, never anything else. This module must not know checks or drift.
"""

from __future__ import annotations

import json
import re
from typing import Final

from ._text import cut

# Far more than any real answer. Compiled code of validators recurses without a guard of its own:
# tens of thousands of levels end the process.
MAX_DEPTH = 200
# One fence around the whole answer. No repetition follows another, so that it stays linear.
_FENCE = re.compile(r"\s*```[^\n`]*\n(?P<body>.*?)\n?[ \t]*```\s*", re.DOTALL)
_OPENING = re.compile(r"[\[{]")


class NotJsonAnswerError(ValueError):
    """The answer is not JSON; the message is the reason."""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    out = dict(pairs)
    if len(out) == len(pairs):
        return out
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            msg = f"the key {cut(repr(key), 80)} stands twice in one object"
            raise NotJsonAnswerError(msg)
        seen.add(key)
    raise AssertionError("unreachable")


def _constant(name: str) -> object:
    msg = f"{name} is not JSON"
    raise NotJsonAnswerError(msg)


DECODER: Final = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)


def unfence(text: str) -> str | None:
    """Return what a code fence around the whole text holds, or None when there is none."""
    if "```" not in text:
        return None
    match = _FENCE.fullmatch(text)
    return match["body"] if match else None


def too_deep(value: object, size: int | None = None) -> bool:
    """Tell whether a value is nested deeper than MAX_DEPTH; ``size`` is the length of its text."""
    # Each level takes two characters, so that short answers need no look.
    if size is not None and size <= 2 * MAX_DEPTH:
        return False
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(v for v in item.values() if type(v) is dict or type(v) is list)
            elif isinstance(item, list):
                below.extend(v for v in item if type(v) is dict or type(v) is list)
        if not below:
            return False
        level = below
    return True


def embedded_json(text: str) -> int:
    """Return where a JSON object or list starts behind other text, or 0."""
    match = _OPENING.search(text)
    if match is None or not match.start() or not text[: match.start()].strip():
        return 0
    try:
        DECODER.raw_decode(text, match.start())
    except (ValueError, RecursionError):
        return 0
    return match.start()
