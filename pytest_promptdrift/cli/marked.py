"""Which words of two texts differ, with both texts kept whole, so that they can stand side by side.

It knows no terminal: it makes pieces of text, each changed or not.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# A piece of text, and whether it is one of those that changed.
Piece: TypeAlias = tuple[str, bool]
# From and to on the left, then on the right.
Change: TypeAlias = tuple[int, int, int, int]

# Scripts that put no space between words: there every character is compared.
_DENSE = "\u0e00-\u0eff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SENTENCE_ENDS = frozenset(".!?。！？")
_WORD = rf"[{_DENSE}]|[^\W{_DENSE}]+"
# A word or a sign with the space behind it; at the start, space alone.
_TOKENS = re.compile(rf"(?:{_WORD}|[^\w\s])\s*|\s+")
_WORDS = re.compile(_WORD)
# What comparing costs at worst is the number of equal pairs of words times that of words: a text
# made of two words for ever would take minutes. More than this could take a second.
_MOST_WORK = 50_000_000
# An unchanged stretch that is longer is cut in the middle; these many characters stay on each side.
_KEPT = 160
_CUT = 3 * _KEPT


def words_of(text: str) -> list[str]:
    """Return the words of a text, without signs."""
    return _WORDS.findall(text)


def mark_changes(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts as pieces; those that the other text does not have are marked.

    Only words and signs are compared, unless nothing but the space between them differs.
    """
    left, right = _tokens(old), _tokens(new)
    words = [token.rstrip() for token in left], [token.rstrip() for token in right]
    if words[0] == words[1]:
        words = left, right
    marks = [False] * len(left), [False] * len(right)
    for a, b, c, d in _changes(*words):
        marks[0][a:b] = [True] * (b - a)
        marks[1][c:d] = [True] * (d - c)
    return _pieces(left, marks[0]), _pieces(right, marks[1])


def _tokens(text: str) -> list[str]:
    return [match[0] for match in _TOKENS.finditer(text)]


def _changes(left: list[str], right: list[str]) -> Iterator[Change]:
    """Yield what differs: word by word, or sentence by sentence where that would take too long."""
    yield from _opcodes(left, right, _by_sentence)


def _by_sentence(left: list[str], right: list[str]) -> Iterator[Change]:
    ends = _sentences(left), _sentences(right)
    texts = [
        [" ".join(words[a:b]) for a, b in pairwise(at)]
        for words, at in zip((left, right), ends, strict=True)
    ]
    for a, b, c, d in _opcodes(texts[0], texts[1], _all):
        old, new = ends[0][a], ends[1][c]
        inner = left[old : ends[0][b]], right[new : ends[1][d]]
        for e, f, g, h in _opcodes(*inner, _all):
            yield old + e, old + f, new + g, new + h


def _sentences(words: list[str]) -> list[int]:
    """Return where sentences begin and, at last, where the text ends."""
    ends = (n for n, word in enumerate(words, 1) if word in _SENTENCE_ENDS)
    return list(dict.fromkeys([0, *ends, len(words)]))


def _all(left: list[str], right: list[str]) -> Iterator[Change]:
    yield 0, len(left), 0, len(right)


def _opcodes(
    left: list[str],
    right: list[str],
    otherwise: Callable[[list[str], list[str]], Iterator[Change]],
) -> Iterator[Change]:
    """Yield what differs between two lists; ``otherwise`` says it when the lists are too much."""
    head = _common(left, right)
    tail = _common(left[head:][::-1], right[head:][::-1])
    old, new = left[head : len(left) - tail], right[head : len(right) - tail]
    counts = Counter(new)
    pairs = sum(counts[word] for word in old)
    if pairs * min(len(old), len(new)) > _MOST_WORK:
        found = otherwise(old, new)
    else:
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        found = (block[1:] for block in matcher.get_opcodes() if block[0] != "equal")
    for a, b, c, d in found:
        yield head + a, head + b, head + c, head + d


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    for index, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return index
    return min(len(left), len(right))


def _pieces(tokens: Iterable[str], marks: Iterable[bool]) -> list[Piece]:
    found: list[Piece] = []
    for changed, group in groupby(zip(tokens, marks, strict=True), key=lambda pair: pair[1]):
        text = "".join(token for token, _ in group)
        kept = text.rstrip() if changed and text.strip() else text
        # the space behind a change is no part of it
        found += [(kept, changed), (text[len(kept) :], False)]
    return [piece for piece in found if piece[0]]


def shorten(pieces: Iterable[Piece]) -> list[Piece]:
    """Cut long stretches that did not change, and say how much of them is hidden."""
    return [(text if changed else _short(text), changed) for text, changed in pieces]


def _short(text: str) -> str:
    hidden = len(text) - 2 * _KEPT
    if len(text) <= _CUT:
        return text
    return f"{text[:_KEPT]} [… {hidden:,} characters alike …] {text[-_KEPT:]}"


def bracketed(pieces: Iterable[Piece], opening: str, closing: str) -> list[Piece]:
    """Put signs around what changed, for screens and eyes without colour."""
    return [(f"{opening}{text}{closing}" if changed else text, changed) for text, changed in pieces]
