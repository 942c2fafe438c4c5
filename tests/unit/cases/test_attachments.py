from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.case_files import errors_of, load

from pytest_promptdrift._canonical import digest_bytes
from pytest_promptdrift.cases import attachments, build_request, cells
from pytest_promptdrift.cases.attachments import media_type

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
FILE = (
    "models: openai:gpt-5-mini\nprompt: What is this?\ncases:\n  - id: one\n"
    "    attachments: [{what}]\n"
)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.png", PNG, "image/png"),
        ("a.png", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.gif", b"GIF89a..", "image/gif"),
        ("a", b"RIFF1234WEBPVP8", "image/webp"),
        ("a.bin", b"%PDF-1.7", "application/pdf"),
        ("a.CSV", b"a,b", "text/csv"),
        ("a.png", b"not an image", "application/octet-stream"),
        ("a", b"x", "application/octet-stream"),
    ],
)
def test_the_content_tells_the_media_type_before_the_name(
    name: str, data: bytes, expected: str
) -> None:
    assert media_type(name, data) == expected


def test_attachments_go_to_the_last_user_turn(tmp_path: Path) -> None:
    text = FILE.replace("{what}", "pics/a.png, {file: b.txt}").replace(
        "prompt: What is this?",
        "messages:\n  - {role: user, content: A}\n  - {role: assistant, content: B}\n"
        "  - {role: user, content: [{text: C}, {image: pics/a.png}]}\n"
        "  - {role: assistant, content: D}",
    )
    case_file = load(tmp_path, text, files={"pics/a.png": PNG, "b.txt": "hello"})
    [cell] = cells(case_file)
    contents = [message["content"] for message in build_request(cell).body["messages"]]  # type: ignore[union-attr,index,call-overload]
    assert [len(content) if isinstance(content, list) else content for content in contents] == [
        "A", "B", 4, "D",
    ]  # fmt: skip
    assert cell.files == {
        digest_bytes(PNG): tmp_path / "pics/a.png",
        digest_bytes(b"hello"): tmp_path / "b.txt",
    }
    assert build_request(cell).digest == cell.digest


def test_a_changed_file_changes_the_digest(tmp_path: Path) -> None:
    text = FILE.replace("{what}", "a.png")
    before = load(tmp_path, text, files={"a.png": PNG}).digests
    assert load(tmp_path, text, files={"a.png": PNG + b"1"}).digests != before
    assert load(tmp_path, text, files={"a.png": PNG}).digests == before


def test_attachments_of_the_file_come_before_those_of_the_case(tmp_path: Path) -> None:
    text = "attachments: [a.txt]\n" + FILE.replace("{what}", "b.txt")
    case_file = load(tmp_path, text, files={"a.txt": "a", "b.txt": "b"})
    [cell] = cells(case_file)
    assert [path.name for path in cell.files.values()] == ["a.txt", "b.txt"]


def test_each_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    read = attachments._read
    monkeypatch.setattr(attachments, "_read", lambda path: (reads.append(path), read(path))[1])
    text = FILE.replace("{what}", "a.png") + "  - id: two\n    attachments: [{image: a.png}]\n"
    load(tmp_path, text, files={"a.png": PNG})
    assert len(reads) == 1


@pytest.mark.parametrize(
    ("what", "part"),
    [
        ("b.png", "there is no file 'b.png' in the folder"),
        ("{image: text.png}", "'text.png' is no png, jpeg, gif or webp image"),
        ("empty.txt", "'empty.txt' is empty"),
        ("lfs.png", "is a Git LFS pointer"),
        ("folder", "cannot read 'folder'"),
        ('"a\\0b"', "cannot read"),
        ("{image: a.png, file: a.png}", "exclude each other"),
        ("{img: a.png}", "unknown key 'img' in an attachment, did you mean 'image'?"),
        ("5", "must be text or a mapping, found the number 5"),
    ],
)
def test_a_file_that_cannot_be_attached_is_an_error(tmp_path: Path, what: str, part: str) -> None:
    (tmp_path / "folder").mkdir()
    files: dict[str, str | bytes] = {
        "a.png": PNG,
        "text.png": "text",
        "empty.txt": "",
        "lfs.png": "version https://git-lfs.github.com/spec/v1\n",
    }
    [error] = errors_of(tmp_path, FILE.replace("{what}", what), files=files)
    assert error.startswith("a.prompt.yaml:5: ")
    assert part in error


def test_a_file_that_is_too_large_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "LARGEST", 1024 * 1024)
    files: dict[str, str | bytes] = {"a.png": PNG + b"0" * 1024 * 1024}
    [error] = errors_of(tmp_path, FILE.replace("{what}", "a.png"), files=files)
    assert "'a.png' has 1.0 MB; the most is 1 MB" in error


def test_attachments_without_a_user_turn_are_an_error(tmp_path: Path) -> None:
    text = FILE.replace("{what}", "a.png").replace(
        "prompt: What is this?", "messages: [{role: assistant, content: Hi}]"
    )
    [error] = errors_of(tmp_path, text, files={"a.png": PNG})
    assert "attachments go with a user turn, and there is none (case 'one')" in error
