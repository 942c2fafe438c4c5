"""The digest of answers: what a decision was about, so that an edit of it is noticed.

It is in baseline files, so what goes into it may only ever grow by fields that most answers lack.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import NotJsonError, canonical_json, digest_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_promptdrift.model import Sample

# A replay digests every answer, and canonical JSON of all of it would take three times as long.
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def answers_digest(samples: Sequence[Sample]) -> str:
    """Return 16 hexadecimal characters that change with anything stored of these samples.

    Empty when an answer holds something that cannot be stored, as in a live run.
    """
    try:
        return digest_text(_encode([_stored(sample) for sample in samples]))[:16]
    except NotJsonError:
        return ""


def _stored(sample: Sample) -> list[object]:
    response = sample.response
    usage, cost, calls = response.usage, response.cost, response.tool_calls
    return [
        response.text,
        response.finish_reason,
        response.refusal,
        response.response_id,
        response.served_model,
        response.fingerprint,
        # key order and 1 for 1.0 say nothing about what a tool was asked
        canonical_json([[c.name, c.arguments, c.id, c.raw] for c in calls]) if calls else None,
        [
            usage.input_tokens,
            usage.output_tokens,
            usage.cached_input_tokens,
            usage.cache_write_tokens,
            usage.reasoning_tokens,
        ]
        if usage
        else None,
        [cost.usd, cost.prices] if cost else None,
        response.latency,
        response.attempts,
        sample.recorded_at,
        sample.sdk,
    ]
