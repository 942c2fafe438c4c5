"""What is fresh about a case, and what it has to stand beside: the accepted samples.

It reads baselines and recordings and compares nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import StoreError, Where
from pytest_promptdrift.store import BaselineStore, answers_digest, suite_folder

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_promptdrift.cases import CaseFile, Cell
    from pytest_promptdrift.model import Decision, Recording, Sample
    from pytest_promptdrift.store import RecordingStore, Redactor

    from .stores import Stores


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The accepted and the fresh samples of a case, both of today's number or fewer.

    ``accepted`` and ``fresh`` are the recordings they are from; the same one, when only more
    samples are asked than were accepted. ``cached`` counts fresh samples that are left out because
    the provider had given the very same response, by its id, when the baseline was recorded.
    """

    cell: Cell
    decision: Decision
    accepted: Recording
    fresh: Recording
    before: tuple[Sample, ...]
    after: tuple[Sample, ...]
    cached: int = 0

    @property
    def same_request(self) -> bool:
        """True when both sides answer exactly the same request."""
        return self.accepted.digest == self.fresh.digest


@dataclass(slots=True, kw_only=True)
class Baselines:
    """The decisions of every case file, and the accepted recordings, which lie in the tree."""

    stores: Stores
    lock_folder: Path
    redactor: Redactor
    _open: dict[str, BaselineStore] = field(default_factory=dict)

    def of(self, case_file: CaseFile) -> BaselineStore:
        """Return the decisions about the cases of a file."""
        path = str(case_file.path)
        found = self._open.get(path)
        if found is None:
            found = self._open[path] = BaselineStore(
                suite_folder(case_file.path), lock_folder=self.lock_folder, redactor=self.redactor
            )
        return found

    def current(self, cell: Cell) -> Decision | None:
        """Return what was accepted last for a cell."""
        return self.of(cell.case_file).current(cell.case.id, cell.label)

    def rejection(self, cell: Cell, recording: Recording) -> Decision | None:
        """Return the decision that rejected this recording for a cell."""
        return self.of(cell.case_file).rejection(cell.case.id, cell.label, recording.id)

    def sides(self, cell: Cell, fresh: Recording, decision: Decision) -> Sides | None:
        """Return what is to be compared; None when what was accepted is what there is.

        Raises StoreError when the accepted recording is gone or was edited since.
        """
        needed = cell.case.samples
        accepted = self._accepted(cell, fresh, decision)
        before = accepted.samples[: decision.samples]
        self._check(cell, accepted, before, decision)
        if accepted.id == fresh.id:
            after = fresh.samples[decision.samples : needed]
            if not after:
                return None
        else:
            after = fresh.samples[:needed]
        known = {sample.response.response_id for sample in before} - {None, ""}
        kept = tuple([s for s in after if s.response.response_id not in known])
        return Sides(
            cell=cell,
            decision=decision,
            accepted=accepted,
            fresh=fresh,
            before=before,
            after=kept,
            cached=len(after) - len(kept),
        )

    def _accepted(self, cell: Cell, fresh: Recording, decision: Decision) -> Recording:
        if fresh.id == decision.recording_id:
            return fresh
        store = self._recordings(cell)
        found = store.by_id(cell.case.id, decision.recording_id)
        if found is None:
            raise StoreError(
                f"the accepted recording {decision.recording_id} is gone",
                where=Where(path=str(store.path(cell.case.id))),
                hint=f"bring it back: git checkout -- {store.path(cell.case.id)}"
                f"  or accept what there is: pytest-promptdrift history {cell.case.id}",
            )
        return found

    def _recordings(self, cell: Cell) -> RecordingStore:
        return self.stores.of(cell.case_file)

    def _check(
        self, cell: Cell, accepted: Recording, before: tuple[Sample, ...], decision: Decision
    ) -> None:
        if len(before) == decision.samples and answers_digest(before) == decision.answers:
            return
        path = self._recordings(cell).path(cell.case.id)
        raise StoreError(
            f"the accepted answers of recording {accepted.id} were edited since {decision.at[:10]}",
            where=Where(path=str(path)),
            hint=f"undo the edit: git checkout -- {path}"
            f"  or look at what there is: pytest-promptdrift history {cell.case.id}",
        )
