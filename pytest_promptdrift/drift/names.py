"""Compares who and what two claims are about: exchanged names, exchanged roles, a changed word."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from .clue import Clue
from .words import STOP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .claims import Claim, Item

_LONGEST = 120  # items; matching sequences is quadratic
_ALIKE = 0.6
_ALIKE_NAMED = 0.5
_ALIKE_BEGUN = 0.8
_LONGEST_ROLE = 4
_LISTING: Final = frozenset(["and", "or", "nor", "with", "both", "between"])
_NEAR: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "by",
        "to",
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "his",
        "her",
        "its",
        "their",
        "our",
        "your",
        "my",
        "will",
        "would",
        "can",
        "may",
        "must",
        "for",
        "from",
        "this",
        "that",
    ]
)
_TURNS: Final = frozenset(["by", "is", "are", "was", "were", "has", "have", "from"])
_MUTUAL: Final = frozenset(
    ["equal", "differ", "same", "meet", "match", "agre", "similar", "identical", "marri", "between"]
)
# With "with" behind them the order of who and whom means nothing: "comes with", "works with".
_MUTUAL_WITH: Final = frozenset(
    (
        *("com", "go", "work", "compatibl", "overlap", "link", "connect", "correlat", "cooperat"),
        *("deal", "interact", "combin", "mix", "merg", "collid", "conflict", "compet", "coincid"),
    )
)
# Names that also begin a sentence; the others are known by their capital inside one.
_KNOWN: Final = frozenset(
    [
        "germany",
        "france",
        "spain",
        "italy",
        "austria",
        "switzerland",
        "poland",
        "sweden",
        "norway",
        "denmark",
        "finland",
        "belgium",
        "netherlands",
        "portugal",
        "ireland",
        "greece",
        "hungary",
        "canada",
        "mexico",
        "brazil",
        "japan",
        "china",
        "india",
        "australia",
        "berlin",
        "paris",
        "london",
        "madrid",
        "rome",
        "vienna",
        "hamburg",
        "munich",
        "zurich",
        "oslo",
        "stockholm",
        "amsterdam",
        "dublin",
        "lisbon",
        "brussels",
        "prague",
        "warsaw",
        "tokyo",
        "boston",
        "chicago",
        "seattle",
        "houston",
        "dallas",
        "denver",
        "texas",
        "california",
        "florida",
        "anna",
        "maria",
        "john",
        "peter",
        "paul",
        "mary",
        "james",
        "robert",
        "linda",
        "sarah",
        "david",
        "emma",
        "laura",
        "thomas",
        "daniel",
        "julia",
        "martin",
        "lucas",
        "sophie",
        "clara",
        "oliver",
        "grace",
        "henry",
        "alice",
        "carol",
        "frank",
        "dhl",
        "ups",
        "fedex",
        "hermes",
        "dpd",
        "visa",
        "mastercard",
        "paypal",
        "klarna",
        "amazon",
        "google",
        "microsoft",
        "apple",
        "samsung",
        "sony",
        "oracle",
        "postgres",
        "mysql",
        "windows",
        "linux",
        "android",
        "slack",
        "zoom",
        "salesforce",
        "europe",
        "asia",
        "africa",
    ]
)
_ALIASES: Final = (
    frozenset(["us", "usa", "united", "states", "america", "u.s"]),
    frozenset(["uk", "united", "kingdom", "britain", "great", "england"]),
    frozenset(["eu", "european", "union", "europe"]),
    frozenset(["nyc", "new", "york"]),
)


def names_in(claims: Sequence[Claim]) -> frozenset[str]:
    """Return the keys of the words that stand with a capital inside a sentence."""
    return frozenset(
        item.key
        for claim in claims
        for item in claim.items
        if item.kind == "word" and not item.first and _capital(item) and item.content
    )


def _capital(item: Item) -> bool:
    return item.text[:1].isupper() and item.text != "I"


def name_clues(
    old: Claim,
    new: Claim,
    names: frozenset[str],
    old_words: frozenset[str],
    new_words: frozenset[str],
) -> Iterator[Clue]:
    """Yield exchanged roles, or a replaced name, or a single replaced word."""
    left, right = _sequence(old), _sequence(new)
    if not left or not right or max(len(left), len(right)) > _LONGEST:
        return
    a, b = [i.key for i in left], [i.key for i in right]
    swapped = _swap(a, b) or _route(a, b) or _exchanged(left, right)
    if swapped:
        keys = ("/".join(swapped), "/".join(reversed(swapped)))
        yield Clue(
            kind="role",
            old_key=f"{keys[0]} {' '.join(sorted(a))}",
            new_key=f"{keys[1]} {' '.join(sorted(a))}",
            old=old.text,
            new=new.text,
            claim=new,
        )
        return
    named = _renamed(old, new, old_words, new_words)
    if named is not None:
        yield named
        return
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return
    changes = [op for op in matcher.get_opcodes() if op[0] != "equal"]
    for tag, i, j, k, m in changes:
        if tag != "replace" or j - i > 3 or m - k > 3:
            continue
        clue = _replaced(left[i:j], right[k:m], names, old_words, new_words)
        if clue is not None:
            yield clue
        elif len(changes) == 1 and j - i == m - k == 1 and left[i].content and right[k].content:
            yield _word(left[i], right[k])


def _sequence(claim: Claim) -> list[Item]:
    return [i for i in claim.items if i.key not in {"a", "an", "the"}]


def _word(a: Item, b: Item) -> Clue:
    return Clue(kind="word", old_key=a.key, new_key=b.key, old=a.text, new=b.text)


def _replaced(
    old: list[Item],
    new: list[Item],
    names: frozenset[str],
    old_words: frozenset[str],
    new_words: frozenset[str],
) -> Clue | None:
    """Return the clue when a name stands where another name stood."""
    gone = [i for i in old if _is_name(i, names) and i.key not in new_words]
    come = [i for i in new if _is_name(i, names) and i.key not in old_words]
    if not gone or not come or _same_name(gone, come):
        return None
    if any(i.content and i not in gone for i in old) or any(
        i.content and i not in come for i in new
    ):
        return None
    return _entity(gone, come)


def _entity(gone: list[Item], come: list[Item]) -> Clue:
    return Clue(
        kind="entity",
        old_key=" ".join(i.key for i in gone),
        new_key=" ".join(i.key for i in come),
        old=" ".join(i.text for i in gone),
        new=" ".join(i.text for i in come),
    )


def _renamed(
    old: Claim, new: Claim, old_words: frozenset[str], new_words: frozenset[str]
) -> Clue | None:
    """Return the clue when claims with the same words are about another name, in any order."""
    gone = [i for i in old.items if _capital(i) and i.content and i.key not in new_words]
    come = [i for i in new.items if _capital(i) and i.content and i.key not in old_words]
    sure = [any(_is_name(i, frozenset()) for i in side) for side in (gone, come)]
    if not gone or not come or not any(sure) or max(len(gone), len(come)) > 3:
        return None
    left = old.content - {i.key for i in gone}
    right = new.content - {i.key for i in come}
    alike = 2 * len(left & right) / max(1, len(left) + len(right))
    if alike < (_ALIKE_NAMED if all(sure) else _ALIKE_BEGUN) or _same_name(gone, come):
        return None
    return _entity(gone, come)


def _is_name(item: Item, names: frozenset[str]) -> bool:
    if item.kind != "word" or not _capital(item) or not item.content:
        return False
    known = item.text.casefold() in _KNOWN
    return known or (item.key in names if item.first else True)


def _same_name(old: list[Item], new: list[Item]) -> bool:
    left, right = ("".join(i.text for i in side).casefold() for side in (old, new))
    if left.startswith(right) or right.startswith(left):
        return True
    initials = ("".join(i.text[0] for i in side).casefold() for side in (old, new))
    if left in initials or right in initials:
        return True
    words = ({i.text.casefold() for i in side} for side in (old, new))
    first, second = words
    return any(first <= group and second <= group for group in _ALIASES)


def _swap(a: list[str], b: list[str]) -> tuple[str, str] | None:
    """Return the two word groups that changed places, all the rest being the same."""
    if len(a) != len(b) or a == b or sorted(a) != sorted(b):
        return None
    start = next(i for i in range(len(a)) if a[i] != b[i])
    end = len(a) - next(i for i in range(len(a)) if a[-1 - i] != b[-1 - i])
    old, new = a[start:end], b[start:end]
    for one in range(1, min(_LONGEST_ROLE, len(old) - 2) + 1):
        for other in range(1, min(_LONGEST_ROLE, len(old) - one - 1) + 1):
            first, middle, last = old[:one], old[one : len(old) - other], old[len(old) - other :]
            if new == last + middle + first and not _mutual(first, middle, last, a[:start]):
                return " ".join(first), " ".join(last)
    return None


def _mutual(first: list[str], middle: list[str], last: list[str], before: list[str]) -> bool:
    """Tell whether the order means nothing: a list, or a word like "equals"."""
    if all(word in _LISTING for word in middle) or before[-1:] == ["between"]:
        return True
    if not any(w not in STOP for w in first) or not any(w not in STOP for w in last):
        return True
    between = set(middle)
    listed = bool(between & _LISTING) and not between - _LISTING - set(first) - set(last)
    together = "with" in between and bool(between & _MUTUAL_WITH)
    return listed or together or bool(between & _MUTUAL)


def _route(a: list[str], b: list[str]) -> tuple[str, str] | None:
    """Return source and target of "from … to …" when they changed places."""
    old, new = _ends(a), _ends(b)
    if old and new and old[0] != old[1] and old == new[::-1]:
        return old
    return None


def _exchanged(left: list[Item], right: list[Item]) -> tuple[str, str] | None:
    """Return who and whom of a verb when they changed places, both claims being active."""
    there = _neighbours(right)
    for verb, (who, whom, passive) in _neighbours(left).items():
        other = there.get(verb)
        if other and verb not in _MUTUAL and who != whom and other == (whom, who, passive):
            return who, whom
    return None


def _neighbours(items: list[Item]) -> dict[str, tuple[str, str, bool]]:
    """Return for each word with meaning the ones before and behind, and if it may be passive."""
    content = [index for index, item in enumerate(items) if item.content]
    found: dict[str, tuple[str, str, bool]] = {}
    seen: set[str] = set()
    for before, at, behind in zip(content, content[1:], content[2:], strict=False):
        verb = items[at].key
        between = {i.key for i in items[before + 1 : at]} | {i.key for i in items[at + 1 : behind]}
        turns = items[at].text.endswith(("able", "ible"))  # "accessible to" is "can access"
        if verb in seen or turns or between & _LISTING or not _NEAR.issuperset(between):
            found.pop(verb, None)
        else:
            found[verb] = (items[before].key, items[behind].key, bool(between & _TURNS))
        seen.add(verb)
    return found


def _ends(words: list[str]) -> tuple[str, str] | None:
    if words.count("from") != 1:
        return None
    at = words.index("from")
    try:
        to = words.index("to", at)
    except ValueError:
        to = words.index("to") if "to" in words[:at] else -1
    if to < 0 or at + 1 >= len(words) or to + 1 >= len(words):
        return None
    return words[at + 1], words[to + 1]
