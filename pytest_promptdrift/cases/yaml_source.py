"""Reads YAML into JSON values straight from the parser's events.

The C parser does the syntax; building values here, in one loop without recursion, costs a third of
PyYAML's own tree and constructor, cannot be crashed by deep nesting, and sees duplicate keys and
doubtful words with their lines. Nothing here knows what a case file means.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import yaml

from .scalars import FIRST_CHARACTERS, Trap, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
# one of PyYAML's event classes, each with attributes of its own
Event: TypeAlias = Any

DEEPEST = 100
# Aliases may repeat values, but not turn a small file into an endless one.
MOST_REPEATED = 200_000
CASES = "cases"
_MERGE = "<<"
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")
_PLAIN_TAGS = tuple(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float"))
_CONTAINER_TAGS = ("!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
)


class Note(NamedTuple):
    """A problem that the reader saw, with its line."""

    line: int
    message: str
    hint: str | None = None


class UnreadableError(Exception):
    """The text is no YAML (or JSON) at all; ``note`` says where and why."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.message)
        self.note = note


@dataclass(slots=True)
class Parsed:
    """The value of a file, the line of each of its cases, and what was odd about it.

    ``places`` is there when the reader had to find all lines anyway.
    """

    value: object = None
    case_lines: list[int] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    places: Place | None = None


@dataclass(slots=True)
class Place:
    """The line of a value and the places of what is inside it."""

    line: int
    children: dict[str, Place] | list[Place] | None = None


def has_fast_parser() -> bool:
    """Tell whether PyYAML was built with its C parser; without it files load six times slower."""
    return hasattr(yaml, "CSafeLoader")


def parse_yaml(text: str) -> Parsed:
    """Read ``text``, which must be one YAML document; raises UnreadableError."""
    return _guarded(text, lambda next_event: _Builder(next_event).build())


def yaml_places(text: str, *, before_cases: bool = False) -> Place:
    """Return where everything in ``text`` stands; only for text that ``parse_yaml`` could read.

    With ``before_cases`` it stops at the cases, which are nearly all of a large file.
    """
    return _guarded(
        text, lambda next_event: _PlaceReader(next_event, before_cases=before_cases).root()
    )


def _guarded(text: str, read: Callable[[Callable[[], Event]], T]) -> T:
    loader = yaml.CSafeLoader if has_fast_parser() else yaml.SafeLoader
    try:
        return read(loader(text).get_event)
    except yaml.MarkedYAMLError as error:
        raise UnreadableError(_syntax_note(text, error)) from None
    except (yaml.YAMLError, UnicodeError):
        raise UnreadableError(_character_note(text)) from None


def _syntax_note(text: str, error: yaml.MarkedYAMLError) -> Note:
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines() or [""]
    # what is missing at the end is told at the last line
    line = min(mark.line + 1 if mark else 1, len(lines))
    context = f" ({error.context})" if error.context else ""
    written = lines[line - 1]
    hint = None
    if "\t" in written[: len(written) - len(written.lstrip())]:
        hint = "this line begins with a tab; YAML is indented with spaces"
    elif ": " in written.partition(": ")[2]:
        hint = "text that contains a colon and a space must stand in quotes"
    elif any(sign in written for sign in ("{{", "{%", ": *", ": &", ": @", ": `")):
        hint = "text that begins with a special character must stand in quotes, or after a |"
    return Note(line, f"not valid YAML: {error.problem}{context}", hint)


def _character_note(text: str) -> Note:
    found = _FORBIDDEN.search(text)
    if found is None:
        return Note(1, "not valid YAML: the text cannot be read")
    line = text.count("\n", 0, found.start()) + 1
    msg = f"the character U+{ord(found[0]):04X} is not allowed in a YAML file"
    return Note(line, msg, 'inside "double quotes" it can be written as an escape')


class _Builder:
    """One pass over the events of a file.

    The depth of recursion is bounded by DEEPEST, whatever the file holds.
    """

    def __init__(self, next_event: Callable[[], Event]) -> None:
        self.parsed = Parsed()
        self.next_event = next_event
        self.anchors: dict[str, object] = {}
        self.aliased = False

    def build(self) -> Parsed:
        """Return what the one document holds."""
        next_event = self.next_event
        next_event()
        if isinstance(next_event(), yaml.StreamEndEvent):
            raise UnreadableError(Note(1, "the file is empty"))
        self.parsed.value = self.value(next_event(), 0)
        next_event()
        event = next_event()
        if not isinstance(event, yaml.StreamEndEvent):
            msg = "a second document begins here; a file holds one"
            hint = "remove the line that reads '---'"
            raise UnreadableError(Note(event.start_mark.line + 1, msg, hint))
        if self.aliased:
            _refuse_explosion(self.parsed.value)
        return self.parsed

    def value(self, event: Event, depth: int) -> object:
        """Return the value that begins with ``event``."""
        kind = event.__class__
        if kind is yaml.ScalarEvent:
            value = event.value
            if event.implicit[0]:
                if value[:1] in FIRST_CHARACTERS:
                    value = self.plain(value, event)
            elif event.tag is not None:
                value = self.tagged(value, event)
        elif kind is yaml.AliasEvent:
            return self.alias(event)
        else:
            line = event.start_mark.line + 1
            if depth >= DEEPEST:
                msg = f"more than {DEEPEST} levels of nesting"
                raise UnreadableError(Note(line, msg))
            if event.tag is not None and event.tag not in _CONTAINER_TAGS:
                self.refuse_tag(event)
            value = (
                self.mapping(depth + 1)
                if kind is yaml.MappingStartEvent
                else self.sequence(depth + 1)
            )
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def sequence(self, depth: int) -> list[object]:
        """Return the list whose start was just read."""
        items: list[object] = []
        while (event := self.next_event()).__class__ is not yaml.SequenceEndEvent:
            items.append(self.value(event, depth))
        return items

    def mapping(self, depth: int) -> dict[str, object]:
        """Return the mapping whose start was just read."""
        items: dict[str, object] = {}
        next_event = self.next_event
        merged: list[object] = []
        while (event := next_event()).__class__ is not yaml.MappingEndEvent:
            key = self.key(event, items, depth)
            event = next_event()
            if key is _MERGE:
                merged.append(self.value(event, depth))
            elif depth == 1 and key == CASES and event.__class__ is yaml.SequenceStartEvent:
                items[key] = self.cases(event)
            else:
                items[key] = self.value(event, depth)
        return self.with_merged(items, merged, event) if merged else items

    def cases(self, event: Event) -> list[object]:
        """Return the list of cases and keep the line of each."""
        cases: list[object] = []
        lines = self.parsed.case_lines = []
        anchor = event.anchor
        while (event := self.next_event()).__class__ is not yaml.SequenceEndEvent:
            lines.append(event.start_mark.line + 1)
            cases.append(self.value(event, 2))
        if anchor is not None:
            self.anchors[anchor] = cases
        return cases

    def key(self, event: Event, items: dict[str, object], depth: int) -> str:
        """Return a key of a mapping; what is no new text is noted and replaced."""
        word = event.value if event.__class__ is yaml.ScalarEvent else None
        if word == _MERGE and event.implicit[0]:
            return _MERGE
        key = self.value(event, depth)
        line = event.start_mark.line + 1
        if key.__class__ is not str:
            found = repr(word) if word else "a list or mapping" if word is None else "nothing"
            hint = f'write "{word}" in quotes' if word else None
            self.note(line, f"keys must be text, found {found}", hint)
            return word or f"key on line {line}"
        if key in items:
            self.note(line, f"the key {key!r} is given twice in the same mapping")
        return sys.intern(key)

    def with_merged(
        self, items: dict[str, object], merged: list[object], event: Event
    ) -> dict[str, object]:
        """Return ``items`` with what ``<<`` adds; its own keys win, then the first source."""
        sources = [s for value in merged for s in (value if isinstance(value, list) else [value])]
        out: dict[str, object] = {}
        for source in reversed(sources):
            if isinstance(source, dict):
                out.update(source)
            else:
                self.note(event.start_mark.line + 1, "<< takes a mapping or a list of mappings")
        out.update(items)
        return out

    def plain(self, word: str, event: Event) -> object:
        """Return what a word without quotes means; a doubtful one is noted and stays text."""
        value = resolve(word)
        if isinstance(value, Trap):
            self.note(event.start_mark.line + 1, value.message, value.hint)
            return word
        return value

    def tagged(self, word: str, event: Event) -> object:
        """Return the value of a scalar with an explicit tag."""
        if event.tag in _TEXT_TAGS:
            return word
        if event.tag in _PLAIN_TAGS:
            return self.plain(word, event)
        self.refuse_tag(event)
        return word

    def refuse_tag(self, event: Event) -> None:
        """Note a tag that stands for something JSON cannot hold."""
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        msg = f"the tag {tag!r} is not supported; a case file holds plain JSON values"
        self.note(event.start_mark.line + 1, msg)

    def alias(self, event: Event) -> object:
        """Return the value an alias stands for."""
        self.aliased = True
        if event.anchor not in self.anchors:
            msg = f"the alias *{event.anchor} has no finished anchor &{event.anchor} above it"
            raise UnreadableError(Note(event.start_mark.line + 1, msg))
        return self.anchors[event.anchor]

    def note(self, line: int, message: str, hint: str | None = None) -> None:
        """Remember a problem."""
        self.parsed.notes.append(Note(line, message, hint))


def _refuse_explosion(value: object) -> None:
    """Refuse a file whose aliases make it much larger, or deeper, than what is written."""
    sizes: dict[int, tuple[int, int]] = {}
    try:
        size, depth = _measure(value, sizes)
    except RecursionError:
        size, depth = 0, DEEPEST + 1
    if depth > DEEPEST:
        msg = f"the aliases (*name) of this file make more than {DEEPEST} levels of nesting"
        raise UnreadableError(Note(1, msg))
    if size > 10 * len(sizes) + MOST_REPEATED:
        msg = f"the aliases (*name) of this file expand to {size:,} values"
        raise UnreadableError(Note(1, msg))


def _measure(value: object, sizes: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Return how many values ``value`` holds when written out, and how deep it is nested."""
    if not isinstance(value, dict | list):
        return 1, 0
    known = sizes.get(id(value))
    if known is None:
        inside = [
            _measure(item, sizes) for item in (value.values() if isinstance(value, dict) else value)
        ]
        known = (
            1 + sum(size for size, _ in inside),
            1 + max((deep for _, deep in inside), default=0),
        )
        sizes[id(value)] = known
    return known


class _PlaceReader:
    """One pass over the events of a file that keeps lines only."""

    def __init__(self, next_event: Callable[[], Event], *, before_cases: bool) -> None:
        self.next_event = next_event
        self.anchors: dict[str, Place] = {}
        self.stop_at = CASES if before_cases else None

    def root(self) -> Place:
        """Return the place of the document."""
        self.next_event()
        self.next_event()
        event = self.next_event()
        place = Place(event.start_mark.line + 1)
        if event.__class__ is not yaml.MappingStartEvent:
            return self.place(event)
        self.mapping(place, self.stop_at)
        return place

    def place(self, event: Event) -> Place:
        """Return the place of the value that begins with ``event``."""
        anchor = event.anchor
        if event.__class__ is yaml.AliasEvent:
            return self.anchors[anchor]
        place = Place(event.start_mark.line + 1)
        if event.__class__ is yaml.MappingStartEvent:
            self.mapping(place, None)
        elif event.__class__ is yaml.SequenceStartEvent:
            place.children = items = []
            while (inner := self.next_event()).__class__ is not yaml.SequenceEndEvent:
                items.append(self.place(inner))
        if anchor is not None:
            self.anchors[anchor] = place
        return place

    def mapping(self, place: Place, stop_at: str | None) -> None:
        """Read what is inside of a mapping, up to the key ``stop_at``."""
        keys: dict[str, Place] = {}
        place.children = keys
        while (event := self.next_event()).__class__ is not yaml.MappingEndEvent:
            word = event.value if event.__class__ is yaml.ScalarEvent else None
            if word is not None and word == stop_at:
                return
            line = self.place(event).line
            value = self.place(self.next_event())
            if word is not None:
                # an entry stands where its key stands, also when its value begins further down
                keys[str(word)] = Place(line, value.children)
