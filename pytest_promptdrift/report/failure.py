"""The text of a case that did not pass: what, evidence, why, and the next thing to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._text import money, plural
from pytest_promptdrift.model import Status

from .answers import answer_lines
from .changes import miss_headline, miss_lines
from .checks import check_headline, check_lines
from .compared import as_accepted, compared_lines, comparison_notes
from .layout import INDENT, flat, one_line, row, rows, safe, shown_text
from .phrases import CHECKS, distance_text, finding_text, only_checks_changed, score_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_promptdrift.model import Problem, Spent, Verdict
    from pytest_promptdrift.model.comparison import Comparison

    from .commands import Commands

_DETAILS = 6
_NOTICEABLE = 0.1
# The kind of problem of a recording that a person has rejected.
REJECTED = "rejected"
_LOCALLY = "this fails in CI and under --promptdrift-strict; elsewhere it passes with a note"


def headline(verdict: Verdict) -> str:
    """Say in one line what happened, as it stands beside FAILED in pytest's short summary."""
    return flat(_headline(verdict))


def _headline(verdict: Verdict) -> str:
    status = verdict.status.value
    if verdict.problem is not None:
        if verdict.problem.kind == REJECTED:
            return f"{status}: {one_line(verdict.problem.message)}"
        kind = "not looked at" if verdict.status is Status.SKIPPED else status
        return f"{kind}: {one_line(verdict.problem.kind)}: {one_line(verdict.problem.message)}"
    if verdict.miss is not None:
        return f"unrecorded: {miss_headline(verdict.miss)}"
    broken = [check for check in verdict.checks if not check.passed]
    if broken:
        more = f" (and {plural(len(broken) - 1, 'more check')})" if len(broken) > 1 else ""
        return f"{status}: {check_headline(broken[0])}{more}{_judged_anew(verdict)}"
    about = _about(verdict)
    return f"{status}: {about}" if about else status


def _judged_anew(verdict: Verdict) -> str:
    comparison = verdict.comparison
    changed = only_checks_changed(comparison.attribution) if comparison else None
    if changed is None:
        return ""
    if as_accepted(verdict):
        return f"; the {changed} changed, not the model"
    return f"; the {changed} changed as well"


def _about(verdict: Verdict) -> str:
    comparison = verdict.comparison
    if verdict.status is Status.NEW:
        return "nothing is accepted for this case yet"
    if comparison is None:
        return one_line(verdict.notes[0]) if verdict.notes else ""
    if verdict.status is Status.PENDING:
        return f"{_what_changed(comparison)}, and nobody has accepted its answers yet"
    if verdict.status is Status.INCONCLUSIVE:
        return _too_few(comparison)
    return _difference(comparison)


def _difference(comparison: Comparison) -> str:
    """Return the finding that matters most, and how many more there are."""
    for severity in ("fail", "warn"):
        found = [finding for finding in comparison.findings if finding.severity == severity]
        if found:
            more = f" (and {plural(len(found) - 1, 'more finding')})" if len(found) > 1 else ""
            return f"{one_line(finding_text(found[0]))}{more}"
    worse = next((score for score in comparison.scores if score.answer == "regressed"), None)
    if worse is not None:
        return score_text(worse)
    if comparison.ratio is not None and comparison.p is not None:
        return f"answers {distance_text(comparison.ratio, comparison.p)}"
    return "the answers were made anew and are not told apart from the accepted ones"


def _what_changed(comparison: Comparison) -> str:
    causes = comparison.attribution.causes if comparison.attribution else ()
    # a check is no part of a request
    ours = [c.kind.replace("_", " ") for c in causes if c.ours and c.kind not in CHECKS]
    if not ours:
        return "the request changed"
    return f"the request changed ({', '.join(dict.fromkeys(ours))})"


def _too_few(comparison: Comparison) -> str:
    text = one_line(comparison.undecided or "too few samples to tell")
    if comparison.needed is not None:
        text += f"; {plural(comparison.needed, 'sample')} would decide"
    return text


def failure_lines(
    verdict: Verdict,
    *,
    title: str,
    commands: Commands,
    verbosity: int,
    seen_in: str | None = None,
) -> Iterator[str]:
    """Explain a verdict that is not a pass, short first; everything with ``verbosity`` 2.

    ``commands`` are about exactly this case. ``seen_in`` is the case whose report showed the same
    difference to its nearest recording, or the same changes of the request.
    """
    # the headline comes first: pytest repeats the first line in its short summary
    yield headline(verdict)
    yield from safe(_lines(verdict, title, commands, verbosity, seen_in))


def _lines(
    verdict: Verdict, title: str, commands: Commands, verbosity: int, seen_in: str | None
) -> Iterator[str]:
    yield f"  case         {title}" + (f" at {verdict.where}" if verdict.where else "")
    if verdict.miss is not None and verdict.problem is None:
        yield from miss_lines(verdict.miss, commands, verbosity, seen_in)
        yield from rows("note", verdict.notes)
        return
    if verdict.problem is not None:
        yield from _problem_lines(verdict.problem, verdict, verbosity)
    yield from _judged_lines(verdict, verbosity, seen_in)
    yield from rows("note", _notes(verdict, verbosity))
    yield from _next_lines(verdict, commands)


def _problem_lines(problem: Problem, verdict: Verdict, verbosity: int) -> Iterator[str]:
    rest = problem.message.splitlines()
    for line in rest[1:] if verbosity > 1 else rest[1:_DETAILS]:
        yield f"  {shown_text(line, verbosity)}"
    if verdict.samples and verdict.status is not Status.FAILED:
        yield f"  kept         {plural(verdict.samples, 'answer')} already recorded"


def _judged_lines(verdict: Verdict, verbosity: int, seen_in: str | None) -> Iterator[str]:
    if verdict.problem is None or verdict.problem.kind == REJECTED:
        yield from check_lines(verdict.checks, verbosity)
    yield from compared_lines(verdict, verbosity, seen_in)
    if verdict.problem is not None and verdict.status is not Status.FAILED:
        return
    comparison = verdict.comparison
    if comparison is None or not comparison.accepted_answers:
        yield from answer_lines(verdict.answers, verbosity)
    if comparison is None and verdict.recording_id:
        yield f"  recording    {verdict.recording_id}, {plural(verdict.samples, 'sample')}"


def _notes(verdict: Verdict, verbosity: int) -> Iterator[str]:
    if verdict.comparison is not None:
        yield from comparison_notes(verdict.comparison, verdict.status, verbosity)
        yield from _cost_note(verdict, verdict.comparison)
    yield from verdict.notes
    if verdict.status in {Status.NEW, Status.PENDING}:
        yield _LOCALLY
    elif verdict.status is Status.INCONCLUSIVE:
        yield "this fails only under --promptdrift-strict"


def _cost_note(verdict: Verdict, comparison: Comparison) -> Iterator[str]:
    """Say when answering costs noticeably more or less per sample than it did."""
    old = _usd_per_sample(comparison.accepted_spent, comparison.accepted_samples)
    new = _usd_per_sample(verdict.spent, verdict.samples)
    if not old or new is None or abs(new / old - 1) < _NOTICEABLE:
        return
    how = "more" if new > old else "less"
    yield f"a sample costs {abs(new / old - 1):.0%} {how} than accepted ones did"


def _usd_per_sample(spent: Spent | None, samples: int) -> float | None:
    if spent is None or spent.usd is None or not samples:
        return None
    return spent.usd / samples


def _next_lines(verdict: Verdict, commands: Commands) -> Iterator[str]:
    problem, comparison = verdict.problem, verdict.comparison
    if problem is not None and problem.kind == REJECTED:
        yield from row("next", "change the prompt and record, or ask for other answers:")
        yield from row("", commands.refresh, fold=False)
        yield from row("", "or accept it after all:")
        yield from row("", commands.accept, fold=False)
    elif problem is None and commands.live and verdict.status is not Status.FAILED:
        yield from live_lines(commands)
    elif problem is not None:
        yield from rows("next", (problem.hint or "").splitlines(), fold=False)
    elif verdict.status is Status.FAILED:
        changed = only_checks_changed(comparison.attribution) if comparison else None
        first = f"put the {changed} right, or " if changed else ""
        last = "" if changed else ", or correct the check"
        yield from row("next", f"{first}change the prompt and record{last}:")
        yield from row("", commands.record, fold=False)
    elif verdict.status is Status.INCONCLUSIVE and comparison and comparison.needed is not None:
        yield from row("next", commands.more(comparison.needed), fold=False)
        calls = max(0, comparison.needed - verdict.samples)
        yield f"{INDENT}({plural(calls, 'call')}{_price(verdict, calls)})"
    else:
        yield from rows("next", [commands.review, commands.accept], fold=False)


def live_lines(commands: Commands) -> Iterator[str]:
    """Say how to get answers that can be decided about, after a run that only looked."""
    yield from row("next", "a live run keeps nothing to accept; to keep and decide:")
    yield from row("", commands.refresh, fold=False)


def _price(verdict: Verdict, calls: int) -> str:
    usd = _usd_per_sample(verdict.spent, verdict.samples)
    return f", about {money(usd * calls)}" if usd else ""
