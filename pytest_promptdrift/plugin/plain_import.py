"""Keeps pytest from rewriting this package.

pytest rewrites the assert statements of every module that a plugin's distribution holds, and
compiles each of them anew in every run where Python may not write byte code, as in many
containers. This package asserts nothing that a test would want explained, so its modules are
loaded the ordinary way, from the byte code that the installer made.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_OURS = f"{__package__.partition('.')[0]}."


class PlainFinder:
    """A finder for the modules of this package only; it stands before pytest's own."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of this package where it lies; leave all others to the next finder."""
        return PathFinder.find_spec(name, path, target) if name.startswith(_OURS) else None


def import_plainly() -> None:
    """Load what follows of this package without pytest's rewriting; twice is the same as once."""
    if not any(isinstance(finder, PlainFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, PlainFinder())


def stop() -> None:
    """Leave the finders as they were."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, PlainFinder)]
