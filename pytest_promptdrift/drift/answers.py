"""Compares one accepted with one fresh answer, with the instruments that fit what they are."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pytest_promptdrift._text import cut

from .amounts import amount_clues, fact_clue, lonely_clues, same_item
from .clue import Clue
from .code import code_clues
from .names import name_clues
from .pairing import pair_claims, similarity
from .stances import stance_clues
from .values import MOST_CLUES, value_clues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .claims import Claim, Item
    from .reading import Reading

_NEW_SHARE = 0.6
_LABEL_PROSE = 12


def compare(old: Reading, new: Reading) -> list[Clue]:
    """Return how a fresh answer differs in fact from an accepted one, most telling first."""
    if old.response.text == new.response.text and _calls(old) == _calls(new):
        ends = _whole(old, new)
        return [ends] if ends else []
    return list(islice(_clues(old, new), MOST_CLUES))


def _calls(reading: Reading) -> list[tuple[str, object]]:
    return [(call.name, call.arguments) for call in reading.response.tool_calls]


def _clues(old: Reading, new: Reading) -> Iterator[Clue]:
    whole = _whole(old, new)
    if whole is not None:
        yield whole
        if whole.kind != "truncation":
            return
    elif old.refusal and new.refusal:
        return
    yield from _call_clues(old, new)
    if old.is_json and new.is_json:
        yield from value_clues(old.json, new.json)
    elif old.is_json or new.is_json:
        return  # JSON that is none any more: the comparison of shapes says so
    elif old.code is not None and new.code is not None:
        yield from code_clues(old.code, new.code)
    elif old.code is None and new.code is None:
        yield from _prose(old, new, whole=whole is None)


def _whole(old: Reading, new: Reading) -> Clue | None:
    """Return what concerns the answer as a whole."""
    if bool(old.refusal) != bool(new.refusal):
        return _plain(
            "refusal", _state("refuses", old.refusal), _state("refuses", new.refusal), old, new
        )
    if old.language and new.language and _languages_differ(old.language, new.language):
        return _plain("language", old.language, new.language, old, new)
    if new.cut and not old.cut:
        return Clue(
            kind="truncation",
            old_key="ends",
            new_key="cut",
            old=f"… {old.text[-60:]}",
            new=f"… {new.text[-60:]}",
        )
    return None


def _languages_differ(old: str, new: str) -> bool:
    return old != new and ("not en" not in {old, new} or "en" in {old, new})


def _state(name: str, value: object) -> str:
    return name if value else f"no {name}"


def _plain(kind: str, a: str, b: str, old: Reading, new: Reading) -> Clue:
    return Clue(kind=kind, old_key=a, new_key=b, old=cut(old.text, 120), new=cut(new.text, 120))


def _call_clues(old: Reading, new: Reading) -> Iterator[Clue]:
    """Yield the arguments that differ, where the same tools are called."""
    left, right = old.response.tool_calls, new.response.tool_calls
    if [c.name for c in left] == [c.name for c in right]:
        for a, b in zip(left, right, strict=True):
            yield from value_clues(a.arguments, b.arguments, a.name)


def _prose(old: Reading, new: Reading, *, whole: bool) -> Iterator[Clue]:
    if old.polarity and new.polarity and old.polarity != new.polarity:
        yield Clue(
            kind="polarity",
            old_key=old.polarity,
            new_key=new.polarity,
            old=cut(old.text, 80),
            new=cut(new.text, 80),
        )
        return
    if old.label or new.label:
        yield from _label(old, new)
        return
    yield from _claims(old, new, english=old.english and new.english, whole=whole)


def _label(old: Reading, new: Reading) -> Iterator[Clue]:
    if old.label == new.label:
        return
    if old.label and new.label:
        facts = [
            [i for c in r.claims for i in c.items if i.kind in {"number", "date", "code"}]
            for r in (old, new)
        ]
        if all(facts):
            yield from (
                fact_clue(a, b) for a, b in zip(*facts, strict=False) if not same_item(a, b)
            )
            return
        if old.polarity and old.polarity == new.polarity:
            return
    elif _holds(old, new) or old.polarity or new.polarity:
        return
    yield Clue(
        kind="label",
        old_key=old.label or "prose",
        new_key=new.label or "prose",
        old=cut(old.text.strip(), 80),
        new=cut(new.text.strip(), 80),
    )


def _holds(old: Reading, new: Reading) -> bool:
    """Tell whether the label stands in the prose, or the prose is more than a worded label."""
    label, prose = (old.label, new) if old.label else (new.label, old)
    text = prose.text.casefold()
    wanted = (label or "").split()
    short = old if old.label else new
    if short.facts:
        return all(any(same_item(a, b) for b in prose.facts) for a in short.facts)
    return all(word in text for word in wanted) or len(text.split()) > _LABEL_PROSE


def _claims(old: Reading, new: Reading, *, english: bool, whole: bool) -> Iterator[Clue]:
    pairs, dropped, added = pair_claims(old.claims, new.claims)
    names = old.names | new.names
    for a, b in pairs:
        if a.keys == b.keys:
            continue
        yield from amount_clues(a, b, old.facts, new.facts)
        yield from _operators(a, b)
        if english:
            stances = list(stance_clues(a, b))
            yield from stances
            found = list(name_clues(a, b, names, old.words, new.words))
            yield from (c for c in found if not stances or c.kind != "word")
    yield from lonely_clues(_lonely(dropped, new), _lonely(added, old))
    if whole:
        yield from _more(pairs, added, old, new)
        yield from _fewer(dropped, len(added), new)


def _lonely(claims: list[Claim], other: Reading) -> list[Item]:
    """Return the numbers of claims without partner that the other answer does not have."""
    found = [i for c in claims for i in c.items if i.kind == "number"]
    return [i for i in found if not any(same_item(i, o) for o in other.facts)]


def _operators(a: Claim, b: Claim) -> Iterator[Clue]:
    left, right = ([i for i in c.items if i.kind == "operator"] for c in (a, b))
    if len(left) == len(right) and similarity(a, b) >= _NEW_SHARE:
        for x, y in zip(left, right, strict=True):
            if x.key != y.key:
                yield Clue(
                    kind="operator", old_key=a.text, new_key=b.text, old=a.text, new=b.text, claim=b
                )


def _more(
    pairs: list[tuple[Claim, Claim]], added: list[Claim], old: Reading, new: Reading
) -> Iterator[Clue]:
    """Yield what the fresh answer says beyond the accepted one."""
    longer = len(new.claims) > len(old.claims)
    for claim in added:
        if longer and _news(claim, old) >= _NEW_SHARE and len(claim.content) >= 2:
            yield Clue(
                kind="claim_added",
                old_key="",
                new_key=claim.text,
                old="",
                new=claim.text,
                claim=claim,
            )
    for a, b in pairs:
        more = b.content - a.content - old.words
        if len(more) >= 3 and len(b.content) > 1.3 * len(a.content) and _kept(a, b) >= 0.75:
            yield Clue(
                kind="claim_added", old_key=a.text, new_key=b.text, old=a.text, new=b.text, claim=b
            )


def _fewer(dropped: list[Claim], added: int, new: Reading) -> Iterator[Clue]:
    for claim in dropped[: max(0, len(dropped) - added)]:
        if _news(claim, new) >= _NEW_SHARE and len(claim.content) >= 2:
            yield Clue(
                kind="claim_dropped",
                old_key=claim.text,
                new_key="",
                old=claim.text,
                new="",
                claim=claim,
            )


def _kept(a: Claim, b: Claim) -> float:
    return len(a.content & b.content) / len(a.content) if a.content else 0.0


def _news(claim: Claim, other: Reading) -> float:
    """Return the share of a claim's words that the other answer does not have."""
    content = claim.content
    return len(content - other.words) / len(content) if content else 0.0
