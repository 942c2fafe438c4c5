from __future__ import annotations

import errno
from pathlib import Path

import pytest

from pytest_promptdrift import _files
from pytest_promptdrift._errors import StoreError
from pytest_promptdrift._files import write_together


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with one file."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a").write_bytes(b"old")
    return tree


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}


def test_all_files_are_replaced_or_made(tree: Path, tmp_path: Path) -> None:
    files = {tree / "a": b"1", tree / "b": b"2", tree / "deep" / "c": b"3"}
    write_together(files, tmp_path / "locks")

    assert {path: path.read_bytes() for path in files} == files
    assert contents(tmp_path / "locks") == {}


def test_a_link_stays_a_link(tree: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tree / "a")
    write_together({link: b"new"}, tmp_path / "locks")

    assert link.is_symlink()
    assert (tree / "a").read_bytes() == b"new"


def test_no_file_is_replaced_before_all_are_on_the_disk(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, bytes]] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        if not seen:
            seen.extend([contents(tree), contents(tmp_path / "locks")])
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    write_together({tree / "a": b"1", tree / "b": b"2"}, tmp_path / "locks")

    assert seen[0] == {"a": b"old"}
    assert sorted(seen[1].values()) == [b"1", b"2"]
    assert contents(tree) == {"a": b"1", "b": b"2"}


def test_a_full_disk_leaves_every_file_as_it_was(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = _files._write_new

    def full(temporary: Path, data: bytes) -> None:
        if data == b"2":
            raise OSError(errno.ENOSPC, "No space left on device")
        write(temporary, data)

    monkeypatch.setattr(_files, "_write_new", full)
    with pytest.raises(StoreError) as caught:
        write_together({tree / "a": b"1", tree / "b": b"2"}, tmp_path / "locks")

    assert str(caught.value) == (
        f"{tree / 'b'}: cannot write the file: No space left on device\n"
        "  nothing was lost; run the command again"
    )
    assert contents(tree) == {"a": b"old"}
    assert contents(tmp_path / "locks") == {}


def test_a_rename_that_fails_leaves_whole_files_and_no_rubbish(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name == "b":
            raise OSError(errno.EIO, "Input/output error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StoreError, match=r"b: cannot write the file: Input/output error"):
        write_together({tree / "a": b"1", tree / "b": b"2", tree / "c": b"3"}, tmp_path / "locks")

    assert contents(tree) == {"a": b"1"}
    assert contents(tmp_path / "locks") == {}


def test_another_filesystem_for_scratch_is_no_obstacle(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def across(self: Path, target: Path) -> Path:
        if self.parent != target.parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", across)
    write_together({tree / "a": b"1", tree / "b": b"2"}, tmp_path / "locks")

    assert contents(tree) == {"a": b"1", "b": b"2"}
    assert contents(tmp_path / "locks") == {}


def test_a_scratch_folder_that_cannot_be_made_is_an_error(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "locks").write_bytes(b"a file")

    with pytest.raises(StoreError, match="cannot write the file"):
        write_together({tree / "a": b"1"}, tmp_path / "locks")
    assert contents(tree) == {"a": b"old"}
