"""Atomic writing and locking: the only place of the project that replaces files.

It knows nothing of what is in the files.
"""

from __future__ import annotations

import errno
import os
import secrets
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ._canonical import digest_text
from ._errors import StoreError, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A lock is held for the time of one small read and one small write; a minute means a dead machine.
LOCK_SECONDS = 60.0
# How often a waiting process looks again; locks are held for about a millisecond.
_POLL_SECONDS = 0.002
# A virus scanner or a reader may hold a file of Windows open for a moment.
_REPLACE_ATTEMPTS = 5
_REPLACE_PAUSE = 0.02


def write_atomically(path: Path, data: bytes, *, scratch: Path | None = None) -> bool:
    """Replace ``path`` with ``data`` so that a reader sees the old or the new file, never a part.

    Returns False when the file already holds exactly this and nothing was written. Raises
    StoreError when the disk refuses; the old file is then untouched and no temporary file stays.
    A link is followed. Give ``scratch`` (the lock folder) only while the lock of ``path`` is held:
    the temporary file then has a name of its own per path, outside the tree where the filesystem
    allows it, so that the next writer takes over what a killed one left behind.
    """
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _failed("read", path, error, hint=f"make it readable: chmod u+r {path}") from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if scratch is None:
            _write_beside(path, data, f".writing-{secrets.token_hex(8)}.tmp")
        else:
            scratch.mkdir(parents=True, exist_ok=True)
            _write_through(scratch / f"{_own_name(path)}.tmp", path, data)
    except OSError as error:
        raise _failed("write", path, error, hint="the old file is untouched") from error
    return True


def write_together(files: Mapping[Path, bytes], scratch: Path) -> None:
    """Replace several files; none of them before all that will stand there is on the disk.

    Give a ``scratch`` as for ``write_atomically``, and hold the lock of all files. Raises
    StoreError; unless a rename itself fails, every file is then as it was. A killed process leaves
    each file whole, the old or the new one.
    """
    ready: list[tuple[Path, Path, bytes]] = []
    path = scratch
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        for given, data in files.items():
            path = Path(os.path.realpath(given)) if given.is_symlink() else given
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = scratch / f"{_own_name(path)}.tmp"
            ready.append((temporary, path, data))
            _write_new(temporary, data)
        for temporary, path, data in ready:
            _move(temporary, path, data)
    except OSError as error:
        raise _failed(
            "write", path, error, hint="nothing was lost; run the command again"
        ) from error
    finally:
        for temporary, _, _ in ready:
            temporary.unlink(missing_ok=True)


def _failed(verb: str, path: Path, error: OSError, *, hint: str) -> StoreError:
    message = f"cannot {verb} the file: {error.strerror or error}"
    return StoreError(message, where=Where(path=str(path)), hint=hint)


def _own_name(path: Path) -> str:
    """Return a short name that only this file has, however its path is spelled."""
    return digest_text(os.path.normcase(os.path.realpath(path)))[:32]


def _write_beside(path: Path, data: bytes, name: str) -> None:
    temporary = path.with_name(name)
    _write_new(temporary, data)
    _replace(temporary, path)


def _write_through(temporary: Path, path: Path, data: bytes) -> None:
    _write_new(temporary, data)
    _move(temporary, path, data)


def _move(temporary: Path, path: Path, data: bytes) -> None:
    try:
        _replace(temporary, path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # the lock folder is on another filesystem, where a rename cannot be atomic
        _write_beside(path, data, f".writing-{temporary.name}")


def _write_new(temporary: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    try:
        # 0o666 under the umask: committed files have ordinary rights, unlike those of mkstemp
        with open(os.open(temporary, flags, 0o666), "wb") as file:  # noqa: PTH123  (a descriptor)
            file.write(data)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _replace(temporary: Path, path: Path) -> None:
    """Move ``temporary`` over ``path``, or remove it when that is not possible."""
    try:
        for _ in range(_REPLACE_ATTEMPTS - 1):
            try:
                temporary.replace(path)
            except PermissionError:
                time.sleep(_REPLACE_PAUSE)
            else:
                return
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def locked(path: Path, lock_folder: Path) -> Iterator[None]:
    """Hold the lock of ``path`` across processes and threads; it cannot be taken twice.

    The lock file lies in ``lock_folder``, outside the tree, so that nothing stray is committed; a
    killed process gives its lock back. Raises StoreError when another process holds it for longer
    than a minute, or when the lock folder cannot be written.
    """
    import filelock  # noqa: PLC0415  (60 ms of import that a replay never needs)

    file = lock_folder / f"{_own_name(path)}.lock"
    try:
        lock_folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(file, timeout=LOCK_SECONDS, poll_interval=_POLL_SECONDS)
        lock.acquire()
    except filelock.Timeout as error:
        raise StoreError(
            f"another process has held the lock of this file for {LOCK_SECONDS:.0f} seconds",
            where=Where(path=str(path)),
            hint="wait for the other recording run, or end it, and run again",
        ) from error
    except OSError as error:
        hint = f"make the lock folder writable: chmod u+w {lock_folder}"
        raise _failed("lock", path, error, hint=hint) from error
    try:
        yield
    finally:
        lock.release()
