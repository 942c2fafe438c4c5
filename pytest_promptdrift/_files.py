"""Atomic writing and locking: the only place of the project that replaces files."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ._canonical import digest_text
from ._errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

# A lock is held for the time of one small read and one small write; a minute means a dead machine.
LOCK_SECONDS = 60.0


def write_atomically(path: Path, data: bytes) -> bool:
    """Replace ``path`` with ``data`` so that a reader sees the old or the new file, never a part.

    Returns False when the file already holds exactly this and nothing was written. Raises
    StoreError when the disk refuses; the old file is then untouched and no temporary file stays.
    """
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        pass
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror or error}"
        raise StoreError(msg) from error
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp makes private files; what is committed to git should have ordinary rights
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        msg = f"cannot write {path}: {error.strerror or error}"
        raise StoreError(msg, hint="nothing was lost: the old file is untouched") from error
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def locked(path: Path, lock_folder: Path) -> Iterator[None]:
    """Hold the lock of ``path`` across processes and threads.

    The lock file lies in ``lock_folder``, outside the tree, so that nothing stray is committed.
    Raises StoreError when another process holds it for longer than a minute.
    """
    import filelock  # noqa: PLC0415  (60 ms of import that a replay never needs)

    lock_folder.mkdir(parents=True, exist_ok=True)
    name = digest_text(os.path.normcase(str(path.resolve())))[:32]
    lock = filelock.FileLock(lock_folder / f"{name}.lock", timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        msg = f"{path} was locked by another process for {LOCK_SECONDS:.0f} seconds"
        raise StoreError(msg, hint="is another recording run still going?") from error
    try:
        yield
    finally:
        lock.release()
