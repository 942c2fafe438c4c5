"""Turns an HTTP request of an SDK into the canonical request that golden cases have too.

Pure: no HTTP library, no SDK.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from pytest_promptdrift._place import place_of
from pytest_promptdrift.model import Request

from .inline_files import marker_of, without_files
from .multipart import read_form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_promptdrift._canonical import JsonObject, JsonValue

    Normalise = Callable[[JsonObject], JsonObject]

CHAT = "openai.chat"
RESPONSES = "openai.responses"
MESSAGES = "anthropic.messages"

# By the end of the path; a longer one stands before its own end.
_ENDPOINTS: tuple[tuple[str, str, str], ...] = (
    ("openai", "/chat/completions", CHAT),
    ("openai", "/completions", "openai.completions"),
    ("openai", "/responses", RESPONSES),
    ("openai", "/embeddings", "openai.embeddings"),
    ("openai", "/moderations", "openai.moderations"),
    ("anthropic", "/v1/messages/count_tokens", "anthropic.count_tokens"),
    ("anthropic", "/v1/messages", MESSAGES),
)
_OFFICIAL = frozenset(
    {"api.openai.com/v1", "api.openai.com", "api.anthropic.com", "api.anthropic.com/v1"}
)
_BETA_HEADERS = ("anthropic-beta", "openai-beta")
_STREAMING_PATH = re.compile(r"/invoke-with-response-stream\Z|:streamRawPredict\Z")
# Azure's version of the protocol is chosen by the application and changes what it may ask.
_VERSION = "api-version"
_SECRET_QUERY = re.compile(r"key|token|secret|sig|auth|password", re.IGNORECASE)
_CREDENTIALS = re.compile(r"/(?:oauth2?/)?token\Z|/identity\Z")
_METADATA_HOSTS = frozenset({"169.254.169.254", "metadata.google.internal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """What an SDK sends; header names are in lower case."""

    sdk: str
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes


def fetches_credentials(url: str) -> bool:
    """Tell whether an address gives out access tokens, which no recording may hold."""
    parts = urlsplit(url)
    return parts.hostname in _METADATA_HOSTS or _CREDENTIALS.search(parts.path) is not None


def read_request(http: HttpRequest, normalise: Normalise | None) -> tuple[Request, bool]:
    """Return the canonical request, and whether its answer is asked for as a stream.

    ``normalise`` is applied to the body; what it raises is raised here.
    """
    parts = urlsplit(http.url)
    held = _json_object(http)
    known = _endpoint(http, parts.path) if held is not None else None
    if known is None or held is None:
        api, base, body = f"{http.sdk}.other", "", _any_body(http, held)
    else:
        api, base = known
        body = _as_asked(held)
    streams = _STREAMING_PATH.search(parts.path) is not None
    streams = streams or (held is not None and held.get("stream") is True)
    if normalise is not None:
        body = normalise(body)
    host = _host(http.url, base)
    return Request(api=api, body=body, host=host, betas=_betas(http.headers)), streams


def _json_object(http: HttpRequest) -> JsonObject | None:
    if not http.content or "json" not in http.headers.get("content-type", "json"):
        return None
    try:
        value = json.loads(http.content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _endpoint(http: HttpRequest, path: str) -> tuple[str, str] | None:
    """Return the name of the API and the path before it."""
    if http.method != "POST":
        return None
    for sdk, end, api in _ENDPOINTS:
        if sdk == http.sdk and path.endswith(end):
            return api, path.removesuffix(end)
    return None


def _as_asked(body: JsonObject) -> JsonObject:
    """Drop what says nothing: a field that is null, and that the answer is not streamed."""
    kept = {key: item for key, item in body.items() if item is not None}
    if kept.get("stream") is False:
        del kept["stream"]
    return without_files(kept)


def _any_body(http: HttpRequest, held: JsonObject | None) -> JsonObject:
    """Return everything that an endpoint without a form of its own is asked."""
    parts = urlsplit(http.url)
    query = [
        [name, value]
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _SECRET_QUERY.search(name)
    ]
    body: dict[str, JsonValue] = {"method": http.method, "path": parts.path}
    if query:
        body["query"] = query
    if http.content:
        body["content"] = _content(http) if held is None else without_files(held)
    return body


def _content(http: HttpRequest) -> JsonValue:
    content_type = http.headers.get("content-type", "application/octet-stream")
    form = read_form(http.content, content_type)
    return marker_of(http.content, content_type, "body") if form is None else form


def _host(url: str, base: str) -> str | None:
    parts = urlsplit(url)
    place = place_of(f"{parts.scheme}://{parts.netloc}{base}")
    if place in _OFFICIAL:
        return None
    version = dict(parse_qsl(parts.query)).get(_VERSION)
    return place if version is None else f"{place}?{_VERSION}={version}"


def _betas(headers: Mapping[str, str]) -> tuple[str, ...]:
    named = (headers.get(name, "").split(",") for name in _BETA_HEADERS)
    return tuple(sorted({beta.strip() for betas in named for beta in betas} - {""}))
