"""Where a measurement keeps its things and how thorough it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


def default_cache() -> Path:
    """Return the folder for the installed peers, outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pytest-promptdrift-benchmarks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """``cache`` keeps installed peers between runs; ``work`` is thrown away."""

    cache: Path
    work: Path
    quick: bool = False

    def rounds(self, thorough: int, quick: int = 2) -> int:
        """Return how often to repeat."""
        return quick if self.quick else thorough
