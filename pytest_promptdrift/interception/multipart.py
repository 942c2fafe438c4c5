"""Reads a form with files, whose boundary is random: the same form must be the same request."""

from __future__ import annotations

from email.message import Message
from typing import TYPE_CHECKING

from .inline_files import marker_of

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject, JsonValue


def read_form(content: bytes, content_type: str) -> list[JsonValue] | None:
    """Return the fields of a form in their order, or None when it is not one."""
    head = _header(content_type)
    boundary = head.get_param("boundary")
    if head.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        return None
    pieces = content.split(b"--" + boundary.encode())
    return [_field(piece) for piece in pieces[1:-1]]


def _field(piece: bytes) -> JsonObject:
    head, _, data = piece.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (
            line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n")
        )
    }
    disposition = _header(headers.get("content-disposition", ""))
    name = str(disposition.get_param("name", ""))
    filename = disposition.get_param("filename")
    if filename is None:
        return {"name": name, "text": data.decode("utf-8", "replace")}
    media_type = headers.get("content-type", "application/octet-stream")
    return {"name": name, "filename": str(filename), "file": marker_of(data, media_type, "form")}


def _header(value: str) -> Message:
    # Both headers have the same grammar.
    message = Message()
    message["content-type"] = value
    return message
