"""Explains in detail why two JSON values differ. It never decides whether they do.

Lists whose length changed are aligned by deepdiff, within limits; beyond them, and for all else,
the differences are those that the comparison itself saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from pytest_promptdrift._canonical import json_equal

from .compare import MOST_DIFFERENCES, Rules, differences, is_number, pointer, unlike
from .multiset import Numbers, unordered_differences
from .wording import show

if TYPE_CHECKING:
    from collections.abc import Iterable

CUT_OFF = "differs, explanation cut off"
# Aligning lists is quadratic where items repeat: 1,000 values cost about a tenth of a second.
_MOST_VALUES = 1_000
_MOST_TEXT = 100_000
_WORDS: Final = {
    "iterable_item_added": "item added",
    "iterable_item_removed": "item missing",
    "dictionary_item_added": "unexpected key",
    "dictionary_item_removed": "key missing",
}


def explain(
    found: object, expected: object, rules: Rules, numbers: Numbers | None = None
) -> tuple[str, ...]:
    """Return one line per difference of two values that are known to differ, at most 21."""
    if rules.any_order:
        walk = unordered_differences(found, expected, rules, numbers or Numbers())
    else:
        walk = differences(found, expected, rules)
    seen = list(islice(walk, MOST_DIFFERENCES + 1))
    if not seen:
        return (CUT_OFF,)
    lines = [str(difference) for difference in seen[:MOST_DIFFERENCES]]
    resized = [str(difference) for difference in seen if difference.resized]
    if resized and not (rules.any_order or rules.subset):
        return (*resized, *(_aligned(found, expected, rules) or lines))[: MOST_DIFFERENCES + 1]
    if len(seen) > MOST_DIFFERENCES:
        lines.append("more differences are not listed")
    return tuple(lines)


def _aligned(found: object, expected: object, rules: Rules) -> tuple[str, ...]:
    """Explain with deepdiff, or return nothing when that is too much or finds nothing."""
    if _too_big(found) or _too_big(expected):
        return ()
    from deepdiff import DeepDiff  # noqa: PLC0415  (imports for half a second, failures only)

    def same(left: object, right: object, _: object = None) -> bool:
        return json_equal(left, right)

    try:
        diff = DeepDiff(expected, found, view="tree", iterable_compare_func=same)
        return tuple(islice(_lines(diff, rules), MOST_DIFFERENCES))
    except Exception:  # noqa: BLE001  (an explanation must not take the verdict with it)
        return ()


def _too_big(value: object) -> bool:
    count = size = 0
    stack = [value]
    while stack:
        item = stack.pop()
        count += 1
        if isinstance(item, Mapping):
            stack.extend(item.values())
        elif isinstance(item, list | tuple):
            stack.extend(item)
        elif isinstance(item, str):
            size += len(item)
        if count > _MOST_VALUES or size > _MOST_TEXT:
            return True
    return False


class _Change(Protocol):
    """What this module uses of a change that deepdiff reports."""

    t1: object
    t2: object

    def path(self, *, output_format: str) -> list[str | int]:
        """Return the place of the change, step by step."""
        ...


def _lines(diff: Mapping[str, Iterable[_Change]], rules: Rules) -> Iterator[str]:
    for kind, changes in diff.items():
        if kind == "iterable_item_moved":  # only its index is another one
            continue
        for change in changes:
            path = pointer(change.path(output_format="list"))
            if kind in _WORDS:
                value = change.t2 if kind.endswith("added") else change.t1
                yield f"{path}: {_WORDS[kind]}: {show(value)}"
            elif not _tolerated(change.t2, change.t1, rules):
                yield f"{path}: {unlike(change.t2, change.t1, rules.tolerance)}"


def _tolerated(found: object, expected: object, rules: Rules) -> bool:
    if not (is_number(found) and is_number(expected)):
        return False
    return not any(True for _ in differences(found, expected, rules))
