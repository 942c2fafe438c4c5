"""Reads one table of a TOML file and finds the lines of its keys.

``tomllib`` forgets lines, so a small scanner walks the headers and keys a second time. It needs to
be right for files that ``tomllib`` has accepted, and may be vague: a key it does not see (inside an
inline table, an element of an array) gets the line of what holds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ConfigError, Where

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BARE = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_BARE}(?:\s*\.\s*{_BARE})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_PART = re.compile(_BARE)
_TOKEN = re.compile(r""""{3}|'{3}|"(?:[^"\\]|\\.)*"|'[^'\n]*'|[\[\]{}#]""")
_ENDS = {
    '"""': re.compile(r"""(?:[^"\\]|\\.|"(?!""))*"{3,5}""", re.DOTALL),
    "'''": re.compile(r"""(?:[^']|'(?!''))*'{3,5}"""),
}
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")
_OUR_WORD = b"promptdrift"


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlTable:
    """A table of a TOML file; ``name`` is how its file is called in messages."""

    name: str
    prefix: tuple[str, ...]
    values: Mapping[str, object]
    lines: Mapping[tuple[str, ...], int]

    def where(self, *path: str) -> Where:
        """Return the place of the key at ``path``, or of the nearest thing that holds it."""
        full = (*self.prefix, *path)
        while full:
            if full in self.lines:
                return Where(path=self.name, line=self.lines[full])
            full = full[:-1]
        return Where(path=self.name)


def read_table(path: Path, prefix: tuple[str, ...], name: str) -> TomlTable | None:
    """Return the table at ``prefix`` of a TOML file, or None when the file has none.

    Raises ConfigError for a file that cannot be read or is no TOML.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"cannot read {name}: {error.strerror or error}"
        raise ConfigError(msg) from error
    if _OUR_WORD not in data:
        # most projects that merely have the plugin installed: nothing to parse
        return None
    text, document = _parse(data, name)
    found: object = document
    for part in prefix:
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    lines = key_lines(text)
    if not isinstance(found, dict):
        msg = f"{'.'.join(prefix)} must be a table"
        raise ConfigError(msg, where=Where(path=name, line=lines.get(prefix)))
    return TomlTable(name=name, prefix=prefix, values=found, lines=lines)


def _parse(data: bytes, name: str) -> tuple[str, dict[str, object]]:
    import tomllib  # noqa: PLC0415  (only a project that uses us pays for it)

    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        msg = "the file is not UTF-8 text"
        raise ConfigError(msg, where=Where(path=name, line=line)) from error
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        reason = _AT_LINE.sub("", str(error))
        msg = f"not valid TOML: {reason[:1].lower()}{reason[1:]}"
        raise ConfigError(msg, where=Where(path=name, line=line)) from error


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of every table header and key of a TOML text, by full dotted path."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    position = 0
    while position < len(text):
        if found := _HEADER.match(text, position):
            path = table = _parts(found[1])
            position = _end_of_line(text, found.end())
        elif found := _KEY.match(text, position):
            path = (*table, *_parts(found[1]))
            position = _end_of_value(text, found.end())
        else:
            position = _end_of_line(text, position)
            continue
        line = text.count("\n", 0, found.start(1)) + 1
        for size in range(1, len(path)):
            lines.setdefault(path[:size], line)
        lines[path] = line
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in _PART.findall(dotted))


def _end_of_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _end_of_value(text: str, position: int) -> int:
    """Return where the line after a value starts; the value may span lines."""
    depth = 0
    while True:
        newline = _end_of_line(text, position)
        token = _TOKEN.search(text, position, len(text) if depth else newline)
        if token is None:
            return newline
        word, position = token[0], token.end()
        if word in _ENDS:
            end = _ENDS[word].match(text, position)
            position = end.end() if end else len(text)
        elif word == "#":
            position = _end_of_line(text, position)
            if not depth:
                return position
        elif word in "[{":
            depth += 1
        elif word in "]}":
            depth -= 1
