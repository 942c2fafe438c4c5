"""Which facts to name once the facts of a family, taken together, have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .multiple import benjamini_hochberg
from .traits import news_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .traits import TraitTest


def named_traits(
    sizes: Sequence[tuple[int, int]], test: TraitTest, *, level: float
) -> tuple[tuple[float | None, ...], ...]:
    """Return for each trait of each case the p that counts for naming it, None for never.

    Benjamini and Hochberg 1995 over all traits of the family whose counts could reach ``level`` at
    all (Tarone 1990): of what is named at ``level``, that share is named wrongly on average. It
    says nothing about whether anything changed: name only where the joint test fired, so that a
    family in which nothing changed names something no more often than that test allows.

    ``sizes`` is (accepted, fresh) a case, in the order of the test.
    """
    able: list[tuple[int, int]] = []
    for case, ((accepted, fresh), rows) in enumerate(zip(sizes, test.cases, strict=True)):
        least = news_tables(accepted, fresh)[1].min(axis=1)
        able += [
            (case, row)
            for row, trait in enumerate(rows)
            if least[trait.accepted_hits + trait.fresh_hits] <= level
        ]
    adjusted = benjamini_hochberg([test.cases[case][row].p for case, row in able])
    found: list[list[float | None]] = [[None] * len(rows) for rows in test.cases]
    for (case, row), p in zip(able, adjusted, strict=True):
        found[case][row] = p
    return tuple([tuple(rows) for rows in found])
