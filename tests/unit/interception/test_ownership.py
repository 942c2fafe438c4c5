"""Whose a call is, and what happens to one that is nobody's."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import openai
import pytest
from support.intercepted import Memory, ask, ask_async, open_client

from pytest_promptdrift.interception import Interception, StoppedCallError, UnownedCallError

if TYPE_CHECKING:
    from support.loopback import Loopback


def chat(text: str = "hello") -> object:
    with open_client("chat", is_async=False) as client:
        return ask(client, "chat", "plain", text)


def test_a_call_outside_of_every_test_is_stopped(server: Loopback, memory: Memory) -> None:
    with Interception(memory, offline=False) as interception:
        with pytest.raises(StoppedCallError, match="a call that no test owns: POST") as stopped:
            chat()
        assert [type(problem.error) for problem in interception.problems] == [UnownedCallError]
    assert "intercepted.py:" in str(stopped.value)
    assert server.hits == 0


def test_a_stopped_call_is_not_tried_again_and_not_caught_by_the_application(
    server: Loopback, memory: Memory
) -> None:
    memory.replay()

    def careless() -> str:
        try:
            return str(chat())
        except Exception:  # noqa: BLE001  (what a careless application does)
            return "sorry"

    with (
        Interception(memory, offline=True) as interception,
        interception.owned_by("test_it") as owner,
    ):
        with pytest.raises(StoppedCallError, match="sample 1") as stopped:
            careless()
        assert isinstance(stopped.value.error, LookupError)
        assert owner.problems == [stopped.value]
    assert len(memory.calls) == 1
    assert server.hits == 0


def test_an_asynchronous_call_is_stopped_in_the_same_way(server: Loopback, memory: Memory) -> None:
    memory.replay()

    async def careless() -> object:
        async with open_client("messages", is_async=True) as client:
            try:
                return await ask_async(client, "messages", "plain", "hello")
            except Exception:  # noqa: BLE001  (what a careless application does)
                return "sorry"

    with memory.intercepting(), pytest.raises(StoppedCallError, match="sample 1"):
        asyncio.run(careless())
    assert server.hits == 0


def test_plain_threads_are_owned_by_the_only_active_test(server: Loopback, memory: Memory) -> None:
    with Interception(memory, offline=False) as it, it.owned_by("test_it"):
        thread = threading.Thread(target=chat)
        thread.start()
        thread.join()
    assert [call.owner for call in memory.calls] == ["test_it"]


def test_a_plain_thread_beside_two_active_tests_is_stopped(
    server: Loopback, memory: Memory
) -> None:
    with (
        Interception(memory, offline=False) as it,
        it.owned_by("test_one"),
        it.owned_by("test_two"),
        ThreadPoolExecutor(1) as threads,
        pytest.raises(StoppedCallError, match="several tests are active: test_one, test_two"),
    ):
        threads.submit(chat).result()


def test_tests_in_four_threads_keep_their_calls_apart(server: Loopback, memory: Memory) -> None:
    with Interception(memory, offline=False) as it:
        barrier = threading.Barrier(4)

        def test(name: str) -> None:
            with it.owned_by(name):
                barrier.wait(10)
                for number in range(3):
                    chat(f"{name} {number}")
                barrier.wait(10)

        names = [f"test_{number}" for number in range(4)]
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(test, names))
    for name in names:
        own = [call for call in memory.calls if call.owner == name]
        assert [call.number for call in own] == [1, 2, 3]
        assert [call.request.body["messages"][0]["content"] for call in own] == [  # type: ignore[index,call-overload]
            f"{name} {number}" for number in range(3)
        ]


def test_a_task_that_outlives_its_test_is_no_call_of_the_next(
    server: Loopback, memory: Memory
) -> None:
    async def late(event: asyncio.Event) -> object:
        await event.wait()
        async with open_client("chat", is_async=True) as client:
            return await ask_async(client, "chat", "plain", "late")

    async def session(it: Interception) -> None:
        event = asyncio.Event()
        with it.owned_by("test_first"):
            task = asyncio.create_task(late(event))
            await asyncio.sleep(0)
        with it.owned_by("test_second"):
            event.set()
            with pytest.raises(StoppedCallError, match="test_first, ended"):
                await task

    with Interception(memory, offline=False) as it:
        asyncio.run(session(it))
    assert server.hits == 0


def test_a_test_may_be_bound_to_a_context_that_is_older_than_it(
    server: Loopback, memory: Memory
) -> None:
    async def test() -> object:
        async with open_client("chat", is_async=True) as client:
            return await ask_async(client, "chat", "plain", "hello")

    with Interception(memory, offline=False) as it, asyncio.Runner() as runner:
        for name in ("test_one", "test_two"):
            with it.owned_by(name, binds=False) as owner:

                async def bound() -> object:
                    owner.bind()
                    return await test()

                runner.run(bound())
    assert [call.owner for call in memory.calls] == ["test_one", "test_two"]


def test_nothing_is_intercepted_after_the_interception(server: Loopback, memory: Memory) -> None:
    with memory.intercepting():
        client = openai.OpenAI()
    with client:
        ask(client, "chat", "plain", "hello")
    assert memory.calls == []
    assert server.hits == 1


def test_offline_nothing_goes_to_the_network_whatever_the_handler_says(
    server: Loopback, memory: Memory
) -> None:
    with (
        memory.intercepting(offline=True),
        pytest.raises(StoppedCallError, match=r"openai\.chat, and nothing may be called here"),
    ):
        chat()
    assert server.hits == 0
