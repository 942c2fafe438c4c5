"""The seam between the interception and whoever records: a call, its answer, its failure.

Knows no SDK and no store. A handler may be asked from several threads at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift._canonical import JsonObject, JsonValue
    from pytest_promptdrift._errors import Where
    from pytest_promptdrift.model import Request

BodyKind = Literal["json", "events", "text", "base64"]
BODY_KINDS: tuple[BodyKind, ...] = ("json", "events", "text", "base64")


@dataclass(frozen=True, slots=True, kw_only=True)
class InterceptedCall:
    """One call of the application, or one more attempt of it.

    ``request`` is canonical: the same call as a golden case makes has the same digest; whether an
    answer is streamed is part of the body. ``number`` counts the calls of ``owner`` from 1 in the
    order in which they were made; an SDK that tries again keeps the number and counts ``attempt``.
    ``line`` is the line of the application that made the call, None where nothing tells it.
    ``sdk`` is the SDK with its version.
    """

    request: Request
    owner: str
    number: int
    attempt: int
    streams: bool
    is_async: bool
    line: Where | None
    sdk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAnswer:
    """What came back, as it is stored and as it is given to the SDK again.

    ``value`` is the JSON document, the list of events, the text, or bytes as base64. ``layout``
    says how JSON was written, so that a replay gives the same text where it can. ``headers`` are
    the few that say something about the answer. ``latency`` is in seconds and for information.
    """

    status: int
    kind: BodyKind
    value: JsonValue
    headers: Mapping[str, str] = field(default_factory=dict)
    layout: str = "compact"
    latency: float = 0.0

    @property
    def is_error(self) -> bool:
        """Tell whether the provider refused the request."""
        return self.status >= 400

    def as_json(self) -> JsonObject:
        """Return what ``from_json`` reads; the latency is no part of it."""
        return {
            "status": self.status,
            "headers": dict(self.headers),
            "layout": self.layout,
            self.kind: self.value,
        }


class FailureKind(StrEnum):
    """Why a call has no answer that can be stored."""

    STATUS = "status"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    CANCELLED = "cancelled"
    CUT_STREAM = "cut stream"
    FAILED_STREAM = "failed stream"
    ABANDONED = "abandoned answer"
    UNREADABLE = "unreadable answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFailure:
    """What went wrong with one attempt; never stored as an answer."""

    kind: FailureKind
    status: int | None = None
    message: str = ""


class CallHandler(Protocol):
    """Answers calls from recordings, and is told what the network said to the others.

    Whatever it raises stops the call: it passes through the SDK and the application's own handlers
    of errors as a StoppedCallError, is never tried again, and is kept in the problems of the owner.
    """

    def handle(self, call: InterceptedCall) -> RecordedAnswer | None:
        """Return the recorded answer, or None to let this attempt go to the network."""
        ...

    def recorded(self, call: InterceptedCall, answer: RecordedAnswer) -> None:
        """Take the whole answer of a call that went to the network; at most once for a call."""
        ...

    def failed(self, call: InterceptedCall, failure: CallFailure) -> None:
        """Take note that an attempt which went to the network gave nothing to store."""
        ...
