"""How a report is laid out: a column of labels, and text that fits a terminal beside it."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING

from pytest_promptdrift._text import cut, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH = 80
INDENT = " " * 15
# A text that is cut says how much is hidden; with ``-vv`` nothing is.
_LONG, _SHORT = 1_000_000, 400
_HEADLINE = 160
# A number is read together with what it is a number of; while a line is broken, a character that
# nobody prints holds them together.
_TOGETHER = re.compile(r" (?=[=<×])|(?<=[=<]) |(?<=margin) |(?<=level) ")
_GLUE = "\ue000"


def row(label: str, text: str, *, fold: bool = True) -> Iterator[str]:
    """Yield ``text`` under a label, folded at the width of a terminal unless it is a command."""
    start = f"  {label:<12} "
    for line in text.splitlines() or [""]:
        yield from fold_line(line, start, INDENT) if fold else [start + line]
        start = INDENT


def rows(label: str, texts: Iterable[str], *, fold: bool = True) -> Iterator[str]:
    """Yield several texts under one label."""
    for text in texts:
        yield from row(label, text, fold=fold)
        label = ""


def fold_line(line: str, start: str, indent: str) -> list[str]:
    """Break a line that is longer than a terminal is wide; words stay whole."""
    if len(start) + len(line) <= WIDTH:
        return [start + line]
    lines = textwrap.wrap(
        _TOGETHER.sub(_GLUE, line),
        WIDTH,
        initial_indent=start,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    return [each.replace(_GLUE, " ") for each in lines] or [start]


def safe(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines of which none can rewrite a terminal, whoever wrote what is in them."""
    for line in lines:
        yield from visible(line).split("\n")


def limit(verbosity: int) -> int:
    """Return how many characters of a text are shown."""
    return _LONG if verbosity > 1 else _SHORT


def shown_text(text: str, verbosity: int) -> str:
    """Return a text of somebody else, cut, and without what could rewrite a terminal."""
    return cut(visible(text), limit(verbosity))


def one_line(text: str, most: int = _HEADLINE) -> str:
    """Return the first line of a text, cut."""
    line = next(iter(visible(text).splitlines()), "")
    return line if len(line) <= most else f"{line[:most].rstrip()} …"


def flat(text: str) -> str:
    """Return a whole text on one line, without what could rewrite a terminal."""
    return visible(text).replace("\n", " ")


def shown_value(value: object, verbosity: int) -> str:
    """Return a JSON value as text."""
    return shown_text(json.dumps(value, ensure_ascii=False), verbosity)


def indented(text: str, indent: str, *, fold: bool = False) -> Iterator[str]:
    """Yield the lines of a text, each after ``indent``."""
    for line in text.splitlines():
        yield from fold_line(line, indent, f"{indent}  ") if fold else [f"{indent}{line}"]
