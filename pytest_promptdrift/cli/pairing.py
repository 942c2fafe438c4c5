"""Accepted and fresh answers in rows: equal ones together, and each new one beside its nearest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift._text import cut

from .columns import Cell
from .marked import bracketed, mark_changes, shorten, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .marked import Piece

EMPTY = "(empty)"
# Two texts with less in common are read one after the other, not word by word.
_ALIKE = 0.4
# More than these answers, lines of one answer and characters of it are shown only on request.
_ROWS, _LINES, _CHARACTERS = 5, 24, 1_200
# Which of the accepted answers is nearest is looked up for as many new ones.
_MATCHED = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One answer of each side, or of one of them; ``compared`` when their words are."""

    accepted: str | None
    fresh: str | None
    compared: bool = False


def pair_up(accepted: Sequence[str], fresh: Sequence[str]) -> list[Row]:
    """Return rows for all different answers: what is new first, then what stayed, then the rest."""
    left, right = _by_frequency(accepted), _by_frequency(fresh)
    gone = [text for text in left if text not in right]
    compared: list[Row] = []
    alone: list[str] = []
    for text in (text for text in right if text not in left):
        nearest = _nearest(text, gone or left) if len(compared) < _MATCHED else None
        if nearest is None:
            alone.append(text)
            continue
        compared.append(Row(nearest, text, compared=True))
        if nearest in gone:
            gone.remove(nearest)
    rows = [*compared, *(Row(text, text) for text in left if text in right)]
    most = max(len(gone), len(alone))
    sides = ([*side, *[None] * (most - len(side))] for side in (gone, alone))
    return [*rows, *(Row(old, new) for old, new in zip(*sides, strict=True))]


def _by_frequency(answers: Iterable[str]) -> list[str]:
    return [text for text, _ in Counter(answers).most_common()]


def _nearest(text: str, others: Iterable[str]) -> str | None:
    """Return the text that shares most words with another one, None when none shares enough."""
    own = Counter(words_of(text))
    best, found = _ALIKE, None
    for other in others:
        theirs = Counter(words_of(other))
        total = own.total() + theirs.total()
        alike = 2 * (own & theirs).total() / total if total else 0.0
        if alike >= best and (found is None or alike > best):
            best, found = alike, other
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers of both sides, safe to be shown, ready to be laid out."""

    accepted: Sequence[str]
    fresh: Sequence[str]
    full: bool

    def rows(self) -> tuple[list[tuple[Cell | None, Cell | None]], int]:
        """Return the cells of both columns, and how many different answers were left out."""
        pairs = pair_up(self.accepted, self.fresh)
        shown = pairs if self.full else pairs[:_ROWS]
        counts = Counter(self.accepted), Counter(self.fresh)
        rows = []
        for pair in shown:
            old, new = self._texts(pair)
            rows.append(
                (
                    self._cell(pair.accepted, old, counts[0]),
                    self._cell(pair.fresh, new, counts[1]),
                )
            )
        hidden = {t for pair in pairs[len(shown) :] for t in (pair.accepted, pair.fresh)}
        return rows, len(hidden - {None})

    def _texts(self, pair: Row) -> tuple[list[Piece], list[Piece]]:
        if not pair.compared or pair.accepted is None or pair.fresh is None:
            return self._plain(pair.accepted), self._plain(pair.fresh)
        old, new = mark_changes(pair.accepted, pair.fresh)
        if not self.full:
            old, new = shorten(old), shorten(new)
        return bracketed(old, "[-", "-]"), bracketed(new, "{+", "+}")

    def _plain(self, text: str | None) -> list[Piece]:
        shown = text or ""
        return [(shown if self.full else cut(shown, _CHARACTERS), False)]

    def _cell(
        self, text: str | None, pieces: list[Piece], counts: Mapping[str, int]
    ) -> Cell | None:
        if text is None:
            return None
        total = sum(counts.values())
        head = f"{counts[text]:>{len(str(total))}} of {total}  " if total > 1 else ""
        return Cell(head=head, pieces=pieces, most=None if self.full else _LINES)
