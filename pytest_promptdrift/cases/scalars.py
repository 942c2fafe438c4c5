"""What a word without quotes means in a case file.

YAML 1.1 and 1.2 read ``no``, ``0755`` or ``12:30`` differently, and many people mean the text. A
word that could mean two things is a problem here, never a silent change of somebody's data.
"""

from __future__ import annotations

import re
from typing import NamedTuple

WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TRUE = ("yes", "Yes", "YES", "on", "On", "ON")
_FALSE = ("no", "No", "NO", "off", "Off", "OFF")
# Every word that is not simply text begins with one of these (or is empty).
FIRST_CHARACTERS = "0123456789+-.~nNtTfFyYoO"

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:\.[0-9]+|(?:0|[1-9][0-9]*)\.[0-9]*)(?:[eE][-+][0-9]+)?\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
_NOT_JSON = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?\Z"
)
_ODD_NUMBERS = (
    (
        re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+\Z"),
        "is a number for YAML 1.2 and text for YAML 1.1",
    ),
    (re.compile(r"[-+]?0[0-9]+\Z"), "may be read as octal or decimal"),
    (re.compile(r"[-+]?0[ob][0-9_]+\Z"), "is a number for some YAML versions and text for others"),
    (
        re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z"),
        "is a number in base 60 for YAML 1.1 and text for YAML 1.2",
    ),
    (
        re.compile(r"[-+]?(?=[0-9.]*_)[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?\Z"),
        "is a number for YAML 1.1 and text for YAML 1.2",
    ),
    (
        re.compile(r"\+(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"),
        "loses its plus sign as a number",
    ),
)
_MOST_DIGITS = 400


class Trap(NamedTuple):
    """A word that YAML would turn into something else than what is written."""

    message: str
    hint: str


def resolve(word: str) -> object:
    """Return what a word without quotes means: a JSON value, or a Trap."""
    if word in WORDS:
        return WORDS[word]
    if word[0].isalpha():
        return _word_trap(word) or word
    number = _number(word)
    return (_trap(word) or word) if number is None else number


def _number(word: str) -> int | float | Trap | None:
    if _INTEGER.match(word):
        return int(word) if len(word) <= _MOST_DIGITS else _too_large(word)
    if _FLOAT.match(word):
        number = float(word)
        return number if abs(number) < float("inf") else _too_large(word)
    if _HEXADECIMAL.match(word) and len(word) <= _MOST_DIGITS:
        return int(word, 16)
    return None


def _too_large(word: str) -> Trap:
    return Trap(f"{word[:40]!r} is too large for a number", _quotes(word[:40]))


def _word_trap(word: str) -> Trap | None:
    if word in _TRUE or word in _FALSE:
        meant = "true" if word in _TRUE else "false"
        msg = f"{word!r} without quotes is {meant} for YAML 1.1 and text for YAML 1.2"
        return Trap(msg, f"{_quotes(word)}, or {meant} for the truth value")
    return None


def _trap(word: str) -> Trap | None:
    if _DATE.match(word):
        msg = f"{word!r} without quotes is a date for YAML, and JSON has no dates"
        return Trap(msg, _quotes(word))
    if _NOT_JSON.match(word):
        return Trap(f"{word!r} is not a JSON number", _quotes(word))
    for pattern, why in _ODD_NUMBERS:
        if pattern.match(word):
            return Trap(f"{word!r} without quotes {why}", f"{_quotes(word)}, or a plain number")
    return None


def _quotes(word: str) -> str:
    return f'write "{word}" in quotes for the text'
