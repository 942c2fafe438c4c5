"""Reads what a case file gives a check, strictly and all mistakes at once.

This module must not know any particular check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pytest_promptdrift._errors import did_you_mean

from .arguments import UNSET, ArgumentError, Arguments, found
from .wording import quote

if TYPE_CHECKING:
    from .arguments import AnyField
    from .protocol import CheckType


@dataclass(frozen=True, slots=True)
class Read:
    """What became of the arguments of one check; ``given`` are those without defaults."""

    arguments: Arguments
    errors: list[ArgumentError]
    uses_expected: bool
    given: Mapping[str, object]


def read_arguments(check: CheckType, argument: object, expected: object) -> Read:
    """Read ``argument`` (UNSET when there is none) as the arguments of ``check``."""
    errors: list[ArgumentError] = []
    given = _by_key(check, argument, errors)
    uses_expected = False
    alone = check.main is not None and not {check.main, *check.instead} & given.keys()
    if alone and check.takes_expected and expected is not UNSET and not errors:
        given = {**given, str(check.main): expected}
        uses_expected = True
    values: dict[str, object] = {}
    missing: list[str] = []
    for field in check.fields:
        if field.name in given:
            _read_field(field, given[field.name], values, errors)
        elif field.default is not UNSET:
            values[field.name] = field.default
        else:
            missing.append(field.name)
    if missing and not errors:
        errors.append(_missing(check, missing[0]))
    return Read(Arguments(values), errors, uses_expected, given)


def _read_field(
    field: AnyField, value: object, values: dict[str, object], errors: list[ArgumentError]
) -> None:
    try:
        values[field.name] = field.kind.read(value)
    except ArgumentError as error:
        errors.append(ArgumentError(f"{field.name}: {error}", error.hint))


def _missing(check: CheckType, name: str) -> ArgumentError:
    if name == check.main and check.takes_expected:
        return ArgumentError(
            f"needs {name}, or the case an expected answer", f"write {{{check.name}: …}}"
        )
    return ArgumentError(f"needs {name}", f"write {{{check.name}: {{{name}: …}}}}")


def _by_key(
    check: CheckType, argument: object, errors: list[ArgumentError]
) -> Mapping[str, object]:
    if argument is UNSET:
        return {}
    names = [field.name for field in check.fields]
    if isinstance(argument, Mapping) and is_keyed(check, argument, names):
        errors.extend(_unknown(check, key, names) for key in argument if key not in names)
        return cast("Mapping[str, object]", argument)
    if check.main is None:
        takes = f"takes {', '.join(names)}" if names else "takes no argument"
        errors.append(ArgumentError(f"{takes}; {found(argument)}"))
        return {}
    return {check.main: argument}


def is_keyed(check: CheckType, argument: Mapping[object, object], names: list[str]) -> bool:
    """Tell whether a mapping holds arguments, or is itself the main argument.

    A misspelled option beside a right one must be an error, not a part of the value.
    """
    if not check.literal or check.keyed_by & argument.keys():
        return True
    others = [key for key in argument if key not in names]
    if not others:
        return bool(argument)
    return check.main in argument and all("did you" in did_you_mean(str(o), names) for o in others)


def _unknown(check: CheckType, key: object, names: list[str]) -> ArgumentError:
    hint = None
    if check.literal and not check.keyed_by:
        hint = f"to compare with such a mapping write {check.main}: {{…}}"
    return ArgumentError(f"unknown key {quote(str(key))}{did_you_mean(str(key), names)}", hint)
