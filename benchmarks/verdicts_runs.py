"""Repetitions of a run on drawn answers, and what came out of each.

Every repetition has a seed made from what it is, so that more of them can be added later, and one
can be looked at alone.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.verdicts_lenses import LENSES, through
from benchmarks.verdicts_suite import Suite, draw, remembered, seeded, suite
from pytest_promptdrift.model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.verdicts_suite import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run said.

    ``p`` and ``fired`` are by instrument, of the first family. ``families`` has the status of each
    family, ``drifted`` the ids of the cases that drifted, ``open`` of those without an answer, and
    ``kinds`` what was found in the drifted ones, each kind once a case.
    """

    p: Mapping[str, float]
    fired: tuple[str, ...]
    families: tuple[str, ...]
    drifted: tuple[str, ...]
    open: tuple[str, ...]
    kinds: tuple[str, ...] = ()

    @property
    def family_drifted(self) -> bool:
        """True when a family of the run drifted."""
        return str(Status.DRIFTED) in self.families

    @property
    def alarmed(self) -> bool:
        """True when anything in the run failed: a family, or a case."""
        return self.family_drifted or bool(self.drifted)


def outcome(judged: Judged) -> Outcome:
    """Return what is counted of a run."""
    tests = judged.families[0].tests
    by_status = {
        status: tuple(i for i, case in judged.cases.items() if case.status is status)
        for status in (Status.DRIFTED, Status.INCONCLUSIVE)
    }
    return Outcome(
        p={str(test.instrument): test.p for test in tests},
        fired=tuple(str(test.instrument) for test in tests if test.fired),
        families=tuple(str(family.status) for family in judged.families),
        drifted=by_status[Status.DRIFTED],
        open=by_status[Status.INCONCLUSIVE],
        kinds=tuple(
            kind
            for case in judged.cases.values()
            for kind in sorted({f.kind for f in case.findings if f.severity == "fail"})
        ),
    )


@dataclass(slots=True)
class Runs:
    """The repetitions that were made, kept in a file of JSON lines when there is one."""

    kept: Path | None = None
    _found: dict[str, list[Outcome]] = field(default_factory=dict)
    _suites: dict[bool, Suite] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what was kept."""
        if self.kept is not None and self.kept.exists():
            for line in self.kept.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                self._found.setdefault(row.pop("of"), []).append(_read(row))

    def of(
        self,
        condition: str,
        samples: int,
        repetitions: int,
        *,
        grouped: bool = False,
        lens: str = LENSES[0],
    ) -> list[Outcome]:
        """Return so many repetitions at ``samples`` + ``samples``, making those that lack."""
        name = f"{condition} {samples}{' grouped' if grouped else ''} {lens}"
        found = self._found.setdefault(name, [])
        missing = range(len(found), repetitions)
        if missing:
            judging = self._suite(grouped=grouped)
            with remembered(), through(lens):
                for repetition in missing:
                    chance = seeded(condition, samples, repetition)
                    made = outcome(judging.judge(draw(condition, samples, samples, chance)))
                    found.append(made)
                    self._keep(name, made)
        return found[:repetitions]

    def _suite(self, *, grouped: bool) -> Suite:
        if grouped not in self._suites:
            self._suites[grouped] = suite(grouped=grouped)
        return self._suites[grouped]

    def _keep(self, name: str, made: Outcome) -> None:
        if self.kept is not None:
            with self.kept.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"of": name, **asdict(made)}) + "\n")


def _read(row: dict[str, Any]) -> Outcome:
    lists: dict[str, Any] = {key: tuple(v) for key, v in row.items() if key != "p"}
    return Outcome(p=row["p"], **lists)
