"""A project with recordings, decisions and pending entries, as runs would have left them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift.cases import build_request, cells, load_case_file
from pytest_promptdrift.config import Options, load_config
from pytest_promptdrift.model import Cost, Decision, Response, Sample
from pytest_promptdrift.model.pending import Pending
from pytest_promptdrift.store import (
    BaselineStore,
    PendingStore,
    RecordingStore,
    Redactor,
    answers_digest,
    suite_folder,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_promptdrift.cases import Cell

PYPROJECT = """\
[tool.promptdrift.models.demo]
provider = "fake"
[tool.promptdrift.models.other]
provider = "fake"
"""
CASES = """\
prompt: "Sort this message: {{ message }}"
models: [demo]
cases:
  - {id: refund, vars: {message: one}, tags: [Money]}
  - {id: opened-box, vars: {message: two}}
"""
DAY = "2026-11-20T10:00:00+00:00"
LATER = "2026-11-24T10:00:00+00:00"


@dataclass
class Bench:
    """Builds what the commands read; ``name`` is the case file that the methods are about."""

    folder: Path
    name: str = "prompts/triage.prompt.yaml"
    redactor: Redactor = field(default_factory=Redactor)

    def write(self, text: str = CASES, name: str | None = None) -> None:
        (self.folder / "pyproject.toml").write_text(PYPROJECT)
        path = self.folder / (name or self.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, old: str, new: str) -> None:
        path = self.folder / self.name
        path.write_text(path.read_text().replace(old, new))

    @property
    def suite(self) -> Path:
        return suite_folder(self.folder / self.name)

    @property
    def locks(self) -> Path:
        return self.folder / ".pytest_cache/d/promptdrift/locks"

    @property
    def recordings(self) -> RecordingStore:
        return RecordingStore(self.suite, lock_folder=self.locks, redactor=self.redactor)

    @property
    def baselines(self) -> BaselineStore:
        return BaselineStore(self.suite, lock_folder=self.locks, redactor=self.redactor)

    @property
    def pending(self) -> PendingStore:
        return PendingStore(self.folder, lock_folder=self.locks, redactor=self.redactor)

    def baseline(self, case: str) -> str:
        return (self.suite / "baseline" / f"{case}.json").read_text()

    def cell(self, case: str, label: str = "demo") -> Cell:
        config = load_config(
            self.folder,
            project_file=self.folder / "pyproject.toml",
            environ={},
            options=Options(),
        )
        found = cells(load_case_file(self.folder / self.name, config))
        return next(cell for cell in found if (cell.case.id, cell.label) == (case, label))

    def record(
        self,
        case: str,
        *answers: str | Response,
        series: str = "",
        label: str = "demo",
        usd: float | None = None,
        latency: float = 0.0,
    ) -> str:
        """Add answers to the recording of today's request; returns its id."""
        cell = self.cell(case, label)
        store, request = self.recordings, build_request(cell)
        cost = None if usd is None else Cost(usd=usd, prices="x")
        made = ""
        for answer in answers:
            response = (
                answer
                if isinstance(answer, Response)
                else Response(text=answer, cost=cost, latency=latency)
            )
            sample = Sample(response=response, recorded_at=LATER, sdk="fake")
            made = store.append(
                case, request, label=cell.label, sample=sample, series=series
            ).recording_id
        return made

    def decide(
        self,
        case: str,
        recording: str,
        *,
        label: str = "demo",
        samples: int | None = None,
        accepted: bool = True,
        why: str = "read by Ann",
        at: str = DAY,
    ) -> None:
        """Write a decision about the first samples of a recording."""
        found = self.recordings.by_id(case, recording)
        assert found is not None
        count = samples or len(found.samples)
        decision = Decision(
            recording_id=recording,
            accepted=accepted,
            samples=count,
            answers=answers_digest(found.samples[:count]),
            at=at,
            why=why,
            checks={"contains": "1a2b3c4d"},
        )
        self.baselines.decide([(case, label, decision)])

    def wait(
        self, case: str, recording: str | None, *, label: str = "demo", **values: object
    ) -> str:
        """Leave a pending entry about a recording as a run would; returns its node id."""
        found = self.recordings.by_id(case, recording) if recording else None
        samples = found.samples if found else ()
        current = self.baselines.current(case, label)
        given: dict[str, object] = {
            "case_file": self.name,
            "case_id": case,
            "label": label,
            "status": "drifted" if current else "new",
            "headline": "drifted: another label" if current else "new: nothing is accepted yet",
            "judged_at": LATER,
            "recording_id": recording,
            "samples": len(samples),
            "answers": answers_digest(samples) if samples else "",
            "accepted_id": current.recording_id if current else None,
            "checks": {"contains": "1a2b3c4d"},
        }
        entry = Pending(**{**given, **values})  # type: ignore[arg-type]
        self.pending.merge([], [entry])
        return entry.node

    def new(self, case: str, *answers: str, **values: object) -> str:
        """Leave a case that nobody has accepted yet; returns its node id."""
        return self.wait(case, self.record(case, *answers), **values)  # type: ignore[arg-type]

    def drifted(
        self, case: str, accepted: list[str], fresh: list[str], **values: object
    ) -> tuple[str, str, str]:
        """Leave a case whose answers changed; returns node id, accepted and fresh recording."""
        old = self.record(case, *accepted)
        self.decide(case, old)
        made = self.record(case, *fresh, series="20261124T100000Z-a")
        return self.wait(case, made, **values), old, made  # type: ignore[arg-type]
