"""What is told in full about a case that is not settled, as JSON types only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_promptdrift._text import cut, word_diff
from pytest_promptdrift.model import MISSING

from .answers import group
from .numbers import finite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_promptdrift.model import FieldChange, Finding, Miss, Problem, Spent, Verdict
    from pytest_promptdrift.model.comparison import Attribution, Cause, ScoreChange

# A report is no copy of the recordings: longer texts are told by their differences, or cut.
_TEXT = 2_000
_ANSWERS = 5


def comparison_data(verdict: Verdict) -> dict[str, object] | None:
    """Return what lies between fresh and accepted answers."""
    comparison = verdict.comparison
    if comparison is None:
        return None
    return {
        "accepted": comparison.accepted_id,
        "accepted_at": comparison.accepted_at,
        "accepted_samples": comparison.accepted_samples,
        "fresh_samples": comparison.fresh_samples,
        "same_request": comparison.same_request,
        "findings": [finding_data(finding) for finding in comparison.findings],
        "attribution": attribution_data(comparison.attribution),
        "scores": [score_data(score) for score in comparison.scores],
        "ratio": finite(comparison.ratio),
        "p": finite(comparison.p),
        "undecided": comparison.undecided,
        "needed": comparison.needed,
        "skipped": list(comparison.skipped),
        "accepted_answers": answers_data(comparison.accepted_answers),
        "fresh_answers": answers_data(verdict.answers),
        "accepted_spent": spent_data(comparison.accepted_spent),
    }


def finding_data(finding: Finding) -> dict[str, object]:
    """Return one finding."""
    return {
        "kind": finding.kind,
        "message": finding.message,
        "severity": finding.severity,
        "old": finding.old,
        "new": finding.new,
        "path": finding.path,
        "accepted": finding.accepted,
        "accepted_of": finding.accepted_of,
        "fresh": finding.fresh,
        "fresh_of": finding.fresh_of,
        "p": finite(finding.p),
        "adjusted_p": finite(finding.adjusted_p),
    }


def attribution_data(attribution: Attribution | None) -> dict[str, object] | None:
    """Return the causes and the experiment; no cause means that the provider changed."""
    if attribution is None:
        return None
    return {
        "causes": [_cause_data(cause) for cause in attribution.causes],
        "experiment": attribution.experiment,
    }


def _cause_data(cause: Cause) -> dict[str, object]:
    return {
        "kind": cause.kind,
        "message": cause.message,
        "ours": cause.ours,
        "changes": [change_data(change) for change in cause.changes],
    }


def change_data(change: FieldChange) -> dict[str, object]:
    """Return a changed field; a side that does not have it is left out, a long text is a diff."""
    old, new = change.old, change.new
    data: dict[str, object] = {"path": change.path}
    if isinstance(old, str) and isinstance(new, str) and len(old) + len(new) > _TEXT:
        return {**data, "diff": [cut(line, _TEXT) for line in word_diff(old, new)]}
    for name, value in (("old", old), ("new", new)):
        if value is not MISSING:
            data[name] = _bounded(value)
    return data


def _bounded(value: object) -> object:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= _TEXT else cut(text, _TEXT)


def score_data(score: ScoreChange) -> dict[str, object]:
    """Return one score on both sides."""
    return {
        "name": score.name,
        "accepted": finite(score.accepted),
        "fresh": finite(score.fresh),
        "difference": finite(score.difference),
        "low": finite(score.low),
        "high": finite(score.high),
        "p": finite(score.p),
        "margin": finite(score.margin),
        "answer": score.answer,
        "needed": score.needed,
        "broken": list(score.broken),
    }


def answers_data(answers: Sequence[str]) -> list[dict[str, object]]:
    """Return different answers with the numbers of their samples; a few of them, cut."""
    groups = list(group(answers).items())[:_ANSWERS]
    return [{"text": cut(text, _TEXT), "samples": numbers} for text, numbers in groups]


def spent_data(spent: Spent | None) -> dict[str, object] | None:
    """Return what samples had cost."""
    if spent is None:
        return None
    return {
        "usd": finite(spent.usd),
        "tokens": spent.tokens,
        "seconds": finite(spent.seconds),
    }


def problem_data(problem: Problem | None) -> dict[str, object] | None:
    """Return why there is no verdict."""
    if problem is None:
        return None
    return {"kind": problem.kind, "message": problem.message, "hint": problem.hint}


def miss_data(miss: Miss | None) -> dict[str, object] | None:
    """Return what is not recorded, and what is nearest to it."""
    if miss is None:
        return None
    return {
        "digest": miss.digest,
        "stored": miss.stored,
        "needed": miss.needed,
        "near": [
            {
                "recording": near.recording_id,
                "case": near.case_id,
                "label": near.label,
                "similarity": finite(near.similarity),
                "changes": [change_data(change) for change in near.changes],
                "more": int(near.more),
            }
            for near in miss.near
        ],
    }
