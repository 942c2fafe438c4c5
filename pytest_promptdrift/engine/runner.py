"""One run: finds recordings, calls what the mode allows, and gives every cell its verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import (
    BudgetError,
    PromptDriftError,
    ProviderError,
    SecretFoundError,
    StoreError,
)
from pytest_promptdrift.cases import build_request, files_of
from pytest_promptdrift.model import Miss, Mode, Problem, Status, Verdict
from pytest_promptdrift.store import RecordingStore, suite_folder

from .judge import judge, spent
from .plan import CallKey, PlannedRequest, call_key, check_budget, enough, estimate, find, price

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.config import Config
    from pytest_promptdrift.model import Recording
    from pytest_promptdrift.providers import Client
    from pytest_promptdrift.store import Redactor

    from .batch import Batch, Outcome
    from .budget import Ledger
    from .loop import LoopThread
    from .observer import Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What a run is given from outside: settings, clock, environment, and who watches.

    ``series`` names the recordings of a refresh. ``run_folder`` takes the answers of a live run,
    which are not stored in the tree. ``lock_folder`` lies outside the tree, too.
    """

    config: Config
    mode: Mode
    environ: Mapping[str, str]
    redactor: Redactor
    ledger: Ledger
    observer: Observer
    now: Callable[[], datetime]
    series: str
    lock_folder: Path
    run_folder: Path


@dataclass(slots=True, kw_only=True)
class Runner:
    """Gives verdicts; the only thing of a run that changes over time."""

    context: RunContext
    calls: int = 0
    failed: int = 0
    saved: int = 0
    interrupted: bool = False
    _stores: dict[str, RecordingStore] = field(default_factory=dict)
    _outcomes: dict[CallKey, Outcome] = field(default_factory=dict)
    _blocked: dict[CallKey, PromptDriftError] = field(default_factory=dict)
    _asked: set[CallKey] = field(default_factory=set)
    _clients: dict[object, Client] = field(default_factory=dict)
    _loop: LoopThread | None = None

    def store(self, cell: Cell) -> RecordingStore:
        """Return the store of the cell's case file, under the run folder for a live run."""
        path = str(cell.case_file.path)
        if path not in self._stores:
            folder = suite_folder(cell.case_file.path)
            if self.context.mode is Mode.LIVE:
                folder = (
                    self.context.run_folder
                    / cell.case_file.folder_in(self.context.config.root)
                    / cell.case_file.name
                )
            self._stores[path] = RecordingStore(
                folder, lock_folder=self.context.lock_folder, redactor=self.context.redactor
            )
        return self._stores[path]

    def verdict(self, cell: Cell, batch: Callable[[], Sequence[Cell]]) -> Verdict:
        """Judge one cell; ``batch`` gives the cells to be called together with it."""
        if self.context.mode.calls_models and call_key(cell) not in self._asked:
            self._call(batch())
        try:
            recording = find(self.store(cell), cell, self.context.mode, self.context.series)
        except StoreError as error:
            return self._without(cell, _problem("recording", error), None)
        key = call_key(cell)
        outcome = self._outcomes.get(key)
        called = outcome.called if outcome else 0
        if recording is not None and enough(recording, cell.case.samples):
            return judge(cell, recording, needed=cell.case.samples, called=called)
        error = self._blocked.get(key) or (outcome.error if outcome else None)
        if error is not None and not isinstance(error, BudgetError):
            kind = error.kind.value if isinstance(error, ProviderError) else _kind(error)
            return self._without(cell, _problem(kind, error), recording, called)
        if outcome is not None and outcome.skipped:
            return self._skipped(cell, recording, called)
        return self._miss(cell, recording)

    def plan(self, cells: Sequence[Cell]) -> list[PlannedRequest]:
        """Return the calls this mode would make for ``cells``; makes none.

        Raises BudgetError when the budget could not be kept. A cell that cannot be called at all
        (a credential in its prompt, a store that cannot be written) is left out and remembered.
        """
        planned: dict[CallKey, PlannedRequest] = {}
        for cell in cells:
            key = call_key(cell)
            known = planned.get(key)
            if known is not None and known.needed >= cell.case.samples:
                continue
            try:
                item = self._plan_one(cell, key)
            except (StoreError, SecretFoundError) as error:
                self._blocked[key] = error
                continue
            if item.missing:
                planned[key] = item
        result = list(planned.values())
        check_budget(result, self.context.ledger.limit)
        return result

    def _plan_one(self, cell: Cell, key: CallKey) -> PlannedRequest:
        mode, store = self.context.mode, self.store(cell)
        recording = find(store, cell, mode, self.context.series)
        stored = len(recording.samples) if recording else 0
        missing = max(0, cell.case.samples - stored)
        fresh = mode in {Mode.REFRESH, Mode.LIVE}
        series = self.context.series if fresh else (recording.series if recording else "")
        request = build_request(cell)
        if missing:
            self.context.redactor.guard_request(request)
            store.check_writable(cell.case.id)
        worst, expected = price(request, cell.model) if missing else (None, None)
        return PlannedRequest(
            key=key,
            cell=cell,
            request=request,
            files=files_of(cell),
            store=store,
            series=series,
            needed=cell.case.samples,
            missing=missing,
            worst_usd=worst,
            expected_usd=expected,
        )

    def _call(self, cells: Sequence[Cell]) -> None:
        self._asked.update(call_key(cell) for cell in cells)
        planned = self.plan(cells)
        if not planned:
            return
        # asyncio, the SDKs and all that come with them are loaded only when something is called
        from .batch import Batch  # noqa: PLC0415
        from .loop import LoopThread  # noqa: PLC0415

        context = self.context
        self._loop = self._loop or LoopThread()
        batch = Batch(
            config=context.config,
            ledger=context.ledger,
            observer=context.observer,
            now=context.now,
            open_client=self._open_client,
            clients=self._clients,
            resume=context.mode is Mode.RECORD,
            outcomes=self._outcomes,
        )
        context.observer.started(estimate(planned, context.ledger.limit))
        try:
            self._loop.run(batch.run(planned))
        except KeyboardInterrupt:
            self.interrupted = True
            raise
        finally:
            context.observer.ended()
            self._count(batch, planned)

    def _open_client(self, item: PlannedRequest) -> Client:
        from pytest_promptdrift.providers import CallSettings, open_client  # noqa: PLC0415

        config = self.context.config
        settings = CallSettings(
            timeout=config.timeout,
            retries=config.retries,
            retry_after_cap=config.retry_after_cap,
            concurrency=item.model.concurrency or config.concurrency,
            redact=self.context.redactor.redact,
            root=config.root,
        )
        return open_client(item.model, settings, self.context.environ)

    def _count(self, batch: Batch, planned: Sequence[PlannedRequest]) -> None:
        for item in planned:
            outcome = batch.outcomes.get(item.key)
            if outcome is not None:
                self.calls += outcome.called
                self.failed += outcome.failed
                self.saved += outcome.saved

    def close(self) -> None:
        """Close connections and the thread of the calls."""
        if self._loop is None:
            return
        for client in self._clients.values():
            self._loop.run(client.aclose())
        self._loop.close()
        self._loop = None

    def _without(
        self, cell: Cell, problem: Problem, recording: Recording | None, called: int = 0
    ) -> Verdict:
        return Verdict(
            status=Status.SKIPPED if problem.kind == "budget" else Status.ERROR,
            case_id=cell.case.id,
            label=cell.label,
            model=cell.model.name,
            where=cell.case.where,
            recording_id=recording.id if recording else None,
            samples=len(recording.samples) if recording else 0,
            called=called,
            problem=problem,
            spent=spent(recording.samples) if recording else None,
        )

    def _skipped(self, cell: Cell, recording: Recording | None, called: int) -> Verdict:
        limit = self.context.ledger.limit or 0.0
        message = f"the next call could have exceeded the budget of ${limit:g}"
        problem = Problem(kind="budget", message=message, hint="run again with a higher budget")
        return self._without(cell, problem, recording, called)

    def _miss(self, cell: Cell, recording: Recording | None) -> Verdict:
        stored = len(recording.samples) if recording else 0
        near = () if stored else tuple(self.store(cell).nearest(build_request(cell), cell.case.id))
        return Verdict(
            status=Status.UNRECORDED,
            case_id=cell.case.id,
            label=cell.label,
            model=cell.model.name,
            where=cell.case.where,
            recording_id=recording.id if recording else None,
            samples=stored,
            miss=Miss(digest=cell.digest, stored=stored, needed=cell.case.samples, near=near),
        )


def _kind(error: PromptDriftError) -> str:
    return "credential found" if isinstance(error, SecretFoundError) else "recording"


def _problem(kind: str, error: PromptDriftError) -> Problem:
    message = f"{error.where}: {error.message}" if error.where else error.message
    return Problem(kind=kind, message=message, hint=error.hint)
