"""Compares JSON values where the order of lists does not count, at a bounded cost.

Without a tolerance the answer is exact in linear time: every distinct value gets a number, and two
lists are alike when they hold the same numbers. With a tolerance or with parts only, items must be
paired; then exact pairs are taken first, and the search for the rest is bounded. A bound that is
reached means "not alike", never "alike".
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from .compare import Difference, Path, Rules, is_number, scalars_alike, unlike
from .wording import show

# Comparisons of one item with another; about a quarter of a second.
MOST_STEPS = 200_000
_LIST_TYPES = (list, tuple)
_SMALL = 2**60


class TooManyStepsError(Exception):
    """The bound is reached: whether the values are alike was not found out."""


@dataclass(slots=True)
class Numbers:
    """Gives equal numbers to values that are equal but for the order of lists.

    Containers are remembered by identity, so they must stay alive and unchanged meanwhile.
    """

    known: dict[object, int] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)

    def of(self, value: object) -> int:
        """Return the number of ``value``."""
        kind = type(value)
        # Text and small integers are their own keys: an answer may hold a hundred thousand.
        if kind is str or (kind is int and -_SMALL < value < _SMALL):  # type: ignore[operator]  # it is an int
            return self.known.setdefault(value, len(self.known))
        number = self.seen.get(id(value))
        if number is None:
            number = self.known.setdefault(self._key(value), len(self.known))
            if isinstance(value, Mapping | list | tuple):
                self.seen[id(value)] = number
        return number

    def _key(self, value: object) -> object:
        if isinstance(value, Mapping):
            return ("o", *sorted((key, self.of(item)) for key, item in value.items()))
        if isinstance(value, _LIST_TYPES):
            return ("l", *sorted(map(self.of, value)))
        if is_number(value):
            return _number_key(cast("float", value))
        return value if isinstance(value, str) else ("c", value)


def _number_key(number: float) -> object:
    """Return a key that is equal for equal numbers and cannot be made to collide.

    Python hashes a number modulo 2^61 - 1, so that a list of multiples would cost quadratic time.
    """
    if isinstance(number, float):
        if math.isnan(number):
            return ("nan",)
        if not number.is_integer():
            return number
        number = int(number)
    return number if -_SMALL < number < _SMALL else ("n", hex(number))


def alike(found: object, expected: object, rules: Rules, numbers: Numbers) -> bool:
    """Tell whether two values are alike by ``rules``, lists in any order."""
    if not (rules.tolerance or rules.subset):
        return numbers.of(found) == numbers.of(expected)
    return Pairing(rules, numbers).alike(found, expected)


@dataclass(slots=True)
class Pairing:
    """Compares with a tolerance or by parts; counts its steps and gives up at the bound."""

    rules: Rules
    numbers: Numbers
    steps: int = 0

    def alike(self, found: object, expected: object) -> bool:
        """Tell whether the values are alike; raises TooManyStepsError when that costs too much."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooManyStepsError
        if isinstance(found, Mapping) and isinstance(expected, Mapping):
            if len(found) < len(expected) or not (self.rules.subset or len(found) == len(expected)):
                return False
            return all(
                key in found and self.alike(found[key], item) for key, item in expected.items()
            )
        if isinstance(found, _LIST_TYPES) and isinstance(expected, _LIST_TYPES):
            return self._lists(found, expected)
        return scalars_alike(found, expected, self.rules.tolerance)

    def _lists(self, found: Sequence[object], expected: Sequence[object]) -> bool:
        if len(found) < len(expected) or not (self.rules.subset or len(found) == len(expected)):
            return False
        self.steps += len(found)
        if len(found) == len(expected) and all(map(is_number, [*found, *expected])):
            # The n-th smallest goes with the n-th smallest: if any pairing fits, this one does.
            pairs = zip(_sorted(found), _sorted(expected), strict=True)
            return all(scalars_alike(a, b, self.rules.tolerance) for a, b in pairs)
        return self._pair(found, expected)

    def _pair(self, found: Sequence[object], expected: Sequence[object]) -> bool:
        """Find a different partner for every expected item (augmenting paths)."""
        partner_of, left = self._exact_pairs(found, expected)
        if not left:
            return True
        taken = {partner: index for index, partner in partner_of.items()}
        free = [j for j in range(len(found)) if j not in taken]
        # Where little changed, the items left over pair up in sorted order at the first try.
        free.sort(key=lambda j: _order_key(found[j]))
        left.sort(key=lambda i: _order_key(expected[i]))
        for place, index in enumerate(left):
            j = free[place]
            if j not in taken and self.alike(found[j], expected[index]):
                taken[j] = index
            elif not self._augment(index, found, expected, taken):
                return False
        return True

    def _exact_pairs(
        self, found: Sequence[object], expected: Sequence[object]
    ) -> tuple[dict[int, int], list[int]]:
        places: dict[int, list[int]] = {}
        for j in range(len(found) - 1, -1, -1):
            places.setdefault(self.numbers.of(found[j]), []).append(j)
        pairs: dict[int, int] = {}
        left: list[int] = []
        for i, item in enumerate(expected):
            same = places.get(self.numbers.of(item))
            if same:
                pairs[i] = same.pop()
            else:
                left.append(i)
        return pairs, left

    def _augment(
        self,
        start: int,
        found: Sequence[object],
        expected: Sequence[object],
        taken: dict[int, int],
    ) -> bool:
        """Give ``start`` a partner, moving others to a new one where that makes room."""
        came_from: dict[int, int] = {}
        queue = [start]
        unseen: Sequence[int] = range(len(found))
        for index in queue:
            unfit: list[int] = []
            for j in unseen:
                if not self.alike(found[j], expected[index]):
                    unfit.append(j)
                    continue
                came_from[j] = index
                if j not in taken:
                    _move_along(j, came_from, taken)
                    return True
                queue.append(taken[j])
            unseen = unfit
        return False


def _move_along(last: int, came_from: dict[int, int], taken: dict[int, int]) -> None:
    previous = {index: j for j, index in taken.items()}
    place: int | None = last
    while place is not None:
        index = came_from[place]
        taken[place] = index
        place = previous.get(index)


def _order_key(value: object) -> tuple[str, list[float]]:
    """Return a key that puts items side by side that differ in numbers only."""
    words: list[str] = []
    numbers: list[float] = []
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            words.extend(item)
            stack.extend(item[key] for key in sorted(item))
        elif isinstance(item, _LIST_TYPES):
            stack.extend(item)
        elif is_number(item):
            numbers.append(cast("float", item))
        else:
            words.append(str(item))
    return " ".join(sorted(words)), numbers


def _sorted(values: Sequence[object]) -> list[float]:
    return sorted(cast("Sequence[float]", values))


def unordered_differences(
    found: object, expected: object, rules: Rules, numbers: Numbers
) -> Iterator[Difference]:
    """Yield what differs where order does not count: of lists, what is missing and what is new."""
    stack: list[tuple[Path, object, object]] = [((), found, expected)]
    while stack:
        path, left, right = stack.pop()
        if numbers.of(left) == numbers.of(right):
            continue
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            for key in right:
                if key in left:
                    stack.append(((*path, key), left[key], right[key]))
                else:
                    yield Difference(
                        (*path, key), f"{show(right[key])} expected, found no such key"
                    )
            if not rules.subset:
                extra = (key for key in left if key not in right)
                for key in extra:
                    yield Difference((*path, key), f"unexpected key, found {show(left[key])}")
        elif isinstance(left, _LIST_TYPES) and isinstance(right, _LIST_TYPES):
            yield from _unpaired(path, left, right, numbers, rules)
        elif not scalars_alike(left, right, rules.tolerance):
            yield Difference(path, unlike(left, right, rules.tolerance))


def _unpaired(
    path: Path, left: Sequence[object], right: Sequence[object], numbers: Numbers, rules: Rules
) -> Iterator[Difference]:
    has, wants = [numbers.of(item) for item in left], [numbers.of(item) for item in right]
    yield from _surplus(path, right, wants, Counter(has), "item missing")
    if not rules.subset:
        yield from _surplus(path, left, has, Counter(wants), "item not expected")


def _surplus(
    path: Path, items: Sequence[object], keys: list[int], others: Counter[int], word: str
) -> Iterator[Difference]:
    for item, key in zip(items, keys, strict=True):
        if others[key] > 0:
            others[key] -= 1
        else:
            yield Difference(path, f"{word}: {show(item)}")
