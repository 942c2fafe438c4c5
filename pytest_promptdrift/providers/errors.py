"""What went wrong between us and a provider, in one sentence: what, who says so, what to do.

Decides by status and by what the body says, never by the classes of an SDK, which differ between
SDKs and change between versions. Imports neither SDK.
"""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ProviderError, ProviderErrorKind
from pytest_promptdrift._text import cut, plural, visible

from . import reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_promptdrift._canonical import JsonObject, JsonValue

Kind = ProviderErrorKind

_QUOTED = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the body of an error says."""

    type: str = ""
    code: str = ""
    message: str = ""

    def has(self, *words: str) -> bool:
        """Tell whether type or code is one of ``words``."""
        return self.type in words or self.code in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Makes the errors of one client: ``who`` is the server, ``redact`` removes secrets."""

    who: str
    redact: Callable[[str], str]
    key_hint: str

    def quote(self, text: str) -> str:
        """Return what a provider wrote, redacted first (half a key is not recognised) and cut."""
        return cut(visible(self.redact(text)).strip(), _QUOTED)

    def make(
        self,
        kind: ProviderErrorKind,
        what: str,
        *,
        said: str = "",
        status: int | None = None,
        attempts: int = 1,
        hint: str | None = None,
    ) -> ProviderError:
        """Return an error: ``what`` is ours, ``said`` the provider's."""
        tries = f", after {plural(attempts, 'attempt')}" if attempts > 1 else ""
        quoted = f": {self.quote(said)}" if said.strip() else ""
        return ProviderError(
            f"{what}{tries}{quoted}", kind=kind, status=status, attempts=attempts, hint=hint
        )

    def status(
        self, status: int | None, told: Told, *, attempts: int, asked_pause: float | None = None
    ) -> ProviderError:
        """Return the error for a status (None for an error inside a good status)."""
        kind = kind_of(status, told)
        number = "" if status is None else f" ({status})"
        what, hint = self._sentence(kind, status, told)
        if asked_pause is not None:
            what = f"{what}{number}, asks for a pause of {asked_pause:.0f} s, longer than allowed"
            hint = "raise `retry_after_cap` (and `timeout`), or try again later"
        else:
            what = f"{what}{number}"
        return self.make(kind, what, said=told.message, status=status, attempts=attempts, hint=hint)

    def _sentence(
        self, kind: ProviderErrorKind, status: int | None, told: Told
    ) -> tuple[str, str | None]:
        if kind is Kind.BAD_REQUEST:
            return self._refused_sentence(status, told)
        if kind is Kind.AUTHENTICATION:
            return self._account_sentence(status, told)
        if kind is Kind.RATE_LIMIT and told.has("insufficient_quota", "billing_error"):
            return f"{self.who} says the quota is used up", _PAY
        busy = status in {503, 529} or told.has("overloaded_error", "overloaded")
        if kind is Kind.SERVER and busy:
            return f"{self.who} is overloaded", "try again later; nothing was recorded"
        what, hint = _SENTENCES[kind]
        return f"{self.who} {what}", hint

    def _refused_sentence(self, status: int | None, told: Told) -> tuple[str, str | None]:
        if status == 413 or told.has("request_too_large"):
            return f"the request is too large for {self.who}", "attach smaller files"
        if _too_long(told):
            return f"the prompt is too long for the model, says {self.who}", "shorten it"
        return f"{self.who} refused the request", "check `params` and the form of the case"

    def _account_sentence(self, status: int | None, told: Told) -> tuple[str, str | None]:
        if status == 402 or told.has("billing_error"):
            return f"{self.who} wants to be paid first", _PAY
        if status == 403 or told.has("permission_error"):
            return f"{self.who} does not allow this", f"{self.key_hint}, and what it may use"
        return f"{self.who} did not accept the key", self.key_hint

    def deadline(self, seconds: float, attempts: int) -> ProviderError:
        """Return the error for a call that used up its time."""
        what = f"{self.who} gave no whole answer within {seconds:g} s"
        return self.make(
            Kind.TIMEOUT, what, attempts=attempts, hint="raise `timeout`, or ask for less"
        )

    def unreadable(
        self, error: reading.UnreadableError, data: bytes, attempts: int
    ) -> ProviderError:
        """Return the error for an answer that is none."""
        what = f"{self.who} answered with something unreadable: {error.message}"
        said = data[:2000].decode("utf-8", "replace")
        hint = "check that `base_url` and `provider` belong together"
        return self.make(Kind.GARBAGE, what, said=said, attempts=attempts, hint=hint)

    def connection(self, error: BaseException, attempts: int) -> ProviderError:
        """Return the error for a connection that failed or broke."""
        kind, what, hint = self._connection_sentence(chain(error))
        return self.make(kind, what, attempts=attempts, hint=hint)

    def _connection_sentence(
        self, causes: tuple[BaseException, ...]
    ) -> tuple[ProviderErrorKind, str, str | None]:
        # A broken name or certificate lies deeper in the chain than the SDK's own error.
        for cause in causes:
            if isinstance(cause, socket.gaierror):
                what = f"the name {self.who} cannot be resolved (DNS)"
                return Kind.CONNECTION, what, _CHECK_ADDRESS
            if isinstance(cause, ssl.SSLError):
                reason = getattr(cause, "verify_message", "") or cause.reason or "failed"
                what = f"no safe connection to {self.who} (TLS): {reason}"
                return Kind.CONNECTION, what, "check `base_url`, and this machine's certificates"
            if isinstance(cause, ConnectionRefusedError):
                what = f"{self.who} refuses connections"
                return Kind.CONNECTION, what, "is the server running?"
        names = {type(cause).__name__ for cause in causes}
        for known, kind, what, hint in _CONNECTIONS:
            if names & known:
                return kind, f"{self.who} {what}", hint
        return Kind.CONNECTION, f"{self.who} cannot be reached", _CHECK_ADDRESS


_PAY = "check plan and billing of the account"
_CHECK_ADDRESS = "check `base_url` and the network"

_SENTENCES = {
    Kind.NOT_FOUND: ("does not know this model or address", "check `model` and `base_url`"),
    Kind.RATE_LIMIT: ("limits the rate", "lower the concurrency, or try again later"),
    Kind.TIMEOUT: ("gave up waiting", "try again later"),
    Kind.SERVER: ("failed", "try again later; nothing was recorded"),
    Kind.GARBAGE: ("redirects elsewhere", "check `base_url`"),
}

# By name, because the SDKs and both generations of the HTTP library have classes of their own.
_CONNECTIONS: tuple[tuple[frozenset[str], ProviderErrorKind, str, str | None], ...] = (
    (
        frozenset({"ConnectTimeout"}),
        Kind.TIMEOUT,
        "took no connection in time",
        "check the network",
    ),
    (
        frozenset({"APITimeoutError", "ReadTimeout", "WriteTimeout", "PoolTimeout"}),
        Kind.TIMEOUT,
        "gave no answer in time",
        "raise `timeout`",
    ),
    (
        frozenset({"RemoteProtocolError", "ReadError", "WriteError", "EndOfStream"}),
        Kind.CUT_STREAM,
        "closed the connection before the answer was complete",
        "try again; nothing was recorded",
    ),
    (
        frozenset({"UnsupportedProtocol", "InvalidURL", "LocalProtocolError"}),
        Kind.CONNECTION,
        "cannot be addressed",
        "write `base_url` as https://host/path; a header may hold a line break",
    ),
    (
        frozenset({"DecodingError"}),
        Kind.GARBAGE,
        "sent an answer whose compression is damaged",
        None,
    ),
    (
        frozenset({"TooManyRedirects"}),
        Kind.GARBAGE,
        "redirects in a circle",
        "check `base_url`",
    ),
)


_BY_WORD = {
    "model_not_found": Kind.NOT_FOUND,
    "not_found_error": Kind.NOT_FOUND,
    "authentication_error": Kind.AUTHENTICATION,
    "permission_error": Kind.AUTHENTICATION,
    "billing_error": Kind.AUTHENTICATION,
    "invalid_api_key": Kind.AUTHENTICATION,
    "rate_limit_error": Kind.RATE_LIMIT,
    "rate_limit_exceeded": Kind.RATE_LIMIT,
    "insufficient_quota": Kind.RATE_LIMIT,
    "overloaded_error": Kind.SERVER,
    "api_error": Kind.SERVER,
    "server_error": Kind.SERVER,
}
_BY_STATUS = {
    401: Kind.AUTHENTICATION,
    402: Kind.AUTHENTICATION,
    403: Kind.AUTHENTICATION,
    404: Kind.NOT_FOUND,
    408: Kind.TIMEOUT,
    429: Kind.RATE_LIMIT,
}


def kind_of(status: int | None, told: Told) -> ProviderErrorKind:
    """Tell what kind of failure a status is; what the body says wins where it is clearer."""
    # The code is more exact than the type: a missing model is an "invalid_request_error".
    for word in (told.code, told.type):
        if word in _BY_WORD:
            return _BY_WORD[word]
    if status is None or status in _BY_STATUS:
        return _BY_STATUS.get(status or 0, Kind.BAD_REQUEST)
    if status >= 500:
        return Kind.SERVER
    return Kind.GARBAGE if status < 400 else Kind.BAD_REQUEST


_LONG = ("context length", "prompt is too long", "context window", "maximum context")


def _too_long(told: Told) -> bool:
    message = told.message.lower()
    return told.has("context_length_exceeded") or any(words in message for words in _LONG)


def told_by(data: bytes) -> Told:
    """Read the body of an error in any of the forms that providers and servers use."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        text = data[:2000].decode("utf-8", "replace").strip()
        page = text[:200].lower().startswith(("<!doctype", "<html"))
        return Told(message="a web page" if page else text)
    return told_in(value)


def told_in(value: JsonValue) -> Told:
    """Read an error document."""
    if not isinstance(value, dict):
        return Told(message="" if value is None else str(value))
    error = value.get("error")
    if isinstance(error, str):
        return Told(code=error, message=_first_text(value, "error_description", "message") or error)
    held: JsonObject = error if isinstance(error, dict) else value
    code = held.get("code")
    return Told(
        type=reading.text_or_none(held.get("type")) or "",
        code=str(code) if isinstance(code, str | int) else "",
        message=_first_text(held, "message", "detail"),
    )


def _first_text(held: JsonObject, *names: str) -> str:
    for name in names:
        value = held.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, dict | list) and value:
            return json.dumps(value, ensure_ascii=False)
    return ""


def chain(error: BaseException) -> tuple[BaseException, ...]:
    """Return an error and everything that led to it, without running in circles."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return tuple(found)
