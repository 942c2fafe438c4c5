"""Compares what two claims affirm and deny: negations and opposites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .clue import Clue
from .concepts import COMPARED, CONVERSE, NEGATIONS, WEAK
from .words import stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .claims import Claim
    from .listening import Stance

_ALIKE = 0.34
_ALIKE_NEGATION = 0.6
_ALIKE_WEAK = 0.8
# Denied, they deny the whole claim, and not only the word itself.
_MODAL: Final = frozenset(("permit", "possible", "able"))


def stance_clues(old: Claim, new: Claim) -> Iterator[Clue]:
    """Yield the negation or opposite by which two claims contradict each other.

    Two turns in one claim cancel: "not returned after" says what "returned before" says.
    """
    a, b = old.stance, new.stance
    alike = _alike(a, b)
    turned = [c for c in a.signs if _turned(c, a, b, alike)]
    apart = a.negations - b.negations
    if len(turned) == 1 and apart % 2 == 0:
        yield _opposite(turned[0], old, new)
    elif (not turned and _denied(a, b) and alike >= _ALIKE_NEGATION) or (
        not turned and _forced(a, b) and alike >= _ALIKE_WEAK
    ):
        yield _negation(old, new)
    if alike >= _ALIKE_NEGATION:
        for group, word in a.members.items():
            other = b.members.get(group)
            if word and other and word != other:
                yield Clue(kind="antonym", old_key=word, new_key=other, old=word, new=other)


def _alike(a: Stance, b: Stance) -> float:
    left, right = set(_bare(a, b)), set(_bare(b, a))
    if not left and not right:
        return 1.0
    return 2 * len(left & right) / (len(left) + len(right))


def _bare(a: Stance, b: Stance) -> list[str]:
    """Return the words of one side, without a denying prefix of what the other side says."""
    undone = _undone(a, b)
    return [undone.get(word, word) for word in a.content]


def _undone(a: Stance, b: Stance) -> dict[str, str]:
    """Return the words that one side says with a denying prefix, and the other without."""
    return {word: rest for word, rest in a.undone.items() if rest in b.content}


def _turned(concept: str, a: Stance, b: Stance, alike: float) -> bool:
    sign = a.signs[concept]
    if not sign or b.signs.get(concept) != -sign:
        return False
    compared = concept not in COMPARED or "than" in a.stems or "than" in b.stems
    if concept in CONVERSE and compared and not _same_order(a, b):
        return False
    return alike >= (_ALIKE_WEAK if concept in WEAK else _ALIKE)


def _forced(a: Stance, b: Stance) -> bool:
    """Tell whether what one side demands is what the other forbids."""
    return any(
        x.signs.get("must") == 1 and y.signs.get("permit") == -1 and "permit" not in x.signs
        for x, y in ((a, b), (b, a))
    )


def _same_order(a: Stance, b: Stance) -> bool:
    """Tell whether both speak of the same first: words that stand only once in each count."""
    once = [[w for w in side.content if side.content.count(w) == 1] for side in (a, b)]
    left = next((word for word in once[0] if word in once[1]), None)
    return left == next((word for word in once[1] if word in once[0]), None)


def _denied(a: Stance, b: Stance) -> bool:
    """Tell whether one side has one denial more, and the other none in its own words."""
    (count, words, whole), (others, other_words, other_whole) = _own(a, b), _own(b, a)
    apart = count - others
    if apart not in {1, -1} or a.denials - b.denials != apart:
        return False
    if _only_if(a, b) or _only_if(b, a):
        return False
    if apart == -1:
        words, whole, b = other_words, other_whole, a
    # "no space left" denies nothing that "full" says
    return whole or not words or any(word in b.stems for word in words)


def _only_if(a: Stance, b: Stance) -> bool:
    """Tell whether one side denies only in a condition that the other does not state."""
    if "if" not in a.heard or "if" in b.heard:
        return False
    return not NEGATIONS.isdisjoint(a.heard[a.heard.index("if") :])


def _own(a: Stance, b: Stance) -> tuple[int, list[str], bool]:
    """Return how often one side denies what the other has no opposite for, and which words.

    True when something denies the whole claim, as "not possible" does.
    """
    words = [*a.denied, *_undone(a, b).values()]
    count = a.negations + a.marked + len(words) - len(a.denied)
    whole = False
    for concept, sign in a.signs.items():
        if concept in b.signs:
            continue
        if concept in _MODAL:
            whole = whole or sign < 0
            count += sign < 0 and not (a.marked and concept == "permit")
        elif concept in a.consumed:
            words.append(a.consumed[concept])
            count += 1
    return count, words, whole


def _opposite(concept: str, old: Claim, new: Claim) -> Clue:
    a, b = old.stance, new.stance
    by_word = stem(a.words[concept]) != stem(b.words[concept]) and "\u00b6" not in a.words[concept]
    return Clue(
        kind="antonym" if by_word else "negation",
        old_key=f"{concept}{a.signs[concept]:+}",
        new_key=f"{concept}{b.signs[concept]:+}",
        old=a.words[concept] if by_word and "\u00b6" not in b.words[concept] else old.text,
        new=b.words[concept] if by_word and "\u00b6" not in b.words[concept] else new.text,
        claim=new,
    )


def _negation(old: Claim, new: Claim) -> Clue:
    return Clue(
        kind="negation", old_key=old.text, new_key=new.text, old=old.text, new=new.text, claim=new
    )
