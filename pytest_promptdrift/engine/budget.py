"""The money of a run: a hard stop before the call that could exceed the limit.

What a call may cost at most is set aside before it is made and replaced by what it did cost when
it is finished, so that the sum of both can never pass the limit. With several worker processes the
ledger lies in a file that all of them share.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift._files import locked, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

# Amounts are sums of floats; a limit reached exactly must not be missed by the last bit.
_ROUNDING = 1e-12


@dataclass(slots=True, kw_only=True)
class Ledger:
    """What was spent and what is set aside, in US dollars; ``limit`` None means no budget.

    ``shared`` is the file that all processes of the run use, None for a single process; ``own`` is
    what this process spent, and ``unknown`` counts its calls without a known price.
    """

    limit: float | None
    shared: Path | None = None
    spent: float = 0.0
    reserved: float = 0.0
    own: float = 0.0
    unknown: int = 0

    def try_reserve(self, usd: float) -> bool:
        """Set ``usd`` aside; False when that could exceed the limit: make no call then."""
        if self.limit is None:
            return True
        if self.shared is None:
            return self._take(usd)
        with locked(self.shared, self.shared.parent):
            self._load(self.shared)
            taken = self._take(usd)
            self._save(self.shared)
        return taken

    def settle(self, reserved: float, actual: float | None) -> None:
        """Replace what was set aside by what was paid; None means the price is not known."""
        if actual is None:
            self.unknown += 1
            # without a price the reservation is the only bound there is
            actual = reserved
        self.own += actual
        if self.limit is None or self.shared is None:
            self._book(reserved, actual)
            return
        with locked(self.shared, self.shared.parent):
            self._load(self.shared)
            self._book(reserved, actual)
            self._save(self.shared)

    def _take(self, usd: float) -> bool:
        limit = self.limit or 0.0
        if self.spent + self.reserved + usd > limit + _ROUNDING:
            return False
        self.reserved += usd
        return True

    def _book(self, reserved: float, actual: float) -> None:
        self.reserved = max(0.0, self.reserved - (reserved if self.limit is not None else 0.0))
        self.spent += actual

    def _load(self, path: Path) -> None:
        try:
            state = json.loads(path.read_bytes())
        except FileNotFoundError:
            return
        self.spent, self.reserved = state["spent"], state["reserved"]

    def _save(self, path: Path) -> None:
        write_atomically(
            path, json.dumps({"spent": self.spent, "reserved": self.reserved}).encode()
        )
