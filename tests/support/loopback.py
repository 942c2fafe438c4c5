"""A model provider on 127.0.0.1 that speaks the real protocols over real sockets.

It answers ``POST /v1/chat/completions``, ``/v1/responses`` and ``/v1/messages`` with complete
documents of the shape the providers send, also as a stream when the body says ``"stream": true``::

    with Loopback() as server:
        server.answer = "billing"                            # the same text for every call, or
        server.answer = lambda call: call.last_user[::-1]    # a function of the call, or
        server.script = [rate_limited("1"), "billing"]       # one entry per call, then ``answer``
        client = OpenAI(base_url=server.openai_url, api_key="sk-test")
        client = Anthropic(base_url=server.anthropic_url, api_key="sk-test")
        ...
        assert server.hits == 2
        assert server.calls[0].headers["authorization"] == "Bearer sk-test"
        assert server.calls[0].body["model"] == "gpt-5-mini"
        assert server.max_in_flight == 1

An answer is a text, a ``Reply``, or a function from ``Call`` to either. Replies that go wrong:
``rate_limited``, ``server_error``, ``overloaded``, ``hang``, ``cut``, ``garbage``, ``html``,
``key_echo``, ``failure``; and replies that go right in an unusual way: ``refusal``,
``content_filter``, ``tool_call``, ``document`` (any JSON), ``slow`` (latency).

Nothing sleeps on its own: a hanging call ends when the server is closed or the client goes away.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from . import loopback_bodies as bodies

if TYPE_CHECKING:
    from types import TracebackType

PATHS = {
    "/v1/chat/completions": "chat",
    "/v1/responses": "responses",
    "/v1/messages": "messages",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as it arrived: ``number`` counts from 0, header names are in lower case."""

    number: int
    api: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: Any

    @property
    def last_user(self) -> str:
        """The text of the last user turn."""
        return bodies.last_user(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server does with one call.

    ``raw`` replaces the whole body, ``document`` the whole JSON of a normal answer. ``cut_after``
    closes the connection after so many bytes of the body; ``hang`` never answers; ``delay`` is in
    seconds. ``usage`` is (input, output, cached, cache_write, reasoning).
    """

    text: str | None = None
    tools: tuple[tuple[str, str], ...] = ()
    finish: str | None = None
    refusal: str | None = None
    model: str | None = None
    usage: tuple[int, int, int, int, int] = (12, 3, 0, 0, 0)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error_type: str | None = None
    error_message: str = ""
    error_code: str | None = None
    document: Any = None
    raw: bytes | None = None
    content_type: str = "application/json"
    cut_after: int | None = None
    hang: bool = False
    delay: float = 0.0


Answer = str | Reply | Callable[[Call], "str | Reply"]


def failure(
    status: int, error_type: str, message: str, code: str | None = None, **headers: str
) -> Reply:
    """Any error status with the provider's own error document."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        status=status,
        error_type=error_type,
        error_message=message,
        error_code=code,
        headers=named,
    )


def rate_limited(retry_after: str | None = None, *, milliseconds: str | None = None) -> Reply:
    """429, with ``Retry-After`` in seconds (or a date) and ``Retry-After-Ms`` when given."""
    headers = {"retry-after": retry_after, "retry-after-ms": milliseconds}
    reply = failure(429, "rate_limit_error", "Rate limit reached", "rate_limit_exceeded")
    return replace(reply, headers={k: v for k, v in headers.items() if v is not None})


def server_error(status: int = 500) -> Reply:
    """5xx; asks for a pause of one millisecond so that a retry does not slow the tests."""
    return failure(status, "server_error", "The server had an error", retry_after_ms="1")


def overloaded() -> Reply:
    """529, as Anthropic sends it when it has no capacity."""
    return failure(529, "overloaded_error", "Overloaded", retry_after_ms="1")


def hang() -> Reply:
    """Take the request and never answer."""
    return Reply(hang=True)


def cut(after: int = 20) -> Reply:
    """Close the connection in the middle of the body."""
    return Reply(text="an answer that never arrives whole", cut_after=after)


def garbage(raw: bytes = b'{"choices": [{"mess') -> Reply:
    """200 with a body that is no JSON document."""
    return Reply(raw=raw)


def html(status: int = 200) -> Reply:
    """The page of a proxy that stands in the way."""
    page = b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"
    return Reply(raw=page, content_type="text/html", status=status)


def key_echo() -> Reply:
    """401 whose message holds the key that was sent, as a careless gateway would write it."""
    return failure(401, "authentication_error", "Incorrect API key provided: {key}")


def refusal(text: str = "I can't help with that.") -> Reply:
    """The model declines, in the field that each protocol has for it."""
    return Reply(refusal=text, finish="refusal")


def content_filter() -> Reply:
    """The provider withheld the answer."""
    return Reply(text="", finish="content_filter")


def tool_call(name: str, arguments: object, text: str | None = None) -> Reply:
    """The model asks for a tool; ``arguments`` that are text are sent as they are."""
    raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return Reply(text=text, tools=((name, raw),), finish="tool_calls")


def document(value: object, status: int = 200) -> Reply:
    """Any JSON document as the whole body."""
    return Reply(raw=json.dumps(value).encode(), status=status)


def slow(text: str, seconds: float) -> Reply:
    """A normal answer after a while."""
    return Reply(text=text, delay=seconds)


class Loopback:
    """The server; a context manager. ``answer`` and ``script`` may be changed at any time."""

    def __init__(self, answer: Answer = "ok") -> None:
        self.answer: Answer = answer
        self.script: list[Answer] = []
        self.calls: list[Call] = []
        self.in_flight = 0
        self.max_in_flight = 0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.loopback = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def port(self) -> int:
        """The port that the operating system chose."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The root, without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        """What goes into ``base_url`` or ``OPENAI_BASE_URL``."""
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        """What goes into ``base_url`` or ``ANTHROPIC_BASE_URL``."""
        return self.url

    @property
    def hits(self) -> int:
        """How many requests arrived, retries included."""
        return len(self.calls)

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering and let hanging calls go."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def arrived(self, api: str, path: str, headers: Mapping[str, str], raw: bytes) -> Call:
        """Note a request; used by the handler."""
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        with self._lock:
            call = Call(
                number=len(self.calls), api=api, path=path, headers=headers, raw=raw, body=body
            )
            self.calls.append(call)
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)
        return call

    def reply(self, call: Call) -> Reply:
        """Choose what to do with a call; used by the handler."""
        with self._lock:
            answer = self.script.pop(0) if self.script else self.answer
        if callable(answer):
            answer = answer(call)
        return Reply(text=answer) if isinstance(answer, str) else answer

    def finished(self) -> None:
        """Note that a call is over; used by the handler."""
        with self._lock:
            self.in_flight -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    loopback: Loopback

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        loopback = self.server.loopback
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        api = next((name for end, name in PATHS.items() if path.endswith(end)), "unknown")
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = loopback.arrived(api, self.path, headers, raw)
        done = False
        try:
            reply = loopback.reply(call)
            if api == "unknown" and reply.raw is None:
                reply = failure(404, "not_found_error", f"Invalid URL (POST {path})")
            if reply.delay:
                loopback.closing.wait(reply.delay)
            if reply.hang:
                self._wait_until_nobody_waits()
                return
            payload, content_type = bodies.payload(call, reply)
            # Counted as over before the last byte leaves, or a fast client would see two calls.
            done = True
            loopback.finished()
            self._send(reply, payload, content_type)
        finally:
            if not done:
                loopback.finished()

    def _send(self, reply: Reply, payload: bytes, content_type: str) -> None:
        head = [f"HTTP/1.1 {reply.status} {self.responses.get(reply.status, ('Error',))[0]}"]
        names = {"content-type": content_type, "content-length": str(len(payload))}
        names["x-request-id"] = names["request-id"] = "req_loopback"
        names.update(reply.headers)
        head += [f"{name}: {value}" for name, value in names.items()]
        sent = payload if reply.cut_after is None else payload[: reply.cut_after]
        self.wfile.write("\r\n".join([*head, "", ""]).encode() + sent)
        if reply.cut_after is not None:
            self.close_connection = True

    def _wait_until_nobody_waits(self) -> None:
        self.connection.settimeout(0.05)
        while not self.server.loopback.closing.is_set():
            try:
                if not self.connection.recv(1, socket.MSG_PEEK):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (name given by the base)
        """Say nothing."""
