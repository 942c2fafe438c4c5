"""Checks that read the answer as JSON and compare it with expected values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_promptdrift.model import CheckResult

from .answer_json import parse_answer, shape
from .arguments import (
    JSON,
    UNSET,
    ArgumentError,
    Arguments,
    Field,
    Kind,
    choice,
    found,
    list_of,
    optional,
    read_json,
    read_number,
)
from .compare import Rules, Tolerance, differences, exactly, prune, unchanged
from .explain import explain
from .multiset import Numbers, TooManyStepsError, alike
from .protocol import CheckType
from .wording import quote, reason, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_promptdrift.model import CheckContext

    from .protocol import Check, CheckScope

_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?%")


def _read_tolerance(value: object) -> Tolerance:
    if isinstance(value, str):
        match = _PERCENT.fullmatch(value.strip())
        if match:
            return Tolerance(float(match[1]) / 100, relative=True)
        msg = f"a number or a percentage such as '1%' expected, {found(value)}"
        raise ArgumentError(msg)
    number = read_number(value)
    if number < 0:
        msg = f"a tolerance is not negative, {found(value)}"
        raise ArgumentError(msg)
    return Tolerance(number)


def _read_path(value: object) -> tuple[str, ...]:
    if isinstance(value, str) and value.startswith("/") and len(value) > 1:
        steps = value[1:].split("/")
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)
    msg = f"a path such as /items/*/id expected, {found(value)}"
    hint = None
    if isinstance(value, str) and value.strip("/$."):
        steps = [step for step in re.split(r"[.\[\]/]+", value) if step not in {"", "$"}]
        hint = f"write /{'/'.join(steps)}"
    raise ArgumentError(msg, hint)


TOLERANCE_KIND = Kind(
    read=_read_tolerance,
    schema={"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "%$"}]},
)
_PATH_KIND = Kind(read=_read_path, schema={"type": "string", "pattern": "^/."})

FENCE = Field(
    name="fence",
    kind=choice("allow", "require", "forbid"),
    default="allow",
    summary="whether the JSON may stand in a code fence",
)
VALUE = Field(name="value", kind=JSON, summary="the expected JSON value")
IGNORE: Field[tuple[tuple[str, ...], ...]] = Field(
    name="ignore",
    kind=list_of(_PATH_KIND, one=True),
    default=(),
    summary="paths that do not count; * is any step",
)
TOLERANCE = optional("tolerance", TOLERANCE_KIND, "how far numbers may be off: 0.5 or 1%")
ORDER = Field(
    name="order",
    kind=choice("keep", "ignore"),
    default="keep",
    summary="whether the order of lists counts",
)


def _json(arguments: Arguments, scope: CheckScope) -> Check:
    fence, name = arguments[FENCE], scope.name

    def evaluate(context: CheckContext) -> CheckResult:
        parsed = parse_answer(context.response.text, fence)
        if parsed.problem is not None:
            return CheckResult(name=name, passed=False, reason=reason(parsed.problem))
        return CheckResult(name=name, passed=True, reason=shape(parsed.value))

    return evaluate


def json_value(value: object) -> object:
    """Return an expected answer as JSON: text from a dataset may hold an object or a list."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        parsed = parse_answer(value)
        if parsed.problem is None:
            return parsed.value
    return read_json(value)


def _rules(arguments: Arguments, *, subset: bool) -> Rules:
    return Rules(
        ignore=arguments[IGNORE],
        tolerance=arguments[TOLERANCE],
        any_order=arguments[ORDER] == "ignore",
        subset=subset,
    )


def _comparison(*, subset: bool) -> Callable[[Arguments, CheckScope], Check]:
    def build(arguments: Arguments, scope: CheckScope) -> Check:
        value = arguments[VALUE]
        from_case = scope.expected is not UNSET and value is scope.expected
        return comparing(
            scope.name, json_value(value) if from_case else value, _rules(arguments, subset=subset)
        )

    return build


def comparing(name: str, expected: object, rules: Rules) -> Check:
    """Return a check that the answer, read as JSON, is ``expected`` by ``rules``."""
    same = matcher(expected, rules)
    good = CheckResult(name=name, passed=True, reason=f"as expected: {shape(expected)}")
    at_once = unchanged(expected)

    def evaluate(context: CheckContext) -> CheckResult:
        if at_once(context.response.text):
            return good
        parsed = parse_answer(context.response.text)
        if parsed.problem is not None:
            note = _yaml_note(expected, context.response.text)
            return CheckResult(name=name, passed=False, reason=reason(parsed.problem + note))
        problem = same(parsed.value)
        if problem is None:
            return good
        return CheckResult(name=name, passed=False, reason=problem[0], detail=problem[1:])

    return evaluate


def matcher(expected: object, rules: Rules) -> Callable[[object], tuple[str, ...] | None]:
    """Return a function that gives None for a value that fits, else a headline and more lines."""
    plain = exactly(expected)
    is_plain = not (rules.ignore or rules.tolerance or rules.any_order or rules.subset)
    wanted = prune(expected, rules.ignore)

    def match(value: object) -> tuple[str, ...] | None:
        if plain(value):
            return None
        value = prune(value, rules.ignore)
        note, numbers = "", Numbers()
        try:
            if not is_plain and _fits(value, wanted, rules, numbers):
                return None
        except TooManyStepsError:
            note = "; too many changed items to try every pairing"
        except RecursionError:
            return ("nested too deeply to compare, so it is not taken as equal",)
        lines = explain(value, wanted, rules, numbers)
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        head = reason(f"{lines[0]}{more}{note}")
        return (head, *(reason(line) for line in lines[1:]))

    return match


def _fits(value: object, wanted: object, rules: Rules, numbers: Numbers) -> bool:
    if rules.any_order:
        return alike(value, wanted, rules, numbers)
    return next(differences(value, wanted, rules), None) is None


def _yaml_note(expected: object, text: str) -> str:
    """Explain the trap that YAML reads yes and no as true and false."""
    if isinstance(expected, bool) and text.strip(" \n.").casefold() in {"yes", "no", "on", "off"}:
        value = show(expected)
        return f" (expected is {value}; YAML reads yes, no, on and off so: {quote('yes')} is text)"
    return ""


_COMPARED = (VALUE, IGNORE, TOLERANCE, ORDER)
CHECKS: tuple[CheckType, ...] = (
    CheckType(
        name="json",
        summary="the whole answer is JSON",
        build=_json,
        fields=(FENCE,),
        main="fence",
    ),
    CheckType(
        name="json_equals",
        summary="the answer is this JSON value",
        build=_comparison(subset=False),
        fields=_COMPARED,
        main="value",
        takes_expected=True,
        literal=True,
    ),
    CheckType(
        name="json_subset",
        summary="the answer is JSON that has at least these keys with these values",
        build=_comparison(subset=True),
        fields=_COMPARED,
        main="value",
        takes_expected=True,
        literal=True,
    ),
)
