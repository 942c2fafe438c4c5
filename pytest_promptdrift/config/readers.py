"""Turns values of a configuration into typed ones, and collects what is wrong with them.

Knows nothing of what the values are for.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from pytest_promptdrift._errors import ConfigError

from .secrets import shown

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject, JsonValue

    from .toml_source import TomlTable

T = TypeVar("T")
Reader: TypeAlias = Callable[[object], T]

_MOST = sys.float_info.max
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")
# brackets and colons are the grammar of node ids, a comma separates names in options
_BREAKS_NODE_IDS = re.compile(r"\[|\]|::|\s|,|[\x00-\x1f\x7f]")


class NotThatError(Exception):
    """A value of the wrong kind; the text says what was expected, or what is wrong with it."""


@dataclass(slots=True, kw_only=True)
class Problems:
    """Everything wrong with one table, in the order in which it was found."""

    table: TomlTable
    errors: list[ConfigError] = field(default_factory=list)

    def add(self, path: tuple[str, ...], message: str, hint: str | None = None) -> None:
        """Note a mistake at ``path``."""
        self.errors.append(ConfigError(message, where=self.table.where(*path), hint=hint))

    def read(self, path: tuple[str, ...], value: object, reader: Reader[T]) -> T | None:
        """Return the typed value, or None after noting why it is none."""
        try:
            return reader(value)
        except NotThatError as error:
            self.add(path, f"{'.'.join(path)} {error}")
            return None


def whole(least: int) -> Reader[int]:
    """Return a reader of whole numbers from ``least`` up."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            msg = f"must be a whole number of {least} or more, found {shown(value)}"
            raise NotThatError(msg)
        return value

    return read


def number(value: object) -> float:
    """Read a finite number of 0 or more."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return float(value)
    msg = f"must be a number of 0 or more, found {shown(value)}"
    raise NotThatError(msg)


def seconds(value: object) -> float:
    """Read a time in seconds that is longer than none."""
    try:
        if (found := number(value)) > 0:
            return found
    except NotThatError:
        pass
    msg = f"must be a number of seconds above 0, found {shown(value)}"
    raise NotThatError(msg)


def between(least: float, most: float, *, open_ends: str = "") -> Reader[float]:
    """Return a reader of numbers from ``least`` to ``most``, without the ends in ``open_ends``.

    ``open_ends`` is "", "(" (without the least) or "()" (without both).
    """
    form = {"": "from {:g} to {:g}", "(": "above {:g}, up to {:g}", "()": "above {:g}, below {:g}"}
    wanted = form[open_ends].format(least, most)

    def read(value: object) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            at_an_end = ("(" in open_ends and value == least) or (
                ")" in open_ends and value == most
            )
            if least <= value <= most and not at_an_end:
                return float(value)
        msg = f"must be a number {wanted}, found {shown(value)}"
        raise NotThatError(msg)

    return read


def text(value: object) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        msg = f"must be a text, found {shown(value)}"
        raise NotThatError(msg)
    return value


def names(value: object) -> tuple[str, ...]:
    """Read a list of texts without repetition; one text is a list of one."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(i, str) and i.strip() for i in items):
        msg = f"must be a list of names, found {shown(value)}"
        raise NotThatError(msg)
    twice = next((item for item in items if items.count(item) > 1), None)
    if twice is not None:
        msg = f"names {shown(twice)} twice"
        raise NotThatError(msg)
    return tuple(items)


def variable(value: object) -> str:
    """Read the name of an environment variable."""
    if not isinstance(value, str) or not _VARIABLE.match(value):
        msg = f"must be the name of an environment variable, found {shown(value)}"
        raise NotThatError(msg)
    return value


def identifier(value: object) -> str:
    """Read the name of a request parameter."""
    if not isinstance(value, str) or not _IDENTIFIER.match(value):
        msg = f"must be the name of a parameter, found {shown(value)}"
        raise NotThatError(msg)
    return value


def json_object(value: object) -> JsonObject:
    """Read a table of values that JSON can carry (no dates, no infinity)."""
    if not isinstance(value, Mapping):
        msg = f"must be a table, found {shown(value)}"
        raise NotThatError(msg)
    return {str(key): json_value(item) for key, item in value.items()}


def json_value(value: object) -> JsonValue:
    """Read any value that JSON can carry."""
    if isinstance(value, Mapping):
        return json_object(value)
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    msg = f"holds {shown(value)}, which JSON cannot carry"
    raise NotThatError(msg)


def base_url(value: object) -> str:
    """Read the address of a provider: http or https, without credentials, query or fragment."""
    from urllib.parse import urlsplit  # noqa: PLC0415  (only models with their own address need it)

    address = text(value)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        msg = "is not a valid address"
        raise NotThatError(msg) from error
    # never quote the address itself before this: it may carry a password
    if "@" in parts.netloc:
        msg = "must not carry a user name or password; name the key's variable in key_variable"
        raise NotThatError(msg)
    if "?" in address or "#" in address:
        msg = "must not have a query or a fragment; parameters belong in params"
        raise NotThatError(msg)
    if parts.scheme not in ("http", "https") or not host or port == 0 or re.search(r"\s", address):
        msg = f"must be an http:// or https:// address, found {shown(address)}"
        raise NotThatError(msg)
    return address


def model_name_problem(name: str) -> str | None:
    """Tell why a model cannot have this name, or None: the name becomes part of node ids."""
    if not name:
        return "is empty"
    found = _BREAKS_NODE_IDS.search(name)
    if found is None:
        return None
    what = "white space" if found[0].isspace() else repr(found[0])
    return f"holds {what}, which would break test ids"
