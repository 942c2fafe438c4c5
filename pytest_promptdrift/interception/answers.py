"""Turns what came over the wire into an answer to store, and back.

Pure: no HTTP library.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple

from .calls import BODY_KINDS, BodyKind, CallFailure, FailureKind, RecordedAnswer
from .errors import InterceptionError
from .events import end_of, has_finish_reason, read_events, write_events
from .layouts import layout_of, lossless, written
from .reading import CHAT, MESSAGES, RESPONSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift._canonical import JsonObject, JsonValue

# Everything else names the account, the machine or the hour.
KEPT_HEADERS = ("content-type", "request-id", "x-request-id")
EVENT_STREAM = "text/event-stream"
_PROTOCOLS = frozenset({CHAT, RESPONSES, MESSAGES, "openai.embeddings"})
# What says nothing of the request: try again, or get another key.
_PASSING = frozenset({401, 402, 403, 407, 408, 409, 425, 429})
_ANSWERS = ("choices", "output", "content", "data")


class Arrived(NamedTuple):
    """What came over the wire; ``whole`` is False when the reader left before the end."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    whole: bool
    latency: float


def is_passing(status: int, headers: Mapping[str, str]) -> bool:
    """Tell whether a status is none that the same request would get again."""
    asked_again = headers.get("x-should-retry") == "true" and status >= 400
    return asked_again or status in _PASSING or not (200 <= status < 300 or 400 <= status < 500)


def read_answer(arrived: Arrived, api: str) -> RecordedAnswer | CallFailure:
    """Return what can be stored, or why nothing can."""
    if is_passing(arrived.status, arrived.headers):
        return CallFailure(kind=FailureKind.STATUS, status=arrived.status)
    content_type = arrived.headers.get("content-type", "")
    try:
        text = arrived.content.decode()
    except UnicodeDecodeError:
        text = None
    if text is not None and content_type.startswith(EVENT_STREAM):
        return _stream(arrived, text, api)
    if not arrived.whole:
        return _failure(arrived, FailureKind.ABANDONED)
    if text is None:
        encoded = base64.b64encode(arrived.content).decode()
        return _answer(arrived, "base64", encoded)
    return _document(arrived, text, api)


def answer_from_json(stored: JsonObject) -> RecordedAnswer:
    """Return the answer that ``as_json`` gave; raises InterceptionError for anything else."""
    kind = next((kind for kind in BODY_KINDS if kind in stored), None)
    status, headers = stored.get("status"), stored.get("headers", {})
    if kind is None or not isinstance(status, int) or not isinstance(headers, dict):
        msg = "a recorded answer has no status or no body"
        raise InterceptionError(msg)
    return RecordedAnswer(
        status=status,
        kind=kind,
        value=stored[kind],
        headers={str(name): str(value) for name, value in headers.items()},
        layout=str(stored.get("layout", "compact")),
    )


def content_of(answer: RecordedAnswer) -> bytes:
    """Return the body of an answer as it is given to the SDK."""
    if answer.kind == "base64":
        return base64.b64decode(str(answer.value))
    if answer.kind == "events" and isinstance(answer.value, list):
        return write_events(answer.value, answer.layout).encode()
    if answer.kind == "json":
        return written(answer.value, answer.layout).encode()
    return str(answer.value).encode("utf-8", "surrogatepass")


def _stream(arrived: Arrived, text: str, api: str) -> RecordedAnswer | CallFailure:
    events, layout = read_events(text)
    end = end_of(events)
    if end == "failed":
        return _failure(arrived, FailureKind.FAILED_STREAM)
    if end == "open" and not arrived.whole:
        return _failure(arrived, FailureKind.ABANDONED)
    if end == "open" and api in _PROTOCOLS and not (api == CHAT and has_finish_reason(events)):
        return _failure(arrived, FailureKind.CUT_STREAM)
    return _answer(arrived, "events", events, layout)


def _document(arrived: Arrived, text: str, api: str) -> RecordedAnswer | CallFailure:
    parsed = lossless(text)
    if arrived.status < 400 and api in _PROTOCOLS:
        if parsed is None or not isinstance(parsed.value, dict):
            return _failure(arrived, FailureKind.UNREADABLE)
        if _reports_failure(parsed.value):
            return _failure(arrived, FailureKind.STATUS)
    if parsed is None:
        return _answer(arrived, "text", text)
    return _answer(arrived, "json", parsed.value, layout_of([text]))


def _reports_failure(document: JsonObject) -> bool:
    """Tell whether a document with a good status is no answer: some gateways send such."""
    if document.get("status") in {"failed", "cancelled"}:
        return True
    return bool(document.get("error")) and not any(name in document for name in _ANSWERS)


def _failure(arrived: Arrived, kind: FailureKind) -> CallFailure:
    return CallFailure(kind=kind, status=arrived.status)


def _answer(
    arrived: Arrived, kind: BodyKind, value: JsonValue, layout: str = "compact"
) -> RecordedAnswer:
    kept = {name: arrived.headers[name] for name in KEPT_HEADERS if name in arrived.headers}
    return RecordedAnswer(
        status=arrived.status,
        kind=kind,
        value=value,
        headers=kept,
        layout=layout,
        latency=arrived.latency,
    )
