"""Turns what a function of the user's returns or raises into a result."""

from __future__ import annotations

import inspect
import math
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import CheckCrashError, PromptDriftError
from pytest_promptdrift.model import CheckResult

from .wording import listed, quote, reason, show

if TYPE_CHECKING:
    from types import TracebackType

_OURS = Path(__file__).parent.parent
_MAKES = "return a bool, a number from 0 to 1, a label, (one of these, reason) or a CheckResult"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What makes a score or a label a pass; without it, they only measure."""

    least: float | None = None
    labels: tuple[str, ...] = ()


def as_result(name: str, value: object, bar: Bar) -> CheckResult:
    """Return the result for what a function returned; raises CheckCrashError for nonsense."""
    why = ""
    if isinstance(value, CheckResult):
        return _checked(name, value)
    if isinstance(value, tuple):
        if len(value) != 2 or not isinstance(value[1], str):
            msg = f"returned a tuple of {len(value)}; {_MAKES}"
            raise CheckCrashError(msg)
        value, why = value
    if not isinstance(value, str | int | float) and callable(getattr(value, "item", None)):
        value = value.item()  # type: ignore[attr-defined]  # a scalar of numpy
    if isinstance(value, bool):
        return _bool(name, value, why, bar)
    if isinstance(value, int | float):
        return _score(name, value, why, bar)
    if isinstance(value, str):
        return _label(name, value, why, bar)
    msg = f"returned {'nothing' if value is None else f'a {type(value).__name__}'}; {_MAKES}"
    raise CheckCrashError(msg)


def _checked(name: str, result: CheckResult) -> CheckResult:
    if result.score is not None and not 0 <= result.score <= 1:
        msg = f"returned a result with the score {result.score!r}, which is not from 0 to 1"
        raise CheckCrashError(msg)
    return replace(result, name=name, reason=reason(result.reason))


def _bool(name: str, value: bool, why: str, bar: Bar) -> CheckResult:
    if bar.labels or bar.least is not None:
        key = "expected and one_of compare a label" if bar.labels else "min compares a score"
        msg = f"returned {value}, but {key}"
        raise CheckCrashError(msg)
    return CheckResult(name=name, passed=value, reason=reason(why or f"returned {value}"))


def _score(name: str, value: float, why: str, bar: Bar) -> CheckResult:
    if bar.labels:
        msg = f"returned {value!r}, but expected and one_of compare a label"
        raise CheckCrashError(msg)
    if math.isnan(value) if isinstance(value, float) else False:
        msg = "returned NaN, a score is a number from 0 to 1"
        raise CheckCrashError(msg)
    if not 0 <= value <= 1:
        msg = f"returned {show(value)}, a score is a number from 0 to 1"
        raise CheckCrashError(msg)
    passed = None if bar.least is None else value >= bar.least
    text = f"score {value:.3g}"
    if passed is False:
        text = f"{text}, at least {bar.least:.3g} expected"
    why = f"{text}: {why}" if why else text
    return CheckResult(name=name, passed=passed, score=float(value), reason=reason(why))


def _label(name: str, value: str, why: str, bar: Bar) -> CheckResult:
    if bar.least is not None:
        msg = f"returned the label {quote(value)}, but min compares a score"
        raise CheckCrashError(msg)
    passed = value in bar.labels if bar.labels else None
    text = f"label {quote(value)}"
    if passed is False:
        text = f"{text}, expected {listed([quote(label) for label in bar.labels])}"
    why = f"{text}: {why}" if why else text
    return CheckResult(name=name, passed=passed, label=value, reason=reason(why))


def wait_for(value: object) -> object:
    """Return the value, of an awaitable what it gives in the end.

    Works also in a thread that has a running loop of its own.
    """
    if not inspect.isawaitable(value):
        return value
    import asyncio  # noqa: PLC0415  (most checks are plain functions)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (as above)

    async def finish() -> object:
        return await value

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(finish())
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, finish()).result()


def crash(name: str, error: BaseException) -> CheckResult:
    """Return the result of a check that raised: what, and where in the user's own file."""
    if isinstance(error, CheckCrashError):
        text = error.message
        detail = (error.hint,) if error.hint else ()
        return CheckResult(name=name, passed=None, crashed=True, reason=reason(text), detail=detail)
    message = error.message if isinstance(error, PromptDriftError) else _message(error)
    text = f"{type(error).__name__}{f': {message}' if message else ''}"
    place = place_of(error.__traceback__)
    text = f"{text} at {place}" if place else text
    if isinstance(error, AssertionError):
        text = f"{text} (return False, or (False, reason), to fail)"
    return CheckResult(name=name, passed=None, crashed=True, reason=reason(text))


def _message(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except Exception:  # noqa: BLE001  (a broken __str__ must not end the run)
        return ""


def place_of(trace: TracebackType | None) -> str | None:
    """Return file and line of the innermost frame that is not of this package."""
    frames = [
        frame
        for frame in traceback.extract_tb(trace)
        if not Path(frame.filename).is_relative_to(_OURS) and not frame.filename.startswith("<")
    ]
    # Frames of installed packages say less than the caller's own line.
    own = [
        f for f in frames if "site-packages" not in f.filename and "/lib/python" not in f.filename
    ]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else None
