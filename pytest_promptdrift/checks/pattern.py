"""Checks of the shape of a text: regular expressions and length."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._text import plural

from .arguments import (
    COUNT,
    FLAG,
    SOME_TEXT,
    ArgumentError,
    Arguments,
    Field,
    choice,
    list_of,
    optional,
)
from .text import TextTest, text_checks
from .wording import around, quote

if TYPE_CHECKING:
    from collections.abc import Callable

    from .protocol import CheckType

_FLAGS: Final = {
    "ignore_case": re.IGNORECASE,
    "multiline": re.MULTILINE,
    "dotall": re.DOTALL,
}
PATTERN = Field(name="value", kind=SOME_TEXT, summary="a regular expression as in Python")
FLAGS = optional("flags", list_of(choice(*_FLAGS), one=True), "how the pattern is read")
FULL = Field(name="full", kind=FLAG, default=False, summary="the pattern covers the whole answer")

MIN = optional("min", COUNT, "at least so many")
MAX = optional("max", COUNT, "at most so many")
EXACT = optional("exact", COUNT, "exactly so many")
_UNITS: Final[dict[str, Callable[[str], int]]] = {
    "characters": len,
    "words": lambda text: len(text.split()),
    "lines": lambda text: len(text.splitlines()),
    "bytes": lambda text: len(text.encode("utf-8", "surrogatepass")),
}
UNIT = Field(name="unit", kind=choice(*_UNITS), default="characters", summary="what is counted")


def compile_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a pattern of the case file; a broken one is an ArgumentError with the position."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern, flags)
    except re.error as error:
        at = f" at character {error.pos + 1}" if error.pos is not None else ""
        msg = f"{quote(pattern)} is no regular expression: {error.msg}{at}"
    except (OverflowError, RecursionError) as error:
        msg = f"{quote(pattern)} is no usable regular expression: {error}"
    raise ArgumentError(msg, "in YAML, single quotation marks keep backslashes as they are")


def _regex(arguments: Arguments) -> TextTest:
    source, full = arguments[PATTERN], arguments[FULL]
    flags = 0
    for name in arguments[FLAGS] or ():
        flags |= _FLAGS[name]
    pattern = compile_pattern(source, flags)
    find = pattern.fullmatch if full else pattern.search

    def miss(text: str) -> str:
        whole = "the whole answer does not match" if full else "no match of"
        return f"{whole} {quote(source)}, found {quote(text)}{_note(pattern, text, full=full)}"

    def hit(text: str) -> str:
        match = find(text)
        spot = around(text, *match.span()) if match else quote(text)
        return f"{quote(source)} must not match, found {spot}"

    return TextTest(
        what=f"matches {quote(source)}",
        holds=lambda text: find(text) is not None,
        miss=miss,
        hit=hit,
    )


def _note(pattern: re.Pattern[str], text: str, *, full: bool) -> str:
    if full and pattern.fullmatch(text.strip()):
        return " (only white space around it is in the way)"
    if full and pattern.search(text):
        return " (a part of it matches)"
    if not pattern.flags & re.IGNORECASE:
        folded = compile_pattern(pattern.pattern, pattern.flags | re.IGNORECASE)
        if folded.fullmatch(text) if full else folded.search(text):
            return " (differs only in case; flags: ignore_case allows that)"
    return ""


def _length(arguments: Arguments) -> TextTest:
    least, most, exact = arguments[MIN], arguments[MAX], arguments[EXACT]
    unit = arguments[UNIT]
    if exact is not None:
        if least is not None or most is not None:
            msg = "takes exact, or min and max, not both"
            raise ArgumentError(msg)
        least = most = exact
    if least is None and most is None:
        msg = "needs min, max or exact"
        raise ArgumentError(msg, "write {length: {max: 200}}")
    if least is not None and most is not None and least > most:
        msg = f"min {least} is more than max {most}, so no answer can pass"
        raise ArgumentError(msg)
    low, high = least or 0, float("inf") if most is None else most
    count = _UNITS[unit]
    what = _range(least, most, unit)
    return TextTest(
        what=what,
        holds=lambda text: low <= count(text) <= high,
        miss=lambda text: f"{what} expected, found {count(text):,}",
        hit=lambda text: f"not {what} expected, found {count(text):,}",
    )


def _range(least: int | None, most: int | None, unit: str) -> str:
    one = unit.removesuffix("s")
    if least is not None and least == most:
        return f"exactly {plural(least, one)}"
    if least is not None and most is not None:
        return f"{least:,} to {plural(most, one)}"
    return (
        f"at most {plural(most, one)}"
        if most is not None
        else f"at least {plural(least or 0, one)}"
    )


CHECKS: tuple[CheckType, ...] = (
    *text_checks(
        "regex",
        "a regular expression matches somewhere, or with full the whole answer",
        (PATTERN, FLAGS, FULL),
        _regex,
        main="value",
    ),
    *text_checks(
        "length",
        "the answer has so many characters, words, lines or bytes",
        (MIN, MAX, EXACT, UNIT),
        _length,
        main="exact",
        takes_expected=False,
        instead=frozenset({"min", "max"}),
    ),
)
