"""Chooses how a text of the prompt is filled in, and keeps each distinct one.

Text without template syntax is sent as it is, and ``{{ name }}`` alone is filled in without Jinja2:
that is what most prompts are, and it saves a third of pytest's own import time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .templates import FixedText, SlotText

if TYPE_CHECKING:
    from collections.abc import Callable

    from .templates import Template

_SYNTAX = re.compile(r"\{\{|\{%|\{#")
_SLOT = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
# Names that mean something to Jinja2 by themselves.
_RESERVED = frozenset(
    [
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "elif",
        "for",
        "block",
        "extends",
        "include",
        "import",
        "from",
        "macro",
        "call",
        "filter",
        "set",
        "with",
        "autoescape",
        "trans",
        "pluralize",
        "do",
        "break",
        "continue",
        "range",
        "dict",
        "lipsum",
        "cycler",
        "joiner",
        "namespace",
        "self",
        "super",
        "loop",
        "caller",
        "varargs",
        "kwargs",
    ]
)


class Templates:
    """The templates of one load: each distinct text is compiled once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], Template] = {}
        self._compile: Callable[[str], Template] | None = None

    def get(self, text: str, *, is_template: bool) -> Template:
        """Return the template of ``text``; raises TemplateFault when it has a syntax error."""
        key = (text, is_template)
        template = self._known.get(key)
        if template is None:
            template = self._known[key] = self._make(text) if is_template else FixedText(text)
        return template

    def _make(self, text: str) -> Template:
        if not _SYNTAX.search(text):
            return FixedText(text)
        pieces = _SLOT.split(text)
        simple = not any(_SYNTAX.search(piece) for piece in pieces[::2])
        if simple and not _RESERVED.intersection(pieces[1::2]) and "\r" not in text:
            return SlotText(pieces)
        if self._compile is None:
            from .sandbox import compiler  # noqa: PLC0415  (Jinja2 costs 140 ms of CPU)

            self._compile = compiler()
        return self._compile(text)
