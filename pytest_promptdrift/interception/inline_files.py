"""Files inside a body: replaced by markers, so that a recording is small and every byte counts.

The markers are those of golden cases; which fields hold files is known for the three protocols.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import digest_bytes
from pytest_promptdrift.model import ATTACHMENT

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject, JsonValue

_DATA_URL = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+);base64,(?P<data>[A-Za-z0-9+/]+=*)\Z")
_URL_FIELDS = frozenset({"url", "image_url", "file_data"})
_AUDIO_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav"}


def without_files(body: JsonObject) -> JsonObject:
    """Return ``body`` with every file in it replaced by a marker."""
    return {key: _value(key, item, body) for key, item in body.items()}


def marker_of(data: bytes, media_type: str, form: str) -> JsonObject:
    """Return what stands for ``data`` in a request."""
    return {
        ATTACHMENT: digest_bytes(data),
        "media_type": media_type,
        "bytes": len(data),
        "as": form,
    }


def _value(key: str, value: JsonValue, parent: JsonObject) -> JsonValue:
    if isinstance(value, dict):
        return without_files(value)
    if isinstance(value, list):
        return [without_files(item) if isinstance(item, dict) else item for item in value]
    if not isinstance(value, str):
        return value
    if key in _URL_FIELDS and (match := _DATA_URL.match(value)):
        return _marker(value, match["data"], match["type"], "data_url")
    if key == "data" and (media_type := _media_type(parent)):
        return _marker(value, value, media_type, "base64")
    return value


def _media_type(source: JsonObject) -> str | None:
    """Return the type of the file that an object with ``data`` holds."""
    if source.get("type") == "base64" and isinstance(named := source.get("media_type"), str):
        return named
    return _AUDIO_TYPES.get(str(source.get("format")))


def _marker(value: str, encoded: str, media_type: str, form: str) -> JsonValue:
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return value
    # Another spelling of the same bytes would be lost.
    if base64.b64encode(data).decode() != encoded:
        return value
    return marker_of(data, media_type, form)
