"""The line of the application that made a call."""

from __future__ import annotations

import asyncio
import inspect
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2
import openai
import pytest

from pytest_promptdrift.interception.callsite import find_call_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.intercepted import Memory
    from support.loopback import Loopback

ASKED: dict[str, Any] = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hi"}]}


def here(offset: int = 0) -> int:
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno + offset


def direct() -> int:
    with openai.OpenAI() as client:
        client.chat.completions.create(**ASKED)
        return here(-1)


def in_a_thread() -> int:
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(direct).result()


def in_a_plain_thread() -> int:
    lines: list[int] = []
    thread = threading.Thread(target=lambda: lines.append(direct()))
    thread.start()
    thread.join()
    return lines[0]


def awaited() -> int:
    async def main() -> int:
        async with openai.AsyncOpenAI() as client:
            await client.chat.completions.create(**ASKED)
            return here(-1)

    return asyncio.run(main())


def gathered() -> int:
    async def main() -> int:
        async with openai.AsyncOpenAI() as client:
            calls = [client.chat.completions.create(**ASKED)]
            line = here(-1)
            await asyncio.gather(*calls)  # noqa: TID251  (what applications do)
            return line

    return asyncio.run(main())


def as_a_task() -> int:
    async def main() -> int:
        async with openai.AsyncOpenAI() as client, asyncio.TaskGroup() as group:
            group.create_task(client.chat.completions.create(**ASKED))
            return here(-1)

    return asyncio.run(main())


def streamed() -> int:
    with openai.OpenAI() as client:
        with client.chat.completions.stream(**ASKED) as stream:
            line = here(-1)
            stream.get_final_completion()
        return line


def through_a_client_of_its_own() -> int:
    class Logging(httpx2.Client):
        def send(self, *args: Any, **kwargs: Any) -> httpx2.Response:
            return super().send(*args, **kwargs)

    with Logging() as http, openai.OpenAI(http_client=http) as client:
        client.chat.completions.create(**ASKED)
        return here(-1)


@pytest.mark.parametrize(
    "application",
    [
        direct,
        in_a_thread,
        in_a_plain_thread,
        awaited,
        gathered,
        as_a_task,
        streamed,
        through_a_client_of_its_own,
    ],
)
def test_a_call_names_the_line_that_made_it(
    application: Callable[[], int], server: Loopback, memory: Memory
) -> None:
    with memory.intercepting():
        line = application()
    where = memory.calls[0].line
    assert where is not None
    assert (where.path, where.line) == (__file__, line)


def test_a_method_that_a_thread_runs_itself_has_no_line(server: Loopback, memory: Memory) -> None:
    async def main() -> None:
        with openai.OpenAI() as client:
            await asyncio.to_thread(client.chat.completions.create, **ASKED)

    with memory.intercepting():
        asyncio.run(main())
    assert [call.line for call in memory.calls] == [None]


def test_what_the_application_fetches_itself_is_left_alone(
    server: Loopback, memory: Memory
) -> None:
    with memory.intercepting(), httpx2.Client() as http:
        http.post(f"{server.openai_url}/chat/completions", json=ASKED)
    assert memory.calls == []
    assert server.hits == 1


def test_what_a_tool_fetches_while_an_sdk_runs_it_is_left_alone() -> None:
    names = {"__name__": "openai.lib._tools"}
    exec("def run(tool):\n    return tool()", names)
    found: list[object] = []

    def tool() -> None:
        found.append(find_call_site(inspect.currentframe()))

    names["run"](tool)  # type: ignore[operator]
    assert found == [None]


def test_the_depth_of_origins_is_put_back(memory: Memory) -> None:
    import sys

    before = sys.get_coroutine_origin_tracking_depth()
    with memory.intercepting():
        assert sys.get_coroutine_origin_tracking_depth() >= 8
    assert sys.get_coroutine_origin_tracking_depth() == before
