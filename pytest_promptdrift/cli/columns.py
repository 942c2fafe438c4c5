"""Texts wrapped to a width, alone or in two columns, with what changed in colour.

What comes in is safe to be shown already; what goes out are finished lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .marked import Piece

_PLAIN, _RED, _GREEN, _DIM = "\x1b[0m", "\x1b[31m", "\x1b[32m", "\x1b[2m"
_BETWEEN = " │ "
# Narrower columns than this are harder to read than texts one below the other.
_NARROWEST = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One text of a column: what stands before it (a count), and the text in pieces.

    ``most`` is how many lines of it are shown, None for all.
    """

    head: str
    pieces: Sequence[Piece]
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What lines are laid out for; ``width`` is None where nothing is wrapped."""

    width: int | None
    colour: bool = False
    indent: int = 2

    def lay_out(
        self, titles: tuple[str, str], rows: Iterable[tuple[Cell | None, Cell | None]]
    ) -> Iterator[str]:
        """Yield two sides under their titles: beside each other where there is room for both.

        A side without a cell is left out.
        """
        pairs = list(rows)
        left = [old for old, _ in pairs if old is not None]
        right = [new for _, new in pairs if new is not None]
        column = ((self.width or 0) - self.indent - len(_BETWEEN)) // 2
        if left and right and column >= _NARROWEST:
            yield from self._side_by_side(titles, pairs, column)
            return
        if left:
            yield from self._below(titles[0], left, _RED)
        if right:
            yield from self._below(titles[1], right, _GREEN)

    def _side_by_side(
        self,
        titles: tuple[str, str],
        rows: Iterable[tuple[Cell | None, Cell | None]],
        width: int,
    ) -> Iterator[str]:
        start = " " * self.indent
        yield f"{start}{_fill(titles[0], width)}{_BETWEEN}{titles[1]}".rstrip()
        for left, right in rows:
            sides = (self._lines(left, width, _RED), self._lines(right, width, _GREEN))
            for old, new in zip_longest(*sides, fillvalue=("", 0)):
                room = " " * (width - old[1])
                yield f"{start}{old[0]}{room}{_BETWEEN}{new[0]}".rstrip()

    def _below(self, title: str, cells: Iterable[Cell], colour: str) -> Iterator[str]:
        start = " " * self.indent
        width = None if self.width is None else self.width - self.indent - 2
        yield f"{start}{title}"
        for cell in cells:
            for line, _ in self._lines(cell, width, colour):
                yield f"{start}  {line}".rstrip()

    def _lines(
        self, cell: Cell | None, width: int | None, colour: str
    ) -> Iterator[tuple[str, int]]:
        """Yield the lines of a cell, each with its width on the screen."""
        if cell is None:
            return
        room = None if width is None else max(1, width - len(cell.head))
        start = cell.head
        for number, line in enumerate(wrap(cell.pieces, room)):
            if cell.most is not None and number == cell.most:
                yield self._dimmed(f"{start}…")
                return
            shown = "".join(self._coloured(text, colour, changed) for text, changed in line)
            yield f"{start}{shown}", len(start) + sum(columns_of(text) for text, _ in line)
            start = " " * len(cell.head)

    def _coloured(self, text: str, colour: str, changed: bool) -> str:
        return f"{colour}{text}{_PLAIN}" if self.colour and changed else text

    def _dimmed(self, text: str) -> tuple[str, int]:
        return (f"{_DIM}{text}{_PLAIN}" if self.colour else text), columns_of(text)


def _fill(text: str, width: int) -> str:
    return text + " " * (width - columns_of(text))


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a Chinese character."""
    if text.isascii():
        return len(text)
    from rich.cells import get_character_cell_size  # noqa: PLC0415  (only for texts that need it)

    return sum(map(get_character_cell_size, text))


def wrap(pieces: Iterable[Piece], width: int | None) -> Iterator[list[Piece]]:
    """Break pieces into lines no wider than ``width``; a word is broken only where it has to be."""
    text, marks = "", bytearray()
    for piece, changed in pieces:
        piece = piece.expandtabs(4)  # noqa: PLW2901  (the piece as it is shown)
        text += piece
        marks += bytes([changed]) * len(piece)
    start = 0
    for line in text.split("\n"):
        for a, b in _breaks(line, width):
            yield _cut(text, marks, start + a, start + b)
        start += len(line) + 1


def _cut(text: str, marks: bytearray, start: int, end: int) -> list[Piece]:
    return [
        ("".join(text[n] for n in group), bool(changed))
        for changed, group in groupby(range(start, end), key=marks.__getitem__)
    ]


def _breaks(line: str, width: int | None) -> Iterator[tuple[int, int]]:
    """Yield from where to where the parts of one line go."""
    if width is None or columns_of(line) <= width:
        yield 0, len(line)
        return
    start, space, used = 0, -1, 0
    for at, character in enumerate(line):
        size = columns_of(character)
        if used + size > width and at > start:
            end = space if space > start and character != " " else at
            yield start, end
            # the space at which a line is broken is shown by the break
            start = end + 1 if line[end] == " " else end
            used = columns_of(line[start:at])
        if character == " " and at >= start:
            space = at
        used += size if at >= start else 0
    yield start, len(line)
