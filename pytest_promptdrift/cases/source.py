"""A file on the disk as JSON values with lines, whichever of the two syntaxes it is written in."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import CaseFileError, Where

from .json_source import parse_json
from .yaml_source import (
    CASES,
    Note,
    Parsed,
    Place,
    UnreadableError,
    parse_yaml,
    yaml_places,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .problems import Keys

YAML_ENDINGS = (".yaml", ".yml")


# ``prompt: |``, perhaps with an indentation, what becomes of the last line end, and a comment
_BLOCK = re.compile(r":[ \t]+(?:[&!]\S+[ \t]+)*\|[-+0-9]*[ \t]*(?:#.*)?$")


@dataclass(slots=True, kw_only=True)
class Source:
    """A file that was read: its value, the line of each case, and what was odd in it.

    ``shown`` is the path as messages name it. Other lines are found when somebody asks.
    """

    path: Path
    shown: str
    text: str
    parsed: Parsed
    _head: Place | None = field(default=None, init=False)

    def errors(self) -> list[CaseFileError]:
        """Return what the reader noted without giving up."""
        return [as_error(note, self.shown) for note in self.parsed.notes]

    def block_line(self, keys: Keys) -> int | None:
        """Return the first line of a text that YAML writes as a block, with every line kept."""
        line = self.line(keys)
        written = self.text.splitlines()[line - 1 : line]
        return line + 1 if written and _BLOCK.search(written[0]) else None

    def line(self, keys: Keys) -> int:
        """Return the line of what ``keys`` lead to, or of the nearest place above it."""
        if len(keys) == 2 and keys[0] == CASES and isinstance(keys[1], int):
            return self.parsed.case_lines[keys[1]]
        if self.parsed.places is None and keys[:1] != (CASES,):
            # what stands before the cases is found without reading the file a second time
            if self._head is None:
                self._head = yaml_places(self.text, before_cases=True)
            head = self._head.children
            if not keys or (isinstance(head, dict) and keys[0] in head):
                return _line(self._head, keys)
        if self.parsed.places is None:
            self.parsed.places = yaml_places(self.text)
        return _line(self.parsed.places, keys)


def _line(place: Place, keys: Keys) -> int:
    for key in keys:
        inside, found = place.children, None
        if isinstance(inside, dict):
            found = inside.get(str(key))
        elif isinstance(inside, list) and isinstance(key, int) and key < len(inside):
            found = inside[key]
        if found is None:
            break
        place = found
    return place.line


def read_source(path: Path, shown: str) -> Source:
    """Read a YAML or JSON file; raises CaseFileError, with its line, when that cannot be done."""
    text = read_text(path, shown)
    try:
        parsed = parse_yaml(text) if path.suffix in YAML_ENDINGS else parse_json(text)
    except UnreadableError as error:
        raise as_error(error.note, shown) from None
    return Source(path=path, shown=shown, text=text, parsed=parsed)


def as_error(note: Note, shown: str) -> CaseFileError:
    """Return what a reader noted as an error of the file."""
    where = Where(path=shown, line=note.line)
    return CaseFileError(note.message, where=where, hint=note.hint)


def read_text(path: Path, shown: str) -> str:
    r"""Return the text of a file without its byte order mark; raises CaseFileError.

    Line ends become ``\n``, so that a checkout on Windows makes the same requests.
    """
    return decode(read_bytes(path, shown), shown).replace("\r\n", "\n").replace("\r", "\n")


def decode(data: bytes, shown: str) -> str:
    """Return ``data`` as text; raises CaseFileError that names the line of a wrong byte."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # after a byte order mark the position counts from behind it; the line is the same
        line = data[: error.start].count(b"\n") + 1
        utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        found = "UTF-16" if utf16 else f"the byte 0x{data[error.start]:02x}"
        msg = f"the file is not UTF-8: found {found}"
        where = Where(path=shown, line=line)
        raise CaseFileError(msg, where=where, hint="save it as UTF-8") from None


def read_bytes(path: Path, shown: str) -> bytes:
    """Return the content of a file; raises CaseFileError when it cannot be read."""
    if reason := unreadable(path):
        raise CaseFileError(reason, where=Where(path=shown, line=1))
    return path.read_bytes()


def unreadable(path: Path) -> str | None:
    """Tell why a file cannot be read, with the nearest name when it is missing, or None."""
    if path.exists() and not path.is_file():
        # a pipe or a device would be read for ever
        return f"cannot read {path.name!r}: it is {'a folder' if path.is_dir() else 'no file'}"
    try:
        with path.open("rb"):
            return None
    except (OSError, ValueError) as error:
        return _why(path, error)


def _why(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no file {str(path.name)!r} in {_folder(path)}{_nearest_file(path)}"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot read {path.name!r}: {reason}"


def _folder(path: Path) -> str:
    return f"the folder {path.parent.name!r}" if path.parent.name else "that folder"


def _nearest_file(path: Path) -> str:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        return ", and there is no such folder"
    found = difflib.get_close_matches(path.name, names, n=1, cutoff=0.6)
    return f", did you mean {found[0]!r}?" if found else ""
