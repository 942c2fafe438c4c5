"""Makes the user's own modules importable while prompt cases run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Importable:
    """Folders whose modules case files may name; behind all others, so that none is shadowed."""

    def __init__(self) -> None:
        self._added: list[str] = []

    def add(self, folder: Path) -> None:
        """Make the modules of a folder importable until the end of the run."""
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
            self._added.append(str(folder))

    def remove_all(self) -> None:
        """Leave the path as it was."""
        for folder in self._added:
            if folder in sys.path:
                sys.path.remove(folder)
        self._added.clear()
