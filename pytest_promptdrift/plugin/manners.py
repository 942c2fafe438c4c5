"""What pytest and the machine around it expect: how a failure is shown, and where it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO = frozenset({"", "0", "false", "no", "off"})


def in_ci(environ: Mapping[str, str]) -> bool:
    """Tell whether nobody is looking: every CI service sets the variable CI."""
    return environ.get("CI", "").strip().casefold() not in _NO


class Headline(NamedTuple):
    """What pytest reads the short summary from."""

    message: str


class FailureText(str):
    """The text of a failure, with the one line that pytest puts beside the node id."""

    reprcrash: Headline

    def __new__(cls, text: str, message: str) -> FailureText:
        """Make the text and remember its headline."""
        made = super().__new__(cls, text)
        made.reprcrash = Headline(message)
        return made
