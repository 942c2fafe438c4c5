"""Careful reading of what a provider sent: nothing that a server can write crashes a run.

Knows JSON, not the protocols.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError
from pytest_promptdrift.model import ToolCall, Usage

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject, JsonValue

__all__ = [
    "ToolCall",
    "UnreadableError",
    "Usage",
    "as_object",
    "count",
    "decode",
    "free_call",
    "loose",
    "text_or_none",
    "tool_call",
    "usage",
]

_DEEPEST = 100


class UnreadableError(PromptDriftError):
    """What came back is not an answer of the protocol; the message says what it is instead."""


def _no_constant(_: str) -> None:
    """Read NaN and infinity, which are not JSON but are written by some servers, as null."""


def _finite(text: str) -> float | None:
    """Read a number; one that is too large for a double would become infinity."""
    value = float(text)
    return value if math.isfinite(value) else None


def decode(data: bytes, content_type: str = "") -> JsonObject:
    """Return the JSON object that a body holds; raises UnreadableError for anything else."""
    if not data.strip():
        raise UnreadableError("the answer is empty")
    start = data.lstrip()[:200].lower()
    if "html" in content_type or start.startswith((b"<!doctype", b"<html")):
        raise UnreadableError("the answer is a web page, not JSON")
    try:
        value = json.loads(data, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise UnreadableError("the answer is nested too deeply") from None
    except ValueError:
        # The text of the error would quote a position that nobody can look up.
        cut_short = start.startswith((b"{", b"["))
        what = "is JSON that breaks off or is damaged" if cut_short else "is not JSON"
        raise UnreadableError(f"the answer {what}") from None
    if not isinstance(value, dict):
        raise UnreadableError(f"the answer is JSON but no object: {type(value).__name__}")
    return value


def as_object(value: JsonValue, path: str) -> JsonObject:
    """Return an object that must be there."""
    if isinstance(value, dict):
        return value
    raise UnreadableError(f"{path} is missing or is no object")


def loose(value: JsonValue) -> JsonObject:
    """Return an object that may be missing or of a wrong type, as an empty one then."""
    return value if isinstance(value, dict) else {}


def text_or_none(value: JsonValue) -> str | None:
    """Return a text, None for everything else and for the empty text."""
    return value if isinstance(value, str) and value else None


def count(value: JsonValue) -> int | None:
    """Return a number of tokens, None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 10**15 else None


def usage(
    *,
    taken: JsonValue,
    given: JsonValue,
    cached: JsonValue = None,
    written: JsonValue = None,
    reasoning: JsonValue = None,
) -> Usage | None:
    """Return token counts, None when the provider reported none."""
    counts = [count(value) for value in (taken, given, cached, written, reasoning)]
    if all(count is None for count in counts):
        return None
    return Usage(
        input_tokens=counts[0],
        output_tokens=counts[1],
        cached_input_tokens=counts[2],
        cache_write_tokens=counts[3],
        reasoning_tokens=counts[4],
    )


def tool_call(name: JsonValue, arguments: JsonValue, call_id: JsonValue) -> ToolCall:
    """Return a tool call; arguments that are not JSON stay as the text that the model wrote."""
    if not isinstance(name, str):
        raise UnreadableError("the answer calls a tool without a name")
    made_id = text_or_none(call_id)
    parsed = arguments
    if isinstance(arguments, str):
        try:
            parsed = json.loads(arguments, parse_constant=_refuse, parse_float=_refuse_infinite)
        except (ValueError, RecursionError):
            return ToolCall(name=name, arguments=None, id=made_id, raw=arguments)
    if _too_deep(parsed):
        raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return ToolCall(name=name, arguments=None, id=made_id, raw=raw)
    return ToolCall(name=name, arguments=parsed, id=made_id)


def _refuse(word: str) -> None:
    raise ValueError(word)


def _refuse_infinite(text: str) -> float:
    value = _finite(text)
    if value is None:
        raise ValueError(text)
    return value


def _too_deep(value: JsonValue) -> bool:
    """Tell whether arguments are nested beyond all sense, where later readers would give up."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


def free_call(name: JsonValue, written: JsonValue, call_id: JsonValue) -> ToolCall:
    """Return the call of a tool whose input is free text."""
    if not isinstance(name, str):
        raise UnreadableError("the answer calls a tool without a name")
    return ToolCall(name=name, arguments=written, id=text_or_none(call_id))
