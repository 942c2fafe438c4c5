"""What tells families and checks apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scoring import own_names

if TYPE_CHECKING:
    from pytest_promptdrift.cases import Cell

FamilyKey = tuple[str, str]


def family_key(cell: Cell) -> FamilyKey:
    """Return which family a cell belongs to: its case file, and its variant and model."""
    return (str(cell.case_file.path), cell.label)


def check_digests(cell: Cell) -> dict[str, str]:
    """Return what the checks of a case ask, as digests by name."""
    plans = cell.case.checks
    names = own_names([plan.name for plan in plans])
    return {name: plan.digest for name, plan in zip(names, plans, strict=True)}
