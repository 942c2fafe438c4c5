"""Says what was not looked at in answers, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .reading import MOST_TEXT, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_promptdrift.model import Response

_ENGLISH: Final = "negations, opposites, names, roles, and numbers, dates and refusals in words"
_LANGUAGES: Final = {
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "sv": "Swedish",
    "tr": "Turkish",
    "ja": "Japanese",
    "ko": "Korean",
    "zh": "Chinese",
    "cyrillic": "a language in Cyrillic script",
    "el": "Greek",
    "ar": "Arabic",
    "he": "Hebrew",
    "th": "Thai",
    "hi": "Hindi",
    "not en": "another language",
}
# So few words may be a name, a code or a label in any language.
_LEAST_WORDS: Final = 4


def skipped(accepted: Sequence[Response], fresh: Sequence[Response]) -> tuple[str, ...]:
    """Return what was left out for these answers, and why; usually nothing."""
    return tuple(_skipped({r.text: r for r in (*accepted, *fresh)}.values()))


def _skipped(responses: Iterable[Response]) -> Iterator[str]:
    foreign = sorted({name for r in responses if (name := _foreign(r))})
    if foreign:
        told = " and ".join(foreign)
        yield f"{_ENGLISH}: known in English only, and this is {told}"
    if any(len(response.text) > MOST_TEXT for response in responses):
        yield f"what stands beyond {MOST_TEXT:,} characters of an answer"


def _foreign(response: Response) -> str | None:
    """Return the name of the language of prose that is not English."""
    reading = Reading(response)
    if reading.is_json or reading.code is not None or reading.label is not None:
        return None
    if len(reading.text.split()) < _LEAST_WORDS or reading.english:
        return None
    return _LANGUAGES[reading.language] if reading.language else "a language it could not tell"
