"""How the outside watches a batch of calls; the engine itself prints nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a batch is about to do.

    ``expected_usd`` is the likely and ``worst_usd`` the highest possible cost; None when a price
    or an output limit is not known for some of the calls. ``unpriced`` names those models.
    """

    calls: int
    cases: int
    models: tuple[str, ...]
    expected_usd: float | None
    worst_usd: float | None
    unpriced: tuple[str, ...] = ()
    limit: float | None = None


class Observer(Protocol):
    """Told about a batch as it goes; called from the thread of the calls."""

    def started(self, estimate: Estimate) -> None:
        """Hear what is about to be done, before the first call."""

    def finished_one(self, *, failed: bool, usd: float | None) -> None:
        """Hear that one call ended."""

    def ended(self) -> None:
        """Hear that no more calls of this batch will come."""


class Silent:
    """An observer that does nothing."""

    def started(self, estimate: Estimate) -> None:
        """Ignore it."""

    def finished_one(self, *, failed: bool, usd: float | None) -> None:
        """Ignore it."""

    def ended(self) -> None:
        """Ignore it."""
