"""A row of the result and how rows are shown. Knows nothing of how they were measured."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADINGS = ("row", "what", "ours", "other", "figure", "bar", "", "load")
MARKS = {True: "ok", False: "FAILS", None: "-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison: ``figure`` is what the bar is about, ``holds`` is None without a bar."""

    name: str
    what: str
    ours: str = ""
    other: str = ""
    figure: str = ""
    bar: str = ""
    holds: bool | None = None
    load: str = ""
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the cells of the table, in the order of the headings."""
        return (
            self.name,
            self.what,
            self.ours,
            self.other,
            self.figure,
            self.bar,
            MARKS[self.holds],
            self.load,
        )


def markdown(rows: Iterable[Row]) -> str:
    """Return the rows as an aligned Markdown table, notes below it."""
    rows = list(rows)
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]
    shown = [_line(line, widths) for line in lines]
    shown.insert(1, "|".join(["", *("-" * (width + 2) for width in widths), ""]))
    notes = [f"- {row.name}, {row.what}: {row.note}" for row in rows if row.note]
    return "\n".join([*shown, "", *notes]) if notes else "\n".join(shown)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def as_json(rows: Iterable[Row]) -> str:
    """Return the rows as JSON, for a file that is kept."""
    return json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False)
