"""One attempt of a call on its way through the network: reads along, and reports how it ended."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .answers import EVENT_STREAM, Arrived, read_answer
from .calls import CallFailure, FailureKind, RecordedAnswer
from .errors import StoppedCallError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import ModuleType

    from .calls import CallHandler, InterceptedCall
    from .owners import Owner

_LONGEST_MESSAGE = 500
_AFTER_EVENT = re.compile(rb"(?<=\n\n)(?=.)|(?<=\n\r\n)(?=.)", re.DOTALL)


class Passage:
    """What is known of an attempt; reports once, to the handler."""

    def __init__(
        self, call: InterceptedCall, owner: Owner, handler: CallHandler, library: ModuleType
    ) -> None:
        self.call = call
        self.is_sending = False
        self._owner = owner
        self._handler = handler
        self._library = library
        self._chunks: list[bytes] = []
        self._response: Any = None
        self._is_over = False
        self._started = 0.0
        self.restart()

    def restart(self) -> None:
        """Begin anew, for the request that follows a redirect."""
        self._chunks.clear()
        self._response = None
        self._is_over = False
        self._started = time.perf_counter()
        self._owner.begun(id(self), self.give_up)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Tell of the transport that it is at work, and of its errors."""
        self.is_sending = True
        try:
            yield
        except BaseException as error:
            self.broke(error)
            raise
        finally:
            self.is_sending = False

    def arrived(self, response: Any, tee: type[Any]) -> None:
        """Read along with whoever reads the answer."""
        if 300 <= response.status_code < 400 and "location" in response.headers:
            return
        self._response = response
        response.stream = tee(self, response.stream)

    def pieces(self, chunk: bytes) -> list[bytes]:
        """Cut what arrived together into events, so that it counts how many were read."""
        headers = self._response.headers
        streams = headers.get("content-type", "").startswith(EVENT_STREAM)
        if not streams or "content-encoding" in headers:
            return [chunk]
        return _AFTER_EVENT.split(chunk)

    def read(self, piece: bytes) -> None:
        """Take a piece of the answer, which the reader gets now."""
        self._chunks.append(piece)

    def broke(self, error: BaseException) -> None:
        """Report that the connection gave up, which after the end of a stream is no matter."""
        outcome = self._outcome(whole=False) if self._response is not None else None
        if isinstance(outcome, RecordedAnswer):
            self._report(outcome)
            return
        status = None if self._response is None else self._response.status_code
        message = str(error)[:_LONGEST_MESSAGE]
        self._report(CallFailure(kind=self._kind(error), status=status, message=message))

    def finish(self, *, whole: bool) -> None:
        """Report what was read; ``whole`` when it was read to its end."""
        if not self._is_over:
            self._report(self._outcome(whole=whole))

    def give_up(self) -> None:
        """Report what was read so far: nobody will read on."""
        if self._response is not None:
            self.finish(whole=False)
        else:
            self._report(CallFailure(kind=FailureKind.ABANDONED))

    def _outcome(self, *, whole: bool) -> RecordedAnswer | CallFailure:
        response = self._response
        latency = time.perf_counter() - self._started
        content = _decoded(b"".join(self._chunks), response, self._library)
        headers = {name.lower(): value for name, value in response.headers.items()}
        arrived = Arrived(response.status_code, headers, content, whole, latency)
        return read_answer(arrived, self.call.request.api)

    def _report(self, outcome: RecordedAnswer | CallFailure) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._owner.ended(id(self))
        try:
            if isinstance(outcome, RecordedAnswer):
                self._handler.recorded(self.call, outcome)
            else:
                self._handler.failed(self.call, outcome)
        except Exception as error:
            stopped = StoppedCallError(error, self.call)
            self._owner.problems.append(stopped)
            raise stopped from error

    def _kind(self, error: BaseException) -> FailureKind:
        if isinstance(error, self._library.TimeoutException | TimeoutError):
            return FailureKind.TIMEOUT
        if isinstance(error, asyncio.CancelledError):
            return FailureKind.CANCELLED
        return FailureKind.CONNECTION if self._response is None else FailureKind.CUT_STREAM


def _decoded(content: bytes, response: Any, library: ModuleType) -> bytes:
    """Undo the compression of a body, as far as it arrived."""
    encoding = response.headers.get("content-encoding")
    if not encoding or not content:
        return content
    packed = library.Response(
        200, headers={"content-encoding": encoding}, stream=library.ByteStream(content)
    )
    pieces: list[bytes] = []
    try:
        pieces.extend(packed.iter_bytes())
    except library.DecodingError:
        return b"".join(pieces)
    return b"".join(pieces)


class SyncTee:
    """A body that tells a passage what is read of it."""

    def __init__(self, passage: Passage, stream: Any) -> None:
        self._passage = passage
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._stream:
                for piece in self._passage.pieces(chunk):
                    self._passage.read(piece)
                    yield piece
        except GeneratorExit:
            raise
        except BaseException as error:
            self._passage.broke(error)
            raise
        self._passage.finish(whole=True)

    def close(self) -> None:
        """Close the body: what was not read by now never will be."""
        try:
            self._stream.close()
        finally:
            self._passage.finish(whole=False)


class AsyncTee:
    """The same for a body that is awaited."""

    def __init__(self, passage: Passage, stream: Any) -> None:
        self._passage = passage
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._stream:
                for piece in self._passage.pieces(chunk):
                    self._passage.read(piece)
                    yield piece
        except GeneratorExit:
            raise
        except BaseException as error:
            self._passage.broke(error)
            raise
        self._passage.finish(whole=True)

    async def aclose(self) -> None:
        """Close the body: what was not read by now never will be."""
        try:
            await self._stream.aclose()
        finally:
            self._passage.finish(whole=False)
