"""Answers as vectors that need no model: what is written, and how it looks.

Buckets of n-grams are an arithmetic of code points, not a digest: nothing is addressed by them, and
a collision only blurs a distance a little.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .seeding import Floats, seeded_rng

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

Vectors: TypeAlias = NDArray[np.float32]

_ORDER = 3
_TOKEN = re.compile(r"\w+|[^\w \0]| {2,}")
_EDGE = "\0"
_IDENTITIES = 1 << 18  # n-grams are told apart by this many numbers …
_BUCKETS = 1024  # … and folded with random signs into this many columns
_LONGEST = 20_000
_FIRST = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER = np.uint64(0xD6E8FEB86659FD93)

_LIST_MARK = re.compile(r"^\s*(?:[-*•+]|\d{1,3}[.)])\s", re.MULTILINE)
_CODE_MARK = re.compile(r"```|`[^`\n]+`|^ {4}\S", re.MULTILINE)
_DIGIT = re.compile(r"\d")
_PUNCTUATION = re.compile(r"[^\w\s]")
_WORD_START = re.compile(r"\b[A-Z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as its style sees it; who calls knows what a refusal is and why it ended."""

    text: str
    refused: bool = False
    finish_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Both sides of every case in one list: for each case its accepted, then its fresh answers.

    Matrices for the same answers, such as an embedder's, have one row an answer in this order.
    """

    sizes: tuple[tuple[int, int], ...]
    answers: tuple[Answer, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in order."""
        return tuple(answer.text for answer in self.answers)


def lay_out(accepted: Sequence[Sequence[Answer]], fresh: Sequence[Sequence[Answer]]) -> Layout:
    """Put both sides of every case in one list; inside a side the order given does not count."""
    sizes, answers = [], []
    for pair in zip(accepted, fresh, strict=True):
        sizes.append((len(pair[0]), len(pair[1])))
        for side in pair:
            answers += sorted(side, key=lambda a: (a.text, a.refused, a.finish_reason))
    return Layout(sizes=tuple(sizes), answers=tuple(answers))


def layout_rng(layout: Layout, *context: object) -> Generator:
    """Return the generator for these answers."""
    rows = [[a.text, a.refused, a.finish_reason] for a in layout.answers]
    return seeded_rng("answers", list(context), list(layout.sizes), rows)


def _gram_weights(text: str) -> tuple[NDArray[np.int64], Floats]:
    """Return the n-grams of a text as numbers, each once, with 1 + log of how often it occurs."""
    tokens = _TOKEN.findall(text[:_LONGEST])
    if not tokens:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    marked = _EDGE + _EDGE.join(tokens) + _EDGE
    codes = np.frombuffer(marked.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    number = np.zeros(codes.size - _ORDER + 1, dtype=np.uint64)
    for i in range(_ORDER):
        number = (number + codes[i : codes.size - _ORDER + 1 + i]) * _FIRST
        number ^= number >> np.uint64(29)
    inside = codes[1:-1] != ord(_EDGE)  # the end of one word and the start of the next are no gram
    grams = np.sort(((number[inside] * _MULTIPLIER) >> np.uint64(46)).astype(np.int64))
    starts = np.flatnonzero(np.concatenate([[True], grams[1:] != grams[:-1]]))
    return grams[starts], 1.0 + np.log(np.diff(starts, append=grams.size))


def ngram_vectors(texts: Sequence[str]) -> Vectors:
    """Return one unit vector a text: the character trigrams of its words, weighted, hashed.

    A word is put between marks, so that short words and beginnings count; every other character
    but a single space is a word of its own. Case counts. The weight is (1 + log of the count)
    times the square of the idf inside the list (Spärck Jones 1972, smoothed): squared, because what
    few answers say tells one source from another better than what all of them say, measured on
    answers of real models. Hashing with signs: Weinberger et al. 2009. A text without a word is
    the zero vector, at distance 1 from all others and 0 from its like. Only the first 20 000
    characters are read.
    """
    rows = {text: _gram_weights(text) for text in dict.fromkeys(texts)}
    spread = np.zeros(_IDENTITIES)
    for text, times in Counter(texts).items():
        spread[rows[text][0]] += times
    idf = np.log((1.0 + len(texts)) / (1.0 + spread)) + 1.0
    mixed = np.arange(_IDENTITIES, dtype=np.uint64) * _MULTIPLIER
    bucket = (mixed >> np.uint64(54)).astype(np.int64)
    sign = np.where((mixed >> np.uint64(53)) & np.uint64(1), 1.0, -1.0)
    weight = idf**2 * sign
    vectors = {}
    for text, (grams, counts) in rows.items():
        row = np.bincount(bucket[grams], weights=counts * weight[grams], minlength=_BUCKETS)
        length = float(np.sqrt(row @ row))
        vectors[text] = (row / length if length > 0 else row).astype(np.float32)
    if not texts:
        return np.zeros((0, _BUCKETS), dtype=np.float32)
    return np.stack([vectors[text] for text in texts])


STYLE_FEATURES = (
    "length",
    "lines",
    "lists",
    "code",
    "digits",
    "punctuation",
    "capitals",
    "refusal",
)


def style_vectors(answers: Sequence[Answer]) -> Floats:
    """Return one row an answer: ``STYLE_FEATURES``, then a column for each finish reason seen.

    Counts enter as log(1 + count), shares of the characters as they are. No scaling: the test
    standardises each column by its own permutations. An empty text has zeros.
    """
    reasons = style_names(answers)[len(STYLE_FEATURES) :]
    rows = [
        [*_style(a), *(float(f"finish {a.finish_reason}" == r) for r in reasons)] for a in answers
    ]
    width = len(STYLE_FEATURES) + len(reasons)
    return np.array(rows, dtype=np.float64).reshape(len(answers), width)


def style_names(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return the names of the columns of ``style_vectors``."""
    reasons = sorted({a.finish_reason for a in answers if a.finish_reason})
    return (*STYLE_FEATURES, *(f"finish {reason}" for reason in reasons))


def _style(answer: Answer) -> tuple[float, ...]:
    text = answer.text[:_LONGEST]
    size = max(1, len(text))
    return (
        float(np.log1p(len(answer.text))),
        float(np.log1p(text.count("\n"))),
        float(np.log1p(len(_LIST_MARK.findall(text)))),
        float(np.log1p(len(_CODE_MARK.findall(text)))),
        len(_DIGIT.findall(text)) / size,
        len(_PUNCTUATION.findall(text)) / size,
        len(_WORD_START.findall(text)) / size,
        float(answer.refused),
    )


def independent(ids: Sequence[str | None]) -> tuple[int, ...]:
    """Return the positions of samples that are evidence: one response id twice is one sample.

    Samples without an id are all kept.
    """
    seen: set[str] = set()
    out = []
    for position, name in enumerate(ids):
        if not name or name not in seen:
            out.append(position)
        if name:
            seen.add(name)
    return tuple(out)
