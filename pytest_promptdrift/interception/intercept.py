"""The context in which every call of the SDKs goes through a handler, whoever builds the client.

Decides for each call: whose it is, whether somebody else answers it, and what the handler says.
"""

from __future__ import annotations

import functools
import json
import sys
from typing import TYPE_CHECKING, Any

from .answers import content_of
from .calls import InterceptedCall
from .callsite import CoroutineOrigins, find_call_site
from .errors import InterceptionError, StoppedCallError
from .mocks import active_mock
from .owners import Owner, Owners
from .passage import AsyncTee, Passage, SyncTee
from .patching import Patches
from .placeholders import PLACEHOLDER, PLACEHOLDER_VARIABLES, Placeholders, holds_placeholder
from .reading import HttpRequest, fetches_credentials, read_request

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType, ModuleType, TracebackType

    from .calls import CallHandler, RecordedAnswer
    from .callsite import CallSite
    from .reading import Normalise

_PASSAGE = "promptdrift.passage"
_TOKEN = {
    "access_token": PLACEHOLDER,
    "token_type": "Bearer",
    "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    "expires_in": 3600,
}


class Interception:
    """Catches every call of the openai and anthropic SDKs while it is entered.

    ``offline`` refuses what the handler would let go to the network. ``normalise`` is applied to
    the body of every request before its digest, for what is new in each run. Variables of
    ``placeholders`` that are not set hold a key that is never sent. ``problems`` are the calls that
    were stopped before they had an owner.

    Works around synchronous and asynchronous code; calls of other HTTP clients and of other SDKs
    are left alone, and so are those of this project.
    """

    def __init__(
        self,
        handler: CallHandler,
        *,
        offline: bool,
        normalise: Normalise | None = None,
        placeholders: Iterable[str] = PLACEHOLDER_VARIABLES,
    ) -> None:
        self.problems: list[StoppedCallError] = []
        self._handler = handler
        self._offline = offline
        self._normalise = normalise
        self._owners = Owners()
        self._patches = Patches(self._wrap)
        self._placeholders = Placeholders(placeholders)
        self._origins = CoroutineOrigins()

    def __enter__(self) -> Interception:
        self._patches.start()
        self._placeholders.start()
        self._origins.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._origins.stop()
        self._placeholders.stop()
        self._patches.stop()

    def owned_by(self, name: str, *, binds: bool = True) -> Owner:
        """Return the owner of the calls that are made while it is entered."""
        return Owner(name, self._owners, binds=binds)

    def _wrap(self, transport: Any, library: ModuleType, frame: FrameType) -> Any:
        site = find_call_site(frame)
        if site is None:
            return transport
        mock = active_mock(library, transport)
        if mock is not None:
            owner = self._owners.current()
            if owner is not None:
                owner.stood_aside_for.add(mock)
            return transport
        return _Transport(self, transport, library, site)

    def begin(self, request: Any, library: ModuleType, site: CallSite, *, is_async: bool) -> Any:
        """Return the response to give, a Passage to the network, or None to keep out of the way."""
        earlier = request.extensions.get(_PASSAGE)
        if isinstance(earlier, Passage):
            if earlier.is_sending:
                return None  # a transport that hands on to another client
            earlier.restart()
            return earlier
        if fetches_credentials(str(request.url)):
            return _token(library) if self._offline else None
        call, owner = self._identify(request, site, is_async=is_async)
        try:
            answer = self._answer(call, request)
        except Exception as error:
            stopped = StoppedCallError(error, call)
            owner.problems.append(stopped)
            raise stopped from error
        if answer is not None:
            return _response(library, answer.status, answer.headers, content_of(answer))
        passage = Passage(call, owner, self._handler, library)
        request.extensions[_PASSAGE] = passage
        return passage

    def _identify(
        self, request: Any, site: CallSite, *, is_async: bool
    ) -> tuple[InterceptedCall, Owner]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        http = HttpRequest(
            sdk=site.sdk,
            method=request.method,
            url=str(request.url),
            headers=headers,
            content=request.content,
        )
        where = f"{http.method} {request.url.copy_with(query=None, userinfo=b'')}"
        owner: Owner | None = None
        try:
            owner = self._owners.of_call(where if site.line is None else f"{where} at {site.line}")
            canonical, streams = read_request(http, self._normalise)
            retries = _count(headers.get("x-stainless-retry-count"))
            number = owner.number_of(canonical.digest, retries)
        except Exception as error:
            stopped = StoppedCallError(error, None)
            (self if owner is None else owner).problems.append(stopped)
            raise stopped from error
        call = InterceptedCall(
            request=canonical,
            owner=owner.name,
            number=number,
            attempt=retries + 1,
            streams=streams,
            is_async=is_async,
            line=site.line,
            sdk=_sdk(site.sdk),
        )
        return call, owner

    def _answer(self, call: InterceptedCall, request: Any) -> RecordedAnswer | None:
        """Ask the handler, and refuse to send what must not be sent."""
        answer = self._handler.handle(call)
        if answer is not None:
            return answer
        if self._offline:
            msg = f"a call without a recording: {call.request.api}, and nothing may be called here"
            raise InterceptionError(msg)
        if holds_placeholder({name.lower(): value for name, value in request.headers.items()}):
            msg = f"no key is set for a call of {call.sdk}, which would go to {request.url.host}"
            variables = ", ".join(PLACEHOLDER_VARIABLES)
            raise InterceptionError(msg, hint=f"set the one that it needs of {variables}")
        return None


class _Transport:
    """Stands in for the transport of one request."""

    def __init__(
        self, interception: Interception, inner: Any, library: ModuleType, site: CallSite
    ) -> None:
        self._interception = interception
        self._inner = inner
        self._library = library
        self._site = site

    def handle_request(self, request: Any) -> Any:
        """Return the recorded response or that of the network."""
        request.read()
        begun = self._interception.begin(request, self._library, self._site, is_async=False)
        if begun is None:
            return self._inner.handle_request(request)
        if not isinstance(begun, Passage):
            return begun
        with begun.sending():
            response = self._inner.handle_request(request)
        begun.arrived(response, _tees(self._library)[0])
        return response

    async def handle_async_request(self, request: Any) -> Any:
        """Return the recorded response or that of the network."""
        await request.aread()
        begun = self._interception.begin(request, self._library, self._site, is_async=True)
        if begun is None:
            return await self._inner.handle_async_request(request)
        if not isinstance(begun, Passage):
            return begun
        with begun.sending():
            response = await self._inner.handle_async_request(request)
        begun.arrived(response, _tees(self._library)[1])
        return response


@functools.cache
def _tees(library: ModuleType) -> tuple[type[Any], type[Any]]:
    """Return the streams for a library, which insists on classes of its own."""
    return (
        type("SyncTee", (SyncTee, library.SyncByteStream), {}),
        type("AsyncTee", (AsyncTee, library.AsyncByteStream), {}),
    )


def _response(library: ModuleType, status: int, headers: Any, content: bytes) -> Any:
    return library.Response(status, headers=dict(headers), stream=library.ByteStream(content))


def _token(library: ModuleType) -> Any:
    headers = {"content-type": "application/json"}
    return _response(library, 200, headers, json.dumps(_TOKEN).encode())


def _count(value: str | None) -> int:
    return int(value) if value is not None and value.isdecimal() else 0


def _sdk(name: str) -> str:
    return f"{name} {getattr(sys.modules.get(name), '__version__', 'of unknown version')}"
