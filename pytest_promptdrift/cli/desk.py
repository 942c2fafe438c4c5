"""What waits for a decision, together with the recordings and decisions that it is about.

It reads and decides nothing. A pending entry is a note of a run: here it is held against what there
is now, because a recording, the baseline or the case file may have changed since.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError, StoreError
from pytest_promptdrift._text import plural
from pytest_promptdrift.store import (
    BaselineStore,
    PendingStore,
    RecordingStore,
    answers_digest,
    suite_folder,
)

from .project import ENDINGS, lock_folder, registry_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_promptdrift.model import Decision, Pending, Recording, Sample

    from .console import Console
    from .project import Project

AGAIN = "run pytest --promptdrift again"


# These pass beside their baseline. To make them the baseline is possible, and nobody has to: a
# baseline that moved with whatever passes would creep.
STANDING = frozenset({"passed", "inconclusive"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One pending entry as it stands now.

    ``stale`` says why it is out of date and ``broken`` why that cannot be told; both are None when
    it still holds. ``recording`` is what was judged, ``current`` the decision that makes today's
    baseline and ``accepted`` its recording; ``rejected`` is the decision that turned this recording
    down before.
    """

    entry: Pending
    stale: str | None = None
    broken: str | None = None
    recording: Recording | None = None
    current: Decision | None = None
    accepted: Recording | None = None
    rejected: Decision | None = None

    @property
    def node(self) -> str:
        """The node id, from the project's folder."""
        return self.entry.node

    @property
    def waits(self) -> bool:
        """True unless it was turned down, or stands as it is beside what was accepted."""
        return self.rejected is None and self.entry.status not in STANDING

    @property
    def stands(self) -> bool:
        """True when it passes beside its baseline, and nothing is in the way of accepting it."""
        return self.rejected is None and self.entry.status == "passed" and self.obstacle is None

    @property
    def case_file(self) -> str:
        """The path of the case file, from the project's folder."""
        return self.entry.case_file

    @property
    def case_id(self) -> str:
        """The case."""
        return self.entry.case_id

    @property
    def label(self) -> str:
        """Variant and model."""
        return self.entry.label

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be accepted, None when it can."""
        if self.broken is not None:
            return self.broken
        if self.stale is not None:
            return f"out of date: {self.stale}; {AGAIN}"
        if self.entry.refused is not None:
            return self.entry.refused
        if self.recording is None:
            return "there is no recording to accept"
        return None if self.after else "it is accepted already"

    @property
    def rejectable(self) -> bool:
        """True when there is a recording to turn down."""
        return self.recording is not None and self.stale is None and self.broken is None

    @property
    def before(self) -> tuple[Sample, ...]:
        """The accepted samples, as far as they are still there."""
        if self.accepted is None or self.current is None:
            return ()
        return self.accepted.samples[: self.current.samples]

    @property
    def after(self) -> tuple[Sample, ...]:
        """The fresh samples; of the accepted recording, those that came later."""
        samples = self.recording.samples[: self.entry.samples] if self.recording else ()
        return samples[len(self.before) :] if self.more_of_the_same else samples

    @property
    def more_of_the_same(self) -> bool:
        """True when all that is fresh are further samples of the accepted recording."""
        return self.accepted is not None and self.entry.recording_id == self.accepted.id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Today:
    """What a case file asks for now: digests by case and label, and tags by case."""

    requests: Mapping[tuple[str, str], str]
    tags: Mapping[str, tuple[str, ...]]


@dataclass(slots=True, kw_only=True)
class Desk:
    """Everything that a decision is about, read once per command."""

    project: Project
    root: Path
    lock_folder: Path
    pending: PendingStore
    _recordings: dict[str, RecordingStore] = field(default_factory=dict)
    _baselines: dict[str, BaselineStore] = field(default_factory=dict)
    _today: dict[str, _Today | None] = field(default_factory=dict)

    @classmethod
    def of(cls, project: Project, console: Console) -> Desk:
        """Return the desk of the project around the console's folder."""
        root = _root(project)
        locks = lock_folder(root, console.environ)
        pending = PendingStore(root, lock_folder=locks, redactor=project.redactor)
        return cls(project=project, root=root, lock_folder=locks, pending=pending)

    def suite(self, case_file: str) -> Path:
        """Return the folder with everything that is stored for a case file."""
        return suite_folder(self.root / case_file)

    def recordings(self, case_file: str) -> RecordingStore:
        """Return the recordings of a case file."""
        found = self._recordings.get(case_file)
        if found is None:
            found = self._recordings[case_file] = RecordingStore(
                self.suite(case_file),
                lock_folder=self.lock_folder,
                redactor=self.project.redactor,
            )
        return found

    def baselines(self, case_file: str) -> BaselineStore:
        """Return the decisions about a case file."""
        found = self._baselines.get(case_file)
        if found is None:
            found = self._baselines[case_file] = BaselineStore(
                self.suite(case_file),
                lock_folder=self.lock_folder,
                redactor=self.project.redactor,
            )
        return found

    def waiting(self) -> list[Waiting]:
        """Return all that waits, by node id; raises StoreError when that cannot be read."""
        return [self.look(entry) for entry in sorted(self.pending.read(), key=lambda e: e.node)]

    def undecided(self) -> int:
        """Count what waits and was not rejected, without a look at the recordings."""
        return sum(
            self.baselines(entry.case_file).rejection(
                entry.case_id, entry.label, entry.recording_id or ""
            )
            is None
            for entry in self.pending.read()
            if entry.status not in STANDING
        )

    def still(self, waiting: Waiting) -> bool:
        """Tell whether everybody else has left an entry and what it is about as it was read."""
        # a new desk, because this one keeps what it has read
        now = Desk(
            project=self.project,
            root=self.root,
            lock_folder=self.lock_folder,
            pending=self.pending,
        )
        entry = next((one for one in now.pending.read() if one.node == waiting.node), None)
        return entry == waiting.entry and now.look(waiting.entry).obstacle == waiting.obstacle

    def tags(self, case_file: str, case_id: str) -> tuple[str, ...]:
        """Return the tags of a case; none when its file cannot be loaded."""
        today = self._asked(case_file)
        return () if today is None else today.tags.get(case_id, ())

    def look(self, entry: Pending) -> Waiting:
        """Hold an entry against what there is now."""
        if not (self.root / entry.case_file).is_file():
            return Waiting(entry=entry, stale="the case file is gone")
        try:
            return self._look(entry)
        except StoreError as error:
            return Waiting(entry=entry, broken=str(error))

    def _look(self, entry: Pending) -> Waiting:
        baselines = self.baselines(entry.case_file)
        recordings = self.recordings(entry.case_file)
        current = baselines.current(entry.case_id, entry.label)
        accepted = recording = rejected = None
        if current is not None:
            accepted = recordings.by_id(entry.case_id, current.recording_id)
        if entry.recording_id is not None:
            recording = recordings.by_id(entry.case_id, entry.recording_id)
            rejected = baselines.rejection(entry.case_id, entry.label, entry.recording_id)
        return Waiting(
            entry=entry,
            stale=self._stale(entry, recording, current),
            recording=recording,
            current=current,
            accepted=accepted,
            rejected=rejected,
        )

    def _stale(
        self, entry: Pending, recording: Recording | None, current: Decision | None
    ) -> str | None:
        if not _same_baseline(entry, current):
            return "the baseline moved since"
        today = self._asked(entry.case_file)
        if today is not None and entry.case_id not in today.tags:
            return "the case is gone from its file"
        if entry.recording_id is None:
            return None
        if recording is None:
            return f"recording {entry.recording_id} is gone"
        # a model that was chosen on the command line is in no file
        wanted = today.requests.get((entry.case_id, entry.label)) if today is not None else None
        if wanted not in {None, recording.digest}:
            return "the request changed since"
        return _edited(entry, recording)

    def _asked(self, case_file: str) -> _Today | None:
        """Return what a case file asks for now; None when it has mistakes or is no case file."""
        if case_file not in self._today:
            self._today[case_file] = self._load(case_file)
        return self._today[case_file]

    def _load(self, case_file: str) -> _Today | None:
        if not case_file.endswith(ENDINGS):
            return None
        from pytest_promptdrift.cases import cells, load_case_file  # noqa: PLC0415  (slow)

        path = self.root / case_file
        with suppress(PromptDriftError):
            loaded = load_case_file(
                path, self.project.config, registry=registry_of(self.project, [path])
            )
            return _Today(
                requests={(cell.case.id, cell.label): cell.digest for cell in cells(loaded)},
                tags={case.id: case.tags for case in loaded.cases},
            )
        return None


def _same_baseline(entry: Pending, current: Decision | None) -> bool:
    if current is None:
        return entry.accepted_id is None
    # what was judged as the baseline itself was compared with nothing
    return current.recording_id == (entry.accepted_id or entry.recording_id)


def _edited(entry: Pending, recording: Recording) -> str | None:
    if not 0 < entry.samples <= len(recording.samples):
        judged = plural(entry.samples, "sample")
        return f"{judged} were judged, the recording has {len(recording.samples)}"
    if answers_digest(recording.samples[: entry.samples]) != entry.answers:
        return "the recorded answers were edited since"
    return None


def _root(project: Project) -> Path:
    """Return the folder whose runs left something here, else that of the project."""
    root = project.config.root
    for place in (root, project.folder, *project.folder.parents):
        if (place / ".promptdrift" / "pending.json").is_file():
            return place
    return root
