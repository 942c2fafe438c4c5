"""Fragments of answers as one short printable line.

A model can write anything and any amount of it: every reason of a check goes through here. This
module must not know any check.
"""

from __future__ import annotations

import json

from pytest_promptdrift._text import cut, plural, visible

# A fragment inside a reason; a reason as a whole is cut at 400 characters.
FRAGMENT = 80
_CONTEXT = 30
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)


def quote(text: str, limit: int = FRAGMENT) -> str:
    """Return ``text`` quoted on one line, cut to ``limit`` characters."""
    if len(text) <= limit:
        return repr(text)
    return f"{text[:limit]!r} [… {plural(len(text) - limit, 'character')} more]"


def show(value: object, limit: int = FRAGMENT) -> str:
    """Return a JSON value on one line, cut; the time does not depend on the size of the value."""
    pieces: list[str] = []
    size = 0
    try:
        for piece in _ENCODER.iterencode(value):
            pieces.append(piece[: limit + 1])
            size += len(pieces[-1])
            if size > limit:
                break
    except (TypeError, ValueError, RecursionError):
        return f"a {type(value).__name__}"
    text = visible("".join(pieces)).replace("\n", "\\n")
    return text if len(text) <= limit else f"{text[:limit]}…"


def around(text: str, start: int, end: int) -> str:
    """Return what stands at ``start:end`` with a little of its surroundings, quoted."""
    end = min(end, start + FRAGMENT)
    left, right = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    before, after = "…" if left else "", "…" if right < len(text) else ""
    return repr(f"{before}{text[left:right]}{after}")


def reason(text: str) -> str:
    """Return ``text`` as a reason: one line, printable, at most about 400 characters."""
    line = text if text.isprintable() else visible(" ".join(text.split()))
    return cut(line)


def middle_cut(text: str, limit: int = 300) -> str:
    """Cut the middle out, for messages that quote first and explain last."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]} … {text[-half:]}"


def listed(values: list[str], most: int = 10) -> str:
    """Return ``a, b and 3 more``."""
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(values[:most]) + more
