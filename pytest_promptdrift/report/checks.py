"""What the checks say about the answers of a case, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._text import cut, plural, visible

from .layout import INDENT, indented, limit, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_promptdrift.model import CheckSummary

_REASONS, _DETAILS = 3, 6
# A reason may hold two fragments that its check has cut already.
_REASON = 1_000


def check_headline(check: CheckSummary) -> str:
    """Say in one line why a check does not hold."""
    if check.crashed:
        crashed = next(result for result in check.results if result.crashed)
        return f"{check.name} could not decide: {one_line(crashed.reason)}"
    bad = next((result for result in check.results if result.passed is False), None)
    reason = f": {one_line(bad.reason)}" if bad and bad.reason else ""
    if check.total == 1:
        return f"{check.name}{reason}"
    return f"{check.name} held in {check.held} of {check.total}{_needed(check)}{reason}"


def check_lines(checks: Sequence[CheckSummary], verbosity: int) -> Iterator[str]:
    """Explain the checks that do not hold; those that do only when more is asked for."""
    for check in checks:
        if not check.passed or verbosity >= 1:
            yield from _one_check(check, verbosity)


def _one_check(check: CheckSummary, verbosity: int) -> Iterator[str]:
    score = f", score {check.score:.2f}" if check.score is not None else ""
    yield f"  {check.name:<12} {_mark(check)}{score}"
    reasons = reasons_of(check, everything=verbosity > 1)
    shown = list(reasons.items()) if verbosity > 1 else list(reasons.items())[:_REASONS]
    for text, indexes in shown:
        which = f"sample {', '.join(map(str, indexes))}: " if check.total > 1 else ""
        most = max(_REASON, limit(verbosity))
        yield from indented(which + cut(visible(text), most), INDENT)
    if len(reasons) > len(shown):
        yield f"{INDENT}{plural(len(reasons) - len(shown), 'more reason')} (-vv shows)"


def reasons_of(check: CheckSummary, *, everything: bool) -> dict[str, list[int]]:
    """Return the reasons of a check, each with the numbers of the samples that gave it."""
    reasons: dict[str, list[int]] = {}
    for index, result in enumerate(check.results, 1):
        if result.reason and (result.passed is False or result.crashed or everything):
            text = "\n".join((result.reason, *result.detail[: 999 if everything else _DETAILS]))
            reasons.setdefault(text, []).append(index)
    return reasons


def _mark(check: CheckSummary) -> str:
    if check.crashed:
        return "crashed"
    if check.total == 1:
        return "held" if check.passed else "failed"
    needed = "" if check.passed and check.needed == check.total else f", {check.needed} needed"
    return f"held in {check.held} of {check.total}{needed}"


def _needed(check: CheckSummary) -> str:
    return f", {check.needed} needed" if check.needed != check.total else ""
