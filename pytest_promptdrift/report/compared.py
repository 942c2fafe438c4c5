"""The fresh answers of a case beside the accepted ones, as lines: evidence, cause, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._text import plural

from .answers import two_sides
from .changes import field_lines
from .layout import INDENT, one_line, row, rows
from .phrases import (
    NO_CAUSE,
    distance_text,
    finding_text,
    instrument_of,
    score_text,
    undecided_score_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_promptdrift.model import Finding, Verdict
    from pytest_promptdrift.model.comparison import Attribution, Comparison, ScoreChange

_FINDINGS, _WARNINGS, _CAUSES, _FIELDS = 5, 3, 4, 3
_DATE = 10  # of an ISO date with its time


def compared_lines(verdict: Verdict, verbosity: int) -> Iterator[str]:
    """Show what differs, why, and both sides; nothing without a comparison."""
    comparison = verdict.comparison
    if comparison is None:
        return
    yield from _evidence(comparison, verbosity)
    if comparison.attribution is not None:
        yield from attribution_lines(comparison.attribution, verbosity)
    if comparison.accepted_answers and verdict.answers:
        yield from two_sides(comparison.accepted_answers, verdict.answers, verbosity)
    yield from _recordings(verdict, comparison)


def _evidence(comparison: Comparison, verbosity: int) -> Iterator[str]:
    yield from finding_lines([f for f in comparison.findings if f.severity == "fail"], verbosity)
    for score in comparison.scores:
        yield from score_lines(score)
    if comparison.ratio is not None:
        yield from row("answers", distance_text(comparison.ratio, comparison.p))


def score_lines(score: ScoreChange, after: str = "", price: float | None = None) -> Iterator[str]:
    """Show one score; ``after`` says what it was measured on, ``price`` what deciding costs."""
    yield from row("score", f"{score_text(score)}{after}")
    if score.answer == "inconclusive":
        yield from row("", f"inconclusive: {undecided_score_text(score, price)}")
    elif score.answer == "improved":
        yield from row("", "better than accepted, beyond chance")


def finding_lines(findings: Sequence[Finding], verbosity: int) -> Iterator[str]:
    """List findings under the word of their instrument; the first few, or all."""
    shown = findings if verbosity > 1 else findings[:_FINDINGS]
    label = ""
    for finding in shown:
        own = instrument_of(finding)
        yield from row("" if own == label else own, finding_text(finding))
        label = own
    if len(findings) > len(shown):
        yield f"{INDENT}{plural(len(findings) - len(shown), 'more finding')} (-vv shows)"


def attribution_lines(attribution: Attribution, verbosity: int) -> Iterator[str]:
    """Say what changed between the two sides, with the diff of what is ours."""
    if not attribution.causes:
        yield from row("why", NO_CAUSE)
        return
    label = "why"
    shown = attribution.causes if verbosity > 1 else attribution.causes[:_CAUSES]
    for cause in shown:
        yield from row(label, cause.message if verbosity > 1 else one_line(cause.message))
        yield from field_lines(cause.changes, verbosity, indent=f"{INDENT}  ", most=_FIELDS)
        label = ""
    hidden = len(attribution.causes) - len(shown)
    if hidden:
        yield f"{INDENT}{plural(hidden, 'more change')} (-vv shows)"
    if attribution.experiment:
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


def comparison_notes(comparison: Comparison, verbosity: int) -> Iterator[str]:
    """Yield what is worth a look, what was not looked at, and what cannot be told."""
    few = min(comparison.accepted_samples, comparison.fresh_samples)
    if comparison.undecided:
        yield comparison.undecided
    elif few == 1 and comparison.findings:
        yield "one sample cannot tell chance from change: record more of them to be sure"
    warned = [finding for finding in comparison.findings if finding.severity == "warn"]
    chance = [finding for finding in comparison.findings if finding.severity == "note"]
    shown = [*warned, *chance] if verbosity > 1 else warned[:_WARNINGS]
    yield from (finding_text(finding) for finding in shown)
    hidden = len(warned) + len(chance) - len(shown)
    if hidden:
        yield f"{plural(hidden, 'smaller difference')} (-vv shows)"
    for skipped in comparison.skipped:
        yield f"not looked at: {skipped}"


def note_lines(notes: Iterator[str] | Sequence[str]) -> Iterator[str]:
    """Yield notes under their label."""
    yield from rows("note", notes)
