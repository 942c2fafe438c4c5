"""Compares the numbers, dates and codes of two claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .clue import Clue
from .dates import same_date
from .pairing import similarity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .claims import Claim, Item

_DAY: Final = 86_400
_DURATIONS: Final = frozenset(("time", "months", "workdays"))
# How alike two claims must be before what stands in the same place is compared.
_ALIKE_BARE = 0.5
_ALIKE_CODE = 0.4
_KINDS: Final = {"number": "number", "date": "date", "code": "entity"}


def same_item(left: Item, right: Item) -> bool:
    """Tell whether two items are the same fact, in whatever form."""
    if left.kind != right.kind:
        return _same_year(left, right) or _same_year(right, left)
    if left.key == right.key:
        return True
    if left.kind == "date":
        return same_date(left.key, right.key)
    return left.kind == "number" and _same_amount(left, right)


def _same_amount(left: Item, right: Item) -> bool:
    if "bare" in {left.family, right.family}:
        # "14" where the other says "14 days": the unit was understood
        return left.written == right.written
    if {left.family, right.family} == {"time", "months"}:
        months, time = (left, right) if left.family == "months" else (right, left)
        count, days = float(months.key.split()[0]), float(time.key.split()[0]) / _DAY
        return days in {30 * count, 31 * count, 365 * count / 12}
    return False


def _same_year(number: Item, date: Item) -> bool:
    return number.kind == "number" and date.kind == "date" and f"{number.written:g}" in date.key


def amount_clues(
    old: Claim, new: Claim, all_old: Sequence[Item], all_new: Sequence[Item]
) -> Iterator[Clue]:
    """Yield what one claim says with another number, date or code than the other.

    ``all_old`` and ``all_new`` are the facts of the whole answers: what merely moved to another
    sentence is no difference, unless the sentences are otherwise the same.
    """
    facts_old = [i for i in old.items if i.kind in _KINDS]
    facts_new = [i for i in new.items if i.kind in _KINDS]
    if not facts_old or not facts_new:
        return
    if len(facts_old) == len(facts_new) and _skeleton(old) == _skeleton(new):
        for a, b in zip(facts_old, facts_new, strict=True):
            if a.kind == b.kind and not same_item(a, b):
                yield fact_clue(a, b)
        return
    left = [i for i in facts_old if not any(same_item(i, o) for o in all_new)]
    right = [i for i in facts_new if not any(same_item(i, o) for o in all_old)]
    alike = similarity(old, new)
    for a in left:
        partner = next((b for b in right if _comparable(a, b, alike)), None)
        if partner is not None:
            right.remove(partner)
            yield fact_clue(a, partner)


def lonely_clues(old: Sequence[Item], new: Sequence[Item]) -> Iterator[Clue]:
    """Yield amounts of claims without partner: one per family and side, so that they must pair."""
    for family in sorted({i.family for i in old} & {i.family for i in new}):
        left = {i.key: i for i in old if i.family == family}
        right = {i.key: i for i in new if i.family == family}
        if family != "bare" and len(left) == len(right) == 1:
            yield fact_clue(*left.values(), *right.values())


def _skeleton(claim: Claim) -> list[str]:
    """Return the claim with a gap for each fact."""
    articles = {"a", "an", "the"}
    return [i.kind if i.kind in _KINDS else i.key for i in claim.items if i.key not in articles]


def _comparable(a: Item, b: Item, alike: float) -> bool:
    if a.kind != b.kind:
        return False
    if a.kind == "code":
        return alike >= _ALIKE_CODE and a.key.isdigit() == b.key.isdigit()
    if a.family == b.family:
        return a.family != "bare" or alike >= _ALIKE_BARE
    if a.kind == "date" or "bare" in {a.family, b.family}:
        return False
    return a.written == b.written or {a.family, b.family} <= _DURATIONS


def fact_clue(a: Item, b: Item) -> Clue:
    """Return the clue that one fact stands where another stood."""
    kind = _KINDS[a.kind]
    return Clue(kind=kind, old_key=a.key, new_key=b.key, old=a.text, new=b.text)
