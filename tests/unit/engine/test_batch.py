"""A batch calls what is planned, keeps to its limits, and loses nothing that was paid for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_promptdrift._errors import ProviderError, ProviderErrorKind, SecretFoundError
from pytest_promptdrift.config import Config, ModelConfig
from pytest_promptdrift.engine.batch import Batch
from pytest_promptdrift.engine.budget import Ledger
from pytest_promptdrift.engine.plan import PlannedRequest
from pytest_promptdrift.model import Cost, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = ModelConfig(name="m", provider="fake", model="m")


@dataclass
class MemoryStore:
    """Keeps samples in a list; ``refuse`` makes every write fail."""

    samples: list[Any] = field(default_factory=list)
    already: int = 0
    refuse: bool = False

    def find(self, *_: object, **__: object) -> object:
        return SimpleNamespace(samples=[None] * self.already) if self.already else None

    def append(self, _case: str, _request: Request, *, sample: Any, **__: object) -> object:
        if self.refuse:
            raise SecretFoundError("the answer holds a credential")
        self.samples.append(sample)
        return SimpleNamespace(stored=True)


@dataclass
class ScriptedClient:
    """Answers at once with a fixed cost; ``fail`` makes the n-th call raise."""

    usd: float | None = 0.1
    fail: Callable[[int], Exception | None] = lambda _n: None
    sdk: str = "fake 1"
    calls: int = 0
    in_flight: int = 0
    most: int = 0

    async def complete(self, _request: Request, _files: object) -> Response:
        number = self.calls
        self.calls += 1
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.in_flight -= 1
        error = self.fail(number)
        if error is not None:
            raise error
        cost = None if self.usd is None else Cost(usd=self.usd, prices="test")
        return Response(text=str(number), cost=cost)

    async def aclose(self) -> None: ...


class Recorder:
    """Remembers what the batch told."""

    def __init__(self) -> None:
        self.ended_calls: list[bool] = []

    def started(self, estimate: object) -> None: ...

    def finished_one(self, *, failed: bool, usd: float | None) -> None:
        self.ended_calls.append(failed)

    def ended(self) -> None: ...


def planned(
    store: MemoryStore,
    *,
    missing: int,
    name: str = "a",
    worst: float | None = 0.1,
    model: ModelConfig = MODEL,
) -> PlannedRequest:
    case = SimpleNamespace(id=name, samples=missing)
    cell: Any = SimpleNamespace(case=case, digest=f"d-{name}", label="m", model=model)
    any_store: Any = store
    return PlannedRequest(
        key=("f", name, f"d-{name}"),
        cell=cell,
        request=Request(api="fake", body={}),
        files={},
        store=any_store,
        series="",
        needed=missing,
        missing=missing,
        worst_usd=worst,
        expected_usd=worst,
    )


def batch(client: ScriptedClient, *, limit: float | None = None, concurrency: int = 4) -> Batch:
    opened: Any = client
    return Batch(
        config=Config(root=Path(), concurrency=concurrency),
        ledger=Ledger(limit=limit),
        observer=Recorder(),
        now=lambda: datetime(2026, 1, 2, tzinfo=UTC),
        open_client=lambda _item: opened,
        clients={},
    )


def test_every_planned_call_is_made_and_saved_with_time_and_sdk() -> None:
    store, client = MemoryStore(), ScriptedClient()
    work = batch(client)
    asyncio.run(work.run([planned(store, missing=5)]))
    assert client.calls == len(store.samples) == 5
    assert store.samples[0].recorded_at == "2026-01-02T00:00:00+00:00"
    assert store.samples[0].sdk == "fake 1"


def test_no_more_calls_are_under_way_than_allowed() -> None:
    store, client = MemoryStore(), ScriptedClient()
    asyncio.run(batch(client, concurrency=3).run([planned(store, missing=20)]))
    assert client.most == 3


def test_a_model_may_have_a_lower_limit_of_its_own() -> None:
    slow = ModelConfig(name="slow", provider="fake", model="m", concurrency=1)
    client = ScriptedClient()
    asyncio.run(batch(client).run([planned(MemoryStore(), missing=5, model=slow)]))
    assert client.most == 1


def test_the_call_that_could_exceed_the_budget_is_not_made() -> None:
    store, client = MemoryStore(), ScriptedClient(usd=0.1)
    work = batch(client, limit=0.35)
    asyncio.run(work.run([planned(store, missing=3), planned(store, missing=3, name="b")]))
    assert client.calls == 3
    assert work.ledger.spent == pytest.approx(0.3)
    assert work.outcomes["f", "b", "d-b"].skipped


def test_cheaper_answers_than_feared_leave_room_for_more_calls() -> None:
    client = ScriptedClient(usd=0.01)
    work = batch(client, limit=0.3)
    asyncio.run(work.run([planned(MemoryStore(), missing=20, worst=0.1)]))
    assert client.calls == 20


def test_a_failed_call_is_an_error_and_the_others_go_on() -> None:
    def fail(number: int) -> Exception | None:
        if number == 1:
            return ProviderError("slow down", kind=ProviderErrorKind.RATE_LIMIT, status=429)
        return None

    store, client = MemoryStore(), ScriptedClient(fail=fail)
    work = batch(client)
    asyncio.run(work.run([planned(store, missing=4)]))
    outcome = work.outcomes["f", "a", "d-a"]
    assert len(store.samples) == 3
    assert (outcome.called, outcome.saved, outcome.failed) == (4, 3, 1)
    assert isinstance(outcome.error, ProviderError)


def test_a_wrong_key_is_tried_once_and_not_forty_times() -> None:
    def fail(_: int) -> Exception | None:
        return ProviderError("wrong key", kind=ProviderErrorKind.AUTHENTICATION, status=401)

    client = ScriptedClient(fail=fail)
    work = batch(client, concurrency=2)
    asyncio.run(
        work.run([planned(MemoryStore(), missing=20), planned(MemoryStore(), missing=20, name="b")])
    )
    assert client.calls == 2
    assert work.outcomes["f", "b", "d-b"].error is not None


def test_a_timeout_may_have_been_billed_and_counts_as_spent() -> None:
    def fail(_: int) -> Exception | None:
        return ProviderError("no answer in time", kind=ProviderErrorKind.TIMEOUT)

    work = batch(ScriptedClient(fail=fail), limit=0.35)
    asyncio.run(work.run([planned(MemoryStore(), missing=9)]))
    assert work.ledger.spent == pytest.approx(0.3)


def test_a_refused_write_is_told_and_the_money_counted() -> None:
    store = MemoryStore(refuse=True)
    work = batch(ScriptedClient())
    asyncio.run(work.run([planned(store, missing=1)]))
    assert isinstance(work.outcomes["f", "a", "d-a"].error, SecretFoundError)
    assert work.ledger.spent == pytest.approx(0.1)


def test_what_another_process_recorded_meanwhile_is_not_paid_again() -> None:
    store, client = MemoryStore(already=3), ScriptedClient()
    asyncio.run(batch(client).run([planned(store, missing=3)]))
    assert client.calls == 0


def test_an_answer_under_way_to_disk_is_kept_when_the_run_is_cancelled() -> None:
    store, client = MemoryStore(), ScriptedClient()

    async def cancelled() -> None:
        work = batch(client, concurrency=1)
        task = asyncio.create_task(work.run([planned(store, missing=50)]))
        while not store.samples:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others)

    asyncio.run(cancelled())
    assert len(store.samples) <= client.calls < 50
    assert client.calls - len(store.samples) <= 1
