"""Plans the checks of cases, so that cases which ask for the same share one plan.

A thousand cases with the same two checks hold two plans; a check that does not look at the
expected answer is planned once, whatever the cases expect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift import checks
from pytest_promptdrift._canonical import canonical_json
from pytest_promptdrift._errors import CaseFileError, CaseFileErrors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_promptdrift._errors import Where
    from pytest_promptdrift.checks import CheckPlan, CheckRegistry

    from .problems import Keys

_ANY = object()
_NONE = object()


@dataclass(slots=True, kw_only=True)
class Asked:
    """One check as the file asks for it, with the plans made for it so far.

    ``where`` may be only as exact as it is cheap to know; ``at`` leads to the exact place.
    """

    spec: object
    at: Keys
    where: Where
    plans: dict[tuple[int, object], CheckPlan] = field(default_factory=dict)


@dataclass(slots=True)
class CheckList:
    """The checks of a case or of many; ``made`` holds what was planned for equal cases."""

    asked: tuple[Asked, ...]
    made: dict[tuple[int, object], tuple[CheckPlan, ...]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Planner:
    """Makes plans for one case file.

    ``registry`` holds the checks of the run; ``exact`` finds the place of a mistake.
    """

    folder: Path
    embedder: str
    registry: CheckRegistry
    exact: Callable[[Keys], Where]

    def plans(
        self, wanted: CheckList, expected: object, samples: int, where: Where
    ) -> tuple[CheckPlan, ...]:
        """Return the plans for a case at ``where`` that expects ``expected`` (None: nothing).

        A case whose expected answer no check looks at gets the check that its type implies.
        Raises CaseFileErrors.
        """
        key = (samples, _key(expected))
        made = wanted.made.get(key)
        if made is None:
            plans = [self._plan(asked, expected, samples, key) for asked in wanted.asked]
            if expected is not None and not any(plan.uses_expected for plan in plans):
                plans.append(checks.implied_check(expected, where=where))
            made = wanted.made[key] = tuple(plans)
        return made

    def _plan(
        self, asked: Asked, expected: object, samples: int, key: tuple[int, object]
    ) -> CheckPlan:
        known = asked.plans.get((samples, _ANY)) if expected is not None else None
        plan = known or asked.plans.get(key)
        if plan is None:
            plan = self._planned(asked, expected, samples)
            whatever = expected is not None and not plan.uses_expected
            asked.plans[(samples, _ANY) if whatever else key] = plan
        return plan

    def _planned(self, asked: Asked, expected: object, samples: int) -> CheckPlan:
        try:
            return checks.plan_check(
                asked.spec,
                where=asked.where,
                folder=self.folder,
                expected=checks.UNSET if expected is None else expected,
                samples=samples,
                embedder=self.embedder,
                registry=self.registry,
            )
        except (CaseFileError, CaseFileErrors) as error:
            errors = error.errors if isinstance(error, CaseFileErrors) else (error,)
            raise CaseFileErrors([self._placed(one, asked) for one in errors]) from None

    def _placed(self, error: CaseFileError, asked: Asked) -> CaseFileError:
        where = self.exact(asked.at) if error.where in (None, asked.where) else error.where
        return CaseFileError(error.message, where=where, hint=error.hint)


def _key(expected: object) -> object:
    """Return what tells expected answers apart; text, the common case, is its own key."""
    if expected is None:
        return _NONE
    return expected if isinstance(expected, str) else (canonical_json(expected),)
