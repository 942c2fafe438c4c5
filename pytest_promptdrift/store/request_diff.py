"""What differs between two requests, field by field; words inside a field are not its business."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from pytest_promptdrift._canonical import json_equal
from pytest_promptdrift.model import MISSING, FieldChange

if TYPE_CHECKING:
    from typing import TypeGuard

    from pytest_promptdrift._canonical import JsonValue
    from pytest_promptdrift.model import Missing


_Pair: TypeAlias = "tuple[str, JsonValue | Missing, JsonValue | Missing]"
_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")


def diff_requests(old: JsonValue, new: JsonValue, *, limit: int = 50) -> list[FieldChange]:
    """Return the fields in which two canonical requests differ, in their order, at most ``limit``.

    Where something was put into a list or taken out of it, what stands before and behind is not
    reported as changed.
    """
    changes: list[FieldChange] = []
    # a stack instead of recursion, so that no nesting is too deep
    todo: list[_Pair] = [("", old, new)]
    while todo and len(changes) < limit:
        path, before, after = todo.pop()
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            todo += reversed(_members(path, before, after))
        elif _is_list(before) and _is_list(after):
            todo += reversed(_items(path, before, after))
        elif not json_equal(before, after):
            changes.append(FieldChange(path=path, old=before, new=after))
    return changes


def _is_list(value: object) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _members(path: str, old: Mapping[str, JsonValue], new: Mapping[str, JsonValue]) -> list[_Pair]:
    # the order of the new request, so that a reader finds the fields where they are sent
    return [
        (_join(path, key), old.get(key, MISSING), new.get(key, MISSING))
        for key in dict.fromkeys([*new, *old])
    ]


def _items(path: str, old: Sequence[JsonValue], new: Sequence[JsonValue]) -> list[_Pair]:
    head = _common(old, new, range(min(len(old), len(new))))
    rest = min(len(old), len(new)) - head
    tail = _common(old, new, range(-1, -rest - 1, -1))
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    return [
        (
            f"{path}[{head + n}]",
            left[n] if n < len(left) else MISSING,
            right[n] if n < len(right) else MISSING,
        )
        for n in range(max(len(left), len(right)))
    ]


def _common(old: Sequence[JsonValue], new: Sequence[JsonValue], indexes: range) -> int:
    """Count the leading ``indexes`` at which both hold the same."""
    for count, n in enumerate(indexes):
        if not json_equal(old[n], new[n]):
            return count
    return len(indexes)


def _join(path: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        return f"{path}[{key!r}]"
    return f"{path}.{key}" if path else key
