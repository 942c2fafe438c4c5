"""Which cells a run was asked for, and which of them are judged together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift.engine.keys import family_key

from .family import FamilyItem
from .items import CaseItem
from .workers import is_worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.model import Mode

    from .host import FamilyCells


class SessionSelection:
    """The selected items of a session, as cells.

    A worker that may call models judges one file at a time: the answers of the others are not
    there yet, and may never come to it.
    """

    def __init__(self, config: pytest.Config, mode: Mode) -> None:
        self._by_file = is_worker(config) and mode.calls_models
        self._items: Sequence[pytest.Item] = ()
        self._cells: list[Cell] | None = None

    def take(self, items: Sequence[pytest.Item]) -> None:
        """Use these items, which pytest has chosen."""
        self._items, self._cells = items, None

    def cells(self) -> list[Cell]:
        """Return the cells of all selected cases; those of a family whose item stands alone, too.

        Someone who chooses only the verdict of a family asks about all of its cases.
        """
        if self._cells is None:
            found = [item.cell for item in self._items if isinstance(item, CaseItem)]
            known = {family_key(cell) for cell in found}
            for item in self._items:
                if isinstance(item, FamilyItem) and family_key(item.cells[0]) not in known:
                    found += item.cells
            self._cells = found
        return self._cells

    def together(self, cell: Cell) -> Sequence[Cell]:
        """Return the selected cells that are judged together with one."""
        if not self._by_file:
            return self.cells()
        return [other for other in self.cells() if other.case_file.path == cell.case_file.path]

    def family(self, item: FamilyCells) -> list[Cell]:
        """Return the selected cells of the family of an item."""
        key = family_key(item.cells[0])
        return [cell for cell in self.cells() if family_key(cell) == key]

    def families(self) -> int | None:
        """Return how many families the run has, when not all can be judged together."""
        if not self._by_file:
            return None
        return len({family_key(cell) for cell in self.cells()})
