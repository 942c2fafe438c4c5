"""Compares JSON values: parsed, without regard to order, strict about types."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._canonical import canonical_json, json_equal
from pytest_promptdrift._text import cut

from .claims import claims_of
from .clue import Clue

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CLUES = 40
_PROSE_WORDS = 5
_IDENTITY: Final = ("id", "sku", "key", "code", "number", "name", "title", "date")
# Values of these differ from draw to draw.
_VAGUE: Final = frozenset(
    [
        "confidence",
        "score",
        "probability",
        "reasoning",
        "explanation",
        "rationale",
        "summary",
        "description",
        "comment",
        "note",
        "notes",
        "message",
        "text",
        "request_id",
        "trace_id",
        "timestamp",
        "created_at",
    ]
)
_GONE: Final = object()


def value_clues(old: object, new: object, path: str = "$") -> Iterator[Clue]:
    """Yield the values that differ, path by path; what is only there on one side is a shape."""
    stack = [(old, new, path)]
    while stack:
        a, b, where = stack.pop()
        if isinstance(a, dict) and isinstance(b, dict):
            shared = [key for key in a if key in b]
            stack += [(a[key], b[key], f"{where}.{key}") for key in reversed(shared)]
        elif isinstance(a, list) and isinstance(b, list):
            stack += [(x, y, f"{where}[]") for x, y in reversed(list(_matched(a, b)))]
        elif _differ(a, b):
            yield _clue(a, b, where)


def values_at(value: object) -> Iterator[tuple[str, str]]:
    """Yield path and canonical value of everything in a JSON value that holds nothing else."""
    stack = [(value, "$")]
    while stack:
        item, path = stack.pop()
        if isinstance(item, dict):
            stack += [(inner, f"{path}.{key}") for key, inner in item.items()]
        elif isinstance(item, list):
            stack += [(inner, f"{path}[]") for inner in item]
        else:
            yield path, key_of(item)


def key_of(value: object) -> str:
    """Return the normal form of a value: texts without case and with single blanks."""
    if isinstance(value, str):
        return json.dumps(" ".join(value.casefold().split()))
    return "nothing" if value is _GONE else canonical_json(value)


def _matched(a: list[object], b: list[object]) -> Iterator[tuple[object, object]]:
    """Pair the entries of two lists: equal ones first, then by identity, then by place."""
    left, right = _unequal(a, b)
    for name in _IDENTITY:
        if left and right and all(isinstance(x, dict) and name in x for x in left + right):
            known = {key_of_any(x[name]): x for x in right if isinstance(x, dict)}
            pairs = [
                (x, known.pop(key_of_any(x[name])))
                for x in left
                if isinstance(x, dict) and key_of_any(x[name]) in known
            ]
            yield from pairs
            taken = {id(x) for pair in pairs for x in pair}
            left = [x for x in left if id(x) not in taken]
            right = [x for x in right if id(x) not in taken]
            break
    yield from zip(left, right, strict=False)
    yield from ((x, _GONE) for x in left[len(right) :])
    yield from ((_GONE, y) for y in right[len(left) :])


def _unequal(a: list[object], b: list[object]) -> tuple[list[object], list[object]]:
    left, right = [key_of_any(x) for x in a], [key_of_any(y) for y in b]
    common = Counter(left) & Counter(right)
    out: list[list[object]] = []
    for values, keys in ((a, left), (b, right)):
        spare = Counter(common)
        rest: list[object] = []
        for value, key in zip(values, keys, strict=True):
            if spare[key]:
                spare[key] -= 1
            else:
                rest.append(value)
        out.append(rest)
    return out[0], out[1]


def key_of_any(value: object) -> str:
    """Return the normal form of any JSON value."""
    return canonical_json(value) if isinstance(value, dict | list) else key_of(value)


def _differ(a: object, b: object) -> bool:
    if a is _GONE or b is _GONE:
        return True
    if isinstance(a, str) and isinstance(b, str):
        return key_of(a) != key_of(b) and not _same_content(a, b)
    if a is None or b is None or isinstance(a, dict | list) or isinstance(b, dict | list):
        return False  # another type, another null: the comparison of shapes says so
    return not json_equal(a, b)


def _same_content(a: str, b: str) -> bool:
    """Tell whether two short texts are the same date or amount, written otherwise."""
    if len(a) > 60 or len(b) > 60:
        return False
    left, right = ([i for c in claims_of(text) for i in c.items] for text in (a, b))
    facts = all(i.kind in {"number", "date"} for i in left + right)
    return facts and bool(left) and [i.key for i in left] == [i.key for i in right]


def is_prose(old: object, new: object) -> bool:
    """Tell whether two values are texts that are worded rather than chosen."""
    return (
        isinstance(old, str)
        and isinstance(new, str)
        and max(len(old.split()), len(new.split())) >= _PROSE_WORDS
    )


def _clue(a: object, b: object, path: str) -> Clue:
    field = path.rpartition(".")[2].casefold().removesuffix("[]")
    old_key = "nothing" if a is _GONE else key_of_any(a)
    new_key = "nothing" if b is _GONE else key_of_any(b)
    return Clue(
        kind="json_value",
        old_key=f"{path} {old_key}",
        new_key=f"{path} {new_key}",
        old=_shown(a),
        new=_shown(b),
        path=path,
        vague=field in _VAGUE or is_prose(a, b),
    )


def _shown(value: object) -> str:
    if value is _GONE:
        return "(nothing)"
    try:
        return cut(json.dumps(value, ensure_ascii=False), 120)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__}"
