"""How a provider writes its JSON, so that a document which is stored parsed can be written again.

Most providers write as one of six encoders does; the text is then the same to the last byte. In
other cases the document is the same and its white space is not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from pytest_promptdrift._canonical import escape_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_promptdrift._canonical import JsonValue

_FORMS: Final = {"compact": (",", ":"), "spaced": (", ", ": "), "indented": (",", ": ")}
_ENCODERS: Final = {
    f"{form}{'-ascii' if ascii_only else ''}": json.JSONEncoder(
        separators=separators,
        ensure_ascii=ascii_only,
        indent=2 if form == "indented" else None,
        allow_nan=False,
        check_circular=False,
    )
    for form, separators in _FORMS.items()
    for ascii_only in (False, True)
}


class Parsed(NamedTuple):
    """A JSON document that was read without loss."""

    value: JsonValue


def _pairs(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    held = dict(pairs)
    if len(held) != len(pairs):
        msg = "a key stands twice"
        raise ValueError(msg)
    return held


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)


def lossless(text: str) -> Parsed | None:
    """Return the document of a text; None when it is no JSON or some of it would be lost."""
    try:
        return Parsed(_DECODER.decode(text))
    except (ValueError, RecursionError):
        return None


def written(value: JsonValue, layout: str) -> str:
    """Return the text of a document; an unknown layout is written as the first."""
    encoder = _ENCODERS.get(layout) or _ENCODERS["compact"]
    return escape_surrogates(encoder.encode(value))


def layout_of(texts: Iterable[str]) -> str:
    """Return the layout that writes all of the documents as they stand, or else the first."""
    documents = [(text.strip(), parsed) for text in texts if (parsed := lossless(text))]
    fitting = (
        layout
        for layout in _ENCODERS
        if all(written(parsed.value, layout) == text for text, parsed in documents)
    )
    return next(fitting, "compact")
