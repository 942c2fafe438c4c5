"""Reads an answer as JSON, strictly, and says in one line why it is none.

A hostile answer (endless nesting, duplicate keys, numbers without end) gives a reason, never a
crash. This module must not know schemas or expected values.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from .near_miss import unfence
from .wording import quote, show

FenceRule: TypeAlias = Literal["allow", "require", "forbid"]

# Far more than any real answer. Compiled code of validators recurses without a guard of its own:
# tens of thousands of levels end the process.
MAX_DEPTH = 200
_TOO_DEEP = f"not JSON that can be read: nested more than {MAX_DEPTH} levels deep"
_OPENING = re.compile(r"[\[{]")


class NotJsonAnswerError(ValueError):
    """The answer is not JSON; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an answer holds: a JSON value, or the reason why it has none."""

    value: object
    problem: str | None = None


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    out = dict(pairs)
    if len(out) == len(pairs):
        return out
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            msg = f"the key {quote(key)} stands twice in one object"
            raise NotJsonAnswerError(msg)
        seen.add(key)
    raise AssertionError("unreachable")


def _constant(name: str) -> object:
    msg = f"{name} is not JSON"
    raise NotJsonAnswerError(msg)


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)


def parse_answer(text: str, fence: str = "allow") -> Parsed:
    """Read the whole answer as one JSON value; ``fence`` says what of a code fence around it."""
    inner = text
    if fence != "forbid" and "```" in text:
        inside = unfence(text)
        if inside is not None:
            inner = inside
    if fence == "require" and inner is text:
        return Parsed(None, f"a code fence expected, found {quote(text)}")
    try:
        value = _DECODER.decode(inner)
    except (ValueError, RecursionError) as error:
        return Parsed(None, _why(text, inner, error, fence))
    return Parsed(None, _TOO_DEEP) if too_deep(value, len(inner)) else Parsed(value)


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


def _why(text: str, inner: str, error: Exception, fence: str) -> str:
    """Return the reason why ``inner`` is not JSON, most helpful first."""
    if isinstance(error, NotJsonAnswerError):
        return f"not JSON: {error}"
    if not isinstance(error, json.JSONDecodeError):
        long_number = "not JSON that can be read: a number of more than 4300 digits"
        return _TOO_DEEP if isinstance(error, RecursionError) else long_number
    why = _wrapping(text, fence) if inner is text else None
    why = why or _surroundings(inner, error)
    if why:
        return f"not JSON: {why}"
    at = f"line {error.lineno}, column {error.colno}"
    found = quote(inner[error.pos : error.pos + 40]) if error.pos < len(inner) else "the end"
    return f"not JSON: {error.msg[:1].lower()}{error.msg[1:]} at {at}, found {found}"


def _wrapping(text: str, fence: str) -> str | None:
    """Say what is wrong with a code fence that was not taken away."""
    if fence == "forbid" and unfence(text) is not None:
        return "it stands in a code fence, and fence is forbid"
    if text.lstrip().startswith("```") and text.count("```") == 1:
        return f"the code fence is not closed, found {quote(text)}"
    return None


def _surroundings(inner: str, error: json.JSONDecodeError) -> str | None:
    """Say what stands before or after the JSON, or that there is nothing at all."""
    if not inner.strip():
        return "the answer is empty"
    if error.msg == "Extra data":
        return f"text after it, {quote(inner[error.pos :].strip())}"
    if inner.startswith("\ufeff"):
        return "it begins with a byte order mark"
    start = _embedded(inner)
    return f"text before it, {quote(inner[:start].strip())}" if start else None


def _embedded(text: str) -> int:
    """Return where a JSON object or list starts behind other text, or 0."""
    match = _OPENING.search(text)
    if match is None or not match.start() or not text[: match.start()].strip():
        return 0
    try:
        _DECODER.raw_decode(text, match.start())
    except (ValueError, RecursionError):
        return 0
    return match.start()


def shape(value: object) -> str:
    """Name a JSON value by type and size: ``an object of 3 keys``."""
    if isinstance(value, dict):
        return f"an object of {len(value)} {'key' if len(value) == 1 else 'keys'}"
    if isinstance(value, list):
        return f"a list of {len(value)} {'item' if len(value) == 1 else 'items'}"
    return show(value)
