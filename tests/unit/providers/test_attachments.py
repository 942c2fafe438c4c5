from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from support.prompts import PIXEL, a_model, ask, attach

from pytest_promptdrift._errors import ProviderError
from pytest_promptdrift.model import Attachment, Message, Part
from pytest_promptdrift.providers import build_request, markers, materialise
from pytest_promptdrift.providers.attachments import marker

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_promptdrift.providers.attachments import Form


def _filled(held: Attachment, form: Form, path: Path) -> object:
    body = {"deep": [{"held": marker(held, form)}], "n": 1}
    filled = materialise(body, {held.sha256: path})
    return filled["deep"][0]["held"]  # type: ignore[index,call-overload]


def test_a_body_without_files_is_returned_as_it_is() -> None:
    body = {"a": [{"b": None}]}
    assert materialise(body, {}) is body


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("base64", base64.b64encode(PIXEL).decode()),
        ("data_url", "data:image/png;base64," + base64.b64encode(PIXEL).decode()),
    ],
)
def test_bytes_go_in_as_base64_or_as_a_data_url(tmp_path: Path, form: Form, expected: str) -> None:
    held = attach(tmp_path / "a.png", PIXEL, "image/png")
    assert _filled(held, form, tmp_path / "a.png") == expected


def test_text_goes_in_as_text_without_a_byte_order_mark(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.txt", b"\xef\xbb\xbfgr\xc3\xbc\xc3\x9fe", "text/plain")
    assert _filled(held, "text", tmp_path / "a.txt") == "grüße"


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.txt", b"gr\xfc", "text/plain")
    with pytest.raises(ProviderError, match=r"a\.txt is sent as text but is not UTF-8 \(byte 2\)"):
        _filled(held, "text", tmp_path / "a.txt")


def test_a_file_that_changed_after_the_request_was_made_is_refused(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.png", PIXEL, "image/png")
    (tmp_path / "a.png").write_bytes(b"other")
    with pytest.raises(ProviderError, match=r"a\.png changed after the request was made"):
        _filled(held, "base64", tmp_path / "a.png")


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.png", PIXEL, "image/png")
    (tmp_path / "a.png").unlink()
    with pytest.raises(ProviderError, match=r"a\.png cannot be read: No such file"):
        _filled(held, "base64", tmp_path / "a.png")


def test_a_file_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(ProviderError, match="no file is known for the attachment abcdef"):
        materialise({"a": {"$attachment": "abcdef" * 5, "as": "base64"}}, {})


def test_the_request_itself_never_holds_the_bytes(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.png", PIXEL, "image/png")
    prompt = ask(messages=(Message(role="user", parts=(Part(image=held), Part(image=held))),))
    request = build_request(prompt, a_model(), environ={})
    before = request.digest
    assert len(list(markers(request.body))) == 2
    materialise(request.body, {held.sha256: tmp_path / "a.png"})
    assert request.digest == before
    assert base64.b64encode(PIXEL).decode() not in str(request.body)
