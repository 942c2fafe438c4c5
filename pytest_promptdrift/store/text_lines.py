r"""JSON whose long texts are arrays of lines, so that a changed answer is a changed line in git.

A text with a line break becomes ``{"$lines": ["first", "second"]}``. Nothing is lost, for any
text: only ``\n`` separates lines, so ``\r``, spaces at the end and every other character stay
where they are. This module knows nothing of recordings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from pytest_promptdrift._canonical import escape_surrogates

_LINES = "$lines"
_ITEMS = "$items"
# Names of our markers, and of real keys that look like them and carry one more "$" in the file.
_MARKER = re.compile(r"\$+(?:lines|items)")
_ESCAPED = re.compile(r"\$\$+(?:lines|items)")
# JSON would read two such characters beside each other as one, so they are kept in two pieces.
_PAIR = re.compile("(?<=[\ud800-\udbff])(?=[\udc00-\udfff])")
_CONTAINERS = (dict, list)
# What is written by a shallow stack of calls must be readable by a deep one. The indentation is
# the depth, and no text has a line break that is not escaped.
_MAX_DEPTH = 150
_DEEP = "\n" + " " * (_MAX_DEPTH + 1)
# Characters that break lines, hide or turn text around in an editor: always written as \uXXXX.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def to_lines(value: object) -> object:
    """Return a JSON value in the form in which it is stored; ``from_lines`` is the way back."""
    if isinstance(value, str):
        return _text_to_lines(value)
    if isinstance(value, Mapping):
        if len(value) == 1:
            (key,) = value
            if _MARKER.fullmatch(key):
                return {f"${key}": to_lines(value[key])}
        if any(_has_pair(key) for key in value):
            return {_ITEMS: [[_text_to_lines(k), to_lines(v)] for k, v in value.items()]}
        return {key: to_lines(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [to_lines(item) for item in value]
    return value


def _has_pair(text: str) -> bool:
    return not text.isascii() and _PAIR.search(text) is not None


def _text_to_lines(text: str) -> object:
    pairs = _has_pair(text)
    if "\n" not in text and not pairs:
        return text
    lines = text.split("\n")
    if not pairs:
        return {_LINES: lines}
    return {_LINES: [_PAIR.split(line) if _has_pair(line) else line for line in lines]}


def from_lines(value: object) -> object:
    """Return the value that ``to_lines`` was given.

    A marker with something else in it than lines is left as it is: the types or the digest of the
    recording then do not fit, which is reported where it is known what was expected.
    """
    if isinstance(value, dict):
        if len(value) == 1:
            (key,) = value
            if key[:1] == "$":
                return _from_marker(key, value[key])
        return {
            key: from_lines(item) if type(item) in _CONTAINERS else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [from_lines(item) if type(item) in _CONTAINERS else item for item in value]
    return value


def _from_marker(key: str, inner: object) -> object:
    if key == _LINES and isinstance(inner, list):
        try:
            return "\n".join([line if type(line) is str else _join(line) for line in inner])
        except TypeError:
            return {key: inner}
    if key == _ITEMS and isinstance(inner, list):
        pairs = [(from_lines(p[0]), from_lines(p[1])) for p in inner if _is_pair(p)]
        names = [name for name, _ in pairs if isinstance(name, str)]
        if len(names) == len(inner):
            return dict(pairs)
        return {key: inner}
    if _ESCAPED.fullmatch(key):
        key = key[1:]
    return {key: from_lines(inner)}


def _is_pair(item: object) -> bool:
    return isinstance(item, list) and len(item) == 2


def _join(pieces: object) -> str:
    if not isinstance(pieces, list):
        raise TypeError
    return "".join(pieces)


def dump(document: object) -> bytes:
    """Return the bytes of a file: one value a line, UTF-8, a line break at the end.

    Raises ValueError or RecursionError for what could not be read again.
    """
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    if _DEEP in text:
        msg = f"nested more than {_MAX_DEPTH} deep"
        raise ValueError(msg)
    if not text.isascii():
        text = escape_surrogates(text)
    return (_UNSAFE.sub(lambda m: f"\\u{ord(m[0]):04x}", text) + "\n").encode()
