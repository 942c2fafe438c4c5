"""Infers the shape of JSON values: types, keys, formats and choices, path by path.

A shape is what the values have in common, however many there are. Paths read like
``$.lines[].sku``; an object with very many keys is a map, whose values share the path
``$.by_id.*``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .formats import format_of

if TYPE_CHECKING:
    from collections.abc import Iterable

# Beyond this many different paths a value is noise to a reader, and a cost.
MOST_PATHS = 2000
_MAP_KEYS = 60
_CHOICES = 5
_LONGEST_CHOICE = 30
_PER_CHOICE = 4  # how many values each choice must have on average to be called one
_TYPES: Final = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    dict: "object",
    list: "list",
    type(None): "null",
}


def type_name(value: object) -> str:
    """Return the JSON type of a value."""
    return _TYPES.get(type(value), "other")


@dataclass(slots=True)
class PathShape:
    """What was seen at one path: types, formats, texts, and of how many objects it was a key."""

    types: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    values: int = 0
    in_values: int = 0
    last: int = -1
    parents: int = 0

    @property
    def format(self) -> str | None:
        """The format that every text here has."""
        texts = self.types["string"]
        return next((name for name, n in self.formats.items() if texts and n == texts), None)

    @property
    def choices(self) -> frozenset[str] | None:
        """The few texts that stand here, when there are enough values to call them choices."""
        if not 0 < len(self.texts) <= _CHOICES:
            return None
        seen = sum(self.texts.values())
        enough = seen == self.types["string"] and seen >= _PER_CHOICE * len(self.texts)
        return frozenset(self.texts) if enough and len(self.texts) > 1 else None


@dataclass(slots=True)
class Shape:
    """The shape of some JSON values; ``cut`` when there were too many paths to look at all."""

    paths: dict[str, PathShape] = field(default_factory=dict)
    values: int = 0
    cut: bool = False

    def always(self, path: str) -> bool:
        """Tell whether every object that could have this key has it."""
        parent = path.rpartition(".")[0]
        if path.endswith(".*") or not parent or path not in self.paths:
            return False
        owner = self.paths.get(parent)
        return owner is not None and self.paths[path].parents == owner.types["object"]


def infer_shape(values: Iterable[object]) -> Shape:
    """Return the shape of JSON values: one pass, without recursion, bounded in paths."""
    shape = Shape()
    for number, value in enumerate(values):
        shape.values += 1
        _walk(shape, value, number)
    return shape


def _walk(shape: Shape, root: object, number: int) -> None:
    stack: list[tuple[str, object, bool]] = [("$", root, False)]
    while stack:
        path, value, is_key = stack.pop()
        seen = shape.paths.get(path)
        if seen is None:
            if len(shape.paths) >= MOST_PATHS:
                shape.cut = True
                continue
            seen = shape.paths[path] = PathShape()
        _note(seen, value, number)
        seen.parents += is_key
        if isinstance(value, dict):
            many = len(value) > _MAP_KEYS
            stack += [(f"{path}.*" if many else f"{path}.{k}", v, True) for k, v in value.items()]
        elif isinstance(value, list):
            stack += [(f"{path}[]", item, False) for item in value]


def _note(seen: PathShape, value: object, number: int) -> None:
    seen.types[type_name(value)] += 1
    seen.values += 1
    if seen.last != number:
        seen.last, seen.in_values = number, seen.in_values + 1
    if not isinstance(value, str):
        return
    name = format_of(value)
    if name:
        seen.formats[name] += 1
    if len(value) <= _LONGEST_CHOICE and len(seen.texts) <= _CHOICES:
        seen.texts[value] += 1
