"""What one answer says and is, told without a look at any other answer.

A comparison chooses what it looks at by the side an answer is on; a permutation test may not. So
every answer is turned into traits on its own, and what they come to is counted later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._text import cut, visible
from pytest_promptdrift.model import Finding

from .json_shape import type_name
from .kinds import KINDS
from .reading import Reading
from .shape import form_of
from .values import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_promptdrift.model import Response, Trait

    from .claims import Claim

# Beyond this many an answer is a document, and its first traits speak for it.
MOST_TRAITS = 200
_FRAGMENT = 120
_CONDITION = re.compile(r"([\w.]+)\s*(>=|<=|<>|!=|==|=|>|<)\s*('[^'\n]{0,40}'|[\w.]+)")
_ITEM_KINDS: Final = {"number": "number", "date": "date", "code": "entity", "operator": "operator"}
# What stands at a path, as against the path itself.
_AT_A_PATH: Final = frozenset({"json_value", "type_changed", "newly_null"})


def traits_of(response: Response) -> dict[Trait, str]:
    """Return the traits of an answer, each with the words in which the answer shows it.

    Kinds are those of findings. The order is that of the answer, and the number is bounded.
    """
    found: dict[Trait, str] = {}
    reading = Reading(response)
    for trait, shown in _traits(reading):
        found.setdefault(trait, shown)
        if len(found) >= MOST_TRAITS:
            break
    return found


def _traits(reading: Reading) -> Iterator[tuple[Trait, str]]:
    if reading.refusal:
        yield ("refusal", "refuses", ""), cut(reading.text or reading.refusal, _FRAGMENT)
    if reading.cut:
        yield ("truncation", "cut", ""), f"… {reading.text[-60:]}"
    if reading.language:
        yield ("language", reading.language, ""), reading.language
    calls = reading.response.tool_calls
    if calls:
        names = ", ".join(call.name for call in calls)
        yield ("tool_name", names, ""), names
        if any(call.raw is not None and call.arguments is None for call in calls):
            yield ("tool_arguments", "no JSON", ""), "arguments that are no JSON"
        for call in calls:
            yield from _json_traits(call.arguments, call.name)
    if reading.is_json:
        yield from _form(reading)
        yield from _json_traits(reading.json, "$")
    elif reading.code is not None:
        yield from _conditions(reading.code)
    elif reading.text.strip():
        yield from _form(reading)
        yield from _prose(reading)


def _form(reading: Reading) -> Iterator[tuple[Trait, str]]:
    """Yield how JSON stands in the answer; prose without any has no form."""
    form = form_of(reading)
    if form in {"fence", "preamble"}:
        yield (f"json_{form}", form, "$"), cut(reading.text, 60)
    if reading.is_json or form == "preamble":
        yield ("json_broken", "JSON", "$"), "JSON that parses"


def _json_traits(root: object, path: str) -> Iterator[tuple[Trait, str]]:
    """Yield fields, types and values, path by path, without recursion."""
    stack = [(root, path)]
    while stack:
        value, where = stack.pop()
        if where != path and not where.endswith("[]"):
            yield ("field_gone", where, where), where
        if value is None:
            yield ("newly_null", "null", where), "null"
            continue
        yield ("type_changed", type_name(value), where), type_name(value)
        if isinstance(value, dict):
            stack += [(item, f"{where}.{key}") for key, item in reversed(value.items())]
        elif isinstance(value, list):
            stack += [(item, f"{where}[]") for item in reversed(value)]
        else:
            key = key_of(value)
            yield ("json_value", key, where), cut(key, _FRAGMENT)


def _conditions(code: str) -> Iterator[tuple[Trait, str]]:
    for match in _CONDITION.finditer(code):
        left, operator, right = match.groups()
        shown = f"{left} {operator} {right}"
        yield ("operator", shown.casefold(), ""), shown


def _prose(reading: Reading) -> Iterator[tuple[Trait, str]]:
    if reading.polarity:
        yield ("polarity", reading.polarity, ""), reading.polarity
    if reading.label:
        yield ("label", reading.label, ""), cut(reading.text.strip(), 80)
        if not reading.facts:
            return
    for claim in reading.claims:
        for item in claim.marks:
            kind = _ITEM_KINDS.get(item.kind)
            if kind:
                yield (kind, item.key, ""), item.text.strip(" .,;")
        if reading.english:
            yield from _stance(claim)


def _stance(claim: Claim) -> Iterator[tuple[Trait, str]]:
    """Yield what a claim denies, and on which side of an opposite it stands."""
    stance = claim.stance
    if stance.negations % 2:
        about = " ".join(sorted(stance.content)[:4])
        yield ("negation", f"not {about}", ""), cut(claim.text, _FRAGMENT)
    for concept, sign in stance.signs.items():
        if sign:
            shown = stance.words.get(concept, concept).strip("¶+-")
            yield ("antonym", f"{concept}{sign:+}", ""), shown


def trait_finding(
    gone: Trait | None,
    come: Trait | None,
    shown: Mapping[Trait, str],
    *,
    accepted: int,
    accepted_of: int,
    fresh: int,
    fresh_of: int,
) -> Finding:
    """Return what went, what came in its place, or both, as a finding.

    ``accepted`` counts the accepted answers that have ``gone`` (without it, that have ``come``),
    ``fresh`` the fresh ones that still have ``gone`` (without it, that have ``come``). ``shown``
    has the words of an answer for both.
    """
    leading = gone or come
    if leading is None:
        msg = "a finding needs a trait that went or came"
        raise ValueError(msg)
    kind = kind_of(leading, came=gone is None)
    told = _words(leading, shown)
    counts = f"{told} in {accepted} of {accepted_of} accepted, {fresh} of {fresh_of} fresh"
    instead = f"; fresh say {_words(come, shown)}" if gone and come else ""
    path = leading[2] or None
    where = f"{path}: " if path and leading[0] in _AT_A_PATH else ""
    title = "" if leading[0] in _ITEM_KINDS.values() else f"{KINDS[kind].title}: "
    return Finding(
        kind=kind,
        message=visible(f"{where}{title}{counts}{instead}"),
        severity="note",
        old=shown.get(gone) if gone else None,
        new=shown.get(come) if come else None,
        path=path,
        accepted=accepted,
        accepted_of=accepted_of,
        fresh=fresh_of - fresh if gone else fresh,
        fresh_of=fresh_of,
        traits=tuple([trait for trait in (gone, come) if trait is not None]),
    )


def kind_of(trait: Trait, *, came: bool) -> str:
    """Return the kind of finding that a trait is when it went, or when it ``came``."""
    if came and trait[0] == "field_gone":
        return "field_new"
    if came and trait[0] == "json_broken":
        return "json_value"  # it was no JSON and is now: whoever reads it has to look
    if came and trait[0] == "tool_name":
        return "tool_new"
    return trait[0]


def _words(trait: Trait, shown: Mapping[Trait, str]) -> str:
    text = " ".join(shown.get(trait, trait[1]).split())
    if trait[0] in {"field_gone", "tool_name", "json_broken", "json_value", "type_changed"}:
        return cut(text, _FRAGMENT)
    return f'"{cut(text, _FRAGMENT)}"'


def covered(trait: Trait, told: set[Trait]) -> bool:
    """Tell whether a trait only says again what another one said: a value of a field that went."""
    return trait[0] in _AT_A_PATH and ("field_gone", trait[2], trait[2]) in told
