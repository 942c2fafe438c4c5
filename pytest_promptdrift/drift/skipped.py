"""Says what was not looked at in answers, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .reading import MOST_TEXT, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_promptdrift.model import Response

_ENGLISH = "negation, opposites, names and added or dropped claims"


def skipped(accepted: Sequence[Response], fresh: Sequence[Response]) -> tuple[str, ...]:
    """Return what was left out for these answers; usually nothing."""
    return tuple(_skipped([*accepted, *fresh]))


def _skipped(responses: Sequence[Response]) -> Iterator[str]:
    readings = [Reading(response) for response in {r.text: r for r in responses}.values()]
    foreign = sorted(
        {r.language or "an unknown language" for r in readings if _is_prose(r) and not r.english}
    )
    if foreign:
        told = ", ".join(foreign)
        yield f"{_ENGLISH} were not looked at: known in English only, and this is {told}"
    if any(len(r.response.text) > MOST_TEXT for r in readings):
        yield f"what stands beyond {MOST_TEXT:,} characters was not looked at"


def _is_prose(reading: Reading) -> bool:
    return bool(
        not reading.is_json
        and reading.code is None
        and reading.label is None
        and len(reading.text.split()) > 3
    )
