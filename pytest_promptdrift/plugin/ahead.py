"""Reads the recordings of the next cases together with that of the case that is reached.

The same steps take half the time in a loop of their own that they take when pytest does a thousand
other things between any two of them. Nothing is judged here: checks may be the user's own code,
which has to run when it is its case's turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .items import CaseItem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from pytest_promptdrift.cases import Cell

# Fewer than the files that a store keeps; more bring nothing.
_TOGETHER = 32


class ReadAhead:
    """Remembers which items have been read for; pytest runs them in the order of the session."""

    def __init__(self, read: Callable[[Sequence[Cell]], None]) -> None:
        """Use ``read``, which makes a store read and keep the recordings of these cells."""
        self._read = read
        self._done: set[int] = set()
        self._at = 0

    def reach(self, item: pytest.Item, items: Sequence[pytest.Item]) -> None:
        """Read for ``item`` and those after it in ``items``, if that has not been done."""
        if id(item) in self._done:
            return
        try:
            self._at = items.index(item, self._at)
        except ValueError:  # run again, or in an order of its own
            return
        following = [
            other for other in items[self._at : self._at + _TOGETHER] if isinstance(other, CaseItem)
        ]
        self._done = {id(other) for other in following}
        self._read([other.cell for other in following])
