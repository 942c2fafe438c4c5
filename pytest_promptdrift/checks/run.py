"""Runs a plan on the samples of a case. A crash of a check is a result, never an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift.model import CheckSummary

from .outcome import crash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_promptdrift.model import CheckContext, CheckResult

    from .protocol import CheckPlan


def run_check(plan: CheckPlan, contexts: Sequence[CheckContext]) -> CheckSummary:
    """Judge every sample; a result that only measures, without a pass or a fail, holds.

    Of a ``score_only`` check no sample has to hold; what crashes, crashes all the same.
    """
    results = tuple([_judge(plan, context) for context in contexts])
    held = sum(1 for result in results if result.passed is not False and not result.crashed)
    needed = len(results) if plan.needed is None else plan.needed
    return CheckSummary(
        name=plan.name,
        held=held,
        total=len(results),
        needed=0 if plan.score_only else needed,
        results=results,
        score_only=plan.score_only,
    )


def _judge(plan: CheckPlan, context: CheckContext) -> CheckResult:
    try:
        return plan.evaluate(context)
    except (Exception, SystemExit) as error:  # noqa: BLE001  (the user's code may raise anything)
        return crash(plan.name, error)
