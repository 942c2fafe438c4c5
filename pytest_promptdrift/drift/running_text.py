"""The running text of answers: what is left to read when layout and new fields are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import canonical_json

from .reading import Reading
from .shape import form_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_promptdrift.model import Response


def running_texts(responses: Sequence[Response]) -> tuple[str, ...] | None:
    """Return, for answers that are all JSON, how it stands there and the values that all have.

    None when some answer is no JSON, or calls a tool. A new field, an order of keys or a layout is
    no other way to speak. A fence, null and numbers count beside texts: a model that was rounded
    to fewer bits shows more in how often it writes them than in its words.
    """
    readings = [Reading(response) for response in responses]
    if not all(r.is_json and not r.response.tool_calls for r in readings):
        return None
    found = [[("", form_of(reading)), *_values(reading.json)] for reading in readings]
    common = frozenset.intersection(*[frozenset(path for path, _ in one) for one in found])
    return tuple(["\n".join(text for path, text in one if path in common) for one in found])


def _values(root: object) -> Iterator[tuple[str, str]]:
    """Yield path and text of every value in JSON, by path, so that layout does not count."""
    stack: list[tuple[str, object]] = [("$", root)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            stack += [(f"{path}.{key}", value[key]) for key in sorted(value, reverse=True)]
        elif isinstance(value, list):
            ordered = sorted(value, key=canonical_json, reverse=True)
            stack += [(f"{path}[]", item) for item in ordered]
        else:
            yield path, value if isinstance(value, str) else canonical_json(value)
