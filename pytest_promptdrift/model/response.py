"""What came back, in one form for every provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool the model asked for.

    ``arguments`` is the parsed JSON; when the model wrote no valid JSON it is None and ``raw``
    holds what it wrote.
    """

    name: str
    arguments: JsonValue
    id: str | None = None
    raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Token counts as the provider reported them; None means it did not say.

    ``input_tokens`` counts every input token, cached ones included, for every provider;
    ``output_tokens`` includes ``reasoning_tokens``.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one response cost in US dollars, and whose price list says so."""

    usd: float
    prices: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer.

    ``finish_reason`` is ``stop``, ``length``, ``tool_calls``, ``content_filter``, ``refusal``,
    ``pause`` or, when the provider said something else, its own word. ``refusal`` is the
    provider's refusal text where it marks one. ``served_model`` and ``fingerprint`` say who
    answered. ``latency`` is in seconds, from the first attempt's start to the last byte; ``cost``
    is None when no price is known.
    """

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    refusal: str | None = None
    served_model: str | None = None
    fingerprint: str | None = None
    response_id: str | None = None
    usage: Usage | None = None
    cost: Cost | None = None
    latency: float = 0.0
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One stored response: when it was recorded (ISO 8601, UTC) and through which SDK version."""

    response: Response
    recorded_at: str
    sdk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A request with its independent responses, in the order in which they were recorded.

    ``series`` is empty for the first recording of a request and names the later one that a
    refresh made beside it. ``id`` is derived from digest and series and never changes, also when
    samples are appended. ``label`` says for which variant and model it was recorded; it is there
    for people and decides nothing.
    """

    id: str
    digest: str
    series: str
    label: str
    request: JsonObject
    samples: tuple[Sample, ...]
