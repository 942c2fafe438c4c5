"""Rows of a CSV, JSON or JSONL file as plain mappings with their lines.

Values of CSV are text and stay as they are. What a column means is not known here.
"""

from __future__ import annotations

import csv
import io
import sys
from typing import TYPE_CHECKING, NamedTuple

from pytest_promptdrift._errors import CaseFileError, Where
from pytest_promptdrift._text import cut, plural

from .json_source import parse_json, parse_json_row
from .kinds import found
from .source import as_error, decode, read_bytes
from .yaml_source import Note, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ENDINGS = (".csv", ".json", ".jsonl")
_TABLE_SIGNS = ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"))


class Row(NamedTuple):
    """One row: the line it begins on, and its values by column."""

    line: int
    values: dict[str, object]


class Rows(NamedTuple):
    """The rows of a dataset that could be read, and what was wrong with the others."""

    rows: list[Row]
    errors: list[CaseFileError]


def read_rows(path: Path, shown: str) -> Rows:
    """Return all rows of a dataset; whatever is wrong is among the errors, with its line."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        msg = f"a dataset is a file ending in {', '.join(ENDINGS)}, found {path.name!r}"
        return Rows([], [CaseFileError(msg, where=Where(path=shown, line=1))])
    notes: list[Note] = []
    try:
        text = decode(read_bytes(path, shown), shown)
        rows = list(reader(text, notes))
    except CaseFileError as error:
        return Rows([], [error])
    except UnreadableError as error:
        notes.append(error.note)
        rows = []
    if not rows and not notes:
        notes.append(Note(1, "the dataset has no rows"))
    return Rows(rows, [as_error(note, shown) for note in notes])


def _read_csv(text: str, notes: list[Note]) -> Iterator[Row]:
    # line ends inside quotes belong to the value: the text is handed over untouched
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    header: list[str] | None = None
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            notes.append(Note(start, f"not valid CSV: {error}{_csv_help(str(error))}"))
            return
        line, start = start, reader.line_num + 1
        if cells is None:
            return
        if not cells:
            continue
        if header is None:
            header = _header(cells, line, notes)
            if header is None:
                return
        elif len(cells) != len(header):
            notes.append(Note(line, *_ragged(cells, header)))
        else:
            yield Row(line, dict(zip(header, cells, strict=True)))


def _header(cells: list[str], line: int, notes: list[Note]) -> list[str] | None:
    before = len(notes)
    names = [sys.intern(cell.strip()) for cell in cells]
    for index, name in enumerate(names):
        if not name:
            notes.append(Note(line, f"column {index + 1} has no name in the header"))
        elif name in names[:index]:
            notes.append(Note(line, f"the column {cut(name, 60)!r} is in the header twice"))
    if len(names) == 1:
        for sign, called in _TABLE_SIGNS:
            if sign in names[0]:
                msg = f"one column {cut(names[0], 60)!r}: this file separates by {called}"
                notes.append(Note(line, msg, "separate them by commas"))
    return names if len(notes) == before else None


def _ragged(cells: list[str], header: list[str]) -> tuple[str, str | None]:
    columns = plural(len(header), "column")
    msg = f"this row has {plural(len(cells), 'cell')}, the header has {columns}"
    hint = 'text with a comma must stand in "double quotes"' if len(cells) > len(header) else None
    return msg, hint


def _csv_help(message: str) -> str:
    if "field larger" in message:
        return "; is a closing quote missing?"
    return '; a quote inside a quoted text is written ""' if "expected after" in message else ""


def _read_json(text: str, notes: list[Note]) -> Iterator[Row]:
    parsed = parse_json(text)
    notes.extend(parsed.notes)
    rows = parsed.value
    if not isinstance(rows, list):
        notes.append(Note(1, f"a JSON dataset is a list of objects, found {found(rows)}"))
        return
    for line, row in zip(parsed.case_lines, rows, strict=True):
        yield from _json_row(row, line, notes)


def _read_jsonl(text: str, notes: list[Note]) -> Iterator[Row]:
    # only \n and \r\n end a line of JSONL; other separators may stand inside of text
    for index, written in enumerate(text.split("\n")):
        if not written.strip():
            continue
        try:
            row = parse_json_row(written, index + 1)
        except UnreadableError as error:
            notes.append(error.note)
        else:
            yield from _json_row(row, index + 1, notes)


def _json_row(row: object, line: int, notes: list[Note]) -> Iterator[Row]:
    if not isinstance(row, dict):
        notes.append(Note(line, f"a row must be an object, found {found(row)}"))
    elif "" in row:
        notes.append(Note(line, "a row has a value without a name"))
    else:
        yield Row(line, row)


_READERS: dict[str, Callable[[str, list[Note]], Iterator[Row]]] = {
    ".csv": _read_csv,
    ".json": _read_json,
    ".jsonl": _read_jsonl,
}
