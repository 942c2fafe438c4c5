"""Reading stored files from the disk, fast: a replay does it once per case."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from pytest_promptdrift._errors import StoreError, Where

_READ_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_CHUNK = 1 << 16

# Changes whenever a file is replaced; empty for a file that is not there.
Stamp: TypeAlias = tuple[int, ...]


def stamp(path: str) -> Stamp:
    """Return what tells whether a file is still the one that was read."""
    try:
        return _stamp(os.stat(path))  # noqa: PTH116  (five times faster than a Path)
    except OSError:
        return ()


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_mtime_ns, found.st_size, found.st_ino


def read(path: str, kind: str = "recording") -> tuple[Stamp, bytes | None]:
    """Return a file and its stamp, None when there is no file; raises StoreError.

    ``kind`` is what such a file is called when it cannot be read.
    """
    try:
        descriptor = os.open(path, _READ_FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return (), None
    except OSError as error:
        raise _unreadable(path, kind, error) from error
    try:
        found = _stamp(os.fstat(descriptor))
        size = found[1]
        # one more than there should be: as many as there should be, and the end was reached
        chunks = [os.read(descriptor, size + 1)]
        while chunks[-1] and len(chunks[0]) != size:
            chunks.append(os.read(descriptor, _CHUNK))
    except OSError as error:
        raise _unreadable(path, kind, error) from error
    finally:
        os.close(descriptor)
    return found, b"".join(chunks)


def names(folder: Path, ending: str) -> list[str]:
    """Return the names of the files of a folder that end so, sorted; none without the folder."""
    try:
        found = os.listdir(folder)  # noqa: PTH208  (ten times faster than paths)
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        if not folder.exists():  # what should be a folder above it is a file
            return []
        raise StoreError(
            "a file is where a folder should be",
            where=Where(path=str(folder)),
            hint=f"move it away: mv {folder} {folder}.old",
        ) from error
    except OSError as error:
        raise StoreError(
            f"the folder cannot be read: {error.strerror or error}",
            where=Where(path=str(folder)),
            hint=f"make it readable: chmod u+rx {folder}",
        ) from error
    return sorted([name for name in found if name.endswith(ending)])


def _unreadable(path: str, kind: str, error: OSError) -> StoreError:
    if Path(path).is_dir():
        return StoreError(
            f"a folder is where the {kind} file should be",
            where=Where(path=path),
            hint=f"move it away: mv {path} {path}.old",
        )
    return StoreError(
        f"the {kind} file cannot be read: {error.strerror or error}",
        where=Where(path=path),
        hint=f"make it readable: chmod u+r {path}",
    )
