"""The check of a number in the answer: finds it among words, and compares it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pytest_promptdrift._numbers import Number, find_numbers, number_matches, number_value
from pytest_promptdrift.model import CheckResult

from .arguments import (
    NUMBER,
    ArgumentError,
    Arguments,
    Field,
    Kind,
    choice,
    found,
    optional,
    read_number,
)
from .compare import Tolerance
from .protocol import CheckType
from .structure import TOLERANCE_KIND
from .wording import quote, reason, show

if TYPE_CHECKING:
    from pytest_promptdrift.model import CheckContext

    from .protocol import Check, CheckScope

_LISTED = 10


def _chosen(text: str, which: str, point: str) -> list[Number]:
    """Return the number that counts, or a few of them when they are too many."""
    if which == "last":
        # Only the last is converted: an answer may hold a hundred thousand.
        last = deque(number_matches(text, point), maxlen=1)
        return [Number(number_value(match), match[0].strip()) for match in last]
    return list(islice(find_numbers(text, point), 1 if which == "first" else _LISTED + 1))


def _read_numeric(value: object) -> float:
    """Read a number, or the text of one: datasets hold text."""
    if not isinstance(value, str):
        return read_number(value)
    numbers = list(islice(find_numbers(value), 2))
    if len(numbers) == 1 and numbers[0].text == value.strip():
        return numbers[0].value
    msg = f"a number expected, {found(value)}"
    raise ArgumentError(msg)


_NUMERIC = Kind(read=_read_numeric, schema={"type": ["number", "string"]})
VALUE = optional("value", _NUMERIC, "the expected number")
TOLERANCE = optional("tolerance", TOLERANCE_KIND, "how far it may be off: 0.5 or 1%")
MIN = optional("min", NUMBER, "the least number that passes")
MAX = optional("max", NUMBER, "the greatest number that passes")
WHICH = Field(
    name="which",
    kind=choice("only", "first", "last"),
    default="only",
    summary="which number of the answer counts; only: it must be the only one",
)
DECIMAL = Field(name="decimal", kind=choice(".", ","), default=".", summary="the decimal mark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What number is wanted: a value within a tolerance, or a range."""

    value: float | None
    tolerance: Tolerance
    least: float | None
    most: float | None

    def holds(self, number: float) -> bool:
        """Tell whether ``number`` is what is wanted."""
        if self.value is not None:
            return self.tolerance.allows(number, self.value)
        low = self.least is None or number >= self.least
        return low and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        if self.value is not None:
            room = f" ± {self.tolerance}" if self.tolerance.amount else ""
            return f"{show(self.value)}{room}"
        if self.most is None:
            return f"at least {show(self.least)}"
        if self.least is None:
            return f"at most {show(self.most)}"
        return f"{show(self.least)} to {show(self.most)}"


def _wanted(arguments: Arguments) -> Wanted:
    value, least, most = arguments[VALUE], arguments[MIN], arguments[MAX]
    tolerance = arguments[TOLERANCE]
    if value is None and least is None and most is None:
        msg = "needs a value, min or max, or the case an expected answer"
        raise ArgumentError(msg, "write {number: 42}")
    if value is not None and (least is not None or most is not None):
        msg = "takes a value, or min and max, not both"
        raise ArgumentError(msg)
    if value is None and tolerance is not None:
        msg = "tolerance belongs to a value, not to min and max"
        raise ArgumentError(msg)
    if least is not None and most is not None and least > most:
        msg = f"min {least} is more than max {most}, so no answer can pass"
        raise ArgumentError(msg)
    return Wanted(value=value, tolerance=tolerance or Tolerance(0.0), least=least, most=most)


def _build(arguments: Arguments, scope: CheckScope) -> Check:
    return numeric(scope.name, _wanted(arguments), which=arguments[WHICH], point=arguments[DECIMAL])


def numeric(name: str, wanted: Wanted, *, which: str = "only", point: str = ".") -> Check:
    """Return a check that the number in the answer is the wanted one."""

    def evaluate(context: CheckContext) -> CheckResult:
        text = context.response.text
        numbers = _chosen(text, which, point)
        if not numbers:
            return _result(name, passed=False, why=f"{wanted} expected, no number in {quote(text)}")
        if len(numbers) > 1:
            names = ", ".join(number.text[:40] for number in numbers[:_LISTED])
            more = " and more" if len(numbers) > _LISTED else ""
            why = f"{wanted} expected, found several numbers: {names}{more}"
            return _result(name, passed=False, why=f"{why} (which: first or last chooses)")
        number = numbers[0]
        if wanted.holds(number.value):
            return _result(name, passed=True, why=f"found {number.text[:40]}")
        why = f"{wanted} expected, found {number.text[:40]}{_note(number, wanted)}"
        return _result(name, passed=False, why=why)

    return evaluate


def _result(name: str, *, passed: bool, why: str) -> CheckResult:
    return CheckResult(name=name, passed=passed, reason=reason(why))


def _note(number: Number, wanted: Wanted) -> str:
    if number.text.endswith("%") and wanted.holds(number.value / 100):
        return f" (a percentage counts by its number, {number.value:g})"
    if wanted.holds(-number.value):
        return " (differs only in the sign)"
    return ""


CHECKS: tuple[CheckType, ...] = (
    CheckType(
        name="number",
        summary="the number in the answer is this one, or in this range",
        build=_build,
        fields=(VALUE, TOLERANCE, MIN, MAX, WHICH, DECIMAL),
        main="value",
        takes_expected=True,
        instead=frozenset({"min", "max"}),
    ),
)
