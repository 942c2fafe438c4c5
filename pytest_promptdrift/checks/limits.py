"""Checks of what the provider reports: finish reason, latency, tokens and cost.

What is not known is never a pass: it is a crash of the check, which says how to make it known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_promptdrift._errors import CheckCrashError
from pytest_promptdrift._text import money, number
from pytest_promptdrift.model import CheckResult

from .arguments import (
    AMOUNT,
    COUNT,
    SOME_TEXT,
    ArgumentError,
    Arguments,
    Field,
    Kind,
    list_of,
    optional,
)
from .protocol import CheckType
from .wording import quote, reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_promptdrift.model import CheckContext, Response, Usage

    from .protocol import Check, CheckScope

# Words of single providers, which a response of this project never has.
_FOREIGN: Final = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "pause_turn": "pause",
}


def _read_reason(value: object) -> str:
    word = SOME_TEXT.read(value)
    if word in _FOREIGN:
        msg = f"{word!r} is the word of one provider, did you mean {_FOREIGN[word]!r}?"
        raise ArgumentError(msg)
    return word


REASONS = Field(
    name="values",
    kind=list_of(Kind(read=_read_reason, schema={"type": "string"}), one=True),
    summary="stop, length, tool_calls, content_filter, refusal, pause or the provider's own word",
)
SECONDS = Field(name="max", kind=AMOUNT, summary="seconds the recorded call may have taken")
USD = Field(name="max", kind=AMOUNT, summary="US dollars that the answer may cost")
MAX_INPUT = optional("max_input", COUNT, "most input tokens")
MAX_OUTPUT = optional("max_output", COUNT, "most output tokens")
MAX_TOTAL = optional("max_total", COUNT, "most tokens of both")


def _result(name: str, why: str, *, passed: bool) -> CheckResult:
    return CheckResult(name=name, passed=passed, reason=reason(why))


def _finish_reason(arguments: Arguments, scope: CheckScope) -> Check:
    allowed, name = arguments[REASONS], scope.name
    words = " or ".join(map(quote, allowed))

    def evaluate(context: CheckContext) -> CheckResult:
        seen = context.response.finish_reason
        if seen is None:
            msg = "the provider gave no finish reason"
            raise CheckCrashError(msg)
        if seen in allowed:
            return _result(name, f"finish reason {seen}", passed=True)
        return _result(name, f"finish reason {words} expected, found {quote(seen)}", passed=False)

    return evaluate


def _at_most(
    unit: Callable[[float], str], read: Callable[[Response, str], float], field: Field[float]
) -> Callable[[Arguments, CheckScope], Check]:
    """Return the builder of a check that one number of the response is not above a limit."""

    def build(arguments: Arguments, scope: CheckScope) -> Check:
        limit, name = arguments[field], scope.name

        def evaluate(context: CheckContext) -> CheckResult:
            value = read(context.response, context.model)
            if value <= limit:
                return _result(name, f"found {unit(value)}", passed=True)
            why = f"at most {unit(limit)} expected, found {unit(value)}"
            return _result(name, why, passed=False)

        return evaluate

    return build


def _seconds(value: float) -> str:
    return f"{number(value)} s"


def _latency(response: Response, _: str) -> float:
    return response.latency


def _cost(response: Response, model: str) -> float:
    if response.cost is None:
        msg = f"the cost is unknown: no price of {model!r} is known"
        key = model if model.isidentifier() else f'"{model}"'
        hint = f"set prices = {{input = …, output = …}} in [tool.promptdrift.models.{key}]"
        raise CheckCrashError(msg, hint=hint)
    return response.cost.usd


def _count(usage: Usage | None, which: str) -> int:
    value = None
    if usage is not None:
        parts = {"input": usage.input_tokens, "output": usage.output_tokens}
        if which in parts:
            value = parts[which]
        elif usage.input_tokens is not None and usage.output_tokens is not None:
            value = usage.input_tokens + usage.output_tokens
    if value is None:
        msg = f"the {which} tokens are unknown: the provider reported no usage"
        raise CheckCrashError(msg)
    return value


def _tokens(arguments: Arguments, scope: CheckScope) -> Check:
    given = {
        "input": arguments[MAX_INPUT],
        "output": arguments[MAX_OUTPUT],
        "total": arguments[MAX_TOTAL],
    }
    limits = {which: limit for which, limit in given.items() if limit is not None}
    if not limits:
        msg = "needs max_input, max_output or max_total"
        raise ArgumentError(msg, "write {tokens: {max_output: 200}}")
    name = scope.name

    def evaluate(context: CheckContext) -> CheckResult:
        counts = {which: _count(context.response.usage, which) for which in limits}
        over = [which for which, limit in limits.items() if counts[which] > limit]
        if over:
            why = "; ".join(
                f"at most {limits[w]:,} {w} tokens expected, found {counts[w]:,}" for w in over
            )
            return _result(name, why, passed=False)
        why = ", ".join(f"{count:,} {which} tokens" for which, count in counts.items())
        return _result(name, f"found {why}", passed=True)

    return evaluate


CHECKS: tuple[CheckType, ...] = (
    CheckType(
        name="finish_reason",
        summary="the model stopped for this reason",
        build=_finish_reason,
        fields=(REASONS,),
        main="values",
    ),
    CheckType(
        name="latency",
        summary="the call took at most so many seconds when it was recorded",
        build=_at_most(_seconds, _latency, SECONDS),
        fields=(SECONDS,),
        main="max",
    ),
    CheckType(
        name="tokens",
        summary="the answer took at most so many tokens",
        build=_tokens,
        fields=(MAX_INPUT, MAX_OUTPUT, MAX_TOTAL),
    ),
    CheckType(
        name="cost",
        summary="the answer cost at most so many US dollars",
        build=_at_most(money, _cost, USD),
        fields=(USD,),
        main="max",
    ),
)
