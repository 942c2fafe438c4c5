"""Reads JSON with the line of everything in it, which the standard parser does not tell.

The standard parser builds the values; a second, flat pass over the tokens finds lines and keys
that are given twice. Nothing here knows what a case file means.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, NoReturn

from .yaml_source import CASES, DEEPEST, Note, Parsed, Place, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TOKENS = re.compile(r'\n|"(?:[^"\\\n]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def parse_json(text: str, line: int = 1) -> Parsed:
    """Read ``text``, which begins on ``line``, as one JSON value; raises UnreadableError.

    The case lines of a list are those of its items.
    """
    value = _loaded(text, line)
    notes: list[Note] = []
    root = json_places(text, line, notes)
    cases = root.children.get(CASES) if isinstance(root.children, dict) else root
    inside = cases.children if cases else None
    lines = [place.line for place in inside] if isinstance(inside, list) else []
    return Parsed(value, lines, notes, root)


def parse_json_row(text: str, line: int) -> object:
    """Read one line of a JSONL file; raises UnreadableError."""
    value = _loaded(text, line, _unique_keys)
    if text.count("{") + text.count("[") > DEEPEST:
        json_places(text, line)
    return value


def _loaded(
    text: str, line: int, hook: Callable[[list[tuple[str, object]]], object] | None = None
) -> object:
    try:
        return json.loads(
            text, parse_constant=_refuse_number, parse_float=_finite, object_pairs_hook=hook
        )
    except json.JSONDecodeError as error:
        if not text.strip():
            raise UnreadableError(Note(line, "the file is empty")) from None
        note = Note(line + error.lineno - 1, f"not valid JSON: {error.msg}, column {error.colno}")
        raise UnreadableError(note) from None
    except RecursionError:
        raise UnreadableError(Note(line, f"more than {DEEPEST} levels of nesting")) from None
    except _NumberError as error:
        msg = f"{error.number[:40]} is not a JSON number"
        raise UnreadableError(Note(_line_of(text, line, error.number), msg)) from None
    except _TwiceError as error:
        msg = f"the key {error.key!r} is given twice in the same mapping"
        raise UnreadableError(Note(line, msg)) from None
    except ValueError:
        # the only thing left that the parser refuses is Python's limit on digits
        msg = "this file holds a number of more than 4,000 digits"
        raise UnreadableError(Note(line, msg)) from None


class _NumberError(Exception):
    """NaN, an infinity or a number beyond the largest, which Python reads and JSON has not."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class _TwiceError(Exception):
    """A key that is given twice."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _refuse_number(number: str) -> NoReturn:
    raise _NumberError(number)


def _finite(number: str) -> float:
    value = float(number)
    if abs(value) == float("inf"):
        raise _NumberError(number)
    return value


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    out: dict[str, object] = {}
    for key, value in pairs:
        if key in out:
            raise _TwiceError(key)
        out[sys.intern(key)] = value
    return out


def _line_of(text: str, line: int, token: str) -> int:
    return next((at for found, at in _tokens(text, line) if found == token), line)


def json_places(text: str, line: int = 1, notes: list[Note] | None = None) -> Place:
    """Return where everything in ``text`` stands; only for text that the parser could read.

    Keys that are given twice are added to ``notes``.
    """
    root: list[Place] = []
    stack: list[tuple[Place, dict[str, Place] | list[Place], tuple[str, int] | None]] = []
    current: dict[str, Place] | list[Place] = root
    key: tuple[str, int] | None = None
    for piece, at in _tokens(text, line):
        if piece in "}]":
            place, current, key = stack.pop()
        elif isinstance(current, dict) and key is None:
            key = (json.loads(piece), at)
            if key[0] in current and notes is not None:
                notes.append(Note(at, f"the key {key[0]!r} is given twice in the same mapping"))
            continue
        else:
            place = Place(key[1] if key else at)
            if piece in "{[":
                if len(stack) >= DEEPEST:
                    raise UnreadableError(Note(at, f"more than {DEEPEST} levels of nesting"))
                stack.append((place, current, key))
                place.children = current = {} if piece == "{" else []
                key = None
                continue
        if isinstance(current, list):
            current.append(place)
        elif key is not None:
            current[key[0]] = place
            key = None
    return root[0]


def _tokens(text: str, line: int) -> Iterator[tuple[str, int]]:
    """Yield what matters of ``text``: brackets, keys and values, each with its line."""
    for match in _TOKENS.finditer(text):
        piece = match[0]
        if piece == "\n":
            line += 1
        elif piece not in ",:":
            yield piece, line
