"""The text of a case that did not pass: what, evidence, and the next thing to type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_promptdrift._text import cut, plural, visible, word_diff
from pytest_promptdrift.model import MISSING, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_promptdrift.model import CheckSummary, FieldChange, Miss, NearRecording, Verdict

# At most this many fields, answers and detail lines before ``-vv`` is asked for.
_FIELDS, _ANSWERS, _DETAILS = 5, 3, 6
_LONG, _SHORT = 1_000_000, 400
# A reason may hold two fragments that its check has cut already.
_REASON = 1_000
_HEADLINE = 160


def headline(verdict: Verdict) -> str:
    """Say in one line what happened, as it stands beside FAILED in pytest's short summary."""
    if verdict.problem is not None:
        kind = "not looked at" if verdict.status is Status.SKIPPED else verdict.status.value
        return f"{kind}: {verdict.problem.kind}: {_one_line(verdict.problem.message)}"
    if verdict.miss is not None:
        return f"unrecorded: {_miss_headline(verdict.miss)}"
    broken = [check for check in verdict.checks if not check.passed]
    if not broken:
        return verdict.status.value
    more = f" (and {plural(len(broken) - 1, 'more check')})" if len(broken) > 1 else ""
    return f"{verdict.status.value}: {_check_headline(broken[0])}{more}"


def failure_lines(
    verdict: Verdict, *, title: str, command: str, verbosity: int, seen_in: str | None = None
) -> Iterator[str]:
    """Explain a verdict that is not a pass; ``command`` records exactly this case.

    ``seen_in`` is the case whose report showed the same difference to its nearest recording.
    """
    # the headline comes first: pytest repeats the first line in its short summary
    yield headline(verdict)
    yield f"  case         {title}" + (f" at {verdict.where}" if verdict.where else "")
    if verdict.problem is not None:
        yield from _problem_lines(verdict, verbosity)
    elif verdict.miss is not None:
        yield from _miss_lines(verdict.miss, command, verbosity, seen_in)
    else:
        yield from _check_lines(verdict, verbosity)
    for note in verdict.notes:
        yield f"  note         {note}"


def _problem_lines(verdict: Verdict, verbosity: int) -> Iterator[str]:
    problem = verdict.problem
    if problem is None:
        return
    rest = problem.message.splitlines()
    for line in rest[1:] if verbosity > 1 else rest[1:_DETAILS]:
        yield f"  {cut(visible(line), _limit(verbosity))}"
    if verdict.samples:
        yield f"  kept         {plural(verdict.samples, 'answer')} already recorded"
    for index, line in enumerate((problem.hint or "").splitlines()):
        yield f"  {'next' if index == 0 else '':<12} {line}"


def _miss_headline(miss: Miss) -> str:
    if miss.stored:
        missing = miss.needed - miss.stored
        return f"{plural(miss.stored, 'sample')} of {miss.needed} recorded, {missing} missing"
    return "this request has no recording"


def _miss_lines(miss: Miss, command: str, verbosity: int, seen_in: str | None) -> Iterator[str]:
    near = miss.near if verbosity > 1 else miss.near[:1]
    for index, candidate in enumerate(near):
        yield from _near_lines(candidate, "nearest" if index == 0 else "then", verbosity, seen_in)
    if not miss.near and not miss.stored:
        yield "  nearest      nothing is recorded for this case file yet"
    if seen_in is not None:
        return  # the command for all of them stands at the end of the run
    calls = plural(miss.needed - miss.stored, "call")
    yield f"  next         {command}"
    yield f"               ({calls}; what is recorded already is not asked again)"


def _near_lines(
    near: NearRecording, label: str, verbosity: int, seen_in: str | None
) -> Iterator[str]:
    alike = f"{near.similarity:.0%} alike" if near.changes else "the very same request"
    # "100 % alike" of two different requests would be a lie of rounding
    alike = "over 99% alike" if alike == "100% alike" else alike
    yield f"  {label:<12} {near.recording_id} of {near.case_id}[{near.label}], {alike}"
    if not near.changes:
        yield "               was the case renamed? then rename its file in recordings/ as well"
    if seen_in is not None:
        yield f"               differs in the same way as {seen_in} above (-vv shows)"
        return
    shown = near.changes if verbosity > 1 else near.changes[:_FIELDS]
    for change in shown:
        yield from _change_lines(change, verbosity)
    hidden = len(near.changes) - len(shown) + near.more
    if hidden:
        yield f"    {plural(hidden, 'more field')} differ{'s' if hidden == 1 else ''} (-vv shows)"


def _change_lines(change: FieldChange, verbosity: int) -> Iterator[str]:
    yield f"    {visible(change.path)}"
    limit = _limit(verbosity)
    if change.old is MISSING:
        yield f"      + {_value(change.new, limit)}"
    elif change.new is MISSING:
        yield f"      - {_value(change.old, limit)}"
    elif isinstance(change.old, str) and isinstance(change.new, str):
        for line in word_diff(change.old, change.new):
            yield from _indented(cut(visible(line), limit), "      ")
    else:
        yield f"      - {_value(change.old, limit)}"
        yield f"      + {_value(change.new, limit)}"


def _check_headline(check: CheckSummary) -> str:
    if check.crashed:
        crashed = next(result for result in check.results if result.crashed)
        return f"{check.name} could not decide: {_one_line(crashed.reason)}"
    bad = next((result for result in check.results if result.passed is False), None)
    reason = f": {_one_line(bad.reason)}" if bad and bad.reason else ""
    if check.total == 1:
        return f"{check.name}{reason}"
    return f"{check.name} held in {check.held} of {check.total}{_needed(check)}{reason}"


def _mark(check: CheckSummary) -> str:
    if check.crashed:
        return "crashed"
    if check.total == 1:
        return "held" if check.passed else "failed"
    needed = "" if check.passed and check.needed == check.total else f", {check.needed} needed"
    return f"held in {check.held} of {check.total}{needed}"


def _needed(check: CheckSummary) -> str:
    return f", {check.needed} needed" if check.needed != check.total else ""


def _check_lines(verdict: Verdict, verbosity: int) -> Iterator[str]:
    for check in verdict.checks:
        if check.passed and verbosity < 1:
            continue
        yield from _one_check(check, verbosity)
    yield from _answer_lines(verdict, verbosity)
    if verdict.recording_id:
        yield f"  recording    {verdict.recording_id}, {plural(verdict.samples, 'sample')}"


def _one_check(check: CheckSummary, verbosity: int) -> Iterator[str]:
    score = f", score {check.score:.2f}" if check.score is not None else ""
    yield f"  {check.name:<12} {_mark(check)}{score}"
    reasons: dict[str, list[int]] = {}
    for index, result in enumerate(check.results, 1):
        if result.reason and (result.passed is False or result.crashed or verbosity > 1):
            text = "\n".join((result.reason, *result.detail[: 999 if verbosity > 1 else _DETAILS]))
            reasons.setdefault(text, []).append(index)
    shown = list(reasons.items()) if verbosity > 1 else list(reasons.items())[:_ANSWERS]
    for text, indexes in shown:
        which = f"sample {', '.join(map(str, indexes))}: " if check.total > 1 else ""
        limit = max(_REASON, _limit(verbosity))
        yield from _indented(which + cut(visible(text), limit), " " * 15)
    if len(reasons) > len(shown):
        yield f"{' ' * 15}{plural(len(reasons) - len(shown), 'more reason')} (-vv shows)"


def _answer_lines(verdict: Verdict, verbosity: int) -> Iterator[str]:
    groups: dict[str, list[int]] = {}
    for index, answer in enumerate(verdict.answers, 1):
        groups.setdefault(answer, []).append(index)
    shown = list(groups.items()) if verbosity > 1 else list(groups.items())[:_ANSWERS]
    for position, (answer, indexes) in enumerate(shown):
        which = f"[{', '.join(map(str, indexes))}] " if len(verdict.answers) > 1 else ""
        first, *rest = (cut(visible(answer), _limit(verbosity)) or "(empty)").splitlines() or [""]
        yield f"  {'answers' if position == 0 else '':<12} {which}{first}"
        yield from (f"               {line}" for line in rest)
    if len(groups) > len(shown):
        yield f"               {plural(len(groups) - len(shown), 'other answer')} (-vv shows)"


def _limit(verbosity: int) -> int:
    return _LONG if verbosity > 1 else _SHORT


def _one_line(text: str) -> str:
    line = next(iter(visible(text).splitlines()), "")
    return line if len(line) <= _HEADLINE else f"{line[:_HEADLINE].rstrip()} …"


def _value(value: object, limit: int) -> str:
    return cut(visible(json.dumps(value, ensure_ascii=False)), limit)


def _indented(text: str, indent: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"{indent}{line}"
