"""Facts: what fresh answers say differently from accepted ones, counted on both sides.

A difference is drift only where the accepted answers do not differ in it themselves. Nothing here
is a test: the counts go to whoever decides about chance.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._text import cut, plural, visible
from pytest_promptdrift.model import Finding

from .answers import compare
from .dates import same_date
from .kinds import KINDS
from .pairing import similarity
from .reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_promptdrift.model import Response, Severity

    from .claims import Claim
    from .clue import Clue
    from .listening import Stance

MOST_FINDINGS = 30
_FRAGMENT = 200
# Comparing all with all is quadratic in the samples; this many different answers speak for a side.
_MOST_ANSWERS = 24
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class _Voice:
    """An answer and how many samples gave it."""

    reading: Reading
    count: int


def fact_findings(accepted: Sequence[Response], fresh: Sequence[Response]) -> tuple[Finding, ...]:
    """Return the facts in which fresh answers leave what the accepted ones say.

    Failures first, then by how many fresh answers show them. No answers on a side, or equal
    answers, give nothing.
    """
    before, after = _voices(accepted), _voices(fresh)
    if not before or not after:
        return ()
    groups: dict[tuple[str, str, str | None], list[tuple[Clue, int]]] = {}
    for voice in after:
        for clue in _new_clues(before, voice.reading):
            key = (clue.kind, clue.old_key, clue.path)
            groups.setdefault(key, []).append((clue, voice.count))
    total, asked = sum(v.count for v in before), sum(v.count for v in after)
    found = [_finding(clues, before, total, asked) for clues in groups.values()]
    found.sort(key=lambda f: (f.severity != "fail", -f.fresh, -f.accepted, f.kind, f.message))
    return tuple(found[:MOST_FINDINGS])


def _voices(responses: Sequence[Response]) -> list[_Voice]:
    counts: Counter[object] = Counter(identity(r) for r in responses)
    kept = {identity(r): r for r in reversed(responses)}
    # in an order of their own, so that the order of the samples does not matter
    ordered = sorted(kept, key=lambda i: (-counts[i], str(i)))
    return [_Voice(Reading(kept[i]), counts[i]) for i in ordered[:_MOST_ANSWERS]]


def identity(response: Response) -> tuple[object, ...]:
    """Return what two answers have in common that say the very same."""
    calls = tuple((call.name, call.raw, repr(call.arguments)) for call in response.tool_calls)
    return (response.text, calls, response.refusal, response.finish_reason)


def _new_clues(before: list[_Voice], new: Reading) -> list[Clue]:
    """Return the clues that no accepted answer speaks against."""
    said = identity(new.response)
    if any(identity(voice.reading.response) == said for voice in before):
        return []
    by_voice = [compare(voice.reading, new) for voice in before]
    kept: dict[tuple[str, str, str, str | None], Clue] = {}
    for clues in by_voice:
        for clue in clues:
            kept.setdefault((clue.kind, clue.old_key, clue.new_key, clue.path), clue)
    return [clue for clue in kept.values() if not _known(clue, before, by_voice)]


def _known(clue: Clue, before: list[_Voice], by_voice: list[list[Clue]]) -> bool:
    """Tell whether an accepted answer already says what the clue calls new."""
    if clue.kind == "claim_dropped" and clue.claim is not None:
        return not all(_speaks_of(voice, clue.claim) for voice in before)
    for voice, clues in zip(before, by_voice, strict=True):
        if any(c.kind == clue.kind and c.new_key == clue.new_key for c in clues):
            continue
        if clue.claim is None:
            if states(voice.reading, clue.kind, clue.new_key, clue.path):
                return True
        elif _speaks_of(voice, clue.claim):
            return True  # it speaks of the same, and does not contradict
    return False


def _speaks_of(voice: _Voice, claim: Claim) -> bool:
    return any(similarity(own, claim) >= _ALIKE for own in voice.reading.claims)


def states(reading: Reading, kind: str, key: str, path: str | None = None) -> bool:
    """Tell whether an answer states the fact with this normal form."""
    if kind in _STATES:
        return _STATES[kind](reading) == key
    if kind == "json_value":
        where = path or "$"
        return (where, key[len(where) + 1 :]) in reading.values
    if kind == "date":
        return any(i.kind == "date" and same_date(i.key, key) for i in reading.facts)
    if kind in {"number", "entity"} and reading.code is None:
        return any(i.key == key for i in reading.facts) or set(key.split()) <= reading.words
    if kind == "antonym":
        return any(_affirms(claim.stance, key) for claim in reading.claims)
    return key in reading.words or any(claim.text == key for claim in reading.claims)


def _affirms(stance: Stance, key: str) -> bool:
    signed = {f"{concept}{sign:+}" for concept, sign in stance.signs.items()}
    return key in signed or key in stance.members.values()


_STATES: Final[dict[str, Callable[[Reading], str | None]]] = {
    "label": lambda reading: reading.label or "prose",
    "polarity": lambda reading: reading.polarity,
    "refusal": lambda reading: "refuses" if reading.refusal else "no refuses",
    "language": lambda reading: reading.language,
    "truncation": lambda reading: "cut" if reading.cut else "ends",
}


def _finding(
    clues: list[tuple[Clue, int]], before: list[_Voice], total: int, asked: int
) -> Finding:
    first = clues[0][0]
    news: Counter[str] = Counter()
    for clue, count in clues:
        news[clue.new] += count
    old = sum(
        voice.count
        for voice in before
        if states(voice.reading, first.kind, first.old_key, first.path)
    )
    deviate = min(asked, sum(count for _, count in clues))
    new = _fragment(min(news, key=lambda text: (-news[text], text)))
    shown = _fragment(first.old)
    return Finding(
        kind=first.kind,
        message=_message(first, shown, new, (old, total), (deviate, asked)),
        severity=_severity(first, max(1, old), total),
        old=shown or None,
        new=new or None,
        path=first.path,
        accepted=max(1, old),
        accepted_of=total,
        fresh=deviate,
        fresh_of=asked,
    )


def _severity(clue: Clue, old: int, total: int) -> Severity:
    # What less than half of the accepted answers say varies among them already.
    return "warn" if 2 * old <= total and total > 1 and clue.claim is None else clue.severity


def _fragment(text: str) -> str:
    return cut(visible(" ".join(text.split())), _FRAGMENT)


def _message(
    clue: Clue, old: str, new: str, accepted: tuple[int, int], fresh: tuple[int, int]
) -> str:
    where = f" at {clue.path}" if clue.path else ""
    title = f"{KINDS[clue.kind].title}{where}"
    if accepted[1] == fresh[1] == 1:
        return f"{title}: {old or 'nothing'!r} → {new or 'nothing'!r}"
    said = (
        f"{old!r} in {max(1, accepted[0])} of {plural(accepted[1], 'accepted answer')}"
        if old
        else ""
    )
    news = f"{new or 'nothing'!r} in {fresh[0]} of {plural(fresh[1], 'fresh answer')}"
    return f"{title}: {said}{'; ' if said else ''}{news}"
