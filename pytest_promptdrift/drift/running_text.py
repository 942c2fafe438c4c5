"""The running text of answers: what is left to read when facts and forms are counted elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import canonical_json

from .reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_promptdrift.model import Response


def running_texts(responses: Sequence[Response]) -> tuple[str, ...] | None:
    """Return, for answers that are all JSON, the texts in fields that all of them have.

    None when some answer is no JSON, or calls a tool. A new field, an order of keys or a layout is
    no other way to speak; which fields there are and what stands in them is for the other tests.
    """
    readings = [Reading(response) for response in responses]
    if not all(r.is_json and not r.response.tool_calls for r in readings):
        return None
    found = [list(_texts(reading.json)) for reading in readings]
    common = frozenset.intersection(*[frozenset(path for path, _ in one) for one in found])
    return tuple(["\n".join(text for path, text in one if path in common) for one in found])


def _texts(root: object) -> Iterator[tuple[str, str]]:
    """Yield path and text of every text in a JSON value, by path, so that layout does not count."""
    stack: list[tuple[str, object]] = [("$", root)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            stack += [(f"{path}.{key}", value[key]) for key in sorted(value, reverse=True)]
        elif isinstance(value, list):
            ordered = sorted(value, key=canonical_json, reverse=True)
            stack += [(f"{path}[]", item) for item in ordered]
        elif isinstance(value, str):
            yield path, value
