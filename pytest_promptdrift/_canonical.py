"""Canonical JSON and digests: the only place of the project that hashes.

Two JSON values have the same canonical text exactly when they are the same JSON value: key order
does not count, ``1`` and ``1.0`` are the same number, ``true`` is not ``1``. Text is neither
folded nor normalised, because a provider would not do so either.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeGuard

from ._errors import PromptDriftError

JsonValue: TypeAlias = (
    "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
)
JsonObject: TypeAlias = Mapping[str, JsonValue]

_SURROGATE = re.compile("[\ud800-\udfff]")
# Built once: json.dumps would build an encoder for every call that asks for these settings.
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode
# What the encoder takes as it is; bool is listed because its type is not int.
_BYTES = (bytes, bytearray, memoryview)
_AS_IS = frozenset((str, int, bool, type(None)))


class NotJsonError(PromptDriftError):
    """A value that JSON cannot carry (NaN, infinity, a set, a key that is not text)."""


def _plain(value: object) -> object:
    """Return ``value`` with numbers in one form and containers as dict and list."""
    if type(value) in _AS_IS or isinstance(value, str | int):  # a subclass too
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            msg = f"{value!r} is not a JSON number"
            raise NotJsonError(msg)
        return int(value) if value.is_integer() else value
    # the real types first: asking an abstract class costs more than all the rest
    if isinstance(value, dict) or (not isinstance(value, list) and isinstance(value, Mapping)):
        out: dict[str, object] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                msg = f"JSON keys are text, found {key!r}"
                raise NotJsonError(msg)
            out[key] = item if type(item) in _AS_IS else _plain(item)
        return out
    if isinstance(value, list) or (isinstance(value, Sequence) and not isinstance(value, _BYTES)):
        return [item if type(item) in _AS_IS else _plain(item) for item in value]
    msg = f"{type(value).__name__} is not a JSON type"
    raise NotJsonError(msg)


def escape_surrogates(text: str) -> str:
    r"""Write lone surrogates of JSON text as ``\uXXXX``, so that it can be encoded as UTF-8."""
    return _SURROGATE.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def canonical_json(value: object) -> str:
    """Return the canonical JSON text of ``value``; NotJsonError for what JSON cannot hold."""
    try:
        text = _encode(_plain(value))
    except RecursionError as error:
        msg = "the value is nested too deeply, or contains itself"
        raise NotJsonError(msg) from error
    except ValueError as error:  # Python refuses to write an integer of more than 4300 digits
        msg = f"a number is too long: {error}"
        raise NotJsonError(msg) from error
    return text if text.isascii() else escape_surrogates(text)


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical JSON of ``value``, as 64 hexadecimal characters."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def digest_bytes(data: bytes) -> str:
    """Return the SHA-256 of ``data``, as 64 hexadecimal characters."""
    return hashlib.sha256(data).hexdigest()


def digest_text(text: str) -> str:
    """Return the SHA-256 of ``text`` (lone surrogates allowed), as 64 hexadecimal characters."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_nan(value: float) -> bool:
    # math.isnan would raise OverflowError for an integer beyond the range of a double
    return isinstance(value, float) and math.isnan(value)


def json_equal(left: object, right: object) -> bool:
    """Tell whether two JSON values are equal: type-strict for bool, ``1`` equals ``1.0``.

    Python's own ``==`` would call ``True`` and ``1`` equal. NaN equals NaN, because the question is
    whether two answers are the same. Iterative, so that hostile nesting cannot exhaust the stack.
    """
    stack: list[tuple[object, object]] = [(left, right)]
    while stack:
        a, b = stack.pop()
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            if a.keys() != b.keys():
                return False
            stack.extend((item, b[key]) for key, item in a.items())
        elif _is_list(a) and _is_list(b):
            if len(a) != len(b):
                return False
            stack.extend(zip(a, b, strict=True))
        elif not _scalar_equal(a, b):
            return False
    return True


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _scalar_equal(a: object, b: object) -> bool:
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a == b or (_is_nan(a) and _is_nan(b))
    return isinstance(a, str) and isinstance(b, str) and a == b
