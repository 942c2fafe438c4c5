from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift import _files
from pytest_promptdrift._errors import StoreError
from pytest_promptdrift._files import locked, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# With and without a scratch folder: the same promises hold.
both_ways = pytest.mark.parametrize("scratch", [None, "locks"])


@pytest.fixture
def umask() -> Iterator[None]:
    old = os.umask(0o022)
    yield
    os.umask(old)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []


def scratch_folder(tmp_path: Path, scratch: str | None) -> Path | None:
    return None if scratch is None else tmp_path / scratch


@both_ways
def test_a_new_file_gets_its_folders_and_its_content(tmp_path: Path, scratch: str | None) -> None:
    path = tmp_path / "a" / "b.json"

    assert write_atomically(path, b"new\n", scratch=scratch_folder(tmp_path, scratch))
    assert path.read_bytes() == b"new\n"
    assert names(path.parent) == ["b.json"]
    assert names(tmp_path / "locks") == []


@both_ways
def test_unchanged_content_is_not_written_again(tmp_path: Path, scratch: str | None) -> None:
    path = tmp_path / "b.json"
    folder = scratch_folder(tmp_path, scratch)
    write_atomically(path, b"same", scratch=folder)
    before = path.stat()

    assert not write_atomically(path, b"same", scratch=folder)
    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert write_atomically(path, b"other", scratch=folder)
    assert path.read_bytes() == b"other"


@both_ways
@pytest.mark.usefixtures("umask")
def test_a_written_file_has_ordinary_rights(tmp_path: Path, scratch: str | None) -> None:
    path = tmp_path / "b.json"
    write_atomically(path, b"1", scratch=scratch_folder(tmp_path, scratch))

    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@both_ways
@pytest.mark.parametrize("step", ["write", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, scratch: str | None, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tree" / "b.json"
    write_atomically(path, b"old")
    break_disk(monkeypatch, step, OSError(errno.ENOSPC, "No space left on device"))

    with pytest.raises(StoreError) as caught:
        write_atomically(path, b"new", scratch=scratch_folder(tmp_path, scratch))

    monkeypatch.undo()
    assert str(caught.value) == (
        f"{path}: cannot write the file: No space left on device\n  the old file is untouched"
    )
    assert path.read_bytes() == b"old"
    assert names(path.parent) == ["b.json"]
    assert names(tmp_path / "locks") == []


def break_disk(
    monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException, times: int = 10**6
) -> None:
    """Let writing into new files, or replacing old ones, fail a number of times."""
    left = [times]
    real_open, real_replace = open, Path.replace

    class Full:
        def __init__(self, descriptor: int, mode: str) -> None:
            self.file = real_open(descriptor, mode)

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, data: bytes) -> None:
            self.file.write(data[:1])
            raise error

    def replace(self: Path, target: Path) -> Path:
        if left[0] > 0:
            left[0] -= 1
            raise error
        return real_replace(self, target)

    if step == "write":
        monkeypatch.setattr(_files, "open", Full, raising=False)
    else:
        monkeypatch.setattr(Path, "replace", replace)


@both_ways
@pytest.mark.parametrize("step", ["write", "replace"])
def test_an_interrupted_write_leaves_no_temporary_file(
    tmp_path: Path, scratch: str | None, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tree" / "b.json"
    write_atomically(path, b"old")
    break_disk(monkeypatch, step, KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new", scratch=scratch_folder(tmp_path, scratch))

    monkeypatch.undo()
    assert names(path.parent) == ["b.json"]
    assert names(tmp_path / "locks") == []


def test_a_file_that_somebody_holds_open_is_replaced_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(b"old")
    pauses: list[float] = []
    monkeypatch.setattr(_files.time, "sleep", pauses.append)
    break_disk(monkeypatch, "replace", PermissionError(errno.EACCES, "in use"), times=3)

    assert write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert len(pauses) == 3


def test_without_permission_the_message_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.json"
    monkeypatch.setattr(_files.time, "sleep", lambda _: None)
    break_disk(monkeypatch, "replace", PermissionError(errno.EACCES, "Permission denied"))

    with pytest.raises(StoreError, match="cannot write the file: Permission denied"):
        write_atomically(path, b"new")
    assert names(tmp_path) == []


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "b.json").mkdir()

    with pytest.raises(StoreError, match="cannot read the file: Is a directory"):
        write_atomically(tmp_path / "b.json", b"new")


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("file")

    with pytest.raises(StoreError, match="cannot read the file: Not a directory"):
        write_atomically(tmp_path / "a" / "b.json", b"new")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_bytes(b"old")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_atomically(tmp_path / "link.json", b"new")

    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_bytes() == b"new"


def test_another_filesystem_for_scratch_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tree" / "b.json"
    break_disk(monkeypatch, "replace", OSError(errno.EXDEV, "Invalid cross-device link"), times=1)

    assert write_atomically(path, b"new", scratch=tmp_path / "locks")
    assert path.read_bytes() == b"new"
    assert names(path.parent) == ["b.json"]
    assert names(tmp_path / "locks") == []


@pytest.mark.parametrize("crossing", [0, 1])
def test_what_a_killed_writer_left_is_taken_over(
    tmp_path: Path, crossing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tree" / "b.json"
    locks = tmp_path / "locks"
    killed_between_write_and_replace(path, locks, crossing)
    left = names(locks) + [name for name in names(path.parent) if name != "b.json"]
    assert len(left) == 1
    break_disk(monkeypatch, "replace", OSError(errno.EXDEV, "cross-device"), times=crossing)

    write_atomically(path, b"new", scratch=locks)
    assert path.read_bytes() == b"new"
    assert names(path.parent) == ["b.json"]
    assert names(locks) == []


def killed_between_write_and_replace(path: Path, locks: Path, crossing: int) -> None:
    code = f"""
import errno, os, pathlib, signal
from pytest_promptdrift import _files
left = [{crossing}]
def replace(self, target):
    if left[0]:
        left[0] -= 1
        raise OSError(errno.EXDEV, "cross-device")
    os.kill(os.getpid(), signal.SIGKILL)
pathlib.Path.replace = replace
path = pathlib.Path({str(path)!r})
_files.write_atomically(path, b"lost", scratch=pathlib.Path({str(locks)!r}))
"""
    assert run_python(code).returncode == -9


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    environ = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False
    )


def test_threads_take_turns(tmp_path: Path) -> None:
    path, locks = tmp_path / "counter", tmp_path / "locks"
    path.write_text("0")

    def count() -> None:
        for _ in range(25):
            with locked(path, locks):
                write_atomically(path, str(int(path.read_text()) + 1).encode(), scratch=locks)

    in_threads(count, 4)
    assert path.read_text() == "100"
    assert names(tmp_path) == ["counter", "locks"]


def in_threads(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_processes_take_turns_and_a_killed_one_gives_its_lock_back(tmp_path: Path) -> None:
    path, locks = tmp_path / "counter", tmp_path / "locks"
    path.write_text("0")
    code = f"""
import os, signal
from pathlib import Path
from pytest_promptdrift._files import locked, write_atomically
path, locks = Path({str(path)!r}), Path({str(locks)!r})
children = []
for number in range(4):
    child = os.fork()
    if not child:
        for _ in range(20):
            with locked(path, locks):
                write_atomically(path, str(int(path.read_text()) + 1).encode(), scratch=locks)
        with locked(path, locks):
            os.kill(os.getpid(), signal.SIGKILL)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
"""
    result = run_python(code)

    assert result.returncode == 0, result.stderr
    assert path.read_text() == "80"


def test_a_lock_that_is_never_given_back_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, locks = tmp_path / "a.json", tmp_path / "locks"
    monkeypatch.setattr(_files, "LOCK_SECONDS", 0.0)
    errors: list[StoreError] = []

    def try_it() -> None:
        try:
            with locked(path, locks):
                raise AssertionError("unreachable: the lock is held")
        except StoreError as error:
            errors.append(error)

    with locked(path, locks):
        in_threads(try_it, 1)

    assert "another process has held the lock" in errors[0].message
    assert errors[0].where is not None
    assert errors[0].hint == "wait for the other recording run, or end it, and run again"


def test_different_files_have_different_locks(tmp_path: Path) -> None:
    locks = tmp_path / "locks"
    with locked(tmp_path / "a.json", locks), locked(tmp_path / "b.json", locks):
        pass
    assert len(names(tmp_path / "locks")) == 2


def test_one_file_has_one_lock_however_it_is_spelled(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    with locked(tmp_path / "a.json", tmp_path / "locks"):
        pass
    with locked(tmp_path / "sub" / ".." / "a.json", tmp_path / "locks"):
        pass
    assert len(names(tmp_path / "locks")) == 1


def test_a_lock_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file")

    with (
        pytest.raises(StoreError, match="cannot lock the file"),
        locked(tmp_path, tmp_path / "locks"),
    ):
        pass
