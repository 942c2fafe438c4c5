"""Reads an answer as JSON, strictly, and says in one line why it is none.

A hostile answer (endless nesting, duplicate keys, numbers without end) gives a reason, never a
crash. This module must not know schemas or expected values.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pytest_promptdrift._json_text import (
    DECODER,
    MAX_DEPTH,
    NotJsonAnswerError,
    embedded_json,
    too_deep,
    unfence,
)

from .wording import quote, show

FenceRule: TypeAlias = Literal["allow", "require", "forbid"]

_TOO_DEEP = f"not JSON that can be read: nested more than {MAX_DEPTH} levels deep"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an answer holds: a JSON value, or the reason why it has none."""

    value: object
    problem: str | None = None


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
        value = DECODER.decode(inner)
    except (ValueError, RecursionError) as error:
        return Parsed(None, _why(text, inner, error, fence))
    return Parsed(None, _TOO_DEEP) if too_deep(value, len(inner)) else Parsed(value)


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
    start = embedded_json(inner)
    return f"text before it, {quote(inner[:start].strip())}" if start else None


def shape(value: object) -> str:
    """Name a JSON value by type and size: ``an object of 3 keys``."""
    if isinstance(value, dict):
        return f"an object of {len(value)} {'key' if len(value) == 1 else 'keys'}"
    if isinstance(value, list):
        return f"a list of {len(value)} {'item' if len(value) == 1 else 'items'}"
    return show(value)
