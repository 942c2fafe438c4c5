"""Every way in which an application calls: recorded from a server, replayed without one."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from support.intercepted import (
    APIS,
    SHAPES,
    Memory,
    answer_of,
    ask,
    ask_async,
    close_network,
    open_client,
    set_addresses,
)
from support.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTIONS = ("I was charged twice.", "Where is my parcel?", "I was charged twice.")


class CountingTransport(httpx2.BaseTransport):
    """A transport of the application's own that is built on nobody else's."""

    def __init__(self) -> None:
        self._inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def default(api: str, shape: str) -> Any:
    with open_client(api, is_async=False) as client:
        return ask(client, api, shape, QUESTIONS[0])


def injected(api: str, shape: str) -> Any:
    with (
        httpx2.Client(transport=CountingTransport()) as http,
        open_client(api, is_async=False, http_client=http) as client,
    ):
        return ask(client, api, shape, QUESTIONS[0])


def pool(api: str, shape: str) -> Any:
    with open_client(api, is_async=False) as client, ThreadPoolExecutor(3) as threads:
        made = threads.map(lambda text: ask(client, api, shape, text), QUESTIONS)
        return sorted(made, key=repr)


def plain_threads(api: str, shape: str) -> Any:
    made: list[Any] = []

    def work(text: str) -> None:
        with open_client(api, is_async=False) as client:
            made.append(ask(client, api, shape, text))

    threads = [threading.Thread(target=work, args=(text,)) for text in QUESTIONS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(made, key=repr)


def run_default(api: str, shape: str) -> Any:
    async def main() -> Any:
        async with open_client(api, is_async=True) as client:
            return await ask_async(client, api, shape, QUESTIONS[0])

    return asyncio.run(main())


def run_injected(api: str, shape: str) -> Any:
    async def main() -> Any:
        async with (
            httpx2.AsyncClient(timeout=5) as http,
            open_client(api, is_async=True, http_client=http) as client,
        ):
            return await ask_async(client, api, shape, QUESTIONS[0])

    return asyncio.run(main())


def run_aiohttp(api: str, shape: str) -> Any:
    import anthropic
    import openai

    kind = anthropic.DefaultAioHttpClient if api == "messages" else openai.DefaultAioHttpClient

    async def main() -> Any:
        async with open_client(api, is_async=True, http_client=kind()) as client:
            return await ask_async(client, api, shape, QUESTIONS[0])

    return asyncio.run(main())


def run_gather(api: str, shape: str) -> Any:
    async def main() -> Any:
        async with open_client(api, is_async=True) as client:
            calls = (ask_async(client, api, shape, text) for text in QUESTIONS)
            return await asyncio.gather(*calls)  # noqa: TID251  (what applications do)

    return sorted(asyncio.run(main()), key=repr)


def run_to_thread(api: str, shape: str) -> Any:
    async def main() -> Any:
        with open_client(api, is_async=False) as client:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(asyncio.to_thread(ask, client, api, shape, text))
                    for text in QUESTIONS
                ]
            return [task.result() for task in tasks]

    return sorted(asyncio.run(main()), key=repr)


def loops_in_threads(api: str, shape: str) -> Any:
    with ThreadPoolExecutor(2) as threads:
        made = [threads.submit(run_default, api, shape) for _ in range(2)]
        return sorted((future.result() for future in made), key=repr)


needs_aiohttp = pytest.mark.skipif(
    importlib.util.find_spec("aiohttp") is None,
    reason="aiohttp is not installed: the aiohttp extras of the SDKs cannot be tested",
)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    "application",
    [
        default,
        injected,
        pool,
        plain_threads,
        run_default,
        run_injected,
        pytest.param(run_aiohttp, marks=needs_aiohttp),
        run_gather,
        run_to_thread,
        loops_in_threads,
    ],
)
def test_what_was_recorded_is_replayed_to_the_last_field(
    application: Callable[[str, str], Any],
    api: str,
    shape: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = Memory()
    with Loopback(answer_of) as server:
        set_addresses(monkeypatch, server)
        with memory.intercepting():
            first = application(api, shape)
        assert memory.stored == server.hits > 0
    memory.replay()
    close_network(monkeypatch)
    with memory.intercepting():
        again = application(api, shape)
    assert again == first
    assert len(memory.calls) == memory.stored
