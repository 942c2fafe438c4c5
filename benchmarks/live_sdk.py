"""The openai SDK alone, doing what a live run does: ``python -m benchmarks.live_sdk URL N C``.

One client, C workers that take requests from one list: the plain way to be fast with the SDK.
"""

from __future__ import annotations

import asyncio
import sys
import time

import httpx2
import openai

from . import cases


async def main(url: str, count: int, concurrency: int) -> None:
    """Ask for the answers of ``count`` cases, ``concurrency`` at a time."""
    limits = httpx2.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    client = openai.AsyncOpenAI(
        api_key="not-a-secret",
        base_url=f"{url}/v1",
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(limits=limits),
    )
    numbers = iter(range(count))
    answers = 0

    async def work() -> None:
        nonlocal answers
        for number in numbers:
            response = await client.chat.completions.create(
                model=cases.MODEL,
                messages=[
                    {"role": "system", "content": cases.INSTRUCTION},
                    {"role": "user", "content": f"Message: {cases.message(number)}"},
                ],
            )
            answers += bool(response.choices[0].message.content)

    began = time.perf_counter()
    async with client, asyncio.TaskGroup() as group:
        for _ in range(min(concurrency, count)):
            group.create_task(work())
    print(answers, "answers", f"batch: {time.perf_counter() - began:.3f} s")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
