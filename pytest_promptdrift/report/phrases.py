"""Findings, scores and causes in words: the same in failures, summaries and properties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_promptdrift._text import interval, money, p_value, plural, share, signed

from .layout import one_line

if TYPE_CHECKING:
    from pytest_promptdrift.model import Finding
    from pytest_promptdrift.model.comparison import Attribution, ScoreChange

# These are about an answer as a whole: their fragments are samples of it, not what it says.
_WHOLE = frozenset({"refusal", "language", "truncation"})
_STRUCTURE = ("field_", "json_f", "json_p", "json_b", "tool_")
_STRUCTURES = frozenset(
    {"newly_null", "type_changed", "list_to_object", "format_changed", "enum_left"}
)
_FRAGMENT = 120
NO_CAUSE = "nothing visible changed: the provider did"
CHECKS = frozenset({"check", "judge"})


def instrument_of(finding: Finding) -> str:
    """Return the word a finding is listed under."""
    if finding.kind in _STRUCTURES or finding.kind.startswith(_STRUCTURE):
        return "schema"
    return {"scores": "score", "distribution": "answers"}.get(finding.kind, "fact")


def finding_text(finding: Finding) -> str:
    """Say what differs, in how many answers of each side, and how sure that is."""
    told = _told(finding)
    p = finding.p if finding.adjusted_p is None else finding.adjusted_p
    name = "p" if finding.adjusted_p is None else "adjusted p"
    return told if p is None else f"{told}, {p_value(p, name)}"


def _told(finding: Finding) -> str:
    if (
        instrument_of(finding) != "fact"
        or finding.kind in _WHOLE
        or (finding.accepted_of <= 1 and finding.fresh_of <= 1)
        or not (finding.old or finding.new)
    ):
        return one_line(finding.message, 2 * _FRAGMENT)
    where = f" at {one_line(finding.path)}" if finding.path else ""
    kept = max(0, finding.fresh_of - finding.fresh)
    kind = finding.kind.replace("_", " ")
    if not finding.old:
        sides = _sides(finding.accepted_of - finding.accepted, finding.fresh, finding)
        return f"{kind}{where}: {_quoted(finding.new)} in {sides}"
    says = f"{kind}{where}: {_quoted(finding.old)} in {_sides(finding.accepted, kept, finding)}"
    if not finding.new:
        return says
    who = "fresh say" if kept == 0 else f"{finding.fresh} of {finding.fresh_of} fresh say"
    return f"{says}; {who} {_quoted(finding.new)}"


def _sides(accepted: int, fresh: int, finding: Finding) -> str:
    return f"{accepted} of {finding.accepted_of} accepted, {fresh} of {finding.fresh_of} fresh"


def _quoted(text: str | None) -> str:
    return f'"{one_line(text or "", _FRAGMENT)}"'


def score_name(name: str) -> str:
    """Return what a score is called in a sentence."""
    return "pass rate" if name == "pass" else one_line(name, _FRAGMENT)


def score_text(score: ScoreChange) -> str:
    """Say a score on both sides, the difference with its interval, p and margin."""
    text = f"{score_name(score.name)} {_number(score.accepted)} → {_number(score.fresh)}, "
    text += f"{signed(score.difference)}{interval(score.low, score.high)}"
    if score.p is not None:
        text += f", {p_value(score.p)}"
    if score.margin is not None:
        text += f", margin {share(score.margin)}"
    return text


def undecided_score_text(score: ScoreChange, price: float | None) -> str:
    """Say what a score leaves open and how many samples would decide; ``price`` is theirs."""
    text = f"{score_name(score.name)} {signed(score.difference)}{interval(score.low, score.high)}"
    if score.needed is None:
        return f"{text}; no number of samples would decide"
    cost = f" (+{money(price)})" if price is not None and math.isfinite(price) else ""
    return f"{text}; {plural(score.needed, 'sample')} per case would decide{cost}"


def distance_text(ratio: float, p: float | None) -> str:
    """Say how far the fresh answers are from the accepted ones."""
    text = f"differ {_ratio(ratio)} as much as accepted ones among themselves"
    return text if p is None else f"{text}, {p_value(p)}"


def cause_text(attribution: Attribution) -> str:
    """Say in one line what changed between the two sides."""
    if not attribution.causes:
        return NO_CAUSE
    return "; ".join(one_line(cause.message) for cause in attribution.causes)


def only_checks_changed(attribution: Attribution | None) -> bool:
    """Tell whether all that changed is what is asked of the answers."""
    return bool(attribution and attribution.causes) and all(
        cause.kind in CHECKS for cause in (attribution.causes if attribution else ())
    )


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "unknown"


def _ratio(ratio: float) -> str:
    if not math.isfinite(ratio) or ratio >= 100:
        return "more than 100 ×"
    return f"{ratio:.1f} ×"
