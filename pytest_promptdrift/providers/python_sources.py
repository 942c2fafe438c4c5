"""Digests of the files that a Python function is made of, found without importing them.

Importing would run user code while a replay only wants to know whether something changed.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import digest_bytes
from pytest_promptdrift._errors import PromptDriftError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.machinery import ModuleSpec

_SHOWN = 32


class SourceError(PromptDriftError):
    """A source cannot be found; ``path`` is the option it comes from."""

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


def source_digests(target: str, patterns: Sequence[str] | None, root: Path) -> dict[str, str]:
    """Return name → digest of the sources of ``module:function``.

    That is the module itself (under its dotted name) and the files that match ``patterns``
    (under their path from ``root``). An empty list of patterns switches all of it off; None means
    the module alone.
    """
    module, _, function = target.partition(":")
    if not module or not function:
        raise SourceError(f"is written module:function; found {target!r}", path="model")
    if patterns is not None and not patterns:
        return {}
    found = {module: _digest(_module_file(module, root))}
    for pattern in patterns or ():
        found.update(_matching(pattern, root))
    return found


def _matching(pattern: str, root: Path) -> dict[str, str]:
    try:
        paths = sorted(path for path in root.glob(pattern) if path.is_file())
    except (ValueError, NotImplementedError):
        msg = f"the pattern {pattern!r} is not relative to the project"
        raise SourceError(msg, path="options.sources") from None
    found = {
        path.relative_to(root).as_posix(): _digest(path)
        for path in paths
        if "__pycache__" not in path.parts
    }
    if not found:
        msg = f"no file in {root} matches {pattern!r}"
        raise SourceError(msg, path="options.sources")
    return found


def _digest(path: Path) -> str:
    try:
        facts = path.stat()
        return _digest_at(path, facts.st_mtime_ns, facts.st_size)
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}", path="options.sources"
        ) from None


@lru_cache(maxsize=1024)
def _digest_at(path: Path, changed: int, size: int) -> str:
    """Digest a file; a thousand cases of one function read it once."""
    del changed, size
    # Line ends depend on how git checked the file out, not on what it says.
    return digest_bytes(path.read_bytes().replace(b"\r\n", b"\n"))[:_SHOWN]


def _module_file(name: str, root: Path) -> Path:
    places: Iterable[str] | None = [*sys.path, str(root)]
    done: list[str] = []
    spec: ModuleSpec | None = None
    for part in name.split("."):
        done.append(part)
        spec = None if places is None else _find(".".join(done), places)
        if spec is None:
            msg = f"no module {'.'.join(done)!r} is installed or in {root}"
            raise SourceError(msg, path="model")
        places = spec.submodule_search_locations
    if spec is None or spec.origin is None or not spec.has_location:
        raise SourceError(f"the module {name!r} has no source file", path="model")
    return Path(spec.origin)


def _find(name: str, places: Iterable[str]) -> ModuleSpec | None:
    spec = PathFinder.find_spec(name, list(places))
    if spec is not None:
        return spec
    # Editable installs put finders of their own beside the path.
    for finder in sys.meta_path:
        if finder is PathFinder or not hasattr(finder, "find_spec"):
            continue
        spec = finder.find_spec(name, None)
        if spec is not None:
            return spec
    return None
