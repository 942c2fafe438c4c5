"""Keeps credentials out of everything that is written or shown.

Two sources: the values of the environment's credential variables, in every form in which a text
may carry them, and the shapes of well-known keys. No message of this module holds a secret.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, quote_plus

from pytest_promptdrift._errors import SecretFoundError

from .key_shapes import KEY_SHAPES, Span, looks_random

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KEY_VARIABLES = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
# Two are enough for every text that is not made to need more.
_PASSES = 8
_KEY_LENGTH = 6
_OTHER_LENGTH = 8
# A name that says that its value is a credential.
_CREDENTIAL_NAME = re.compile(
    r"(?:.*_)?(?:API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)|.*_KEY", re.IGNORECASE
)
_LETTERS = re.compile(r"[A-Za-z _.,:;/-]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_NUMBER = re.compile(r"[0-9.,:+_ TZ-]+")
_PATH = re.compile(r"(?:~|\.{1,2})?[/\\].*|[A-Za-z]:[/\\].*")
_HEX = re.compile(r"[0-9A-Fa-f]{16,}")
# Between two lines of a value: a line break as it is, escaped, or as a new item of a line array.
_BREAK = r"(?:\\*r)?(?:\r?\n|\\+n|\",\s*\")"
_SEPARATOR = "\0"
_HINTS = tuple((hint, shape) for shape in KEY_SHAPES for hint in shape.hints)


class _Needle(NamedTuple):
    """One form of a secret value; ``pattern`` is set where the form is not one fixed text."""

    text: str
    label: str
    pattern: re.Pattern[str] | None = None


class Redactor:
    """Finds credentials in text; built once per run from the environment."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        """Look for these values, given by the name of their variable, and for all key shapes."""
        self._needles = tuple(
            needle
            for name, value in (secrets or {}).items()
            if value.strip()
            for needle in _needles(name, value.strip())
        )
        labels = {needle.label for needle in self._needles} | {s.label for s in KEY_SHAPES}
        alternatives = "|".join(re.escape(label) for label in sorted(labels))
        self._done = rf"\[redacted: (?:{alternatives})\]"

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str], extra_variables: Iterable[str] = ()
    ) -> Redactor:
        """Return a redactor for the live credentials of an environment.

        ``extra_variables`` are the key variables that the configuration names. The values of other
        variables count when their name says that they are a credential and they look like one: a
        ``SORT_KEY=priority`` is no secret.
        """
        keys = {*KEY_VARIABLES, *extra_variables}
        return cls(
            {
                name: value
                for name, value in environ.items()
                if (
                    len(value.strip()) >= _KEY_LENGTH
                    if name in keys
                    else _CREDENTIAL_NAME.fullmatch(name) and _is_credential(value.strip())
                )
            }
        )

    def redact(self, text: str) -> str:
        """Return ``text`` with every credential replaced by what it is; doing it twice is safe."""
        # again after every replacement: without what stood beside it, more may look like a key
        for _ in range(_PASSES):
            spans = self._find(text)
            if not spans:
                break
            pieces: list[str] = []
            at = 0
            for span in spans:
                pieces += [text[at : span.start], f"[redacted: {span.label}]"]
                at = span.end
            text = "".join([*pieces, text[at:]])
        return text

    def redact_json(self, value: object) -> object:
        """Return a JSON value with every text in it redacted, keys too; itself without any."""
        # one search over everything: hardly ever is there something to redact
        if not self._find(_SEPARATOR.join([text for _, text in _texts(value, "")])):
            return value
        return self._redacted(value)

    def _redacted(self, value: object) -> object:
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, Mapping):
            return {self.redact(key): self._redacted(item) for key, item in value.items()}
        if isinstance(value, Sequence):
            return [self._redacted(item) for item in value]
        return value

    def guard(self, text: str, where: str = "the text") -> None:
        """Raise SecretFoundError when ``text`` holds a credential; ``where`` says what it is."""
        spans = self._find(text)
        if spans:
            raise _found(spans[0].label, where)

    def guard_json(self, value: object, where: str) -> None:
        """Raise SecretFoundError, naming the field, when a JSON value holds a credential."""
        texts = list(_texts(value, where))
        # one search over everything; where it is matters only when there is something
        if self._find(_SEPARATOR.join([text for _, text in texts])):
            for place, text in texts:
                self.guard(text, place)

    def _find(self, text: str) -> list[Span]:
        """Return the credentials in ``text``, ordered, without overlaps."""
        found: list[Span] = []
        folded = text.lower()
        for needle in self._needles:
            if needle.pattern is None:
                if needle.text in text:
                    found += _occurrences(needle, text)
            elif needle.text in folded:
                found += [Span(*m.span(), needle.label) for m in needle.pattern.finditer(text)]
        # one flat look for every hint: a replay asks this of each of its short texts
        hinted = [shape for hint, shape in _HINTS if hint in folded]
        for shape in dict.fromkeys(hinted) if hinted else ():
            found += shape.find(text)
        return self._merged(found, text) if found else found

    def _merged(self, found: list[Span], text: str) -> list[Span]:
        done = (
            [match.span() for match in re.finditer(self._done, text)]
            if "[redacted: " in text
            else []
        )
        merged: list[Span] = []
        # the sort is stable, so of two spans that begin together the variable's comes first
        for span in sorted(found, key=lambda span: span.start):
            if merged and span.start < merged[-1].end:
                merged[-1] = merged[-1]._replace(end=max(span.end, merged[-1].end))
            elif not _inside(span, done):
                merged.append(span)
        return merged


def _inside(span: Span, places: list[tuple[int, int]]) -> bool:
    """Tell whether a span lies in one of the ``places``, which are ordered and apart."""
    before = bisect_right(places, (span.start, sys.maxsize)) - 1
    return before >= 0 and span.end <= places[before][1]


def _occurrences(needle: _Needle, text: str) -> Iterator[Span]:
    at = text.find(needle.text)
    while at >= 0:
        end = at + len(needle.text)
        yield Span(at, end, needle.label)
        at = text.find(needle.text, end)


def _found(label: str, where: str) -> SecretFoundError:
    what = f"a {label}" if label.startswith("key shape") else f"the value of {label}"
    return SecretFoundError(
        f"{where} holds {what}; nothing was written",
        hint="take the credential out of the prompt, its variables and tools, and revoke it",
    )


def _texts(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield f"a key of {where}", key
            yield from _texts(item, f"{where}.{key}")
    elif isinstance(value, Sequence):
        for n, item in enumerate(value):
            yield from _texts(item, f"{where}[{n}]")


def _is_credential(value: str) -> bool:
    if len(value) < _OTHER_LENGTH:
        return False
    if looks_random(value):
        return True
    return not (_is_words(value) or _NUMBER.fullmatch(value) or _PATH.fullmatch(value))


def _is_words(value: str) -> bool:
    """Tell whether this is a name like ``created_at`` or ``orderByTime``, and no random letters."""
    words = _WORD.findall(value)
    return _LETTERS.fullmatch(value) is not None and sum(map(len, words)) >= 3 * len(words)


def _needles(name: str, value: str) -> Iterator[_Needle]:
    """Yield every form in which ``value`` may stand in a text."""
    if "\n" in value:
        lines = [re.escape(line.rstrip("\r")) for line in value.split("\n")]
        longest = max(value.splitlines(), key=len)
        yield _Needle(longest.lower(), name, re.compile(_BREAK.join(lines)))
    if _HEX.fullmatch(value):
        yield _Needle(value.lower(), name, re.compile(value, re.IGNORECASE | re.ASCII))
    escaped = json.dumps(value)[1:-1]
    forms = [
        value,
        escaped,
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(escaped)[1:-1],
        value.replace("/", "\\/"),
        hexadecimal := value.encode("utf-8", "surrogatepass").hex(),
        hexadecimal.upper(),
    ]
    for quoted in (_quoted(value), _quoted_plus(value)):
        forms += [quoted, re.sub("%[0-9A-F]{2}", lambda m: m[0].lower(), quoted)]
    forms += _base64_forms(value)
    for form in dict.fromkeys(forms):
        yield _Needle(form, name)


def _quoted(value: str) -> str:
    return quote(value, safe="", errors="surrogatepass")


def _quoted_plus(value: str) -> str:
    return quote_plus(value, errors="surrogatepass")


def _base64_forms(value: str) -> Iterator[str]:
    """Yield the base64 of ``value`` as it looks inside a longer text, at each of the three shifts.

    Characters that also depend on what stands before or behind are left out.
    """
    data = value.encode("utf-8", "surrogatepass")
    for shift, skipped in ((0, 0), (1, 2), (2, 3)):
        whole = (shift + len(data)) * 8 // 6
        core = base64.b64encode(b"\0" * shift + data).decode()[skipped:whole]
        if len(core) >= _OTHER_LENGTH:
            yield core
            yield core.replace("+", "-").replace("/", "_")
