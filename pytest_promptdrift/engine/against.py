"""Holds the verdict of a recording against what was accepted.

Most cases of most runs are what was accepted, and for them nothing is loaded to say so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_promptdrift.model import Problem, Status, Verdict
from pytest_promptdrift.store import answers_digest

from .judge import shown, spent
from .keys import check_digests, family_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.model import Decision, Recording
    from pytest_promptdrift.model.comparison import Attribution, Comparison, FamilyVerdict

    from .concluding import CaseConclusion
    from .families import Families
    from .keys import FamilyKey
    from .sides import Baselines, Sides

_SEVERE = frozenset({Status.FAILED, Status.ERROR})


@dataclass(slots=True, kw_only=True)
class Against:
    """The baselines of a run, and the families that are compared when something is fresh."""

    baselines: Baselines
    families: Callable[[], Families]
    alpha: float
    _settled: set[tuple[FamilyKey, str]] = field(default_factory=set)

    def judge(self, cell: Cell, recording: Recording, verdict: Verdict) -> Verdict:
        """Return ``verdict`` in the light of what was accepted; raises StoreError."""
        decision = self.baselines.current(cell)
        samples = recording.samples[: verdict.samples]
        if decision is None:
            status = Status.NEW if verdict.status is Status.PASSED else verdict.status
            found = replace(
                verdict,
                status=status,
                answers_digest=answers_digest(samples),
                check_digests=check_digests(cell),
            )
            return self._rejected(cell, recording, found)
        sides = self.baselines.sides(cell, recording, decision)
        if sides is None:
            self._settled.add((family_key(cell), cell.case.id))
            return _as_accepted(cell, decision, verdict)
        found = replace(
            self._compared(cell, sides, verdict),
            answers_digest=answers_digest(samples),
            check_digests=check_digests(cell),
        )
        return self._rejected(cell, recording, found)

    def family(self, cells: Sequence[Cell]) -> FamilyVerdict:
        """Return the verdict of a family, all of whose selected cells are given."""
        if all((family_key(cell), cell.case.id) in self._settled for cell in cells):
            return _unchanged(cells, self.alpha)
        return self.families().verdict(cells[0])

    def _rejected(self, cell: Cell, recording: Recording, verdict: Verdict) -> Verdict:
        """Return the verdict, as a failure when a person rejected exactly this recording."""
        rejection = self.baselines.rejection(cell, recording)
        if rejection is None or verdict.status is Status.ERROR:
            return verdict
        if rejection.answers != verdict.answers_digest:
            return verdict  # it has other samples by now
        problem = Problem(
            kind="rejected",
            message=f"rejected on {rejection.at[:10]}: {rejection.why}",
            hint="change the prompt or the model and record again, or ask anew:"
            " pytest --promptdrift-mode refresh",
        )
        return replace(verdict, status=Status.FAILED, problem=problem)

    def _compared(self, cell: Cell, sides: Sides, verdict: Verdict) -> Verdict:
        from .families import attribution_of  # noqa: PLC0415  (only when something is fresh)

        families = self.families()
        conclusion = families.case(cell) if sides.after else _from_a_cache(sides)
        attribution = families.attribution(cell) or attribution_of(sides)
        comparison = _comparison(sides, conclusion, attribution, families.skipped(cell))
        status = _status(verdict.status, sides, conclusion)
        answers = verdict.answers
        if status is not Status.PASSED and not answers:
            answers = tuple(shown(sample.response) for sample in sides.after)
        return replace(verdict, status=status, comparison=comparison, answers=answers)


def _as_accepted(cell: Cell, decision: Decision, verdict: Verdict) -> Verdict:
    """Return the verdict of what was accepted; if it fails, the checks are what changed."""
    if verdict.status not in _SEVERE:
        return verdict
    from pytest_promptdrift.drift import attribute  # noqa: PLC0415  (only for a failure)
    from pytest_promptdrift.model.comparison import Comparison  # noqa: PLC0415  (the same)

    now = check_digests(cell)
    comparison = Comparison(
        accepted_id=decision.recording_id,
        accepted_at=decision.at,
        accepted_samples=decision.samples,
        fresh_samples=0,
        same_request=True,
        attribution=attribute((), (), (), checks_before=decision.checks, checks_now=now),
    )
    return replace(
        verdict, comparison=comparison, answers_digest=decision.answers, check_digests=now
    )


def _status(judged: Status, sides: Sides, conclusion: CaseConclusion | None) -> Status:
    """Return the status of a case with fresh answers; what is worse comes first."""
    if judged in _SEVERE:
        return judged
    found = conclusion.status if conclusion else Status.PASSED
    if found is not Status.DRIFTED and not sides.same_request:
        return Status.PENDING
    return found


def _from_a_cache(sides: Sides) -> CaseConclusion:
    from .concluding import CaseConclusion  # noqa: PLC0415  (only when something is fresh)

    return CaseConclusion(
        status=Status.INCONCLUSIVE,
        findings=(),
        undecided=f"the provider gave {sides.cached} accepted answers again, by their ids:"
        " a cache answers for the model",
    )


def _comparison(
    sides: Sides,
    conclusion: CaseConclusion | None,
    attribution: Attribution,
    skipped: tuple[str, ...],
) -> Comparison:
    from pytest_promptdrift.model.comparison import Comparison  # noqa: PLC0415  (the same)

    left_out = f"{sides.cached} fresh answers that are accepted ones again, by their ids"
    return Comparison(
        accepted_id=sides.accepted.id,
        accepted_at=sides.decision.at,
        accepted_samples=len(sides.before),
        fresh_samples=len(sides.after),
        same_request=sides.same_request,
        findings=conclusion.findings if conclusion else (),
        attribution=attribution,
        scores=conclusion.scores if conclusion else (),
        ratio=conclusion.ratio if conclusion else None,
        p=conclusion.p if conclusion else None,
        undecided=conclusion.undecided if conclusion else None,
        needed=conclusion.needed if conclusion else None,
        skipped=(*skipped, left_out) if sides.cached and sides.after else skipped,
        accepted_answers=tuple([shown(sample.response) for sample in sides.before]),
        accepted_spent=spent(sides.before),
    )


def _unchanged(cells: Sequence[Cell], alpha: float) -> FamilyVerdict:
    """Return the verdict of a family in which everything is what was accepted."""
    from pytest_promptdrift.model.comparison import FamilyVerdict  # noqa: PLC0415  (import time)

    cell = cells[0]
    return FamilyVerdict(
        status=Status.PASSED,
        case_file=cell.case_file.shown,
        label=cell.label,
        model=cell.model.name,
        cases=len(cells),
        compared=0,
        errors=0,
        alpha=alpha,
        level=alpha,
        families=0,
        samples=(0, 0),
    )
