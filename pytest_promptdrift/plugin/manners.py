"""What pytest and the machine around it expect: how a failure is shown, and where it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _pytest._io import TerminalWriter

_NO = frozenset({"", "0", "false", "no", "off"})


def in_ci(environ: Mapping[str, str]) -> bool:
    """Tell whether nobody is looking: every CI service sets the variable CI."""
    return environ.get("CI", "").strip().casefold() not in _NO


class Headline(NamedTuple):
    """What pytest, and plugins that annotate files, read the short summary from."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        """Return it as pytest shows one line for a failure."""
        return f"{self.path}:{self.lineno}: {self.message}"


class FailureText:
    """The text of a failure, with the one line that pytest puts beside the node id.

    No ``str``: of that, pytest repeats all lines in its short summary where it does not cut them.
    """

    def __init__(self, text: str, headline: Headline) -> None:
        """Take the whole text and its headline."""
        self._text = text
        self.reprcrash = headline

    def __str__(self) -> str:
        """Return the whole text."""
        return self._text

    def toterminal(self, writer: TerminalWriter) -> None:
        """Write the whole text as it is."""
        writer.line(self._text)
