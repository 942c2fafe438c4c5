"""Judges fresh recordings against accepted ones, family by family, all families of a run at once.

Levels depend on how many families share alpha, so nothing is concluded before every family that
this process knows has been tested. All of that happens when the first fresh recording is met; a
replay in which nothing changed never comes here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import StoreError
from pytest_promptdrift.drift import attribute
from pytest_promptdrift.model import Problem, Status
from pytest_promptdrift.model.comparison import INSTRUMENTS, Attribution, FamilyVerdict
from pytest_promptdrift.store import diff_requests

from .comparing import FAIL, compare_family, policy_of
from .concluding import CaseConclusion, FamilyConclusion, Levels, conclude
from .judge import spent
from .keys import check_digests, family_key
from .telling import family_scores, instrument_tests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.config import Config
    from pytest_promptdrift.model import FieldChange, Recording

    from .comparing import FamilyTests
    from .keys import FamilyKey
    from .sides import Baselines, Sides

# A field that differs in every case is told once; that many are looked at in each.
_FIELDS = 40


@dataclass(slots=True, kw_only=True)
class _Family:
    """One family while it is looked at; ``sides`` are dropped when its tests are done."""

    cells: list[Cell] = field(default_factory=list)
    attributions: dict[str, Attribution] = field(default_factory=dict)
    skipped: dict[str, tuple[str, ...]] = field(default_factory=dict)
    policies: list[Mapping[str, str]] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    usd: list[float | None] = field(default_factory=list)
    errors: int = 0
    missing: int = 0
    accepted: int = 0
    tests: FamilyTests | None = None
    conclusion: FamilyConclusion | None = None


@dataclass(slots=True, kw_only=True)
class Families:
    """The families of a run.

    ``selected`` gives all cells that can be judged together with one, ``find`` the recording that
    is fresh for a cell, and ``failed`` tells whether its calls failed. ``known`` is None when these
    are all families of the run; otherwise it is their number, and each is judged on its own.
    """

    config: Config
    baselines: Baselines
    find: Callable[[Cell], Recording | None]
    failed: Callable[[Cell], bool]
    selected: Callable[[Cell], Sequence[Cell]]
    known: Callable[[], int | None]
    _done: dict[FamilyKey, _Family] = field(default_factory=dict)

    def case(self, cell: Cell) -> CaseConclusion | None:
        """Return what is concluded about a cell with fresh answers; None when it was left out."""
        family = self._family(cell)
        if family.conclusion is None:
            return None
        return family.conclusion.cases.get(cell.case.id)

    def skipped(self, cell: Cell) -> tuple[str, ...]:
        """Return what was not looked at in the answers of a cell."""
        return self._family(cell).skipped.get(cell.case.id, ())

    def attribution(self, cell: Cell) -> Attribution | None:
        """Return what changed for a cell beside its answers; None when it was left out."""
        return self._family(cell).attributions.get(cell.case.id)

    def _family(self, cell: Cell) -> _Family:
        key = family_key(cell)
        if key not in self._done:
            self._judge(cell)
        return self._done[key]

    def _judge(self, wanted: Cell) -> None:
        """Test and conclude every family of the selected cells that was not judged yet."""
        cells = list(self.selected(wanted))
        if not any(family_key(cell) == family_key(wanted) for cell in cells):
            cells.append(wanted)
        fresh: dict[FamilyKey, _Family] = {}
        for cell in cells:
            key = family_key(cell)
            if key not in self._done:
                fresh.setdefault(key, _Family()).cells.append(cell)
        # the least that one instrument of one of so many families is held against
        level = self.config.alpha / max(1, self.known() or len(fresh)) / len(INSTRUMENTS)
        for family in fresh.values():
            self._test(family, level)
        self._conclude(fresh)
        self._done.update(fresh)

    def _test(self, family: _Family, level: float) -> None:
        sides = [found for cell in family.cells if (found := self._sides(family, cell)) is not None]
        if not sides:
            return
        for one in sides:
            family.attributions[one.cell.case.id] = attribution_of(one)
            family.policies.append(one.cell.case.policies)
            family.sizes.append((len(one.before), len(one.after)))
            cost = spent(one.after).usd
            family.usd.append(None if cost is None else cost / len(one.after))
        policies = family.cells[0].case_file.policies
        family.tests = compare_family(sides, policies, level=level)
        family.skipped = {case.case_id: case.skipped for case in family.tests.cases if case.skipped}

    def _sides(self, family: _Family, cell: Cell) -> Sides | None:
        """Return what is to be compared of a cell; count it when that cannot be said."""
        try:
            decision = self.baselines.current(cell)
            if decision is None:
                return None
            family.accepted += 1
            recording = self.find(cell)
            if recording is None or len(recording.samples) < cell.case.samples:
                failed = self.failed(cell)
                family.errors += failed
                family.missing += not failed
                return None
            found = self.baselines.sides(cell, recording, decision)
        except StoreError:
            family.errors += 1
            return None
        return found if found is not None and found.after else None

    def _conclude(self, families: Mapping[FamilyKey, _Family]) -> None:
        tested = {key: family.tests for key, family in families.items() if family.tests}
        if not tested:
            return
        levels = _levels(
            {key: tests.p for key, tests in tested.items()}, self.config.alpha, self.known()
        )
        for key, tests in tested.items():
            family = families[key]
            family.conclusion = conclude(
                tests,
                levels[key],
                self.config,
                margin=self._margin(family.cells[0]),
                policies=family.policies,
            )

    def _margin(self, cell: Cell) -> float:
        own = cell.case_file.margin
        return self.config.margin if own is None else own

    def verdict(self, cell: Cell) -> FamilyVerdict:
        """Return the verdict of the family of a cell, all of whose cases have been judged."""
        family = self._family(cell)
        share = family.errors / max(1, len(family.cells))
        problem = None
        if family.errors and share > self.config.error_share:
            problem = _too_many_errors(family.errors, len(family.cells), self.config.error_share)
        conclusion = family.conclusion
        levels = conclusion.levels if conclusion else None
        return FamilyVerdict(
            status=Status.ERROR if problem else family_status(conclusion, self._policies(cell)),
            case_file=cell.case_file.shown,
            label=cell.label,
            model=cell.model.name,
            cases=len(family.cells),
            compared=len(family.sizes),
            errors=family.errors,
            alpha=self.config.alpha,
            level=levels.level if levels else self.config.alpha,
            families=levels.families if levels else 0,
            samples=_smallest(family.sizes),
            tests=instrument_tests(conclusion) if conclusion else (),
            scores=family_scores(conclusion, self._margin(cell)) if conclusion else (),
            drifted=conclusion.drifted if conclusion else (),
            unchanged=_unchanged(conclusion) if conclusion else 0,
            attribution=_together(family.attributions.values()) if conclusion else None,
            problem=problem,
            notes=_notes(family),
            shares=dict(levels.instruments) if levels else None,
            usd_per_sample=_mean(family.usd),
        )

    def _policies(self, cell: Cell) -> Mapping[str, str]:
        return cell.case_file.policies


def attribution_of(sides: Sides) -> Attribution:
    """Return what changed between the two sides of a case, beside the answers."""
    changes: tuple[FieldChange, ...] = ()
    if not sides.same_request:
        changes = tuple(diff_requests(sides.accepted.request, sides.fresh.request, limit=_FIELDS))
    return attribute(
        changes,
        sides.before,
        sides.after,
        checks_before=sides.decision.checks,
        checks_now=check_digests(sides.cell),
    )


def _levels(
    p: Mapping[FamilyKey, Mapping[str, float]], alpha: float, known: int | None
) -> dict[FamilyKey, Levels]:
    from pytest_promptdrift.stats.multiple import decide_families  # noqa: PLC0415  (numpy)

    found = {}
    names = {f"{key[0]}::{key[1]}": key for key in p}
    together = [{name: p[key] for name, key in names.items()}]
    if known is not None:
        together = [{name: p[key]} for name, key in names.items()]
    share = alpha if known is None else alpha / max(1, known)
    for group in together:
        for name, decided in decide_families(group, alpha=share).items():
            found[names[name]] = Levels(
                alpha=alpha,
                level=decided.level,
                families=len(p) if known is None else known,
                instruments=decided.levels,
                fired=decided.fired,
            )
    return found


def family_status(conclusion: FamilyConclusion | None, policies: Mapping[str, str]) -> Status:
    """Return what the tests of a family come to; without a fresh answer nothing has changed."""
    if conclusion is None:
        return Status.PASSED
    tests = instrument_tests(conclusion)
    if any(test.fired and fails(test.instrument, conclusion, policies) for test in tests):
        return Status.DRIFTED
    open_scores = any(v.answer == "inconclusive" for v in conclusion.scores.values())
    spread = conclusion.distribution
    if open_scores or (spread is not None and spread.answer == "inconclusive"):
        return Status.INCONCLUSIVE
    return Status.PASSED


def fails(instrument: str, conclusion: FamilyConclusion, policies: Mapping[str, str]) -> bool:
    """Tell whether an instrument that fired fails the family.

    Facts do unless all that could be named is of a kind that is only worth a look, as new fields.
    """
    if instrument != "facts":
        return policy_of(instrument, policies) == FAIL
    found = [f for case in conclusion.cases.values() for f in case.findings if f.traits]
    named = {finding.severity for finding in found} - {"note"}
    return named != {"warn"}


def _too_many_errors(errors: int, cases: int, share: float) -> Problem:
    return Problem(
        kind="too many errors",
        message=f"{errors} of {cases} cases have no answer to judge, more than {share:.0%}",
        hint="run again when the provider answers; what was recorded is not asked again",
    )


def _smallest(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return (min(n for n, _ in sizes), min(m for _, m in sizes)) if sizes else (0, 0)


def _mean(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) / len(known) if known and len(known) == len(costs) else None


def _unchanged(conclusion: FamilyConclusion) -> int:
    return sum(case.status is Status.PASSED for case in conclusion.cases.values())


def _together(found: Iterable[Attribution]) -> Attribution:
    """Return what changed in a family: each cause once, the most frequent first."""
    listed = list(found)
    counts = Counter((c.kind, c.message) for one in listed for c in one.causes)
    causes = {(c.kind, c.message): c for one in listed for c in one.causes}
    ordered = [causes[key] for key, _ in counts.most_common()]
    experiments = [one.experiment for one in listed if one.experiment]
    return Attribution(causes=tuple(ordered), experiment=experiments[0] if experiments else None)


def _notes(family: _Family) -> tuple[str, ...]:
    found = []
    if family.missing:
        found.append(f"{family.missing} of {len(family.cells)} cases have no recording to compare")
    new = len(family.cells) - family.accepted
    if new:
        found.append(f"{new} of {len(family.cells)} cases have no accepted recording yet")
    if family.tests is not None and family.tests.repeats:
        found.append(family.tests.repeats)
    return tuple(found)
