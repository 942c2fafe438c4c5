"""From the tests of a family to findings and statuses, once the levels of the run are known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import TYPE_CHECKING

from pytest_promptdrift.drift import covered, describe_trait, kind_of, trait_finding
from pytest_promptdrift.model import Finding, Status
from pytest_promptdrift.model.comparison import ScoreChange
from pytest_promptdrift.model.kinds import KINDS

from .comparing import FAIL, IGNORE, policy_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_promptdrift.config import Config
    from pytest_promptdrift.model import Severity, Trait
    from pytest_promptdrift.stats.distribution import DistributionVerdict
    from pytest_promptdrift.stats.localise import CaseDistance
    from pytest_promptdrift.stats.scores import CaseScore, ScoreVerdict
    from pytest_promptdrift.stats.traits import TraitP

    from .comparing import ComparedCase, FamilyTests

# Facts that chance explains are worth a line or two, not a page.
_NOTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What a family may spend: alpha of the run, its own part, and that of each instrument."""

    alpha: float
    level: float
    families: int
    instruments: Mapping[str, float]
    fired: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseConclusion:
    """What is to be said about one compared case, apart from its answers."""

    status: Status
    findings: tuple[Finding, ...]
    scores: tuple[ScoreChange, ...] = ()
    ratio: float | None = None
    p: float | None = None
    undecided: str | None = None
    needed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyConclusion:
    """What the tests of a family come to at its levels.

    ``named`` has the p that counts for naming a fact, in the order of ``tests.traits``; it is empty
    where the facts did not fire.
    """

    levels: Levels
    tests: FamilyTests
    distribution: DistributionVerdict | None
    scores: Mapping[str, ScoreVerdict]
    named: tuple[tuple[float | None, ...], ...] = ()
    cases: Mapping[str, CaseConclusion] = field(default_factory=dict)

    @property
    def drifted(self) -> tuple[str, ...]:
        """The ids of the cases that changed beyond noise."""
        return tuple([i for i, case in self.cases.items() if case.status is Status.DRIFTED])


def conclude(
    tests: FamilyTests,
    levels: Levels,
    config: Config,
    *,
    margin: float,
    policies: Sequence[Mapping[str, str]],
) -> FamilyConclusion:
    """Hold every test against its level; ``policies`` has one entry a case, in their order."""
    from pytest_promptdrift.stats.distribution import judge_distribution  # noqa: PLC0415  (numpy)
    from pytest_promptdrift.stats.scores import judge_scores  # noqa: PLC0415  (numpy)

    spread = levels.instruments.get("distribution")
    distribution = None
    if tests.distribution is not None and spread is not None:
        distribution = judge_distribution(
            tests.distribution, alpha=spread, floor=config.effect_floor, naming=levels.level
        )
    share = levels.instruments.get("scores")
    scores = {}
    if share is not None:
        scores = {
            name: judge_scores(
                test, alpha=share / len(tests.scores), margin=margin, floor=config.floor
            )
            for name, test in tests.scores.items()
        }
    found = FamilyConclusion(
        levels=levels,
        tests=tests,
        distribution=distribution,
        scores=scores,
        named=_name(tests, levels),
    )
    measured = tests.distribution.cases if tests.distribution else ()
    distances = {distance.index: distance for distance in measured}
    cases = {
        case.case_id: _Case(found, index, case, policies[index], distances.get(index)).conclusion()
        for index, case in enumerate(tests.cases)
    }
    return replace(found, cases=cases)


def _name(tests: FamilyTests, levels: Levels) -> tuple[tuple[float | None, ...], ...]:
    """Return what counts for naming a fact; nothing where all facts together changed nothing."""
    if tests.traits is None or "facts" not in levels.fired:
        return ()
    from pytest_promptdrift.stats.naming import named_traits  # noqa: PLC0415  (numpy)

    cases = [tests.cases[index] for index in tests.trait_rows]
    sizes = [(case.accepted, case.fresh) for case in cases]
    return named_traits(sizes, tests.traits, level=levels.level)


@dataclass(frozen=True, slots=True)
class _Case:
    """One case of a family, being concluded."""

    family: FamilyConclusion
    index: int
    case: ComparedCase
    policies: Mapping[str, str]
    distance: CaseDistance | None

    def conclusion(self) -> CaseConclusion:
        case = self.case
        if not case.differs and not self._broken():
            return CaseConclusion(status=Status.PASSED, findings=(), scores=self._score_changes())
        findings = (*self._score_findings(), *self._by_rule(), *self._facts(), *self._moved())
        drifted = any(finding.severity == FAIL for finding in findings)
        undecided, needed = (None, None) if drifted else self._undecided()
        status = Status.DRIFTED if drifted else Status.PASSED
        distance = self.distance
        return CaseConclusion(
            status=Status.INCONCLUSIVE if undecided else status,
            findings=findings,
            scores=self._score_changes(),
            ratio=distance.ratio if distance else None,
            p=distance.p if distance else None,
            undecided=undecided,
            needed=needed,
        )

    # ------------------------------------------------------------------ rules

    def _by_rule(self) -> Iterator[Finding]:
        for finding in self.case.findings:
            policy = policy_of(finding.kind, self.policies)
            if policy == IGNORE:
                continue
            severity: Severity = "fail" if policy == FAIL else "warn"
            if finding.severity == "warn" and KINDS[finding.kind].policy == FAIL:
                severity = "warn"  # the accepted answers vary over it
            elif finding.fresh_of > 1 and 2 * finding.fresh <= finding.fresh_of:
                severity = "warn"  # most answers still say it
            yield replace(finding, severity=severity)

    # ------------------------------------------------------------------ facts as counts

    def _facts(self) -> Iterator[Finding]:
        """Yield what went or came beyond chance; as notes, what was always said and now is not."""
        rows = list(zip(self.case.traits, self._trait_p(), strict=True))
        told = [(trait, p) for trait, p in rows if p.adjusted_p <= self.family.levels.level]
        known = {trait for trait, _ in told}
        yield from self._paired([r for r in told if not covered(r[0], known)], rows, "fail")
        rest = [(t, p) for t, p in rows if t not in known and self._always_said(p)]
        rest.sort(key=lambda row: (row[1].p, row[0]))
        yield from self._paired(rest[:_NOTES], rows, "note")

    def _always_said(self, p: TraitP) -> bool:
        return p.accepted_hits == self.case.accepted and p.fresh_hits < self.case.fresh

    def _trait_p(self) -> tuple[TraitP, ...]:
        tests = self.family.tests
        at = tests.trait_rows.get(self.index)
        if at is None or tests.traits is None:
            return ()
        named = self.family.named[at] if self.family.named else repeat(None)
        rows = zip(tests.traits.cases[at], named, strict=False)
        return tuple([replace(p, adjusted_p=1.0 if q is None else q) for p, q in rows])

    def _paired(
        self,
        told: Sequence[tuple[Trait, TraitP]],
        rows: Sequence[tuple[Trait, TraitP]],
        severity: Severity,
    ) -> Iterator[Finding]:
        """Yield one finding for what went, with what came in its place; then for what only came."""
        gone = [(t, p) for t, p in told if p.accepted_hits > 0]
        come = [(t, p) for t, p in told if p.accepted_hits == 0]
        used: set[Trait] = set()
        for trait, p in gone:
            instead = self._instead(trait, [r for r in (come or rows) if r[0] not in used])
            if instead is not None:
                used.add(instead[0])
            yield self._trait_finding((trait, p), instead, severity)
        for row in come:
            if row[0] not in used:
                yield self._trait_finding(None, row, severity)

    def _instead(
        self, gone: Trait, rows: Sequence[tuple[Trait, TraitP]]
    ) -> tuple[Trait, TraitP] | None:
        """Return the likeliest thing of the same kind, at the same place, that came for another."""
        alike = [
            (t, p)
            for t, p in rows
            if (t[0], t[2]) == (gone[0], gone[2]) and t != gone and p.accepted_hits == 0
        ]
        return max(alike, key=lambda row: (row[1].fresh_hits, row[0]), default=None)

    def _trait_finding(
        self,
        gone: tuple[Trait, TraitP] | None,
        come: tuple[Trait, TraitP] | None,
        severity: Severity,
    ) -> Finding:
        leading = (gone or come or ((), None))[1]
        made = trait_finding(
            gone[0] if gone else None,
            come[0] if come else None,
            self.case.traits,
            accepted=leading.accepted_hits if leading else 0,
            accepted_of=self.case.accepted,
            fresh=leading.fresh_hits if leading else 0,
            fresh_of=self.case.fresh,
        )
        if severity == "fail" and policy_of(made.kind, self.policies) != FAIL:
            severity = "warn"
        return replace(
            made,
            severity=severity,
            p=leading.p if leading else None,
            adjusted_p=leading.adjusted_p if leading else None,
        )

    # ------------------------------------------------------------------ the whole answer

    def _moved(self) -> Iterator[Finding]:
        """Yield one finding when the answers as a whole changed beyond their own noise."""
        verdict, policy = self.family.distribution, policy_of("distribution", self.policies)
        distance = self.distance
        if verdict is None or distance is None or "distribution" not in self.family.levels.fired:
            return
        if verdict.answer != "drifted" or distance not in verdict.changed or policy == IGNORE:
            return
        much = (
            f"differ {distance.ratio:.1f} × as much as the accepted ones among themselves"
            if distance.ratio is not None
            else "differ, and the accepted ones do not differ at all"
        )
        yield Finding(
            kind="distribution",
            message=f"the answers {much}",
            severity="fail" if policy == FAIL else "warn",
            accepted=self.case.accepted,
            accepted_of=self.case.accepted,
            fresh=self.case.fresh,
            fresh_of=self.case.fresh,
            p=distance.p,
            adjusted_p=distance.adjusted_p,
        )

    # ------------------------------------------------------------------ scores

    def _broken(self) -> list[tuple[str, CaseScore]]:
        if "scores" not in self.family.levels.fired:
            return []
        return [
            (name, case)
            for name, verdict in self.family.scores.items()
            for case in verdict.broken
            if case.index == self.index
        ]

    def _score_findings(self) -> Iterator[Finding]:
        policy = policy_of("scores", self.policies)
        for name, broken in self._broken():
            if policy == IGNORE:
                continue
            yield Finding(
                kind="scores",
                message=f"{name} {broken.accepted_mean:.2f} → {broken.fresh_mean:.2f}",
                severity="fail" if policy == FAIL else "warn",
                old=f"{broken.accepted_mean:.2f}",
                new=f"{broken.fresh_mean:.2f}",
                accepted=broken.accepted,
                accepted_of=broken.accepted,
                fresh=broken.fresh,
                fresh_of=broken.fresh,
                p=broken.p,
                adjusted_p=broken.adjusted_p,
            )

    def _score_changes(self) -> tuple[ScoreChange, ...]:
        broken = {name for name, _ in self._broken()}
        sides = self.case.scores
        return tuple(
            [
                ScoreChange(
                    name=name,
                    accepted=sum(accepted) / len(accepted),
                    fresh=sum(sides.fresh[name]) / len(sides.fresh[name]),
                    answer="regressed" if name in broken else "fine",
                )
                for name, accepted in sides.accepted.items()
                if name in sides.fresh
            ]
        )

    # ------------------------------------------------------------------ what cannot be told

    def _level(self, instrument: str) -> float:
        return self.family.levels.instruments.get(instrument, self.family.levels.level)

    def _undecided(self) -> tuple[str | None, int | None]:
        """Return what so few samples cannot tell about this case, and how many could."""
        from pytest_promptdrift.stats.traits import samples_to_tell  # noqa: PLC0415  (numpy)

        if not self.case.differs:
            return None, None
        if self.case.by_rule and min(self.case.accepted, self.case.fresh) < 2:
            needed = samples_to_tell(1, self._level("facts"))
            return "one sample on a side cannot tell a change from chance", needed
        flip = self._unproven_flip()
        if flip is None:
            return None, None
        trait, p = flip
        tests = self.family.tests
        searched = sum(len(case.traits) for case in tests.cases)
        counts = f"{self.case.accepted} + {self.case.fresh} samples"
        what = kind_of(trait, came=p.accepted_hits == 0).replace("_", " ")
        described = describe_trait(trait, self.case.traits)
        seen = f"{p.accepted_hits} of {self.case.accepted} accepted"
        seen += f" and {p.fresh_hits} of {self.case.fresh} fresh answers"
        return (
            f"{what}: {described} in {seen}; {counts} cannot tell that from chance",
            samples_to_tell(min(searched, _SEARCHED), self._level("facts")),
        )

    def _unproven_flip(self) -> tuple[Trait, TraitP] | None:
        """Return what flipped and was not told, and would fail the case if it were; None if none.

        What went comes before what came: it is what a reader looks for.
        """
        rows = list(zip(self.case.traits, self._trait_p(), strict=True))
        told = {trait for trait, p in rows if p.adjusted_p <= self.family.levels.level}
        found = [
            (trait, p)
            for trait, p in rows
            if self._flipped(p)
            and trait not in told
            and not covered(trait, told)
            and policy_of(kind_of(trait, came=p.accepted_hits == 0), self.policies) == FAIL
        ]
        return max(found, key=lambda row: row[1].accepted_hits, default=None)

    def _flipped(self, p: TraitP) -> bool:
        return (p.accepted_hits, p.fresh_hits) in {(self.case.accepted, 0), (0, self.case.fresh)}


# Traits come and go together, so that planning for every single one would ask for too much.
_SEARCHED = 50
