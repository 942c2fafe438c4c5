"""Checks of the tools that the model asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pytest_promptdrift._errors import did_you_mean
from pytest_promptdrift._json_text import too_deep
from pytest_promptdrift._text import plural
from pytest_promptdrift.model import CheckResult

from .arguments import (
    FLAG,
    OBJECT,
    SOME_TEXT,
    ArgumentError,
    Arguments,
    Field,
    Kind,
    choice,
    found,
    list_of,
    optional,
)
from .compare import Rules
from .protocol import CheckType
from .schema import SCHEMA_KIND, compile_schema, fits
from .schema_errors import schema_errors
from .structure import matcher
from .wording import listed, quote, reason, show

if TYPE_CHECKING:
    from pytest_promptdrift.model import CheckContext, ToolCall

    from .protocol import Check, CheckScope

NAME = optional("name", SOME_TEXT, "the tool")
EXACT_ARGUMENTS = optional("arguments", OBJECT, "exactly these arguments")
SUBSET = optional("arguments_subset", OBJECT, "at least these arguments")
ARGUMENTS_SCHEMA = optional("arguments_schema", SCHEMA_KIND, "a JSON Schema of the arguments")
_CALL = (NAME, EXACT_ARGUMENTS, SUBSET, ARGUMENTS_SCHEMA)
# Calls are compared each with each where order does not count; no real answer has more.
_MOST_CALLS = 200

Match = Callable[["ToolCall"], "str | None"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One expected call: its words, and a function that gives None or why a call is another."""

    what: str
    match: Match


def _read_call(value: object) -> Mapping[str, object]:
    """Read one call, written as the name of the tool or as a mapping."""
    if isinstance(value, str):
        return {"name": SOME_TEXT.read(value)}
    if not isinstance(value, Mapping):
        msg = f"the name of a tool or a mapping expected, {found(value)}"
        raise ArgumentError(msg)
    names = [field.name for field in _CALL]
    out: dict[str, object] = {}
    for key, item in value.items():
        if key not in names:
            msg = f"unknown key {quote(str(key))}{did_you_mean(str(key), names)}"
            raise ArgumentError(msg)
        field = _CALL[names.index(key)]
        try:
            out[key] = field.kind.read(item)
        except ArgumentError as error:
            msg = f"{key}: {error}"
            raise ArgumentError(msg, error.hint) from error
    return out


_CALL_KIND = Kind(
    read=_read_call,
    schema={
        "anyOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "properties": {field.name: field.kind.schema for field in _CALL},
                "additionalProperties": False,
            },
        ]
    },
)
CALLS = Field(name="calls", kind=list_of(_CALL_KIND), summary="the expected calls")
ORDER = Field(
    name="order",
    kind=choice("strict", "any"),
    default="strict",
    summary="whether the calls come in this order",
)
EXACT = Field(name="exact", kind=FLAG, default=False, summary="there are no other calls")


def _wanted(call: Mapping[str, object], scope: CheckScope) -> Wanted:
    """Make the matcher of one expected call from its arguments."""
    call = {key: item for key, item in call.items() if item is not None}
    if not call:
        msg = "needs a name or arguments"
        raise ArgumentError(msg, "write {tool_call: name}")
    tests: list[Match] = []
    name = call.get("name")
    if name is not None:
        tests.append(lambda c: None if c.name == name else f"another tool, {quote(c.name)}")
    for key, rules in (("arguments", Rules()), ("arguments_subset", Rules(subset=True))):
        if key in call:
            tests.append(_by_value(call[key], rules))
    if "arguments_schema" in call:
        tests.append(_by_schema(call["arguments_schema"], scope))
    shown = {key: item for key, item in call.items() if key != "name"}
    what = (quote(cast("str", name)) if name else "a call") + (
        f" with {show(shown)}" if shown else ""
    )

    def match(call: ToolCall) -> str | None:
        return next((why for why in (test(call) for test in tests) if why is not None), None)

    return Wanted(what, match)


def _unreadable(call: ToolCall) -> str | None:
    if call.arguments is None and call.raw is not None:
        return f"the arguments are not JSON: {quote(call.raw)}"
    if too_deep(call.arguments):
        return "the arguments are nested too deeply"
    return None


def _by_value(expected: object, rules: Rules) -> Match:
    same = matcher(expected, rules)

    def match(call: ToolCall) -> str | None:
        problem = _unreadable(call)
        if problem is not None:
            return problem
        lines = same(call.arguments)
        return None if lines is None else f"arguments {lines[0]}"

    return match


def _by_schema(schema: object, scope: CheckScope) -> Match:
    validator = compile_schema(schema, scope)

    def match(call: ToolCall) -> str | None:
        problem = _unreadable(call)
        if problem is not None:
            return problem
        if fits(validator, call.arguments):
            return None
        return f"arguments {schema_errors(validator, call.arguments)[0]}"

    return match


def _names(calls: tuple[ToolCall, ...]) -> str:
    return listed([quote(call.name) for call in calls]) if calls else "no tool call"


def _tool_call(arguments: Arguments, scope: CheckScope) -> Check:
    call: dict[str, object] = {
        NAME.name: arguments[NAME],
        EXACT_ARGUMENTS.name: arguments[EXACT_ARGUMENTS],
        SUBSET.name: arguments[SUBSET],
        ARGUMENTS_SCHEMA.name: arguments[ARGUMENTS_SCHEMA],
    }
    wanted, name = _wanted(call, scope), scope.name

    def evaluate(context: CheckContext) -> CheckResult:
        calls = context.response.tool_calls
        whys = [wanted.match(call) for call in calls[:_MOST_CALLS]]
        if None in whys:
            return CheckResult(name=name, passed=True, reason=reason(f"called {wanted.what}"))
        # The call of the right tool with wrong arguments says more than one of another tool.
        close = next((why for why in whys if why and not why.startswith("another tool")), None)
        why = f"{wanted.what} expected, found {close or _names(calls)}"
        return CheckResult(name=name, passed=False, reason=reason(why))

    return evaluate


def _tool_calls(arguments: Arguments, scope: CheckScope) -> Check:
    wanted = [_wanted(call, scope) for call in arguments[CALLS]]
    strict, exact, name = arguments[ORDER] == "strict", arguments[EXACT], scope.name
    pair = _in_order if strict else _any_order

    def evaluate(context: CheckContext) -> CheckResult:
        calls = context.response.tool_calls
        if exact and len(calls) != len(wanted):
            what = plural(len(wanted), "tool call")
            why = f"exactly {what} expected, found {len(calls)}: {_names(calls)}"
            return CheckResult(name=name, passed=False, reason=reason(why))
        lost = pair(wanted, calls[:_MOST_CALLS])
        if lost is None:
            return CheckResult(name=name, passed=True, reason=reason(f"called {_names(calls)}"))
        note = ""
        if strict and _any_order(wanted, calls[:_MOST_CALLS]) is None:
            note = " (they come in another order; order: any allows that)"
        why = f"{lost.what} expected{' in this order' if strict else ''}, found {_names(calls)}"
        return CheckResult(name=name, passed=False, reason=reason(why + note))

    return evaluate


def _in_order(wanted: list[Wanted], calls: tuple[ToolCall, ...]) -> Wanted | None:
    """Return the first expected call that does not come, in order, or None."""
    rest = iter(calls)
    for want in wanted:
        if not any(want.match(call) is None for call in rest):
            return want
    return None


def _any_order(wanted: list[Wanted], calls: tuple[ToolCall, ...]) -> Wanted | None:
    """Return an expected call that finds no call of its own, or None (augmenting paths)."""
    fits = [[j for j, call in enumerate(calls) if want.match(call) is None] for want in wanted]
    taken: dict[int, int] = {}
    for start, want in enumerate(wanted):
        if not _place(start, fits, taken, set()):
            return want
    return None


def _place(index: int, fits: list[list[int]], taken: dict[int, int], tried: set[int]) -> bool:
    for j in fits[index]:
        if j in tried:
            continue
        tried.add(j)
        if j not in taken or _place(taken[j], fits, taken, tried):
            taken[j] = index
            return True
    return False


def _no_tool_calls(_: Arguments, scope: CheckScope) -> Check:
    name = scope.name

    def evaluate(context: CheckContext) -> CheckResult:
        calls = context.response.tool_calls
        why = f"no tool call expected, found {_names(calls)}" if calls else "no tool call"
        return CheckResult(name=name, passed=not calls, reason=reason(why))

    return evaluate


CHECKS: tuple[CheckType, ...] = (
    CheckType(
        name="tool_call",
        summary="the model calls this tool, perhaps with these arguments",
        build=_tool_call,
        fields=_CALL,
        main="name",
    ),
    CheckType(
        name="tool_calls",
        summary="the model calls these tools",
        build=_tool_calls,
        fields=(CALLS, ORDER, EXACT),
        main="calls",
    ),
    CheckType(name="no_tool_calls", summary="the model calls no tool", build=_no_tool_calls),
)
