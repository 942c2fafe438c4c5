"""Set phrases of several words that affirm or deny: "no later than", "not allowed", "for free".

A phrase is replaced by a mark for the concept it speaks of, by "not", or by nothing. Phrases are
looked up by their first word, because every claim of every answer is read.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

# Marks begin with this; what follows is a concept and its sign.
MARK: Final = "\u00b6"
_COST: Final = "cost|costs|charge|charges|fee|fees"
# what is said instead: phrases with alternatives, "" for a word that may be left out
_LINES: Final = (
    (
        "",
        "whether or not",
        "not only|just|until",
        "no problem|doubt|matter|worries",
        "if not",
        "and|or not",
        "do not hesitate to",
        "please do not hesitate to",
    ),
    ("not", "no longer", "not yet|anymore"),
    (
        "\u00b6free+",
        "free of charge",
        "for free",
        "at no extra|additional| cost|charge",
        f"no extra| {_COST}",
        f"without extra|any| {_COST}",
        "complimentary",
    ),
    ("\u00b6free-", "for a fee", "at a|an extra|additional cost|charge", "extra charge"),
    (
        "\u00b6least-",
        "no|not later|more|longer than",
        "at the| most",
        "up to",
        "a maximum of",
        "not exceed|exceeding",
    ),
    ("\u00b6least+", "at the| least", "no|not less|fewer than", "a minimum of"),
    ("\u00b6than+", "more|greater than", "in excess of"),
    ("\u00b6than-", "less|fewer than"),
    ("\u00b6available+", "in stock"),
    ("\u00b6available-", "out of stock", "sold out"),
    (
        "\u00b6must-",
        "do|does|did|will|would not need|have to",
        "need not",
        "no need to",
        "not required|necessary|mandatory|obligatory|compulsory",
    ),
    ("\u00b6must+", "has|have|need|needs|required to", "must"),
    ("\u00b6permit-", "not allowed|permitted", "may|must|should not", "against the rules"),
    ("\u00b6eligible-", "not eligible|entitled"),
    ("\u00b6before+", "on before", "on or before"),
    ("\u00b6include+", "part of"),
    ("\u00b6include-", "not a| part of", "no part of"),
)
_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+)*|[^\sa-z]+")
_NON = re.compile(r"\bnon-(?=[a-z])")


def _phrases() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Return the phrases behind each first word, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for mark, *lines in _LINES:
        for line in lines:
            for words in product(*(word.split("|") for word in line.split(" "))):
                first, *rest = filter(None, words)
                found.setdefault(first, []).append((tuple(rest), mark))
    for known in found.values():
        known.sort(key=lambda phrase: -len(phrase[0]))
    return found


_PHRASES: Final = _phrases()


def tokens_of(text: str) -> list[str]:
    """Return the words of a lower-case text, and what stands between them but blanks."""
    return _TOKEN.findall(_NON.sub("not ", text) if "non-" in text else text)


def marked_words(tokens: Sequence[str]) -> list[str]:
    """Return the words with every phrase replaced; what is no word only parts phrases."""
    words: list[str] = []
    at, end = 0, len(tokens)
    while at < end:
        word = tokens[at]
        known = _PHRASES.get(word)
        found = _match(tokens, at, known) if known else None
        if found is not None:
            at += 1 + len(found[0])
            if found[1]:
                words.append(found[1])
            continue
        at += 1
        if "a" <= word[0] <= "z":
            words.append(word)
    return words


def _match(
    tokens: Sequence[str], at: int, known: list[tuple[tuple[str, ...], str]]
) -> tuple[tuple[str, ...], str] | None:
    for phrase in known:
        rest = phrase[0]
        if rest and tuple(tokens[at + 1 : at + 1 + len(rest)]) != rest:
            continue
        if rest and rest[-1] == "not" and _match(tokens, at + len(rest), _PHRASES["not"]):
            continue  # "must not exceed", "and not allowed": the "not" belongs to what follows
        return phrase
    return None
