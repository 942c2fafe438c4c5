"""One asynchronous batch of calls: workers per provider, a budget before and a save after each."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import (
    BudgetError,
    PromptDriftError,
    ProviderError,
    ProviderErrorKind,
)
from pytest_promptdrift.model import Sample
from pytest_promptdrift.providers import client_key

from .plan import enough, limit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pytest_promptdrift.config import Config
    from pytest_promptdrift.model import Recording, Response
    from pytest_promptdrift.providers import Client

    from .budget import Ledger
    from .observer import Observer
    from .plan import CallKey, PlannedRequest

# After one of these every further call to the same model would end the same way.
_HOPELESS = frozenset(
    {
        ProviderErrorKind.AUTHENTICATION,
        ProviderErrorKind.MISSING_KEY,
        ProviderErrorKind.NOT_FOUND,
    }
)
# After one of these the provider may have done, and billed, the work all the same.
_MAYBE_BILLED = frozenset(
    {
        ProviderErrorKind.TIMEOUT,
        ProviderErrorKind.CUT_STREAM,
        ProviderErrorKind.GARBAGE,
        ProviderErrorKind.SERVER,
    }
)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of the calls for one request."""

    called: int = 0
    saved: int = 0
    failed: int = 0
    repeated: int = 0
    skipped: bool = False
    error: PromptDriftError | None = None


@dataclass(slots=True, kw_only=True)
class Batch:
    """Runs planned requests; ``outcomes`` grows while it does, so an interruption loses nothing."""

    config: Config
    ledger: Ledger
    observer: Observer
    now: Callable[[], datetime]
    open_client: Callable[[PlannedRequest], Client]
    clients: dict[object, Client]
    resume: bool = True
    outcomes: dict[CallKey, Outcome] = field(default_factory=dict)
    _hopeless: dict[str, ProviderError] = field(default_factory=dict)
    _settled: asyncio.Condition = field(default_factory=asyncio.Condition)
    _in_flight: int = 0
    _writer: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="promptdrift-store")
    )

    async def run(self, planned: Sequence[PlannedRequest]) -> None:
        """Make every planned call once, at most as many at a time as each provider allows."""
        queues: dict[object, deque[PlannedRequest]] = {}
        limits: dict[object, int] = {}
        for item in planned:
            key = client_key(item.model)
            queues.setdefault(key, deque()).extend([item] * item.missing)
            limit = limit_of(item.model, self.config)
            limits[key] = min(limits.get(key, limit), limit)
        try:
            async with asyncio.TaskGroup() as group:
                for key, queue in queues.items():
                    for _ in range(min(limits[key], len(queue))):
                        group.create_task(self._work(queue))
        finally:
            self._writer.shutdown(wait=True)

    async def _work(self, queue: deque[PlannedRequest]) -> None:
        while queue:
            await self._one(queue.popleft())

    async def _one(self, item: PlannedRequest) -> None:
        outcome = self.outcomes.setdefault(item.key, Outcome())
        hopeless = self._hopeless.get(item.model.name)
        if hopeless is not None:
            outcome.error = outcome.error or hopeless
            self.observer.finished_one(failed=True, usd=None)
            return
        if self.resume and enough(self._stored(item), item.needed):
            # another process recorded it in the meantime
            self.observer.finished_one(failed=False, usd=0.0)
            return
        reserved = item.worst_usd or 0.0
        if not await self._reserve(reserved):
            outcome.skipped = True
            self.observer.finished_one(failed=False, usd=0.0)
            return
        await self._call(item, outcome, reserved)

    def _stored(self, item: PlannedRequest) -> Recording | None:
        return item.store.find(
            item.cell.case.id, item.cell.digest, series=item.series, needed=item.needed
        )

    async def _reserve(self, usd: float) -> bool:
        """Set the highest cost aside; wait for calls under way, which may turn out cheaper."""
        async with self._settled:
            while not self.ledger.try_reserve(usd):
                if self._in_flight == 0:
                    return False
                await self._settled.wait()
            self._in_flight += 1
            return True

    async def _release(self, reserved: float, actual: float | None) -> None:
        async with self._settled:
            self.ledger.settle(reserved, actual)
            self._in_flight -= 1
            self._settled.notify_all()

    async def _call(self, item: PlannedRequest, outcome: Outcome, reserved: float) -> None:
        paid: float | None = reserved
        failed = True
        outcome.called += 1
        try:
            response = await self._client(item).complete(item.request, item.files)
            paid = response.cost.usd if response.cost else None
            # an answer that was paid for is stored even while the run is being interrupted
            await asyncio.shield(self._save(item, response, outcome))
            failed = False
        except ProviderError as error:
            paid = reserved if error.kind in _MAYBE_BILLED else 0.0
            self._note(item, outcome, error)
        except PromptDriftError as error:
            outcome.error = outcome.error or error
            outcome.skipped = outcome.skipped or isinstance(error, BudgetError)
        finally:
            outcome.failed += failed
            self.observer.finished_one(failed=failed, usd=paid)
            await self._release(reserved, paid)

    def _note(self, item: PlannedRequest, outcome: Outcome, error: ProviderError) -> None:
        outcome.error = outcome.error or error
        if error.kind in _HOPELESS:
            self._hopeless[item.model.name] = error

    def _client(self, item: PlannedRequest) -> Client:
        key = client_key(item.model)
        if key not in self.clients:
            self.clients[key] = self.open_client(item)
        return self.clients[key]

    async def _save(self, item: PlannedRequest, response: Response, outcome: Outcome) -> None:
        client = self._client(item)
        sample = Sample(
            response=response, recorded_at=self.now().isoformat(timespec="seconds"), sdk=client.sdk
        )

        def append() -> bool:
            appended = item.store.append(
                item.cell.case.id,
                item.request,
                series=item.series,
                label=item.cell.label,
                sample=sample,
            )
            return appended.stored

        stored = await asyncio.get_running_loop().run_in_executor(self._writer, append)
        outcome.saved += stored
        outcome.repeated += not stored
