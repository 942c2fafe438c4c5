"""Case files together with what is recorded for them.

Files of one folder that differ only in their ending share their recordings, so what is unused can
be said only with all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import CaseFileErrors, StoreError
from pytest_promptdrift.cases import cells, load_case_file
from pytest_promptdrift.store import BaselineStore, answers_digest, suite_folder

from .project import ENDINGS, find_stores, registry_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_promptdrift._errors import CaseFileError
    from pytest_promptdrift.cases import CaseFile, Cell
    from pytest_promptdrift.store import RecordingStore

    from .project import Project


@dataclass(slots=True, kw_only=True)
class Suites:
    """Case files that were read, and what is known of the suites that they use.

    By suite folder and case, ``known`` has the digests of the requests and ``labels`` the labels of
    the cells; a suite of a file with mistakes is ``broken``, and nothing can be said about what is
    unused in it.
    """

    files: dict[Path, CaseFile] = field(default_factory=dict)
    errors: list[CaseFileError] = field(default_factory=list)
    known: dict[Path, dict[str, set[str]]] = field(default_factory=dict)
    labels: dict[Path, dict[str, set[str]]] = field(default_factory=dict)
    broken: set[Path] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class BaselineState:
    """The baselines of a case file in numbers.

    Of ``cells`` (case × variant × model) so many are ``accepted``, of which those in ``changed``
    ask something else today. The accepted recording of the ``lost`` ones is gone, and of the
    ``edited`` ones it no longer has the answers that were accepted. ``obsolete`` counts baselines
    of what is in no case file any more.
    """

    cells: int = 0
    accepted: int = 0
    changed: int = 0
    lost: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    obsolete: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A case file, its recordings and its baselines in numbers.

    A request is recorded when it has as many samples as its case asks for. Nothing else is known
    of a ``broken`` file.
    """

    path: Path
    broken: bool = False
    cases: int = 0
    variants: int = 0
    models: tuple[str, ...] = ()
    samples: int = 0
    recorded: int = 0
    unrecorded: int = 0
    unused: int = 0
    baseline: BaselineState = field(default_factory=BaselineState)


def read_suites(project: Project, paths: Iterable[Path]) -> Suites:
    """Read case files, and those that share a suite with one of them."""
    every = dict.fromkeys(
        other for path in paths for other in sorted(path.parent.iterdir()) if _together(path, other)
    )
    registry = registry_of(project, every)
    suites = Suites()
    for path in every:
        suite = suite_folder(path)
        try:
            case_file = load_case_file(path, project.config, registry=registry)
        except CaseFileErrors as found:
            suites.errors += found.errors
            suites.broken.add(suite)
            continue
        suites.files[path] = case_file
        known = suites.known.setdefault(suite, {})
        labels = suites.labels.setdefault(suite, {})
        for cell in cells(case_file):
            known.setdefault(cell.case.id, set()).add(cell.digest)
            labels.setdefault(cell.case.id, set()).add(cell.label)
    return suites


def _together(path: Path, other: Path) -> bool:
    if other == path:
        return True
    return other.name.endswith(ENDINGS) and suite_folder(other) == suite_folder(path)


def orphaned_suites(project: Project, paths: Iterable[Path]) -> list[Path]:
    """Return the suite folders under ``paths`` that belong to no file any more."""
    orphans: list[Path] = []
    for store in find_stores(project, paths):
        owners = {suite_folder(path) for path in store.parent.iterdir() if path.is_file()}
        suites = (suite for suite in sorted(store.iterdir()) if suite.is_dir())
        orphans += [suite for suite in suites if suite not in owners]
    return orphans


def baselines_of(project: Project, suite: Path) -> BaselineStore:
    """Return the decisions about a suite."""
    return BaselineStore(suite, lock_folder=project.lock_folder, redactor=project.redactor)


def stored(store: RecordingStore) -> int:
    """Count the recordings of a suite; raises StoreError for a file that cannot be read."""
    count = 0
    for loaded in store.cases():
        if isinstance(loaded, StoreError):
            raise loaded
        count += len(loaded)
    return count


def look_at(project: Project, paths: Iterable[Path], problems: list[str]) -> list[FileState]:
    """Return the state of case files; what is wrong with them is added to ``problems``."""
    files = list(paths)
    suites = read_suites(project, files)
    problems += [str(error) for error in suites.errors]
    states = []
    for path in files:
        state = FileState(path=path, broken=True)
        if path in suites.files:
            try:
                state = _state(project, suites.files[path], suites)
            except StoreError as error:
                problems.append(str(error))
        states.append(state)
    return states


def _state(project: Project, case_file: CaseFile, suites: Suites) -> FileState:
    suite = suite_folder(case_file.path)
    store, baselines = project.store(suite), baselines_of(project, suite)
    baseline = BaselineState()
    models: dict[str, None] = {}
    requests: dict[tuple[str, str], bool] = {}
    samples = 0
    for cell in cells(case_file):
        models[cell.model.name] = None
        samples = max(samples, cell.case.samples)
        found = store.find(cell.case.id, cell.digest, needed=cell.case.samples)
        enough = found is not None and len(found.samples) >= cell.case.samples
        requests[cell.case.id, cell.digest] = enough
        _count(cell, store, baselines, baseline)
    recorded = sum(requests.values())
    # with other models than the files name, or with mistakes, nothing can be called unused
    sure = suite not in suites.broken and not project.config.model_override
    unused = []
    if sure:
        labels = suites.labels[suite]
        unused = store.unused(suites.known[suite], baselines.accepted(labels))
        baseline.obsolete = len(baselines.obsolete(labels))
    return FileState(
        path=case_file.path,
        cases=len(case_file.cases),
        variants=len(case_file.variants),
        models=tuple(models),
        samples=samples,
        recorded=recorded,
        unrecorded=len(requests) - recorded,
        unused=sum(len(one.recordings) for one in unused),
        baseline=baseline,
    )


def _count(
    cell: Cell, store: RecordingStore, baselines: BaselineStore, state: BaselineState
) -> None:
    state.cells += 1
    decision = baselines.current(cell.case.id, cell.label)
    if decision is None:
        return
    state.accepted += 1
    recording = store.by_id(cell.case.id, decision.recording_id)
    if recording is None:
        state.lost.append(cell.node_name)
    elif answers_digest(recording.samples[: decision.samples]) != decision.answers:
        state.edited.append(cell.node_name)
    elif recording.digest != cell.digest:
        state.changed += 1
