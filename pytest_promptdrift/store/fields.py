"""The fields of a recording file: which there are, of which type, in which order.

It converts between plain JSON and the nouns and says which field is wrong, as a path; it knows
neither files nor lines.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pytest_promptdrift._errors import did_you_mean
from pytest_promptdrift.model import Cost, Recording, Response, Sample, ToolCall, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1

_TEXT = (str,)
_NUMBER = (float, int)
_COUNT = (int,)
_OBJECT = (dict,)
_LIST = (list,)
_ANY = (str, int, float, bool, type(None), dict, list)

FILE = {"format": _COUNT, "case": _TEXT, "recordings": _LIST}
RECORDING = {
    "id": _TEXT,
    "digest": _TEXT,
    "series": _TEXT,
    "label": _TEXT,
    "request": _OBJECT,
    "samples": _LIST,
}
_SAMPLE = {
    "recorded_at": _TEXT,
    "sdk": _TEXT,
    "served_model": _TEXT,
    "fingerprint": _TEXT,
    "response_id": _TEXT,
    "finish_reason": _TEXT,
    "latency": _NUMBER,
    "attempts": _COUNT,
    "usage": _OBJECT,
    "cost": _OBJECT,
    "refusal": _TEXT,
    "tool_calls": _LIST,
    "text": _TEXT,
}
_SAMPLE_NEEDS = frozenset({"recorded_at", "sdk", "latency", "attempts", "text"})
_USAGE = dict.fromkeys(
    (
        "input_tokens",
        "output_tokens",
        "cached_input_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
    ),
    _COUNT,
)
_COST = {"usd": _NUMBER, "prices": _TEXT}
_TOOL_CALL = {"name": _TEXT, "arguments": _ANY, "id": _TEXT, "raw": _TEXT}
_NAMES: dict[tuple[type, ...], str] = {
    _TEXT: "text",
    _NUMBER: "a number",
    _COUNT: "a whole number",
    _OBJECT: "an object",
    _LIST: "a list",
}

Path = tuple[str | int, ...]


class FieldError(Exception):
    """A field is not what it has to be; ``path`` leads to it from where the reading began."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


def check(
    value: object,
    fields: Mapping[str, tuple[type, ...]],
    path: Path,
    needs: frozenset[str] | None = None,
) -> dict[str, Any]:
    """Return ``value`` as an object that has only these fields, all that are needed, rightly typed.

    ``needs`` is None when all of them are. Raises FieldError.
    """
    if type(value) is not dict:
        raise FieldError(path, f"expected an object, found {kind_of(value)}")
    for key, item in value.items():
        kinds = fields.get(key)
        if kinds is None:
            raise FieldError((*path, key), f"unknown field {key!r}{did_you_mean(key, fields)}")
        if type(item) not in kinds:
            message = f"{key!r} has to be {_NAMES[kinds]}, found {kind_of(item)}"
            raise FieldError((*path, key), message)
    needed = fields.keys() if needs is None else needs
    if not needed <= value.keys():
        missing = sorted(needed - value.keys())
        raise FieldError(path, f"{', '.join(map(repr, missing))} is missing")
    return value


def kind_of(value: object) -> str:
    """Return what a JSON value is, in a word or two."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    for kinds, name in _NAMES.items():
        if type(value) in kinds:
            return name
    raise AssertionError("unreachable: JSON has no other types")


def recording_from(raw: Mapping[str, Any]) -> Recording:
    """Return the recording of a checked entry whose texts are whole again; raises FieldError."""
    return Recording(
        id=raw["id"],
        digest=raw["digest"],
        series=raw["series"],
        label=raw["label"],
        request=raw["request"],
        samples=tuple(
            [_sample_from(item, ("samples", n)) for n, item in enumerate(raw["samples"])]
        ),
    )


def _sample_from(value: object, path: Path) -> Sample:
    raw = check(value, _SAMPLE, path, _SAMPLE_NEEDS)
    get = raw.get
    latency = raw["latency"]
    if not 0 <= latency < math.inf:
        raise _not_an_amount((*path, "latency"), latency)
    usage, cost, calls = get("usage"), get("cost"), get("tool_calls", ())
    response = Response(
        text=raw["text"],
        tool_calls=tuple(
            [_tool_call_from(call, (*path, "tool_calls", n)) for n, call in enumerate(calls)]
        ),
        finish_reason=get("finish_reason"),
        refusal=get("refusal"),
        served_model=get("served_model"),
        fingerprint=get("fingerprint"),
        response_id=get("response_id"),
        usage=None if usage is None else _usage_from(usage, (*path, "usage")),
        cost=None if cost is None else _cost_from(cost, (*path, "cost")),
        latency=latency,
        attempts=raw["attempts"],
    )
    return Sample(response=response, recorded_at=raw["recorded_at"], sdk=raw["sdk"])


def _not_an_amount(path: Path, found: float) -> FieldError:
    return FieldError(path, f"{path[-1]!r} has to be 0 or more, found {found!r}")


def _cost_from(value: object, path: Path) -> Cost:
    raw = check(value, _COST, path)
    if not 0 <= raw["usd"] < math.inf:
        raise _not_an_amount((*path, "usd"), raw["usd"])
    return Cost(**raw)


def _usage_from(value: object, path: Path) -> Usage:
    return Usage(**check(value, _USAGE, path, frozenset()))


def _tool_call_from(value: object, path: Path) -> ToolCall:
    raw = check(value, _TOOL_CALL, path, frozenset({"name"}))
    return ToolCall(
        name=raw["name"], arguments=raw.get("arguments"), id=raw.get("id"), raw=raw.get("raw")
    )


def recording_to(
    recording_id: str, digest: str, series: str, label: str, request: object
) -> dict[str, Any]:
    """Return a new entry without samples, in the order of the file."""
    return {
        "id": recording_id,
        "digest": digest,
        "series": series,
        "label": label,
        "request": request,
        "samples": [],
    }


def sample_to(sample: Sample) -> dict[str, Any]:
    """Return a sample as a JSON object: metadata first, the answer last, nothing that is None."""
    response = sample.response
    usage = response.usage
    values = {
        "recorded_at": sample.recorded_at,
        "sdk": sample.sdk,
        "served_model": response.served_model,
        "fingerprint": response.fingerprint,
        "response_id": response.response_id,
        "finish_reason": response.finish_reason,
        "latency": response.latency,
        "attempts": response.attempts,
        "usage": None if usage is None else _set(usage, _USAGE),
        "cost": None if response.cost is None else _set(response.cost, _COST),
        "refusal": response.refusal,
        "tool_calls": [_set(call, _TOOL_CALL) for call in response.tool_calls] or None,
        "text": response.text,
    }
    return {key: value for key, value in values.items() if value is not None}


def _set(noun: object, fields: Mapping[str, object]) -> dict[str, object]:
    values = ((key, getattr(noun, key)) for key in fields)
    return {key: value for key, value in values if value is not None}
