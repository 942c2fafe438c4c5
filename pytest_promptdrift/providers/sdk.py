"""Calls models through the official SDKs: the one place that imports them, when a client opens.

Requests go through the SDK's low-level ``post`` as the very bytes of the digested body, and
answers are read by us from JSON: an SDK's own classes would add, drop or rename fields.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_promptdrift._canonical import escape_surrogates
from pytest_promptdrift._errors import ProviderError
from pytest_promptdrift._place import place_of

from . import anthropic_messages, hosts, openai_chat, openai_responses, prices, reading
from .attachments import markers, materialise
from .errors import Reporter, Told, told_by, told_in

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from pathlib import Path

    import httpx2

    from pytest_promptdrift._canonical import JsonObject
    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Request, Response

    from .client import CallSettings
    from .transport import Call


class _Protocol(NamedTuple):
    path: str
    parse: Callable[[JsonObject], Response]


_PROTOCOLS: Mapping[str, _Protocol] = {
    openai_chat.API: _Protocol(openai_chat.PATH, openai_chat.parse),
    openai_responses.API: _Protocol(openai_responses.PATH, openai_responses.parse),
    anthropic_messages.API: _Protocol(anthropic_messages.PATH, anthropic_messages.parse),
}
# A document with one of these is an answer, whatever else it says.
_ANSWERS = ("choices", "output", "content")


def share(model: ModelConfig) -> Hashable:
    """Return what tells which models may use one client: server, key, and prices of one's own."""
    vendor = hosts.ANTHROPIC if model.provider == "anthropic" else hosts.OPENAI
    return (vendor.name, model.base_url, model.key_variable, model.prices)


def open_openai(
    model: ModelConfig, settings: CallSettings, environ: Mapping[str, str]
) -> SdkClient:
    """Open a client for chat completions and responses."""
    key, variable = hosts.key_for(model, hosts.OPENAI, environ)
    import openai  # noqa: PLC0415  (half a second that a replay must not pay)

    from .transport import GuardedClient  # noqa: PLC0415  (imports the HTTP library)

    own = hosts.is_own_server(model, hosts.OPENAI)
    url = hosts.base_url(model, hosts.OPENAI, environ)
    client = openai.AsyncOpenAI(
        api_key=key,
        base_url=url or f"https://{hosts.OPENAI.official}",
        max_retries=settings.retries,
        timeout=settings.timeout,
        http_client=GuardedClient(settings, key if own else None),
    )
    return SdkClient(
        sdk=f"openai {openai.__version__}",
        model=model,
        settings=settings,
        reporter=_reporter(model, settings, url or hosts.OPENAI.official, key, variable),
        client=client,
        status_error=openai.APIStatusError,
    )


def open_anthropic(
    model: ModelConfig, settings: CallSettings, environ: Mapping[str, str]
) -> SdkClient:
    """Open a client for messages."""
    key, variable = hosts.key_for(model, hosts.ANTHROPIC, environ)
    import anthropic  # noqa: PLC0415  (two seconds that a replay must not pay)

    from .transport import GuardedClient  # noqa: PLC0415  (imports the HTTP library)

    own = hosts.is_own_server(model, hosts.ANTHROPIC)
    url = hosts.base_url(model, hosts.ANTHROPIC, environ)
    is_token = variable == "ANTHROPIC_AUTH_TOKEN"
    client = anthropic.AsyncAnthropic(
        api_key=None if is_token else key,
        auth_token=key if is_token else None,
        base_url=url or f"https://{hosts.ANTHROPIC.official}",
        max_retries=settings.retries,
        timeout=settings.timeout,
        http_client=GuardedClient(settings, key if own else None),
    )
    return SdkClient(
        sdk=f"anthropic {anthropic.__version__}",
        model=model,
        settings=settings,
        reporter=_reporter(model, settings, url or hosts.ANTHROPIC.official, key, variable),
        client=client,
        status_error=anthropic.APIStatusError,
    )


def _reporter(
    model: ModelConfig, settings: CallSettings, url: str, key: str, variable: str
) -> Reporter:
    def redact(text: str) -> str:
        # A word of a few letters is no secret, and replacing it would garble the message.
        is_secret = key != hosts.PLACEHOLDER_KEY and len(key) > 4
        hidden = text.replace(key, "[key]") if is_secret else text
        return settings.redact(hidden)

    hint = (
        f"check the key in {variable}"
        if variable
        else (f"no key was sent: name its variable as `key_variable` of model {model.name!r}")
    )
    return Reporter(who=place_of(url).partition("/")[0], redact=redact, key_hint=hint)


@dataclass(slots=True, kw_only=True)
class SdkClient:
    """A client of one server; ``client`` is the SDK's, ``status_error`` its error for a status."""

    sdk: str
    model: ModelConfig
    settings: CallSettings
    reporter: Reporter
    client: Any
    status_error: type[Exception]

    async def complete(self, request: Request, files: Mapping[str, Path]) -> Response:
        """Return the answer; raises ProviderError when there is none."""
        from .transport import CALL, Call  # noqa: PLC0415  (loaded when the client was opened)

        call = Call(request=request, settings=self.settings)
        token = CALL.set(call)
        started = time.perf_counter()
        try:
            answer = await self._send(call, files)
        finally:
            CALL.reset(token)
        latency = time.perf_counter() - started
        response = self._read(request, answer, call.attempts)
        # Other models may share this client.
        asked = replace(self.model, model=str(request.body.get("model")))
        cost = prices.price(
            asked, response.served_model, response.usage, datetime.now(UTC), body=request.body
        )
        return replace(response, latency=latency, attempts=call.attempts, cost=cost)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.close()

    async def _send(self, call: Call, files: Mapping[str, Path]) -> httpx2.Response:
        """Post the request; every failure becomes a ProviderError without a chain.

        The errors of the SDKs hold the request and the body of the answer, and so possibly a key,
        which a traceback would show.
        """
        failed: Exception
        try:
            async with asyncio.timeout(self.settings.timeout):
                return await self._post(call.request, files)
        except ProviderError as error:
            failed = error
        except TimeoutError:
            failed = self.reporter.deadline(self.settings.timeout, call.attempts)
        except self.status_error as error:
            failed = self._status(error, call)
        except Exception as error:  # noqa: BLE001  (whatever an SDK lets out is a failed call)
            failed = self.reporter.connection(error, call.attempts)
        raise call.refusal or failed

    async def _post(self, request: Request, files: Mapping[str, Path]) -> httpx2.Response:
        import httpx2  # noqa: PLC0415  (loaded when the client was opened)

        if next(markers(request.body), None) is None:
            content = encode(request.body)
        else:
            content = await asyncio.to_thread(_with_files, request.body, files)
        path = _PROTOCOLS[request.api].path
        response = await self.client.post(path, cast_to=httpx2.Response, content=content)
        if not isinstance(response, httpx2.Response):
            raise AssertionError("unreachable: the SDK was asked for the response itself")
        return response

    def _status(self, error: Exception, call: Call) -> ProviderError:
        response: httpx2.Response | None = getattr(error, "response", None)
        if response is None:
            return self.reporter.connection(error, call.attempts)
        told = told_by(response.content)
        return self.reporter.status(
            response.status_code, told, attempts=call.attempts, asked_pause=call.asked_pause
        )

    def _read(self, request: Request, answer: httpx2.Response, attempts: int) -> Response:
        data = answer.content
        try:
            document = reading.decode(data, answer.headers.get("content-type", ""))
            failure = _failure_in(document)
            if failure is None:
                return _PROTOCOLS[request.api].parse(document)
        except reading.UnreadableError as error:
            unreadable = self.reporter.unreadable(error, data, attempts)
        else:
            raise self.reporter.status(None, failure, attempts=attempts)
        raise unreadable


def _failure_in(document: JsonObject) -> Told | None:
    """Return the error that a document with a good status reports."""
    if reading.text_or_none(document.get("status")) in {"failed", "cancelled"}:
        return told_in(document)
    if document.get("error") and not any(name in document for name in _ANSWERS):
        return told_in(document)
    return None


def _with_files(body: JsonObject, files: Mapping[str, Path]) -> bytes:
    return encode(materialise(body, files))


def encode(body: JsonObject) -> bytes:
    """Return a body as it is sent; any text can be, lone surrogates are written as escapes."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return escape_surrogates(text).encode()
