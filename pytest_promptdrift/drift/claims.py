"""Cuts an answer into claims, and each claim into words, amounts, dates and names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from .concepts import Stance, stance
from .dates import dates
from .quantities import plain_decimals, quantities
from .words import PLEASANT, STOP, stem

if TYPE_CHECKING:
    from collections.abc import Iterator

ItemKind: TypeAlias = Literal["word", "number", "date", "code", "operator"]

_LONGEST_CLAIM = 2000
_MARKUP = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|`+|^#{1,6} |^> ?")
_BULLET = re.compile(r"^(?:[-*•–]|\(?\d{1,2}[.)]|[a-z]\)) ")
_ABBREVIATION = (
    r"(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bNo)(?<!\be\.g)(?<!\bi\.e)(?<!\bSt)(?<!\bvs)"
)
_SENTENCE = re.compile(
    rf"{_ABBREVIATION}(?<=[.!?。！？])[\"')\]]*\s+|;\s+|,?\s+(?=(?:but|however|whereas|while|although)\b)"
    rf"|(?<=[。！？])"
)
_SHORT: Final = (
    (re.compile(r"\b(ca)n['’]t\b|\bcannot\b", re.I), "can not"),
    (re.compile(r"\bwon['’]t\b", re.I), "will not"),
    (re.compile(r"\bshan['’]t\b", re.I), "shall not"),
    (re.compile(r"(?<=\w)n['’]t\b", re.I), " not"),
    (re.compile(r"(?<=\w)['’](?:re|ve|ll|d|m|s)\b", re.I), ""),
)
_CODE = re.compile(
    r"https?://[^\s<>\"')\]]*[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w$€£])\+?\(?\d[\d()]*+(?:[ /-]\(?\d[\d()]*+)++(?!\w)"
    r"|\b(?=[\w/-]*\d)(?=[\w/-]*[A-Za-z])[A-Za-z0-9]+(?:[-/_][A-Za-z0-9]+)*\b|\b\d+(?:\.\d+){2,}\b"
    r"|\bv\d+(?:\.\d+)+\b"
)
_GLUED = re.compile(
    r"(?i)\d+(?:\.\d+)?(?:k|m|mn|bn|ms|s|min|h|hrs?|d|kg|g|mg|km|cm|mm|ml|l|[kmgt]b|w|kw|kwh"
    r"|st|nd|rd|th|x|pp|day|days|week|weeks|month|months|year|years|hour|hours|minute"
    r"|minutes|working|business|page|user|gbps|mbps|eur|usd|gbp|am|pm)"
    r"|\d+-(?:[a-z]+)(?:-[a-z]+)*|24/7"
)
_OPERATOR = re.compile(r"(?<!\S)(?:>=|<=|==|!=|<>|≥|≤|≠|[<>=])(?=\s|\d)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a claim is made of: its kind, its normal form, and how it stands there."""

    kind: ItemKind
    key: str
    text: str
    family: str = ""
    written: float = 0.0
    first: bool = False

    @property
    def content(self) -> bool:
        """True for a word that carries meaning."""
        return self.kind == "word" and self.text.casefold() not in STOP


@dataclass(frozen=True)
class Claim:
    """One sentence or list entry, with what was found in it (worked out when asked for)."""

    text: str

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items in the order of the text."""
        return tuple(_items(_plain(self.text)))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The normal forms in order, articles left out."""
        return tuple(i.key for i in self.items if i.key not in {"a", "an", "the"})

    @cached_property
    def content(self) -> frozenset[str]:
        """The stems of the words that carry meaning, and the codes."""
        return frozenset(i.key for i in self.items if i.content or i.kind == "code")

    @cached_property
    def stance(self) -> Stance:
        """What the claim affirms and denies."""
        return stance(_plain(self.text).casefold())


def _plain(text: str) -> str:
    text = text[:_LONGEST_CLAIM]
    for pattern, full in _SHORT:
        text = pattern.sub(full, text)
    return text


def claims_of(text: str, *, dots_group: bool = False) -> list[Claim]:
    """Return the claims of an answer; greetings and offers of help are none."""
    text = plain_decimals(text, dots_group=dots_group)
    found: list[Claim] = []
    for line in text.splitlines():
        # single blanks first: on long runs of them the patterns would take quadratic time
        plain = _MARKUP.sub("", _BULLET.sub("", " ".join(line.split()), count=1))
        for sentence in _SENTENCE.split(plain):
            piece = sentence.strip()
            if piece and any(map(str.isalnum, piece)) and not _is_pleasant(piece):
                found.append(Claim(piece))
    return found


def _is_pleasant(text: str) -> bool:
    start = text[:200].casefold()
    if any(map(str.isdigit, text[:400])):
        return False
    return len(text) < 200 and any(phrase in start for phrase in PLEASANT)


def _items(text: str) -> Iterator[Item]:
    """Yield what a claim is made of; a stretch belongs to the first reader that takes it."""
    taken: list[tuple[int, int, Item]] = []
    free = list(text)
    for start, end, item in _marked(text, free):
        taken.append((start, end, item))
    rest = "".join(free)
    for start, end, amount in quantities(rest):
        shown = text[start:end].strip()
        item = Item("number", amount.key, shown, amount.family, amount.written)
        taken.append((start, end, item))
        free[start:end] = " " * (end - start)
    rest = "".join(free)
    taken += [
        (match.start(), match.end(), Item("operator", match[0], match[0]))
        for match in _OPERATOR.finditer(rest)
    ]
    for match in _WORD.finditer(rest):
        word = match[0]
        key = word.casefold() if word.casefold() in STOP else stem(word.casefold())
        taken.append(
            (match.start(), match.end(), Item("word", key, word, first=match.start() == 0))
        )
    taken.sort(key=lambda entry: entry[0])
    return (item for _, _, item in taken)


def _marked(text: str, free: list[str]) -> Iterator[tuple[int, int, Item]]:
    """Yield dates and codes, and blank them in ``free``."""
    for start, end, key in dates(text):
        free[start:end] = " " * (end - start)
        yield start, end, Item("date", key, text[start:end] or key, key.partition(":")[0])
    rest = "".join(free)
    for match in _CODE.finditer(rest):
        code = match[0]
        if _GLUED.fullmatch(code) or not _is_code(code):
            continue
        start, end = match.span()
        free[start:end] = " " * (end - start)
        key = code.casefold().rstrip("/")
        if not any(map(str.isalpha, key)):
            key = "".join(filter(str.isdigit, key))
        yield start, end, Item("code", key, code)


def _is_code(code: str) -> bool:
    if any(map(str.isalpha, code)):
        return True
    digits = sum(map(str.isdigit, code))
    # 3-5 is a range, 030 5557781 a telephone number, 3 000 000 an amount
    return code.count(".") > 1 or (digits >= 7 and not re.fullmatch(r"\d{1,3}(?: \d{3})+", code))
