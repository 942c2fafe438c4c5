"""Says in which harmless way an answer misses the expected text, so that the cause is seen at once.

This module must not decide anything.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._json_text import unfence

if TYPE_CHECKING:
    from collections.abc import Callable

_MARKS = "\"'`*_“”‘’«»„"
_PUNCTUATION = ".,;:!?…"
# Longer answers are not near anything, and the forms below copy the text.
_LIMIT = 20_000


def _same(text: str) -> str:
    return text


_FORMS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("differs only in the white space around it", _same),
    ("differs only in Unicode form", lambda text: unicodedata.normalize("NFKC", text)),
    ("differs only in case; ignore_case: true allows that", str.casefold),
    ("differs only in punctuation at the end", lambda text: text.rstrip(_PUNCTUATION)),
    ("is inside a code fence", lambda text: (unfence(text) or text).strip()),
    ("is inside quotation marks or emphasis", lambda text: text.strip(_MARKS)),
    ("differs only in white space", lambda text: " ".join(text.split())),
)


def _bare(text: str) -> str:
    """Return the text with all harmless differences taken away."""
    text = unicodedata.normalize("NFKC", unfence(text) or text)
    return " ".join(text.split()).strip(_MARKS + _PUNCTUATION + " ").casefold()


def near_miss(text: str, *targets: str) -> str:
    """Return a note like ``" (differs only in case)"``, or nothing when it is no near miss."""
    if len(text) > _LIMIT:
        return ""
    for note, form in _FORMS:
        shaped = form(text.strip())
        if shaped and any(form(target.strip()) == shaped for target in targets):
            return f" ({note})"
    bare = _bare(text)
    for target in targets:
        wanted = _bare(target)
        if not wanted:
            continue
        if wanted == bare:
            return " (differs only in case, punctuation, quotation marks or white space)"
        if target.strip() in text:
            return f" (the answer holds it among {len(text.split())} words)"
        if wanted in bare:
            return " (the answer holds it, but for case or white space)"
    return ""
