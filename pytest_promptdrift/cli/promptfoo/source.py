"""A file of the other tool with its lines, and the list of what was left out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError, Where
from pytest_promptdrift.cases.yaml_source import (
    Place,
    UnreadableError,
    parse_yaml,
    yaml_places,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """Something that was not converted, or that deserves a look."""

    path: str
    line: int
    what: str

    @property
    def where(self) -> Where:
        """The place in the other tool's file."""
        return Where(path=self.path, line=self.line)


@dataclass(slots=True, kw_only=True)
class Source:
    """One YAML or JSON file. ``left_out`` is shared by all files of a conversion."""

    path: Path
    shown: str
    value: object
    place: Place
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The folder that ``file://`` paths are relative to."""
        return self.path.parent

    def line(self, keys: Keys) -> int:
        """Return the line of the place that ``keys`` lead to, or of the nearest above it."""
        place = self.place
        for key in keys:
            inner: Place | None = None
            if isinstance(place.children, dict):
                inner = place.children.get(str(key))
            elif isinstance(place.children, list) and isinstance(key, int):
                inner = place.children[key] if key < len(place.children) else None
            if inner is None:
                break
            place = inner
        return place.line

    def leave_out(self, keys: Keys, what: str) -> None:
        """Note what was not converted; the same thing on the same line is noted once."""
        note = LeftOut(self.shown, self.line(keys), what)
        if note not in self.left_out:
            self.left_out.append(note)

    def mapping(self) -> dict[str, object]:
        """Return the value of a file that must be a mapping."""
        if not isinstance(self.value, dict):
            msg = "not a configuration: a mapping with prompts, providers and tests was expected"
            raise PromptDriftError(msg, where=Where(path=self.shown, line=1))
        return self.value

    def read(self, reference: str) -> str | None:
        """Return the text of a file that the configuration names; None when it is not readable."""
        try:
            return (self.folder / reference).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None

    def beside(self, reference: str, text: str) -> Source:
        """Return another file as a source that shares the list of what was left out."""
        opened = _open(text, self.folder / reference, reference)
        opened.left_out = self.left_out
        return opened


def open_source(path: Path, shown: str) -> Source:
    """Read a configuration; raises PromptDriftError with a line when it is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        msg = f"cannot read {shown}: {error.strerror or error}"
        raise PromptDriftError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{shown} is not UTF-8 text"
        raise PromptDriftError(msg) from error
    return _open(text, path, shown)


def _open(text: str, path: Path, shown: str) -> Source:
    try:
        parsed = parse_yaml(text)
        source = Source(path=path, shown=shown, value=parsed.value, place=yaml_places(text))
    except UnreadableError as error:
        where = Where(path=shown, line=error.note.line)
        raise PromptDriftError(error.note.message, where=where, hint=error.note.hint) from error
    source.left_out += [LeftOut(shown, note.line, note.message) for note in parsed.notes]
    return source


def file_reference(value: object) -> str | None:
    """Return the path of a ``file://`` reference, or None for anything else."""
    if isinstance(value, str) and value.startswith("file://"):
        return value.removeprefix("file://")
    return None


def items(value: object) -> Iterator[tuple[int, object]]:
    """Yield what is in a list with its index; a single value counts as a list of one."""
    if isinstance(value, list):
        yield from enumerate(value)
    elif value is not None:
        yield 0, value
