"""Compares JSON values by rules: paths to ignore, a tolerance, order of lists, parts only.

This module must not know answers or results: it tells whether two values are alike, and why not.
"""

from __future__ import annotations

import json
import marshal
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from pytest_promptdrift._canonical import json_equal
from pytest_promptdrift._text import plural

from .wording import show

Path: TypeAlias = "tuple[str | int, ...]"

# Differences that are listed; nobody reads more, and a hostile answer has a million.
MOST_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be off: by ``amount``, or by that share of the expected number."""

    amount: float
    relative: bool = False

    def allows(self, found: float, expected: float) -> bool:
        """Tell whether ``found`` is near enough; a rounding error of floats never counts."""
        if found == expected:
            return True
        try:
            room = abs(expected) * self.amount if self.relative else self.amount
            slack = 1e-12 * max(abs(found), abs(expected))
            # A number beyond the range of floats is infinitely far from every other one.
            return math.isfinite(slack) and abs(found - expected) <= room + slack
        except OverflowError:
            return False

    def __str__(self) -> str:
        return f"{self.amount * 100:g}%" if self.relative else f"{self.amount:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How two values are compared.

    ``ignore`` are paths in pieces, ``*`` stands for any key or index. ``any_order`` makes lists
    multisets. ``subset`` lets objects have more keys than expected, and lists more items where
    order does not count.
    """

    ignore: tuple[tuple[str, ...], ...] = ()
    tolerance: Tolerance | None = None
    any_order: bool = False
    subset: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a value is not as expected; ``resized`` for a list of another length."""

    path: Path
    text: str
    resized: bool = False

    def __str__(self) -> str:
        return f"{pointer(self.path)}: {self.text}"


def pointer(path: Sequence[str | int]) -> str:
    """Return a path as a JSON pointer, ``/`` for the whole value."""
    if not path:
        return "/"
    shown = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path[:20])
    return shown if len(shown) <= 200 else f"{shown[:200]}…"


def is_number(value: object) -> bool:
    """Tell whether a value is a JSON number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def exactly(expected: object) -> Callable[[object], bool]:
    """Return a fast type-strict equality with ``expected``.

    Equal bytes of marshal mean equal values of equal types, at a tenth of the cost of walking; all
    else, key order and ``1`` against ``1.0`` included, is decided by json_equal.
    """
    try:
        image = marshal.dumps(expected, 0)  # type: ignore[arg-type]  # ValueError says if not
    except ValueError:
        image = b""

    def same(found: object) -> bool:
        try:
            if image and marshal.dumps(found, 0) == image:  # type: ignore[arg-type]  # as above
                return True
        except ValueError:  # nested deeper than marshal goes
            pass
        return json_equal(found, expected)

    return same


def unchanged(expected: object) -> Callable[[str], bool]:
    """Return a test that a text is JSON of exactly ``expected``, much faster than reading strictly.

    False decides nothing. What only a strict reader sees is a key that stands twice: that takes one
    colon more than the value accounts for. Texts with escaped colons are left to the strict reader.
    """
    try:
        image = marshal.dumps(expected, 0)  # type: ignore[arg-type]  # ValueError says if not
        colons = _colons(expected)
    except (ValueError, RecursionError):
        return lambda _: False

    def same(text: str) -> bool:
        if text.count(":") != colons or "\\u003" in text:
            return False
        try:
            return marshal.dumps(json.loads(text), 0) == image
        except (ValueError, RecursionError):
            return False

    return same


def _colons(value: object) -> int:
    """Return how many colons the JSON text of a value has, those inside of texts included."""
    if isinstance(value, str):
        return value.count(":")
    if isinstance(value, Mapping):
        return sum(1 + _colons(key) + _colons(item) for key, item in value.items())
    return sum(map(_colons, value)) if isinstance(value, list | tuple) else 0


def prune(value: object, patterns: Sequence[tuple[str, ...]]) -> object:
    """Return ``value`` without what the patterns name; only what they reach is copied."""
    if not patterns:
        return value
    if isinstance(value, Mapping):
        out: dict[object, object] = {}
        for key, item in value.items():
            below = _below(patterns, str(key))
            if () not in below:
                out[key] = prune(item, below)
        return out
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = ((item, _below(patterns, str(index))) for index, item in enumerate(value))
        return [prune(item, below) for item, below in items if () not in below]
    return value


def _below(patterns: Sequence[tuple[str, ...]], step: str) -> list[tuple[str, ...]]:
    return [pattern[1:] for pattern in patterns if pattern and pattern[0] in {"*", step}]


def scalars_alike(found: object, expected: object, tolerance: Tolerance | None) -> bool:
    """Compare two values of which at least one is no container."""
    if tolerance and is_number(found) and is_number(expected):
        return tolerance.allows(cast("float", found), cast("float", expected))
    return json_equal(found, expected)


def differences(found: object, expected: object, rules: Rules) -> Iterator[Difference]:
    """Yield the differences where lists keep their order, from the top; iterative and lazy."""
    stack: list[tuple[Path, object, object]] = [((), found, expected)]
    while stack:
        path, left, right = stack.pop()
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            yield from _missing_keys(path, left, right, rules)
            common = [key for key in right if key in left]
            stack.extend(((*path, key), left[key], right[key]) for key in reversed(common))
        elif isinstance(left, list | tuple) and isinstance(right, list | tuple):
            if len(left) != len(right):
                text = f"{plural(len(right), 'item')} expected, found {len(left):,}"
                yield Difference(path, text, resized=True)
            pairs = range(min(len(left), len(right)) - 1, -1, -1)
            stack.extend(((*path, i), left[i], right[i]) for i in pairs)
        elif not scalars_alike(left, right, rules.tolerance):
            yield Difference(path, unlike(left, right, rules.tolerance))


def _missing_keys(
    path: Path, left: Mapping[str, object], right: Mapping[str, object], rules: Rules
) -> Iterator[Difference]:
    for key in right:
        if key not in left:
            yield Difference((*path, key), f"{show(right[key])} expected, found no such key")
    if not rules.subset:
        for key in left:
            if key not in right:
                yield Difference((*path, key), f"unexpected key, found {show(left[key])}")


def unlike(found: object, expected: object, tolerance: Tolerance | None = None) -> str:
    """Return ``x expected, found y``, with the types where only they differ."""
    give = f" ± {tolerance}" if tolerance and is_number(expected) else ""
    text = f"{show(expected)}{give} expected, found {show(found)}"
    if show(expected, 40).strip('"') == show(found, 40).strip('"'):
        return f"{text} ({type_name(expected)} against {type_name(found)})"
    return text


def type_name(value: object) -> str:
    """Return the JSON name of the type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if is_number(value):
        return "number"
    if isinstance(value, str):
        return "text"
    return "object" if isinstance(value, Mapping) else "list"
