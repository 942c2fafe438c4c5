"""What keys look like: patterns of well-known credentials, none of which matches ordinary prose.

A pattern only proposes; a predicate decides whether what it found looks random, because
``sk-learn-based-pipelines`` and ``Bearer YOUR_API_KEY`` are no keys. Every pattern is linear: what
it consumes is not read again.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Span(NamedTuple):
    """A piece of a text, and what it is, in words that may be shown."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyShape:
    """One kind of key.

    ``hints`` are lower-case texts without one of which there can be no match: looking for them
    first is much faster than any pattern. ``secret`` returns where in a match the secret lies, or
    None when it is no secret after all.
    """

    label: str
    hints: tuple[str, ...]
    pattern: str
    secret: Callable[[re.Match[str]], tuple[int, int] | None]

    def find(self, text: str) -> Iterator[Span]:
        """Yield every key of this shape in ``text``."""
        # compiled only when a hint was met, and kept by re: most runs never need any of them
        for match in re.finditer(self.pattern, text):
            place = self.secret(match)
            if place is not None:
                yield Span(*place, self.label)


_RUN = re.compile(r"[A-Za-z0-9]{16,}")
_PIECES = re.compile(r"[-_.~+/=:]+")
_WORD = re.compile(r"[A-Z]?[a-z]*|[A-Z]+")
_PEM_LINE = re.compile(r"[A-Za-z0-9+/=]{40,}")
_PEM_LAST_LINE = re.compile(r"[\s\\\",]+[A-Za-z0-9+/=]+")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}-----")


def looks_random(text: str) -> bool:
    """Tell whether a text has a piece that no word, number, date or placeholder has."""
    for match in _RUN.finditer(text):
        run = match[0]
        if len(set(run)) < 6 or run.isdigit():
            continue
        if len(run) >= 20 or not run.isalpha():
            return True
    return False


def _mixed(text: str) -> bool:
    """Tell whether a short key has digits or upper case letters where words have none."""
    pieces = [piece for piece in _PIECES.split(text) if not _WORD.fullmatch(piece)]
    return len(set(text)) >= 6 and any(not piece.isdigit() for piece in pieces)


def _secret(match: re.Match[str]) -> str:
    return match["secret"]


def _if_random(match: re.Match[str]) -> tuple[int, int] | None:
    return match.span("secret") if looks_random(_secret(match)) else None


def _if_mixed(match: re.Match[str]) -> tuple[int, int] | None:
    return match.span("secret") if _mixed(_secret(match)) else None


def _always(match: re.Match[str]) -> tuple[int, int]:
    return match.span("secret")


def _if_varied(match: re.Match[str]) -> tuple[int, int] | None:
    return match.span("secret") if len(set(_secret(match))) >= 6 else None


def _if_slack(match: re.Match[str]) -> tuple[int, int] | None:
    digits = sum(char.isdigit() for char in _secret(match))
    return match.span("secret") if digits >= 6 else _if_random(match)


def _if_authorized(match: re.Match[str]) -> tuple[int, int] | None:
    if (match["scheme"] or "").lower() == "basic":
        return match.span("secret") if _is_basic(_secret(match)) else None
    return _if_random(match)


def _is_basic(text: str) -> bool:
    """Tell whether this is the base64 of ``user:password``."""
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in plain and plain.isascii()


def _if_pem(match: re.Match[str]) -> tuple[int, int] | None:
    lines = [line.end() for line in _PEM_LINE.finditer(match[0])]
    if not lines:
        return None
    last = _PEM_LAST_LINE.match(match[0], lines[-1])
    ends = [end.end() for end in _PEM_END.finditer(match[0])]
    return match.start(), match.start() + max([last.end() if last else 0, *lines, *ends])


def _shape(
    name: str,
    hints: tuple[str, ...],
    pattern: str,
    secret: Callable[[re.Match[str]], tuple[int, int] | None] = _if_random,
) -> KeyShape:
    return KeyShape(label=f"key shape {name}", hints=hints, pattern=pattern, secret=secret)


def _key(head: str, rest: str, *, word: str = "") -> str:
    """Return the pattern of a key that begins with ``head`` and not inside a word.

    ``word`` are characters that belong to a word besides letters, digits and ``_``. Behind an
    escape of JSON or of a URL it may begin. What may stand before is asked after the head, because
    a pattern that begins with a fixed text is found ten times faster.
    """
    before = "|".join(
        [
            rf"(?<![A-Za-z0-9_{word}]{head})",
            rf"(?<=\\[nrtbf]{head})",
            rf"(?<=\\u[0-9A-Fa-f]{{4}}{head})",
            rf"(?<=%[0-9A-Fa-f]{{2}}{head})",
        ]
    )
    return rf"(?P<secret>{head}(?:{before}){rest})"


_ASSIGNED = r"\\{0,3}[\"']?\s{0,8}[:=]\s{0,8}\\{0,3}[\"']?"

# Special forms come before the general one, so that the message says which key it is.
KEY_SHAPES = (
    _shape("sk-ant-…", ("sk-ant-",), _key("sk-ant-", r"[A-Za-z0-9_-]{16,}")),
    _shape("sk-proj-…", ("sk-proj-",), _key("sk-proj-", r"[A-Za-z0-9_-]{16,}")),
    _shape("sk-…", ("sk-",), _key("sk-", r"[A-Za-z0-9_-]{16,}")),
    _shape("sk_live_…", ("sk_live_",), _key("sk_live_", r"[A-Za-z0-9]{16,}")),
    _shape("AKIA…", ("akia",), _key("AKIA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"), _if_varied),
    _shape("ASIA…", ("asia",), _key("ASIA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"), _if_varied),
    _shape(
        "gh?_…",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        _key("gh", r"[pousr]_[A-Za-z0-9]{20,}"),
    ),
    _shape("github_pat_…", ("github_pat_",), _key("github_pat_", r"[A-Za-z0-9_]{20,}")),
    _shape("xox?-…", ("xox",), _key("xox", r"[a-z]-[A-Za-z0-9-]{10,}"), _if_slack),
    _shape("xapp-…", ("xapp-",), _key("xapp-", r"[A-Za-z0-9-]{10,}"), _if_slack),
    _shape("AIza…", ("aiza",), _key("AIza", r"[A-Za-z0-9_-]{30,}"), _if_mixed),
    _shape("glpat-…", ("glpat-",), _key("glpat-", r"[A-Za-z0-9_.-]{16,}"), _if_mixed),
    _shape("hf_…", ("hf_",), _key("hf_", r"[A-Za-z0-9]{20,}")),
    _shape(
        "JWT",
        ("eyj",),
        _key("eyJ", r"[A-Za-z0-9_-]{8,}+\.eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+", word="-"),
        _always,
    ),
    _shape(
        "Bearer …",
        ("bearer",),
        r"(?i:bearer)(?:\s|%20|\+){1,8}(?P<secret>[A-Za-z0-9._~+/=-]{16,})",
    ),
    _shape(
        "Authorization: …",
        ("authorization",),
        rf"(?i:authorization){_ASSIGNED}(?:(?P<scheme>[A-Za-z0-9-]{{3,20}})\s{{1,8}})?"
        r"(?P<secret>[A-Za-z0-9._~+/=:-]{8,})",
        _if_authorized,
    ),
    _shape(
        "api-key: …",
        ("api-key", "api_key", "apikey"),
        rf"(?i:api[-_]?key){_ASSIGNED}(?P<secret>[A-Za-z0-9._~+/=-]{{16,}})",
    ),
    _shape(
        "private key (PEM)",
        ("private key",),
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----"
        r"(?P<secret>[A-Za-z0-9+/=\s\\\"',:.()-]{40,}+)",
        _if_pem,
    ),
)
