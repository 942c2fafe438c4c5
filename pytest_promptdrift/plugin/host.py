"""What collectors and items need of the plugin that holds the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

    from pytest_promptdrift._errors import CaseFileErrors
    from pytest_promptdrift.cases import CaseFile, Cell
    from pytest_promptdrift.checks import CheckRegistry
    from pytest_promptdrift.config import Config
    from pytest_promptdrift.model import FieldChange, Status, Verdict
    from pytest_promptdrift.model.comparison import FamilyVerdict


class CellItem(Protocol):
    """An item that stands for a cell."""

    cell: Cell
    name: str


class FamilyCells(Protocol):
    """An item that stands for a family of cells."""

    cells: list[Cell]


class Host(Protocol):
    """The working plugin, as its items see it."""

    @property
    def config(self) -> Config:
        """The settings of the run."""
        ...

    @property
    def registry(self) -> CheckRegistry:
        """The checks of the run."""
        ...

    @property
    def live(self) -> bool:
        """True when answers are only looked at, and not kept beside the recordings."""
        ...

    @property
    def folder(self) -> str:
        """The folder that the console script has to be called in, empty for this one."""
        ...

    def make_importable(self, folder: Path) -> None:
        """Let case files name the modules of a folder."""

    def redact(self, text: str) -> str:
        """Return ``text`` without credentials."""
        ...

    def judge(self, item: pytest.Item, cell: Cell) -> Verdict:
        """Return the verdict of an item."""
        ...

    def judge_family(self, item: FamilyCells) -> FamilyVerdict:
        """Return the verdict of the family of an item."""
        ...

    def has_baseline(self, case_file: CaseFile) -> bool:
        """Tell whether anything was ever accepted for a case file."""
        ...

    def fails(self, status: Status) -> bool:
        """Tell whether an item with this status fails in this run."""
        ...

    def seen_before(self, changes: Sequence[FieldChange], title: str) -> str | None:
        """Return the case whose report showed these very changes already, if there is one."""
        ...

    def note_errors(self, errors: CaseFileErrors) -> None:
        """Keep the mistakes of a file until every file was read."""

    def note_file(self, case_file: CaseFile) -> None:
        """Remember a file that was read."""

    def refuse_secrets_in_names(self, items: Sequence[CellItem]) -> None:
        """Raise when a node id holds a credential."""
