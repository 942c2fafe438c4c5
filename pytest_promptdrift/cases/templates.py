"""Turns the text of a prompt and a case's values into what is sent.

What a template is, and the two kinds that need no template language. Values are never looked into.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class TemplateFault(Exception):  # noqa: N818  (a fault of the user's text, told to the user)
    """What is wrong with a template, on which of its lines, and which name it did not find."""

    def __init__(self, message: str, *, line: int | None = None, name: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.name = name


class Template(Protocol):
    """A text that may depend on the values of a case."""

    @property
    def fixed(self) -> str | None:
        """The text itself when it depends on nothing."""
        ...

    def render(self, variables: Mapping[str, object]) -> str:
        """Return the text for these values; raises TemplateFault."""
        ...


class FixedText:
    """A text that is sent as it is."""

    __slots__ = ("fixed",)

    def __init__(self, text: str) -> None:
        self.fixed: str | None = text

    def render(self, variables: Mapping[str, object]) -> str:  # noqa: ARG002  (the protocol's)
        """Return the text."""
        return self.fixed or ""


class SlotText:
    """A text with nothing but ``{{ name }}`` in it; ``pieces`` alternates text and names."""

    __slots__ = ("pieces",)

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = tuple(pieces)

    @property
    def fixed(self) -> str | None:
        """Never fixed."""
        return None

    def render(self, variables: Mapping[str, object]) -> str:
        """Return the text with every name replaced by its value."""
        out = list(self.pieces)
        for index in range(1, len(out), 2):
            name = out[index]
            try:
                value = variables[name]
            except KeyError:
                line = "".join(self.pieces[:index]).count("\n") + 1
                msg = f"{name!r} is undefined"
                raise TemplateFault(msg, line=line, name=name) from None
            out[index] = value if value.__class__ is str else as_text(value)
        return "".join(out)


def as_text(value: object) -> str:
    """Return a value as it stands in a prompt: text as it is, everything else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(value)
