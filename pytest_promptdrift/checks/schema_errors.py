"""Says why a value does not fit a schema, at a bounded cost, however large the value is.

The library makes all errors at once, and those of every alternative with them: seconds for an
answer of a megabyte. Of a long answer only the start of its lists is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from .compare import pointer
from .wording import middle_cut, reason

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

MOST_ERRORS = 20
_ITEMS = 50
_VALUES = 5_000
_KEYS = 1_000
# These only say that something deeper inside is wrong.
_VAGUE = frozenset({"anyOf", "oneOf", "allOf", "not", "if"})
_TOO_LONG = "does not fit the schema; the answer is too long to say where"


class _TooLongError(Exception):
    """The value has too many parts that cannot be left out."""


@dataclass(slots=True)
class _Shortener:
    """Copies the start of a value; ``cut`` are the paths of the lists that lost items."""

    left: int = _VALUES
    cut: set[tuple[str | int, ...]] = field(default_factory=set)

    def of(self, value: object, path: tuple[str | int, ...] = ()) -> object:
        """Return ``value`` with shorter lists; objects stay whole, because keys are required."""
        self.left -= 1
        if isinstance(value, dict):
            if len(value) > _KEYS or self.left < -_VALUES:
                raise _TooLongError
            return {key: self.of(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            kept: list[object] = []
            for index, item in enumerate(value[:_ITEMS]):
                if self.left <= 0:
                    break
                kept.append(self.of(item, (*path, index)))
            if len(kept) < len(value):
                self.cut.add(path)
            return kept
        return value


def schema_errors(validator: Validator, value: object) -> list[str]:
    """Return what is wrong with a value, most telling first: a headline and up to 20 lines."""
    shortener = _Shortener()
    try:
        errors = list(validator.iter_errors(shortener.of(value)))
    except _TooLongError:
        return [_TOO_LONG]
    except ValueError as error:  # text that is no Unicode
        return [reason(f"cannot be validated: {error}")]
    errors = [error for error in errors if _holds(error, shortener.cut)]
    if not errors:
        return [_TOO_LONG]
    return _lines(errors, whole=not shortener.cut)


def _holds(error: ValidationError, cut: set[tuple[str | int, ...]]) -> bool:
    """Tell whether an error of the shortened value is one of the whole value too."""
    return error.kind.name == "type" or tuple(error.instance_path) not in cut


def _lines(errors: list[ValidationError], *, whole: bool) -> list[str]:
    errors.sort(key=lambda error: (error.kind.name in _VAGUE, len(error.instance_path)))
    lines = [_line(error) for error in islice(errors, MOST_ERRORS + 1)]
    hidden = len(errors) - len(lines)
    if hidden > 0:
        lines[-1] = f"{hidden + 1:,} more errors"
    more = f"{len(errors) - 1:,} more{'' if whole else ' in the start of its lists'}"
    if len(errors) > 1:
        lines[0] = reason(f"{lines[0]} (and {more})")
    return lines


def _line(error: ValidationError) -> str:
    message = f"{pointer(error.instance_path)}: {middle_cut(error.message)}"
    context = getattr(error.kind, "context", None)
    if isinstance(context, list) and context:
        causes = [middle_cut(branch[0].message, 100) for branch in context[:3] if branch]
        message = f"{message} ({'; '.join(causes)})" if causes else message
    return reason(message)
