"""Files in a request: markers while it is compared and stored, bytes only while it is sent.

The rest of the project never sees the content of a file, only its SHA-256.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pytest_promptdrift._canonical import digest_bytes
from pytest_promptdrift._errors import ProviderError, ProviderErrorKind
from pytest_promptdrift.model import ATTACHMENT, Attachment, is_attachment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_promptdrift._canonical import JsonObject, JsonValue

Form = Literal["base64", "data_url", "text"]

AUDIO_FORMATS = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/vnd.wave": "wav",
}
_TEXT_TYPES = frozenset({"application/json", "application/xml", "application/yaml"})


def marker(attachment: Attachment, form: Form) -> JsonObject:
    """Return what stands for the content of a file, and in which form it will be sent."""
    return {
        ATTACHMENT: attachment.sha256,
        "media_type": attachment.media_type,
        "bytes": attachment.size,
        "as": form,
    }


def is_text(attachment: Attachment) -> bool:
    """Tell whether the content of a file can be sent as text."""
    kind = attachment.media_type
    return kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith(("+json", "+xml"))


def markers(value: JsonValue) -> Iterator[JsonObject]:
    """Yield every attachment marker inside a body."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if is_attachment(item):
                yield item
            else:
                stack.extend(item.values())
        elif isinstance(item, list | tuple):
            stack.extend(item)


def materialise(body: JsonObject, files: Mapping[str, Path]) -> JsonObject:
    """Return ``body`` with every marker replaced by the content of its file.

    ``body`` itself is returned when it holds none. Raises ProviderError when a file is missing or
    is no longer the one that the request was made of.
    """
    if next(markers(body), None) is None:
        return body
    read: dict[str, bytes] = {}
    filled = _filled(body, files, read)
    if not isinstance(filled, dict):
        raise AssertionError("unreachable: a body is an object")
    return filled


def _filled(value: JsonValue, files: Mapping[str, Path], read: dict[str, bytes]) -> JsonValue:
    if isinstance(value, dict):
        if is_attachment(value):
            return _content(value, files, read)
        return {key: _filled(item, files, read) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, files, read) for item in value]
    return value


def _content(mark: JsonObject, files: Mapping[str, Path], read: dict[str, bytes]) -> str:
    sha = str(mark[ATTACHMENT])
    if sha not in read:
        read[sha] = _read(sha, files)
    data = read[sha]
    if mark["as"] == "text":
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            msg = f"{files[sha]} is sent as text but is not UTF-8 (byte {error.start})"
            raise ProviderError(msg, kind=ProviderErrorKind.BAD_REQUEST) from None
    encoded = base64.b64encode(data).decode("ascii")
    return encoded if mark["as"] == "base64" else f"data:{mark['media_type']};base64,{encoded}"


def _read(sha: str, files: Mapping[str, Path]) -> bytes:
    path = files.get(sha)
    if path is None:
        msg = f"no file is known for the attachment {sha[:12]}…"
        raise ProviderError(msg, kind=ProviderErrorKind.BAD_REQUEST)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise ProviderError(msg, kind=ProviderErrorKind.BAD_REQUEST) from None
    if digest_bytes(data) != sha:
        msg = f"{path} changed after the request was made"
        hint = "run again: the request is then made of the file as it is now"
        raise ProviderError(msg, kind=ProviderErrorKind.BAD_REQUEST, hint=hint)
    return data


def why_not_json(value: object) -> str | None:
    """Tell why a value of the user cannot go into a body, or None when it can."""
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError as error:
        circular = "ircular" in str(error)
        return "contains itself" if circular else "holds a number that JSON does not have (NaN)"
    except (TypeError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        return "is nested too deeply" if deep else f"is not JSON: {error}"
    if f'"{ATTACHMENT}"' in text and _has_key(value):
        return f"uses the key {ATTACHMENT!r}, which stands for attached files"
    return None


def _has_key(value: object) -> bool:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if ATTACHMENT in item:
                return True
            stack.extend(item.values())
        elif isinstance(item, list | tuple):
            stack.extend(item)
    return False
