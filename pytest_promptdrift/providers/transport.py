"""The HTTP client that the SDKs send through: counts attempts, caps pauses, guards headers.

The only module that imports the HTTP library when it is loaded, so it is loaded only when a
client is opened. TLS, proxies and everything else are left as the library does them.
"""

from __future__ import annotations

import email.utils
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift.model import Request

    from .client import CallSettings

# What an own server gets to see. Everything else could have come from the environment and be
# meant for the provider: organisation, project, custom headers with the key of a gateway.
_FOR_OWN_SERVER = frozenset(
    {
        "accept",
        "accept-encoding",
        "anthropic-beta",
        "anthropic-version",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
# Opt-in features change the answer, so they come from the request and from nowhere else.
_BETA_HEADERS = ("anthropic-beta", "openai-beta")
# Nothing was sent, so nothing can have been billed.
_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


@dataclass(slots=True, kw_only=True)
class Call:
    """One call with its attempts; ``refusal`` is what ``before_attempt`` raised."""

    request: Request
    settings: CallSettings
    started: float = field(default_factory=time.perf_counter)
    attempts: int = 0
    may_be_billed: bool = False
    asked_pause: float | None = None
    refusal: Exception | None = None

    def begin(self) -> bool:
        """Count an attempt; False when it must not be made."""
        ask = self.settings.before_attempt
        if self.may_be_billed and ask is not None:
            try:
                ask(self.request, self.attempts + 1)
            except Exception as error:  # noqa: BLE001  (raised by the caller; an SDK would retry it)
                self.refusal = error
                return False
        self.attempts += 1
        self.may_be_billed = True
        return True

    def longest_pause(self) -> float:
        """Return how long a provider may ask us to wait: a pause past the deadline is useless."""
        left = self.settings.timeout - (time.perf_counter() - self.started)
        return min(self.settings.retry_after_cap, left)


CALL: ContextVar[Call] = ContextVar("promptdrift_call")


def asked_pause(headers: Mapping[str, str], now: float) -> float | None:
    """Return the pause that an answer asks for, read in the order in which the SDKs read it."""
    for name, divisor in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return float(headers[name]) / divisor
        except (KeyError, ValueError):
            continue
    try:
        date = email.utils.parsedate_tz(headers.get("retry-after", ""))
        return None if date is None else email.utils.mktime_tz(date) - now
    except (ValueError, OverflowError, OSError):
        return None


class GuardedClient(httpx2.AsyncClient):
    """An HTTP client for one provider or server.

    ``own_server_key`` is the key for a server that the configuration names, which gets that key
    and no other header of the environment; None for the provider's own address.
    """

    def __init__(self, settings: CallSettings, own_server_key: str | None) -> None:
        timeout = httpx2.Timeout(settings.timeout, connect=min(5.0, settings.timeout))
        # Fewer kept connections than calls would close and open one for every call beyond.
        limits = httpx2.Limits(
            max_connections=settings.concurrency, max_keepalive_connections=settings.concurrency
        )
        super().__init__(timeout=timeout, limits=limits, follow_redirects=True)
        self._own_server_key = own_server_key

    async def send(self, request: httpx2.Request, *args: Any, **kwargs: Any) -> httpx2.Response:
        """Make one attempt of the call that this task is making."""
        call = CALL.get()
        if not call.begin():
            return httpx2.Response(409, headers={"x-should-retry": "false"}, request=request)
        self._guard(request.headers, call)
        try:
            response = await super().send(request, *args, **kwargs)
        except _NEVER_SENT:
            call.may_be_billed = False
            raise
        call.may_be_billed = response.status_code < 400 or _may_have_worked(response.status_code)
        pause = asked_pause(response.headers, time.time())
        if _is_retried(response) and pause is not None and pause > call.longest_pause():
            call.asked_pause = pause
            response.headers["x-should-retry"] = "false"
        return response

    def _guard(self, headers: httpx2.Headers, call: Call) -> None:
        for name in _BETA_HEADERS:
            headers.pop(name, None)
        if call.request.betas:
            headers["anthropic-beta"] = ",".join(call.request.betas)
        if self._own_server_key is None:
            return
        for name in list(headers):
            if name not in _FOR_OWN_SERVER and not name.startswith("x-stainless-"):
                del headers[name]
        headers["authorization"] = f"Bearer {self._own_server_key}"


def _is_retried(response: httpx2.Response) -> bool:
    status = response.status_code
    asked = response.headers.get("x-should-retry") == "true" and status >= 400
    return asked or status in {408, 409, 429} or status >= 500


def _may_have_worked(status: int) -> bool:
    return status == 408 or status >= 500
