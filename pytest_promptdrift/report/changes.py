"""Changed fields of a request, and requests that have no recording, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._text import plural, visible, word_diff
from pytest_promptdrift.model import MISSING

from .layout import INDENT, indented, row, shown_text, shown_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_promptdrift.model import FieldChange, Miss, NearRecording

    from .commands import Commands

_FIELDS = 5


def miss_headline(miss: Miss) -> str:
    """Say in one line what is missing."""
    if miss.stored:
        missing = miss.needed - miss.stored
        return f"{plural(miss.stored, 'sample')} of {miss.needed} recorded, {missing} missing"
    return "this request has no recording"


def miss_lines(
    miss: Miss, commands: Commands, verbosity: int, seen_in: str | None
) -> Iterator[str]:
    """Show the nearest recordings, how they differ, and the command that records."""
    near = miss.near if verbosity > 1 else miss.near[:1]
    for index, candidate in enumerate(near):
        yield from _near_lines(candidate, "nearest" if index == 0 else "then", verbosity, seen_in)
    if not miss.near and not miss.stored:
        yield from row("nearest", "nothing is recorded for this case file yet")
    if seen_in is not None:
        return  # the command for all of them stands at the end of the run
    calls = plural(miss.needed - miss.stored, "call")
    yield from row("next", commands.record, fold=False)
    yield f"{INDENT}({calls}; what is recorded already is not asked again)"


def _near_lines(
    near: NearRecording, label: str, verbosity: int, seen_in: str | None
) -> Iterator[str]:
    alike = f"{near.similarity:.0%} alike" if near.changes else "the very same request"
    # "100 % alike" of two different requests would be a lie of rounding
    alike = "over 99% alike" if alike == "100% alike" else alike
    yield f"  {label:<12} {near.recording_id} of {near.case_id}[{near.label}], {alike}"
    if not near.changes:
        yield f"{INDENT}was the case renamed? then rename its file in recordings/ as well"
    if seen_in is not None:
        yield f"{INDENT}differs in the same way as {seen_in} above (-vv shows)"
        return
    yield from field_lines(near.changes, verbosity, more=near.more)


def field_lines(
    changes: Sequence[FieldChange],
    verbosity: int,
    *,
    indent: str = "    ",
    more: int = 0,
    most: int = _FIELDS,
) -> Iterator[str]:
    """Show changed fields, one after the other; ``more`` of them were left out before."""
    shown = changes if verbosity > 1 else changes[:most]
    for change in shown:
        yield from _change_lines(change, verbosity, indent)
    hidden = len(changes) - len(shown) + more
    if hidden:
        yield f"{indent}{plural(hidden, 'more field')} differ{'s' * (hidden == 1)} (-vv shows)"


def _change_lines(change: FieldChange, verbosity: int, indent: str) -> Iterator[str]:
    yield f"{indent}{visible(change.path)}"
    deeper = f"{indent}  "
    if isinstance(change.old, str) and isinstance(change.new, str):
        for line in word_diff(change.old, change.new):
            yield from indented(shown_text(line, verbosity), deeper, fold=verbosity <= 1)
        return
    for mark, value in (("-", change.old), ("+", change.new)):
        if value is not MISSING:
            yield f"{deeper}{mark} {shown_value(value, verbosity)}"
