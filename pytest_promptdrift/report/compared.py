"""The fresh answers of a case beside the accepted ones, as lines: evidence, cause, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._text import plural
from pytest_promptdrift.model import Status

from .answers import two_sides
from .changes import field_lines
from .layout import INDENT, one_line, row
from .phrases import (
    CHECKS,
    blame,
    distance_text,
    finding_text,
    instrument_of,
    needed_text,
    score_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_promptdrift.model import Finding, Verdict
    from pytest_promptdrift.model.comparison import Attribution, Comparison, ScoreChange

_FINDINGS, _WARNINGS, _CAUSES, _FIELDS = 5, 3, 4, 3
_SAME_ANSWERS = (
    "the answers are the accepted ones, and no check was edited: one of them reads"
    " something else than before"
)
# Their message says old and new already.
_TOLD = frozenset({"model", "parameters", "host"})
_DATE = 10  # of an ISO date with its time
_TELLING = 2  # samples on a side, of which one can differ by chance and the other not


def compared_lines(verdict: Verdict, verbosity: int, seen_in: str | None = None) -> Iterator[str]:
    """Show what differs, why, and both sides; nothing without a comparison.

    ``seen_in`` is the case whose report showed the same changes of the request.
    """
    comparison = verdict.comparison
    if comparison is None:
        return
    yield from _evidence(comparison, verbosity)
    if comparison.attribution is not None:
        yield from _why(verdict, comparison.attribution, verbosity, seen_in)
    if comparison.accepted_answers and verdict.answers:
        yield from two_sides(comparison.accepted_answers, verdict.answers, verbosity)
    yield from _recordings(verdict, comparison)


def _why(
    verdict: Verdict, attribution: Attribution, verbosity: int, seen_in: str | None
) -> Iterator[str]:
    if not attribution.causes and as_accepted(verdict):
        yield from row("why", _SAME_ANSWERS)
    else:
        sure = beyond_chance(verdict) and not as_accepted(verdict)
        yield from attribution_lines(attribution, verbosity, sure=sure, seen_in=seen_in)
        if not as_accepted(verdict) and any(cause.kind in CHECKS for cause in attribution.causes):
            yield from row("", "(both sides are judged with the checks of today)")


def beyond_chance(verdict: Verdict) -> bool:
    """Tell whether the fresh answers differ by more than a policy or chance allows.

    One sample on a side never tells, whatever a rule makes of it.
    """
    comparison = verdict.comparison
    if comparison is None or min(comparison.accepted_samples, comparison.fresh_samples) < _TELLING:
        return False
    failing = any(finding.severity == "fail" for finding in comparison.findings)
    return failing or verdict.status is Status.DRIFTED


def as_accepted(verdict: Verdict) -> bool:
    """Tell whether the judged answers are the accepted ones themselves."""
    found = verdict.comparison
    return (
        found is not None and found.accepted_id == verdict.recording_id and not found.fresh_samples
    )


def _evidence(comparison: Comparison, verbosity: int) -> Iterator[str]:
    failing = [finding for finding in comparison.findings if finding.severity == "fail"]
    yield from finding_lines(failing, verbosity)
    told = {finding.kind for finding in failing}
    for score in comparison.scores:
        moved = abs(score.difference) > 0 and "scores" not in told
        if moved or verbosity > 0:
            yield from score_lines(score)
    # beside a finding that says what differs, a distance says little
    wanted = "distribution" not in told and (not failing or verbosity > 0)
    if comparison.ratio is not None and wanted:
        yield from row("answers", distance_text(comparison.ratio, comparison.p))


def score_lines(
    score: ScoreChange, after: str = "", price: float | None = None, *, undecided: bool = True
) -> Iterator[str]:
    """Show one score; ``after`` says what it was measured on, ``price`` what deciding costs."""
    yield from row("score", f"{score_text(score)}{after}")
    if score.answer == "inconclusive" and undecided:
        yield from row("", f"inconclusive: {needed_text(score.needed, price)}")
    elif score.answer == "improved":
        yield from row("", "better than accepted, beyond chance")


def finding_lines(findings: Sequence[Finding], verbosity: int) -> Iterator[str]:
    """List findings under the word of their instrument; the first few, or all."""
    shown = findings if verbosity > 1 else findings[:_FINDINGS]
    label = ""
    for finding in shown:
        own = instrument_of(finding)
        text = finding_text(finding).removeprefix("the answers ")
        yield from row("" if own == label else own, text)
        label = own
    if len(findings) > len(shown):
        yield f"{INDENT}{plural(len(findings) - len(shown), 'more finding')} (-vv shows)"


def attribution_lines(
    attribution: Attribution, verbosity: int, *, sure: bool = True, seen_in: str | None = None
) -> Iterator[str]:
    """Say what changed between the two sides, with the diff of what is ours.

    ``sure`` tells that the answers differ beyond chance; ``seen_in`` is the case whose report
    showed the same differences.
    """
    label = "why"
    shown = attribution.causes if verbosity > 1 else attribution.causes[:_CAUSES]
    for cause in shown:
        yield from row(label, cause.message if verbosity > 1 else one_line(cause.message))
        if seen_in is not None and cause.changes:
            yield f"{INDENT}  as in {one_line(seen_in)} above (-vv shows)"
        elif cause.kind not in _TOLD or verbosity > 1:
            yield from field_lines(cause.changes, verbosity, indent=f"{INDENT}  ", most=_FIELDS)
        label = ""
    hidden = len(attribution.causes) - len(shown)
    if hidden:
        yield f"{INDENT}{plural(hidden, 'more change')} (-vv shows)"
    blamed = blame(attribution, sure=sure)
    if blamed is not None:
        yield from row(label, blamed)
    if attribution.experiment and seen_in is None:
        yield from row("", f"to tell them apart: {attribution.experiment}")


def _recordings(verdict: Verdict, comparison: Comparison) -> Iterator[str]:
    day = comparison.accepted_at[:_DATE]
    yield from row(
        "baseline",
        f"{comparison.accepted_id}, accepted{f' on {day}' if day else ''},"
        f" {plural(comparison.accepted_samples, 'sample')}",
    )
    if verdict.recording_id == comparison.accepted_id:
        more = comparison.fresh_samples
        if more:
            yield from row("recording", f"the same, {plural(more, 'sample')} since then")
    elif verdict.recording_id:
        words = f"{verdict.recording_id}, {plural(verdict.samples, 'sample')}"
        yield from row("recording", words)


def comparison_notes(comparison: Comparison, status: Status, verbosity: int) -> Iterator[str]:
    """Yield what is worth a look, what was not looked at, and what cannot be told."""
    few = min(comparison.accepted_samples, comparison.fresh_samples)
    # the headline of an inconclusive case says it already
    if comparison.undecided and status is not Status.INCONCLUSIVE:
        yield comparison.undecided
    elif few == 1 and comparison.findings and not comparison.undecided:
        yield "with one sample on a side nothing tells chance from change"
    smaller = [finding for finding in comparison.findings if finding.severity == "warn"]
    chance = [finding for finding in comparison.findings if finding.severity == "note"]
    # what chance explains is worth a line only where there is nothing else to say
    if len(smaller) + len(chance) == len(comparison.findings):
        smaller, chance = smaller + chance, []
    shown = [*smaller, *chance] if verbosity > 1 else smaller[:_WARNINGS]
    yield from (finding_text(finding) for finding in shown)
    hidden = len(smaller) + len(chance) - len(shown)
    if hidden:
        yield f"{plural(hidden, 'smaller difference')} (-vv shows)"
    yield from (f"not looked at: {skipped}" for skipped in comparison.skipped)
