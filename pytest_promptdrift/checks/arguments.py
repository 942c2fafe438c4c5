"""Arguments of checks: declared once, and from that read strictly and described as JSON Schema.

This module must not know any particular check.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar, cast

from pytest_promptdrift._canonical import NotJsonError, canonical_json
from pytest_promptdrift._errors import did_you_mean

from .wording import quote, show

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject


T = TypeVar("T")


class Unset(Enum):
    """The type of UNSET, because None is a value that a case may expect."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


class ArgumentError(ValueError):
    """A wrong argument; becomes an error of the case file with its place."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[T]):
    """A type of argument: how it is read (raising ArgumentError) and its JSON Schema."""

    read: Callable[[object], T]
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Generic[T]):
    """One argument; without a default it is required."""

    name: str
    kind: Kind[T]
    summary: str = ""
    default: T | Unset = UNSET


AnyField: TypeAlias = "Field[Any]"  # fields of one check differ in type


def optional(name: str, kind: Kind[T], summary: str = "") -> Field[T | None]:
    """Return an argument that may be left out."""
    wide: Kind[T | None] = Kind(read=kind.read, schema=kind.schema)
    return Field(name=name, kind=wide, summary=summary, default=None)


class Arguments:
    """The arguments of one check, read and complete; indexed by their Field."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def __getitem__(self, field: Field[T]) -> T:
        return cast("T", self._values[field.name])


def found(value: object) -> str:
    """Name a wrong value so that its type is seen: ``found 30 (a number)``."""
    if isinstance(value, str):
        return f"found the text {quote(value)}"
    if value is None:
        return "found nothing"
    if isinstance(value, bool):
        return f"found {str(value).lower()}"
    if isinstance(value, int | float):
        return f"found {show(value)}"
    kind = "mapping" if isinstance(value, Mapping) else type(value).__name__
    return f"found a {kind}: {show(value)}"


def _read_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping | Sequence) or value is None:
        msg = f"text expected, {found(value)}"
    else:
        msg = f"text expected, {found(value)}; put it in quotation marks"
    raise ArgumentError(msg)


def _read_some_text(value: object) -> str:
    text = _read_text(value)
    if not text:
        msg = "the text is empty, and empty text is in every answer"
        raise ArgumentError(msg)
    return text


def _read_flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    msg = f"true or false expected, {found(value)}"
    raise ArgumentError(msg)


def read_number(value: object) -> float:
    """Read a finite number; true and false are none."""
    if isinstance(value, bool):
        pass
    elif isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    msg = f"a number expected, {found(value)}"
    raise ArgumentError(msg)


def _read_count(value: object) -> int:
    number = read_number(value)
    if isinstance(number, int) and number >= 0:
        return number
    msg = f"a whole number from 0 expected, {found(value)}"
    raise ArgumentError(msg)


def _read_amount(value: object) -> float:
    number = read_number(value)
    if number >= 0:
        return number
    msg = f"a number from 0 expected, {found(value)}"
    raise ArgumentError(msg)


def _read_share(value: object) -> float:
    number = read_number(value)
    if 0 <= number <= 1:
        return number
    msg = f"a number between 0 and 1 expected, {found(value)}"
    raise ArgumentError(msg)


def read_json(value: object) -> object:
    """Read any JSON value; YAML can hold more than JSON, dates for one."""
    try:
        canonical_json(value)
    except NotJsonError as error:
        msg = f"{error.message}; put it in quotation marks if it is meant as text"
        raise ArgumentError(msg) from error
    return value


def _read_object(value: object) -> JsonObject:
    if isinstance(value, Mapping):
        read_json(value)
        return cast("JsonObject", value)
    msg = f"a mapping expected, {found(value)}"
    raise ArgumentError(msg)


TEXT = Kind(read=_read_text, schema={"type": "string"})
SOME_TEXT = Kind(read=_read_some_text, schema={"type": "string", "minLength": 1})
FLAG = Kind(read=_read_flag, schema={"type": "boolean"})
NUMBER = Kind(read=read_number, schema={"type": "number"})
COUNT = Kind(read=_read_count, schema={"type": "integer", "minimum": 0})
AMOUNT = Kind(read=_read_amount, schema={"type": "number", "minimum": 0})
SHARE = Kind(read=_read_share, schema={"type": "number", "minimum": 0, "maximum": 1})
JSON = Kind(read=read_json, schema={})
OBJECT = Kind(read=_read_object, schema={"type": "object"})


def choice(*names: str) -> Kind[str]:
    """Return the kind of an argument that is one of ``names``."""

    def read(value: object) -> str:
        if isinstance(value, str):
            if value in names:
                return value
            msg = f"unknown value {quote(value)}{did_you_mean(value, names)}"
            raise ArgumentError(msg)
        msg = f"one of {', '.join(names)} expected, {found(value)}"
        raise ArgumentError(msg)

    return Kind(read=read, schema={"enum": list(names)})


def list_of(kind: Kind[T], *, one: bool = False) -> Kind[tuple[T, ...]]:
    """Return the kind of a list that is not empty; with ``one`` a single value will do."""

    def read(value: object) -> tuple[T, ...]:
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            if value:
                return tuple(_read_item(kind, index, item) for index, item in enumerate(value))
            msg = "the list is empty"
            raise ArgumentError(msg)
        if one:
            return (kind.read(value),)
        msg = f"a list expected, {found(value)}"
        raise ArgumentError(msg)

    schema: JsonObject = {"type": "array", "items": kind.schema, "minItems": 1}
    return Kind(read=read, schema={"anyOf": [kind.schema, schema]} if one else schema)


def _read_item(kind: Kind[T], index: int, item: object) -> T:
    try:
        return kind.read(item)
    except ArgumentError as error:
        msg = f"item {index + 1}: {error}"
        raise ArgumentError(msg, error.hint) from error
