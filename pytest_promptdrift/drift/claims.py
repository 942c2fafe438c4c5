"""Cuts an answer into claims, and each claim into words, amounts, dates and names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from .dates import DATE_WORDS, dates
from .listening import Stance, stance
from .phrases import tokens_of
from .quantities import plain_decimals, quantities, spells_number
from .words import PLEASANT, STOP, stem

if TYPE_CHECKING:
    from collections.abc import Iterator

ItemKind: TypeAlias = Literal["word", "number", "date", "code", "operator"]

_LONGEST_CLAIM = 2000
_MARKUP = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|`+|^#{1,6} |^> ?")
_MARKS = re.compile(r"[*_`#>]")
_BULLET = re.compile(r"^(?:[-*•–]|\(?\d{1,2}[.)]|[a-z]\)) ")
_ABBREVIATION = re.compile(r"(?<!\w)(?:Mr|Mrs|Ms|Dr|e\.g|i\.e|St|vs|No)\Z")
# On single blanks. Every alternative begins with a character, so that the search skips the rest.
_TURN = r" (?=(?:but|however|whereas|while|although)\b)"
_SENTENCE = re.compile(
    rf"(?P<end>[.!?][\"')\]]*) |(?P<full>[。！？][\"')\]]*) ?|; |,{_TURN}|{_TURN}"
)
_SHORT: Final = (
    (re.compile(r"\b(ca)n['’]t\b|\bcannot\b", re.I), "can not"),
    (re.compile(r"\bwon['’]t\b", re.I), "will not"),
    (re.compile(r"\bshan['’]t\b", re.I), "shall not"),
    (re.compile(r"(?<=\w)n['’]t\b", re.I), " not"),
    (re.compile(r"(?<=\w)['’](?:re|ve|ll|d|m|s)\b", re.I), ""),
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"https?://[^\s<>\"')\]]*[\w/]")
_CODE = re.compile(
    r"(?<![\w$€£])\+?\(?\d[\d()]*+(?:[ /-]\(?\d[\d()]*+)++(?!\w)"
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


_DIGIT = re.compile(r"\d")
_SIGNS: Final = frozenset("<>=≥≤≠")


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


# Where an item stands, and the item.
_Taken: TypeAlias = tuple[int, Item]


@dataclass(frozen=True)
class Claim:
    """One sentence or list entry, with what was found in it (worked out when asked for)."""

    text: str

    @cached_property
    def plain(self) -> str:
        """The text without contractions, as far as it is read."""
        return plain_text(self.text)

    @cached_property
    def _read(self) -> tuple[list[_Taken], str]:
        """What is no word, and the text with blanks in its place."""
        return marks_in(self.plain, self.tokens)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items in the order of the text."""
        taken, rest = self._read
        found = [*taken, *_words(rest)]
        found.sort(key=_place)
        return tuple([item for _, item in found])

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The normal forms in order, articles left out."""
        return tuple(i.key for i in self.items if i.key not in {"a", "an", "the"})

    @cached_property
    def content(self) -> frozenset[str]:
        """The stems of the words that carry meaning, and the codes."""
        return frozenset(i.key for i in self.items if i.content or i.kind == "code")

    @cached_property
    def tokens(self) -> list[str]:
        """The words in lower case, and what stands between them but blanks."""
        return tokens_of(self.plain.casefold())

    @cached_property
    def stance(self) -> Stance:
        """What the claim affirms and denies."""
        return stance(self.tokens)


def _place(taken: _Taken) -> int:
    return taken[0]


def claims_of(text: str, *, dots_group: bool = False) -> list[Claim]:
    """Return the claims of an answer; greetings and offers of help are none."""
    text = plain_decimals(text, dots_group=dots_group)
    found: list[Claim] = []
    pleasant = _is_pleasant_somewhere(text)
    for line in text.splitlines():
        # single blanks first: on long runs of them the patterns would take quadratic time
        plain = " ".join(line.split())
        bullet = _BULLET.match(plain)
        plain = plain[bullet.end() :] if bullet else plain
        plain = _MARKUP.sub("", plain) if _MARKS.search(plain) else plain
        for sentence in _sentences(plain):
            piece = sentence.strip()
            if any(map(str.isalnum, piece)) and not (pleasant and _is_pleasant(piece)):
                found.append(Claim(piece))
    return found


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for match in _SENTENCE.finditer(line):
        at = match.start()
        if line[at] == "." and _is_abbreviation(line, at, match.end()):
            continue
        yield line[start : max(at, match.end("end"), match.end("full"))]
        start = match.end()
    yield line[start:]


def _is_abbreviation(line: str, at: int, behind: int) -> bool:
    word = _ABBREVIATION.search(line[max(0, at - 4) : at])
    # "No. 5" is one thing, "No. You may not." are two
    return word is not None and (word[0] != "No" or line[behind : behind + 1].isdigit())


def _is_pleasant_somewhere(text: str) -> bool:
    plain = " ".join(text.casefold().split())
    return any(phrase in plain for phrase in PLEASANT)


def _is_pleasant(text: str) -> bool:
    if len(text) >= 200 or _DIGIT.search(text):
        return False
    start = text.casefold()
    return any(phrase in start for phrase in PLEASANT)


def plain_text(text: str) -> str:
    """Return a claim without contractions, as far as it is read."""
    text = text[:_LONGEST_CLAIM]
    if "'" in text or "’" in text or "annot" in text or "ANNOT" in text:
        for pattern, full in _SHORT:
            text = pattern.sub(full, text)
    return text


def marks_in(text: str, tokens: list[str]) -> tuple[list[_Taken], str]:
    """Return what is no word, and the rest; a stretch belongs to the first reader that takes it."""
    digits = _DIGIT.search(text) is not None
    free = _Free(text)
    known = frozenset(tokens)
    if "-" in text:
        known |= {part for token in tokens for part in token.split("-")}
    words = not known.isdisjoint(DATE_WORDS)
    if digits or words:
        for start, end, key in dates(text, words=words):
            shown = text[start:end] or key
            free.take(start, end, Item("date", key, shown, key.partition(":")[0]))
    _take_codes(free, digits=digits)
    words = spells_number(known)
    if digits or words:
        for start, end, amount in quantities(free.rest, words=words):
            shown = text[start:end].strip()
            free.take(start, end, Item("number", amount.key, shown, amount.family, amount.written))
    if digits or not _SIGNS.isdisjoint(text):
        for match in _OPERATOR.finditer(free.rest):
            free.taken.append((match.start(), Item("operator", match[0], match[0])))
    return free.taken, free.rest


class _Free:
    """A text, of which stretches are taken one after the other."""

    def __init__(self, text: str) -> None:
        self.rest = text
        self.taken: list[_Taken] = []

    def take(self, start: int, end: int, item: Item) -> None:
        """Give a stretch to an item."""
        self.taken.append((start, item))
        self.rest = f"{self.rest[:start]}{' ' * (end - start)}{self.rest[end:]}"


def _words(rest: str) -> Iterator[_Taken]:
    for match in _WORD.finditer(rest):
        word = match[0]
        plain = word.casefold()
        key = plain if plain in STOP else stem(plain)
        yield match.start(), Item("word", key, word, first=match.start() == 0)


def _take_codes(free: _Free, *, digits: bool) -> None:
    readers = ((_URL, "://" in free.rest), (_MAIL, "@" in free.rest), (_CODE, digits))
    for match in (m for pattern, used in readers if used for m in pattern.finditer(free.rest)):
        code = match[0]
        if _GLUED.fullmatch(code) or not _is_code(code):
            continue
        key = code.casefold().rstrip("/")
        if not any(map(str.isalpha, key)):
            key = "".join(filter(str.isdigit, key))
        free.take(*match.span(), Item("code", key, code))


def _is_code(code: str) -> bool:
    if any(map(str.isalpha, code)):
        return True
    digits = sum(map(str.isdigit, code))
    # 3-5 is a range, 030 5557781 a telephone number, 3 000 000 an amount
    return code.count(".") > 1 or (digits >= 7 and not re.fullmatch(r"\d{1,3}(?: \d{3})+", code))
