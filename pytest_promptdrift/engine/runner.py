"""One run: finds recordings, calls what the mode allows, and gives every cell its verdict."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pytest_promptdrift._errors import BudgetError, ConfigError, ProviderError, StoreError
from pytest_promptdrift.cases import build_request
from pytest_promptdrift.model import Mode, Status, Verdict
from pytest_promptdrift.providers import check_key

from .against import Against
from .judge import judge
from .plan import (
    CallKey,
    PlannedRequest,
    Price,
    call_key,
    check_budget,
    enough,
    estimate,
    find,
    price,
)
from .sides import Baselines
from .unjudged import miss_of, over_budget, problem_of, repeated, unjudged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from pytest_promptdrift._errors import PromptDriftError
    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.config import Config
    from pytest_promptdrift.model import Recording, Request
    from pytest_promptdrift.model.comparison import FamilyVerdict
    from pytest_promptdrift.providers import Client
    from pytest_promptdrift.store import Redactor

    from .batch import Batch, Outcome
    from .budget import Ledger
    from .families import Families
    from .loop import LoopThread
    from .observer import Observer
    from .stores import Stores


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What a run is given from outside: settings, clock, environment, stores, and who watches.

    ``series`` names the recordings that a refresh or a live run makes. ``stores`` hold what is
    judged, ``accepted`` what lies in the tree: the same, except in a live run.
    """

    config: Config
    mode: Mode
    environ: Mapping[str, str]
    redactor: Redactor
    ledger: Ledger
    observer: Observer
    now: Callable[[], datetime]
    series: str
    stores: Stores
    accepted: Stores


class Selection(Protocol):
    """What the run was asked for, as far as this process can judge it."""

    def together(self, cell: Cell) -> Sequence[Cell]:
        """Return the selected cells that are judged together with one."""
        ...

    def families(self) -> int | None:
        """Return how many families the run has, when not all can be judged together."""
        ...


@dataclass(slots=True, kw_only=True)
class Runner:
    """Gives verdicts; the only thing of a run that changes over time."""

    context: RunContext
    selection: Selection | None = None
    calls: int = 0
    failed: int = 0
    saved: int = 0
    interrupted: bool = False
    _outcomes: dict[CallKey, Outcome] = field(default_factory=dict)
    _blocked: dict[CallKey, PromptDriftError] = field(default_factory=dict)
    _asked: set[CallKey] = field(default_factory=set)
    _clients: dict[object, Client] = field(default_factory=dict)
    _found: dict[int, Recording] = field(default_factory=dict)
    _ready: tuple[list[int], list[PlannedRequest]] = ([], [])
    _loop: LoopThread | None = None
    _against: Against | None = None
    _families: Families | None = None

    def verdict(self, cell: Cell, batch: Callable[[], Sequence[Cell]]) -> Verdict:
        """Judge one cell; ``batch`` gives the cells to be called together with it."""
        if self.context.mode.calls_models and call_key(cell) not in self._asked:
            self._call(batch())
        store = self.context.stores.of(cell.case_file)
        try:
            recording = self._found.pop(id(cell), None) or self._find(cell)
            outcome = self._outcomes.get(call_key(cell))
            called = outcome.called if outcome else 0
            if recording is not None and enough(recording, cell.case.samples):
                found = judge(cell, recording, needed=cell.case.samples, called=called)
                return self.against.judge(cell, recording, found)
            unanswered = self._unanswered(cell, recording)
            if unanswered is not None:
                return unanswered
            miss = miss_of(cell, store, build_request(cell), recording)
        except StoreError as error:
            return unjudged(cell, Status.ERROR, None, problem=problem_of(error))
        return unjudged(cell, Status.UNRECORDED, recording, miss=miss, called=called)

    @property
    def against(self) -> Against:
        """The baselines of this run."""
        if self._against is None:
            context = self.context
            self._against = Against(
                baselines=Baselines(
                    stores=context.accepted,
                    lock_folder=context.accepted.lock_folder,
                    redactor=context.redactor,
                ),
                families=self._compared,
                alpha=context.config.alpha,
            )
        return self._against

    def family(self, cells: Sequence[Cell]) -> FamilyVerdict:
        """Return the verdict of a family; its selected cells, all of them judged before."""
        if self.context.mode.calls_models:
            self._call([cell for cell in cells if call_key(cell) not in self._asked])
        return self.against.family(cells)

    def _compared(self) -> Families:
        if self._families is None:
            from .families import Families  # noqa: PLC0415  (only when something is fresh)

            selection = self.selection
            self._families = Families(
                config=self.context.config,
                baselines=self.against.baselines,
                find=self._find,
                failed=self._has_failed,
                selected=selection.together if selection else lambda cell: (cell,),
                known=selection.families if selection else lambda: None,
            )
        return self._families

    def _has_failed(self, cell: Cell) -> bool:
        key = call_key(cell)
        outcome = self._outcomes.get(key)
        return key in self._blocked or (outcome is not None and outcome.error is not None)

    def read_ahead(self, cells: Sequence[Cell]) -> None:
        """Read what these cells will ask for, and keep what is found until they do."""
        self._found.clear()
        for cell in cells:
            with suppress(StoreError):  # said when it is the turn of that cell
                found = self._find(cell)
                if found is not None:
                    self._found[id(cell)] = found

    def _find(self, cell: Cell) -> Recording | None:
        context = self.context
        return find(context.stores.of(cell.case_file), cell, context.mode, context.series)

    def _unanswered(self, cell: Cell, recording: Recording | None) -> Verdict | None:
        """Return the verdict for a cell whose calls were made or planned and gave too little."""
        key = call_key(cell)
        outcome = self._outcomes.get(key)
        error = self._blocked.get(key) or (outcome.error if outcome else None)
        called = outcome.called if outcome else 0
        if error is not None and not isinstance(error, BudgetError):
            problem, status = problem_of(error), Status.ERROR
        elif outcome is not None and outcome.skipped:
            problem, status = over_budget(self.context.ledger.limit), Status.SKIPPED
        elif outcome is not None and outcome.repeated:
            problem, status = repeated(outcome.called), Status.ERROR
        else:
            return None
        return unjudged(cell, status, recording, called=called, problem=problem)

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
            except StoreError as error:
                self._blocked[key] = error
                continue
            if item.missing:
                planned[key] = item
        result = list(planned.values())
        check_budget(result, self.context.ledger.limit)
        return result

    def refuse_hopeless(self, cells: Sequence[Cell]) -> None:
        """Raise for what would make calls fail or break the budget, before any of them is made.

        BudgetError when the budget cannot be kept, ConfigError naming every model without a key.
        """
        planned = self.plan(cells)
        self._ready = ([id(cell) for cell in cells], planned)
        models = {item.model.name: item.model for item in planned}
        missing = []
        for model in models.values():
            try:
                check_key(model, self.context.environ)
            except ProviderError as error:
                missing.append(error)
        if missing:
            lines = "\n  ".join(error.message for error in missing)
            hint = missing[0].hint or "" if len(missing) == 1 else "set them where you record"
            if len(missing) < len(models):
                hint += "; or choose other models: --promptdrift-model NAME"
            raise ConfigError(f"nothing was called:\n  {lines}", hint=hint)

    def _plan_one(self, cell: Cell, key: CallKey) -> PlannedRequest:
        mode, store = self.context.mode, self.context.stores.of(cell.case_file)
        recording = find(store, cell, mode, self.context.series)
        missing = max(0, cell.case.samples - (len(recording.samples) if recording else 0))
        fresh = mode in {Mode.REFRESH, Mode.LIVE}
        request = build_request(cell)
        if missing:
            store.check_writable(cell.case.id, request)
        cost = price(request, cell.model) if missing else Price(None, None)
        return PlannedRequest(
            key=key,
            cell=cell,
            request=request,
            files=cell.files,
            store=store,
            series=self.context.series if fresh else (recording.series if recording else ""),
            needed=cell.case.samples,
            missing=missing,
            worst_usd=cost.worst,
            expected_usd=cost.expected,
            unbounded=cost.unbounded,
        )

    def _call(self, cells: Sequence[Cell]) -> None:
        self._asked.update(call_key(cell) for cell in cells)
        looked_at, planned = self._ready
        self._ready = ([], [])
        if looked_at != [id(cell) for cell in cells]:
            planned = self.plan(cells)
        if not planned:
            return
        # asyncio, the SDKs and all that come with them are loaded only when something is called
        from .batch import Batch  # noqa: PLC0415
        from .loop import LoopThread  # noqa: PLC0415

        context = self.context
        context.stores.prepare()
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
        from pytest_promptdrift.providers import CallSettings, open_client  # noqa: PLC0415  (same)

        config, ledger, model = self.context.config, self.context.ledger, item.model

        def another_attempt(request: Request, number: int) -> None:
            """Book the attempt before, which may have been billed, and make sure of this one."""
            worst = price(request, model).worst or 0.0
            if not ledger.try_reserve(worst):
                msg = f"attempt {number} could have exceeded the budget of ${ledger.limit:g}"
                raise BudgetError(msg)
            ledger.settle(worst, worst)

        settings = CallSettings(
            timeout=config.timeout,
            retries=config.retries,
            retry_after_cap=config.retry_after_cap,
            concurrency=model.concurrency or config.concurrency,
            redact=self.context.redactor.redact,
            before_attempt=None if ledger.limit is None else another_attempt,
            root=config.root,
        )
        return open_client(model, settings, self.context.environ)

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
