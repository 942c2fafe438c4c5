"""Reads how a check is written: its name, what it is given, and the options beside that.

This module must not know any particular check, but for ``python``, whose arguments stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, cast

from pytest_promptdrift._errors import did_you_mean
from pytest_promptdrift._text import plural

from .arguments import UNSET, ArgumentError, found
from .reading import is_keyed
from .registry import built_in, check_names
from .wording import listed, quote

if TYPE_CHECKING:
    from .protocol import CheckType

SAMPLES = "samples"
SCORE_ONLY = "score_only"
_OPTIONS = (SAMPLES, SCORE_ONLY)
_NOTHING: Mapping[str, object] = MappingProxyType({})
_SPECIAL = frozenset((*_OPTIONS, "python"))
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%")


class Spelled(NamedTuple):
    """A check as it is written; ``argument`` is UNSET when there is none.

    ``options`` holds ``samples`` and ``score_only`` as far as they are given.
    """

    name: str
    argument: object = UNSET
    options: Mapping[str, object] = _NOTHING


class Bar(NamedTuple):
    """How many samples must hold, None for all of them; with ``score_only`` none has to."""

    needed: int | None = None
    score_only: bool = False


def spell(spec: object) -> Spelled:
    """Return what one item of ``checks`` says; raises ArgumentError when it names no check."""
    if isinstance(spec, str):
        return Spelled(spec)
    if not isinstance(spec, Mapping):
        msg = f"a check is a name or a mapping with one name, {found(spec)}"
        raise ArgumentError(msg)
    keys = list(spec)
    if len(keys) == 1 and isinstance(keys[0], str) and keys[0] not in _SPECIAL:
        return Spelled(keys[0], spec[keys[0]])  # most checks: a name and what it is given
    if not all(isinstance(key, str) for key in keys):
        odd = next(key for key in keys if not isinstance(key, str))
        msg = f"the name of a check is text, {found(odd)}"
        raise ArgumentError(msg)
    options = {key: spec[key] for key in _OPTIONS if key in spec}
    names = [key for key in keys if key not in _OPTIONS]
    if "python" in names:
        return Spelled("python", _beside(spec, names), options)
    if len(names) != 1:
        raise _not_one(names)
    return Spelled(names[0], spec[names[0]], options)


def _beside(spec: Mapping[str, object], names: list[str]) -> Mapping[str, object]:
    """Join arguments that stand beside ``python`` with those inside it."""
    value = spec["python"]
    inside = cast("Mapping[str, object]", value) if isinstance(value, Mapping) else None
    outside = {key: spec[key] for key in names if key != "python"}
    if inside is None:
        return {"python": value, **outside}
    twice = [key for key in outside if key in inside]
    if twice:
        msg = f"python: {quote(twice[0])} is given twice"
        raise ArgumentError(msg)
    return {**inside, **outside}


def _not_one(names: list[str]) -> ArgumentError:
    """Return what to say about a mapping with no name, or with several."""
    if not names:
        return ArgumentError("a check needs a name", f"one of {listed(list(check_names()))}")
    known = [name for name in names if name in check_names()]
    others = [name for name in names if name not in known]
    check = built_in(known[0]) if len(known) == 1 else None
    if check is not None:
        fields = [field.name for field in check.fields]
        odd = listed([quote(name) for name in others])
        if all(name in fields for name in others):
            main = f"{check.main}: …, " if check.main and check.main not in others else ""
            inside = ", ".join(f"{name}: …" for name in others)
            hint = f"write {{{known[0]}: {{{main}{inside}}}}}"
            return ArgumentError(f"{odd} stands beside {known[0]!r} but belongs inside", hint)
        close = did_you_mean(others[0], (*fields, *_OPTIONS))
        return ArgumentError(f"{odd} beside {known[0]!r} is unknown{close}")
    shown = listed([quote(name) for name in names])
    return ArgumentError(
        f"one item of the list holds several checks: {shown}", "start each with a dash"
    )


def inner_options(check: CheckType, argument: object) -> tuple[object, Mapping[str, object]]:
    """Take options out of the mapping form, where they cannot be meant as part of a value."""
    if not isinstance(argument, Mapping) or not (SAMPLES in argument or SCORE_ONLY in argument):
        return argument, _NOTHING
    own = [item.name for item in check.fields]
    options = {key: argument[key] for key in _OPTIONS if key in argument and key not in own}
    if not options:
        return argument, _NOTHING
    rest = {key: item for key, item in argument.items() if key not in options}
    # {samples: 2} alone may well be the expected value of a check that compares; nobody expects
    # {score_only: true}
    alone = options.get(SCORE_ONLY) is True and len(options) == 1
    if not (is_keyed(check, rest, own) if rest else alone or not check.literal):
        return argument, _NOTHING
    return rest or UNSET, options


def read_bar(
    outer: Mapping[str, object],
    inner: Mapping[str, object],
    samples: int,
    errors: list[ArgumentError],
) -> Bar:
    """Return what the options beside a check and inside of it ask; mistakes go to ``errors``."""
    if not (outer or inner):
        return Bar()
    errors.extend(ArgumentError(f"{key} is given twice") for key in outer if key in inner)
    options = {**inner, **outer}
    score_only = options.get(SCORE_ONLY, False)
    if not isinstance(score_only, bool):
        errors.append(ArgumentError(f"{SCORE_ONLY}: true or false expected, {found(score_only)}"))
    elif score_only and SAMPLES in options:
        msg = f"{SCORE_ONLY} and {SAMPLES} exclude each other: what only measures need not hold"
        errors.append(ArgumentError(msg, "keep one"))
    needed = None
    if SAMPLES in options:
        try:
            needed = _needed(options[SAMPLES], samples)
        except ArgumentError as error:
            errors.append(error)
    return Bar(needed=needed, score_only=score_only is True)


def _needed(value: object, samples: int) -> int:
    """Return how many of ``samples`` must hold for ``4`` or ``"80%"``, rounded up."""
    if isinstance(value, str):
        match = _PERCENT.fullmatch(value.strip())
        # In millionths of a per cent, so that no rounding of floats asks for one sample more.
        share = round(float(match[1]) * 1_000_000) if match else 0
        if 0 < share <= 100_000_000:
            return -(-share * samples // 100_000_000)
    elif isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        if value <= samples:
            return value
        msg = f"samples: {value} must hold, but the case has {plural(samples, 'sample')}"
        raise ArgumentError(msg, f"set samples: {value} for the case as well")
    msg = f"samples: a whole number from 1 or a percentage such as '80%' expected, {found(value)}"
    raise ArgumentError(msg)
