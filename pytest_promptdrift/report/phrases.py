"""Findings, scores and causes in words: the same in failures, summaries and properties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_promptdrift._text import interval, money, p_value, plural, share, signed
from pytest_promptdrift.model.kinds import KINDS

from .layout import one_line

if TYPE_CHECKING:
    from pytest_promptdrift.model import Finding
    from pytest_promptdrift.model.comparison import Attribution, CauseKind, ScoreChange

# These are about an answer as a whole: their fragments are samples of it, not what it says.
_WHOLE = frozenset({"refusal", "language", "truncation"})
_LABELS = {"facts": "fact", "schema": "schema", "distribution": "answers", "scores": "score"}
_FRAGMENT = 120
NOTHING = "nothing visible changed"
NO_CAUSE = f"{NOTHING}: the provider did"
# Where the answers are not told apart from the accepted ones beyond chance, nobody is blamed.
NO_BLAME = f"{NOTHING} but the answers: the provider, or chance"
# A check judges both sides alike, and an SDK sends what it is given.
OUTSIDE: frozenset[CauseKind] = frozenset({"check", "judge", "sdk"})
UNREACHED = "nothing that reaches the model changed: the provider did"
CHECKS: frozenset[CauseKind] = frozenset({"check", "judge"})


def instrument_of(finding: Finding) -> str:
    """Return the word a finding is listed under."""
    kind = KINDS.get(finding.kind)
    return _LABELS[kind.group] if kind else "finding"


def finding_text(finding: Finding) -> str:
    """Say what differs, in how many answers of each side, and how sure that is."""
    told = _told(finding)
    p = finding.p if finding.adjusted_p is None else finding.adjusted_p
    name = "p" if finding.adjusted_p is None else "adjusted p"
    return told if p is None else f"{told}, {p_value(p, name)}"


def _told(finding: Finding) -> str:
    kind = finding.kind.replace("_", " ")
    if finding.kind == "scores":
        name, _, rest = finding.message.partition(" ")
        return one_line(f"{score_name(name)} {rest}", 2 * _FRAGMENT)
    if (
        instrument_of(finding) != "fact"
        or finding.kind in _WHOLE
        or (finding.accepted_of <= 1 and finding.fresh_of <= 1)
        or not (finding.old or finding.new)
    ):
        return one_line(finding.message, 2 * _FRAGMENT)
    where = f" at {one_line(finding.path)}" if finding.path else ""
    fresh = f"of {finding.fresh_of} fresh"
    accepted = f"{finding.accepted} of {finding.accepted_of} accepted"
    if not finding.old:
        # a rule does not count in how many accepted answers something new is missing
        before = f"{accepted}, " if finding.p is not None else ""
        return f"{kind}{where}: {_quoted(finding.new)} in {before}{finding.fresh} {fresh}"
    kept = max(0, finding.fresh_of - finding.fresh)
    says = f"{kind}{where}: {_quoted(finding.old)} in {accepted}, {kept} {fresh}"
    if not finding.new:
        return says
    return f"{says}; {'others' if kept else 'fresh'} say {_quoted(finding.new)}"


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
    # a difference of 0.00 reads like a pass rate of 0.00
    still = f"still {_number(score.fresh)}" if score.difference == 0 else signed(score.difference)
    text = f"{score_name(score.name)} {still}{interval(score.low, score.high)}"
    return f"{text}; {needed_text(score.needed, price)}"


def needed_text(needed: int | None, price: float | None) -> str:
    """Say how many fresh samples would decide, and what they cost."""
    if needed is None:
        return "no number of samples would decide"
    cost = f" (+{money(price)})" if price and math.isfinite(price) else ""
    return f"{plural(needed, 'sample')} per case would decide{cost}"


def distance_text(ratio: float, p: float | None) -> str:
    """Say how far the fresh answers are from the accepted ones."""
    text = f"differ {_ratio(ratio)} as much as accepted ones among themselves"
    return text if p is None else f"{text}, {p_value(p)}"


def cause_text(attribution: Attribution, *, drifted: bool) -> str:
    """Say in one line what changed between the two sides."""
    if not attribution.causes:
        return NO_CAUSE if drifted else NOTHING
    told = [one_line(cause.message) for cause in attribution.causes]
    return "; ".join([*told, blame(attribution, sure=drifted) or ""]).removesuffix("; ")


def blame(attribution: Attribution, *, sure: bool) -> str | None:
    """Return what is to be said where no cause explains other answers; None where one may.

    ``sure`` tells that the answers differ beyond chance.
    """
    if not attribution.causes:
        return NO_CAUSE if sure else NO_BLAME
    if sure and all(cause.kind in OUTSIDE for cause in attribution.causes):
        return UNREACHED
    return None


def only_checks_changed(attribution: Attribution | None) -> str | None:
    """Return ``check`` or ``judge`` when nothing changed but what is asked of the answers."""
    kinds = {cause.kind for cause in attribution.causes} if attribution else set()
    if not kinds or not kinds <= CHECKS:
        return None
    return "check" if "check" in kinds else "judge"


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "unknown"


def _ratio(ratio: float) -> str:
    if not math.isfinite(ratio) or ratio >= 100:
        return "more than 100 ×"
    return f"{ratio:.1f} ×"
