"""Small requests, samples and stores for tests of what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift.model import Cost, Request, Response, Sample, ToolCall, Usage
from pytest_promptdrift.store import RecordingStore, Redactor

if TYPE_CHECKING:
    from pathlib import Path

LABEL = "openai:gpt-5-mini"


def a_request(text: str = "I was charged twice.\nPlease help.", **body: object) -> Request:
    messages = [
        {"role": "system", "content": "You triage the messages of a shop."},
        {"role": "user", "content": text},
    ]
    return Request(api="openai.chat", body={"model": "gpt-5-mini", "messages": messages, **body})


def a_sample(text: str = "billing", response_id: str | None = None) -> Sample:
    return Sample(
        response=Response(text=text, response_id=response_id, latency=0.5),
        recorded_at="2026-11-23T09:00:00Z",
        sdk="openai 3.54.0",
    )


def a_full_sample() -> Sample:
    return Sample(
        response=Response(
            text="billing\nbecause of the charge\r\n",
            tool_calls=(
                ToolCall(name="refund", arguments={"order": 88231, "note": "a\nb"}, id="call_1"),
                ToolCall(name="refund", arguments=None, raw='{"order": '),
            ),
            finish_reason="tool_calls",
            refusal="no\nway",
            served_model="gpt-5-mini-2026-08-07",
            fingerprint="fp_1",
            response_id="chatcmpl-1",
            usage=Usage(input_tokens=10, output_tokens=4, cached_input_tokens=0),
            cost=Cost(usd=0.00021, prices="genai-prices 0.2.3"),
            latency=0.8125,
            attempts=2,
        ),
        recorded_at="2026-11-23T09:00:00Z",
        sdk="openai 3.54.0",
    )


def a_store(folder: Path, redactor: Redactor | None = None) -> RecordingStore:
    return RecordingStore(
        folder / "__promptdrift__" / "triage",
        lock_folder=folder / "locks",
        redactor=redactor or Redactor(),
    )
