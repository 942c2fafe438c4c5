"""Output for machines: JSON without credentials, in plain ASCII, so that no terminal obeys it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .console import Console


def say_json(document: object, console: Console) -> None:
    """Write a document."""
    clean = redacted(document, console.redact)
    console.line(json.dumps(clean, indent=1))


def redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """Return a JSON value with every text of it changed by ``redact``."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redact(key): redacted(item, redact) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [redacted(item, redact) for item in value]
    return value
