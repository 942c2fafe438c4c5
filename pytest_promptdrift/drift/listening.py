"""Hears what a claim affirms and what it denies, word by word.

A concept with both signs in one claim says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .concepts import AMOUNTS, DENYING_MARKS, HIDDEN, MEMBERS, NEGATIONS, PREFIXED, SAME, SIGNS
from .phrases import MARK, marked_words
from .words import STOP, stem

if TYPE_CHECKING:
    from collections.abc import Sequence

_ANSWERS: Final = frozenset(("yes", "no", "nope", "sorry"))
# They say nothing here; every second word is one of them.
_QUIET: Final = STOP - NEGATIONS - HIDDEN - SIGNS.keys() - MEMBERS.keys() - SAME.keys()
_UNDOING = re.compile(r"(?:un(?=[a-z]{4})|(?:in|im|ir|il|dis|non)(?=[a-z]{6}))(?P<rest>[a-z]+)")
# They deny nothing: what is left of them is another word.
_NO_UNDOING: Final = frozenset(
    ("discount", "invoic", "inform", "display", "dispatch", "discharg", "invest", "insist")
)
_REACH: Final = 3  # how many words behind it a "not" may deny


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """What a claim affirms (+1) and denies (-1), with the words that say so.

    ``negations`` counts the negations that no sign tells already, ``marked`` the set phrases ("may
    not") beside them, ``denials`` everything that denies in any way. ``denied`` holds the word
    behind each negation, ``consumed`` the concepts whose sign a negation turned, ``members`` the
    words of classes whose members exclude each other.
    """

    signs: dict[str, int]
    words: dict[str, str]
    negations: int
    marked: int
    denials: int
    members: dict[str, str]
    denied: tuple[str, ...]
    content: tuple[str, ...]
    consumed: dict[str, str]
    heard: tuple[str, ...]

    @property
    def undone(self) -> dict[str, str]:
        """The words with a denying prefix, and the words that they would be without it."""
        matches = (_UNDOING.fullmatch(word) for word in self.heard)
        found = {stem(match[0]): stem(match["rest"]) for match in matches if match}
        return {word: rest for word, rest in found.items() if word not in _NO_UNDOING}

    @property
    def stems(self) -> frozenset[str]:
        """The stems of all words."""
        return frozenset(map(stem, self.heard))


@lru_cache(maxsize=8192)
def _known(word: str) -> tuple[str, int, str, str, bool]:
    """Return of a word: concept and sign, stem when it carries meaning, class, if it denies."""
    name = SAME.get(word, word)
    if word.startswith(MARK):
        return word[1:-1], 1 if word[-1] == "+" else -1, "", "", False
    concept, sign = SIGNS.get(name, ("", 0))
    content = not concept and name not in STOP and name not in MEMBERS
    denies = name in HIDDEN or (not concept and bool(PREFIXED.fullmatch(name)))
    return concept, sign, stem(name) if content else "", MEMBERS.get(name, ""), denies


@dataclass(slots=True)
class _Listener:
    """Hears the words of a claim one by one; ``pending`` is how far a "not" still reaches."""

    signs: dict[str, int] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    consumed: dict[str, str] = field(default_factory=dict)
    content: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    negations: int = 0
    marked: int = 0
    denials: int = 0
    pending: int = 0

    def hear(self, word: str) -> None:
        """Take in the next word."""
        if word in NEGATIONS:
            self.negations, self.denials, self.pending = (
                self.negations + 1,
                self.denials + 1,
                _REACH,
            )
            return
        concept, sign, content, group, denies = _known(word)
        if concept:
            self._concept(concept, sign, word)
        elif content:
            self.content.append(content)
            if self.pending:
                self.denied.append(content)
                self.pending = 0
        elif group:
            self.members[group] = "" if group in self.members else SAME.get(word, word)
        if denies:
            self.denials += 1
        if self.pending:
            self.pending -= 1

    def _concept(self, concept: str, sign: int, word: str) -> None:
        self.denials += sign < 0 and concept not in AMOUNTS
        self.marked += word in DENYING_MARKS
        if self.pending and not word.startswith(MARK):
            # this negation is told by the sign of the concept
            sign, self.pending, self.negations = -sign, 0, self.negations - 1
            self.consumed[concept] = stem(word)
        # with both signs a concept says nothing
        self.signs[concept] = sign if self.signs.get(concept, sign) == sign else 0
        self.said.setdefault(concept, word)


def _without_answer(tokens: Sequence[str]) -> Sequence[str]:
    """Leave out the "Yes," or "No." that a claim begins with."""
    at = 0 if tokens and tokens[0][0].isalpha() else 1
    if len(tokens) > at + 1 and tokens[at] in _ANSWERS and tokens[at + 1][0] in ",.!:;—–-":
        return tokens[at + 2 :]
    return tokens


def stance(tokens: Sequence[str]) -> Stance:
    """Return what a claim affirms and denies; ``tokens`` are without contractions."""
    words = marked_words(_without_answer(tokens))
    heard = _Listener()
    for word in words:
        if word not in _QUIET:
            heard.hear(word)
        elif heard.pending:
            heard.pending -= 1
    return Stance(
        signs=heard.signs,
        words=heard.said,
        negations=heard.negations,
        marked=heard.marked,
        denials=heard.denials,
        members=heard.members,
        denied=tuple(heard.denied),
        content=tuple(heard.content),
        consumed=heard.consumed,
        heard=tuple(words),
    )
