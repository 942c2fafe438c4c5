"""Helpers for tests of checks: plan a check as a case file would, and run it on an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_promptdrift._errors import CaseFileError, CaseFileErrors, Where
from pytest_promptdrift.checks import UNSET, CheckPlan, CheckRegistry, plan_check, run_check
from pytest_promptdrift.model import CheckContext, CheckResult, CheckSummary, Response

WHERE = Where(path="triage.prompt.yaml", line=7)
HERE = Path(__file__).parent


def context(text: str = "", *, expected: object = None, **response: object) -> CheckContext:
    return CheckContext(
        response=Response(text=text, **response),
        case_id="double-charge",
        variant="",
        model="openai:gpt-5-mini",
        expected=expected,
    )


def plan(
    spec: object,
    *,
    expected: object = UNSET,
    samples: int = 1,
    folder: Path = HERE,
    registry: CheckRegistry | None = None,
    embedder: str = "static",
) -> CheckPlan:
    return plan_check(
        spec,
        where=WHERE,
        folder=folder,
        samples=samples,
        registry=registry or CheckRegistry(),
        expected=expected,
        embedder=embedder,
    )


def judge(spec: object, text: str = "", *, expected: object = UNSET, **more: object) -> CheckResult:
    planning = {key: more.pop(key) for key in ("folder", "registry", "embedder") if key in more}
    made = plan(spec, expected=expected, **planning)
    seen = None if expected is UNSET else expected
    return run_check(made, [context(text, expected=seen, **more)]).results[0]


def summary(spec: object, *texts: str, **planning: object) -> CheckSummary:
    return run_check(plan(spec, samples=len(texts), **planning), [context(t) for t in texts])


def problem(spec: object, **planning: object) -> CaseFileError:
    """Return the one mistake that planning reports."""
    with pytest.raises(CaseFileError) as caught:
        plan(spec, **planning)
    return caught.value


def problems(spec: object, **planning: object) -> list[str]:
    with pytest.raises(CaseFileErrors) as caught:
        plan(spec, **planning)
    return [error.message for error in caught.value.errors]
