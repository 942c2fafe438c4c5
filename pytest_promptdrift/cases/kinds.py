"""Kinds of values: each can judge a value and describe itself as JSON Schema.

The tables of the format are built of these, so that what the loader accepts and what the published
schema says come from one place. Nothing here knows a key of the format. Kinds are never compared
or shown; without those methods a class is made in half the time, which every run pays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from pytest_promptdrift._errors import did_you_mean
from pytest_promptdrift._text import cut

if TYPE_CHECKING:
    from .problems import Keys, Problems

Schema: TypeAlias = "dict[str, object]"


class Kind(Protocol):
    """What a value must be."""

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note what is wrong with ``value``, which stands at ``at``."""
        ...

    def schema(self) -> Schema:
        """Return the JSON Schema of what is accepted."""
        ...


def found(value: object) -> str:
    """Name a value so that its type is seen."""
    if isinstance(value, str):
        return f"the text {cut(value, 60)!r}"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {cut(str(value), 60)}"
    return "a mapping" if isinstance(value, Mapping) else "a list"


def wrong(
    at: Keys, wanted: str, value: object, problems: Problems, hint: str | None = None
) -> None:
    """Note that the value at ``at`` is not what it must be."""
    problems.add(at, f"{name_of(at)} must be {wanted}, found {found(value)}", hint)


def name_of(at: Keys) -> str:
    """Name a place for a message: its key, or the number of the item and the list it is in."""
    if not at:
        return "the file"
    last = at[-1]
    if isinstance(last, str):
        return repr(last)
    return f"item {last + 1} of {name_of(at[:-1])}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Text:
    """Text that is not empty; ``pattern`` must match all of it and is told as ``form``."""

    pattern: str | None = None
    form: str = ""
    empty: bool = False

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note what is not text of this form."""
        if not isinstance(value, str):
            plain = isinstance(value, int | float)
            hint = f'write "{str(value).lower()}" in quotes' if plain else None
            wrong(at, "text", value, problems, hint)
        elif not (self.empty or value.strip()):
            problems.add(at, f"{name_of(at)} is empty")
        elif self.pattern and not re.search(self.pattern, value):
            problems.add(at, f"{name_of(at)} must be {self.form}, found {cut(value, 60)!r}")

    def schema(self) -> Schema:
        """Describe the text."""
        if self.pattern:
            return {"type": "string", "pattern": self.pattern}
        return {"type": "string"} if self.empty else {"type": "string", "pattern": r"\S"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Flag:
    """true or false."""

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note what is neither."""
        if not isinstance(value, bool):
            wrong(at, "true or false", value, problems)

    def schema(self) -> Schema:
        """Describe the flag."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Whole:
    """A whole number from 1."""

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note what is no such number."""
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            wrong(at, "a whole number from 1", value, problems)

    def schema(self) -> Schema:
        """Describe the number."""
        return {"type": "integer", "minimum": 1}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Share:
    """A number above 0, up to 1."""

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note what is no such number."""
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 1:
            wrong(at, "a number above 0, up to 1", value, problems)

    def schema(self) -> Schema:
        """Describe the number."""
        return {"type": "number", "exclusiveMinimum": 0, "maximum": 1}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note any other word."""
        if not isinstance(value, str):
            wrong(at, f"one of {', '.join(self.words)}", value, problems)
        elif value not in self.words:
            close = did_you_mean(value, self.words)
            problems.add(at, f"unknown {name_of(at)} {cut(value, 60)!r}{close}")

    def schema(self) -> Schema:
        """Describe the words."""
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Anything:
    """Any JSON value; with ``nothing`` also null."""

    nothing: bool = False

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note a missing value."""
        if value is None and not self.nothing:
            problems.add(at, f"{name_of(at)} has no value", "write one, or leave the key out")

    def schema(self) -> Schema:
        """Describe the value."""
        return {} if self.nothing else {"not": {"type": "null"}}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MapOf:
    """A mapping with keys the user chooses."""

    kind: Kind
    least: int = 0

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note wrong keys and values."""
        if not isinstance(value, dict):
            wrong(at, "a mapping", value, problems)
            return
        if len(value) < self.least:
            problems.add(at, f"{name_of(at)} is empty")
        for key, item in value.items():
            self.kind.check(item, (*at, key), problems)

    def schema(self) -> Schema:
        """Describe the mapping."""
        out: Schema = {"type": "object"}
        if inner := self.kind.schema():
            out["additionalProperties"] = inner
        if self.least:
            out["minProperties"] = self.least
        return out


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ListOf:
    """A list; with ``one`` a single value will do, with ``unique`` nothing may be there twice."""

    kind: Kind
    least: int = 0
    one: bool = False
    unique: bool = False

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note wrong items."""
        if not isinstance(value, list):
            if self.one and not isinstance(value, dict) and value is not None:
                self.kind.check(value, at, problems)
            else:
                wrong(at, "a list", value, problems)
            return
        if len(value) < self.least:
            problems.add(at, f"{name_of(at)} is empty")
        for index, item in enumerate(value):
            self.kind.check(item, (*at, index), problems)
            if self.unique and isinstance(item, str) and item in value[:index]:
                problems.add((*at, index), f"{cut(item, 60)!r} is in {name_of(at)} twice")

    def schema(self) -> Schema:
        """Describe the list."""
        items = self.kind.schema()
        out: Schema = {"type": "array", "items": items}
        if self.least:
            out["minItems"] = self.least
        if self.unique:
            out["uniqueItems"] = True
        return {"anyOf": [items, out]} if self.one else out


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Either:
    """Text, or a mapping, or a list: the type of the value decides which kind judges it."""

    text: Kind | None = None
    mapping: Kind | None = None
    items: Kind | None = None

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Judge the value by the kind of its type."""
        kind: Kind | None = None
        if isinstance(value, str):
            kind = self.text
        elif isinstance(value, dict):
            kind = self.mapping
        elif isinstance(value, list):
            kind = self.items
        if kind is not None:
            kind.check(value, at, problems)
            return
        allowed = (("text", self.text), ("a mapping", self.mapping), ("a list", self.items))
        wrong(at, " or ".join(name for name, kind in allowed if kind), value, problems)

    def schema(self) -> Schema:
        """Describe the alternatives."""
        return {"anyOf": [k.schema() for k in (self.text, self.mapping, self.items) if k]}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Key:
    """One key of a record: what its value must be, and what it is for."""

    kind: Kind
    summary: str
    required: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExactlyOne:
    """Of these keys exactly one must be given; with ``none`` none is right, too."""

    keys: tuple[str, ...]
    none: bool = False

    def check(self, value: Mapping[str, object], at: Keys, problems: Problems) -> None:
        """Note two of the keys, or none."""
        given = [key for key in self.keys if key in value]
        if len(given) > 1:
            names = " and ".join(map(repr, given))
            problems.add((*at, given[1]), f"{names} exclude each other: keep one")
        elif not given and not self.none:
            problems.add(at, f"one of {', '.join(self.keys)} is needed in {name_of(at)}")

    def schema(self) -> Schema:
        """Describe the rule."""
        one: list[Schema] = [{"required": [key]} for key in self.keys]
        if self.none:
            return {"not": {"anyOf": _pairs(self.keys)}} if len(self.keys) > 1 else {}
        return {"oneOf": one}


def _pairs(keys: Sequence[str]) -> list[Schema]:
    return [
        {"required": [left, right]}
        for index, left in enumerate(keys)
        for right in keys[index + 1 :]
    ]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OnlyWith:
    """A key that is needed for one value of another key, and means nothing for the others."""

    key: str
    when: str
    value: str
    needed: bool

    def check(self, value: Mapping[str, object], at: Keys, problems: Problems) -> None:
        """Note a key that is missing or misplaced."""
        fits = value.get(self.when) == self.value
        if self.key in value and not fits:
            msg = f"{self.key!r} belongs to {self.when}: {self.value}, not to this {self.when}"
            problems.add((*at, self.key), msg)
        elif self.needed and fits and self.key not in value:
            problems.add(at, f"a message with {self.when}: {self.value} needs {self.key!r}")

    def schema(self) -> Schema:
        """Describe the rule."""
        condition = {"properties": {self.when: {"const": self.value}}, "required": [self.when]}
        needed: Schema = {"then": {"required": [self.key]}} if self.needed else {}
        return {"if": condition, **needed, "else": {"not": {"required": [self.key]}}}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AtLeastOne:
    """Of these keys one or more must be given."""

    keys: tuple[str, ...]

    def check(self, value: Mapping[str, object], at: Keys, problems: Problems) -> None:
        """Note that all are missing."""
        if not any(key in value for key in self.keys):
            problems.add(at, f"{name_of(at)} needs {' or '.join(map(repr, self.keys))}")

    def schema(self) -> Schema:
        """Describe the rule."""
        return {"anyOf": [{"required": [key]} for key in self.keys]}


Rule: TypeAlias = ExactlyOne | OnlyWith | AtLeastOne


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Record:
    """A mapping with known keys; ``ignored`` is the start of keys that are the user's own."""

    name: str
    keys: Mapping[str, Key]
    rules: tuple[Rule, ...] = ()
    ignored: str | None = None

    def check(self, value: object, at: Keys, problems: Problems) -> None:
        """Note unknown and missing keys and wrong values."""
        if not isinstance(value, dict):
            wrong(at, f"a mapping ({self.name})", value, problems)
            return
        known = self.keys
        unknown = False
        for key, item in value.items():
            field = known.get(key)
            if field is not None:
                field.kind.check(item, (*at, key), problems)
            elif not (self.ignored and key.startswith(self.ignored)):
                unknown = True
                problems.add((*at, key), self._unknown(key))
        if unknown:
            # whatever else seems to be missing may be what the unknown key was meant to be
            return
        for key, field in known.items():
            if field.required and key not in value:
                problems.add(at, f"{self.name} has no {key!r}")
        for rule in self.rules:
            rule.check(value, at, problems)

    def _unknown(self, key: str) -> str:
        return f"unknown key {cut(key, 60)!r} in {self.name}{did_you_mean(key, self.keys)}"

    def schema(self) -> Schema:
        """Describe the mapping."""
        out: Schema = {
            "type": "object",
            "properties": {
                name: {"description": key.summary, **key.kind.schema()}
                for name, key in self.keys.items()
            },
            "additionalProperties": False,
        }
        if self.ignored:
            out["patternProperties"] = {f"^{self.ignored}": {}}
        if required := [name for name, key in self.keys.items() if key.required]:
            out["required"] = required
        if rules := [schema for rule in self.rules if (schema := rule.schema())]:
            out["allOf"] = rules
        return out
