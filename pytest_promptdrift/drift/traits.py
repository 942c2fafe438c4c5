"""What one answer says and is, told without a look at any other answer.

A comparison chooses what it looks at by the side an answer is on; a permutation test may not. So
every answer is turned into traits on its own, and what they come to is counted later.
"""

from __future__ import annotations

import re
import zlib
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._text import cut

from .claims import marks_in, plain_text
from .code import code_traits
from .formats import format_of
from .json_shape import type_name
from .listening import stance
from .phrases import tokens_of
from .reading import Reading
from .shape import form_of
from .values import key_of
from .words import stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_promptdrift.model import Response, Trait

    from .listening import Stance

# Beyond this many an answer is a document, and some of its traits speak for it.
MOST_TRAITS = 200
_MOST_LOOKED_AT = 5000
FRAGMENT = 120
_ITEM_KINDS: Final = {"number": "number", "date": "date", "code": "entity", "operator": "operator"}
# What an answer is as a whole is never left out.
_WHOLE: Final = frozenset(
    (
        "refusal",
        "truncation",
        "language",
        "polarity",
        "label",
        "tool_name",
        "tool_arguments",
        "json_fence",
        "json_preamble",
        "json_broken",
    )
)
# Words with a capital behind a small letter or a comma: names, not beginnings of sentences.
_NAMES = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
# Opposites that mark a place in most texts, and no fact.
_PLACES: Final = frozenset(["up", "first", "more", "new", "full", "start", "add", "keep", "than"])


def traits_of(response: Response) -> dict[Trait, str]:
    """Return the traits of an answer, each with the words in which the answer shows it.

    Kinds are those of findings. There are at most MOST_TRAITS; of more, the same ones are kept in
    every answer that has them.
    """
    found: dict[Trait, str] = {}
    for trait, shown in _traits(Reading(response)):
        found.setdefault(trait, shown)
        if len(found) >= _MOST_LOOKED_AT:
            break
    if len(found) <= MOST_TRAITS:
        return found
    kept = sorted(found, key=lambda t: (t[0] not in _WHOLE, zlib.crc32("\0".join(t).encode()), t))
    return {trait: found[trait] for trait in kept[:MOST_TRAITS]}


def _traits(reading: Reading) -> Iterator[tuple[Trait, str]]:
    if reading.refusal:
        yield ("refusal", "refuses", ""), cut(reading.text or reading.refusal, FRAGMENT)
    if reading.cut:
        yield ("truncation", "cut", ""), f"… {reading.text[-60:]}"
    # English is what short answers are not recognised as: only another language is something said
    if reading.language not in {None, "en"}:
        yield ("language", str(reading.language), ""), str(reading.language)
    if reading.response.tool_calls:
        yield from _calls(reading.response)
    if reading.is_json:
        yield from _form(reading)
        yield from _json_traits(reading.json, "$")
    elif reading.code is not None:
        yield from code_traits(reading.code)
    elif reading.text.strip():
        yield from _form(reading)
        yield from _prose(reading)


def _calls(response: Response) -> Iterator[tuple[Trait, str]]:
    names = ", ".join(call.name for call in response.tool_calls)
    yield ("tool_name", names, ""), names
    for call in response.tool_calls:
        if call.raw is not None and call.arguments is None:
            yield ("tool_arguments", "no JSON", call.name), cut(call.raw, FRAGMENT)
        else:
            yield from _json_traits(call.arguments, call.name)


def _form(reading: Reading) -> Iterator[tuple[Trait, str]]:
    """Yield how JSON stands in the answer; prose without any has no form."""
    form = form_of(reading)
    if form in {"fence", "preamble"}:
        yield (f"json_{form}", form, "$"), cut(reading.text, 60)
    if reading.is_json or form == "preamble":
        yield ("json_broken", "JSON", "$"), "JSON that parses"


def _json_traits(root: object, path: str) -> Iterator[tuple[Trait, str]]:
    """Yield fields, types, formats and values, path by path, without recursion."""
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
            form = format_of(value) if isinstance(value, str) else None
            if form:
                yield ("format_changed", form, where), form
            key = key_of(value)
            yield ("json_value", key, where), cut(key, FRAGMENT)


def _prose(reading: Reading) -> Iterator[tuple[Trait, str]]:
    if reading.polarity:
        yield ("polarity", reading.polarity, ""), reading.polarity
    if reading.label:
        yield ("label", reading.label, ""), cut(reading.text.strip(), 80)
        if not reading.facts:
            return
    english = reading.english
    for claim in reading.claims:
        # each claim is read once, and keeps nothing
        plain = plain_text(claim.text)
        tokens = tokens_of(plain.casefold())
        for _, item in sorted(marks_in(plain, tokens)[0], key=itemgetter(0)):
            kind = _ITEM_KINDS.get(item.kind)
            if kind:
                # the family is the place, so that days stand for days and no euro for them
                yield (kind, item.key, item.family), item.text.strip(" .,;")
        if english:
            yield from _names(plain)
            yield from _stance(claim.text, stance(tokens))


def _names(plain: str) -> Iterator[tuple[Trait, str]]:
    for match in _NAMES.finditer(plain):
        for word in match[0].split():
            if len(word) > 1:
                yield ("entity", stem(word.casefold()), ""), word


def _stance(claim: str, heard: Stance) -> Iterator[tuple[Trait, str]]:
    """Yield what a claim denies, and on which side of an opposite it stands."""
    for word in dict.fromkeys(heard.denied):
        if heard.denied.count(word) % 2:
            yield ("negation", f"not {word}", word), cut(claim, FRAGMENT)
    for concept, sign in heard.signs.items():
        if sign and concept not in _PLACES:
            shown = heard.words.get(concept, concept).strip("¶+-")
            yield ("antonym", f"{concept}{'+' if sign > 0 else '-'}", concept), shown
    for group, word in heard.members.items():
        if word:
            yield ("antonym", word, group), word
