"""A private event loop in a thread of its own.

pytest owns the main thread and may itself run inside a loop of another plugin; our calls share
neither. One loop serves the whole run, so that connections are reused between batches.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

# Waiting in small steps keeps Ctrl-C working where a plain wait cannot be interrupted.
_STEP = 0.2
# How long cancelled calls may take to clean up after themselves.
_GRACE = 10.0


class LoopThread:
    """Runs coroutines for a synchronous caller; cancels them when the caller is interrupted."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="promptdrift-calls", daemon=True
        )
        self._thread.start()

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run ``work`` to its end; on KeyboardInterrupt cancel, let it clean up, re-raise."""
        try:
            return _wait(asyncio.run_coroutine_threadsafe(work, self._loop))
        except KeyboardInterrupt:
            # it may come before there is a future to cancel, while the work already runs
            self._cancel_all()
            raise

    def _cancel_all(self) -> None:
        """Cancel every task and wait until they have ended, but not for ever."""
        waiter = asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop)
        try:
            waiter.result(timeout=_GRACE)
        except FutureTimeoutError:
            waiter.cancel()

    def close(self) -> None:
        """Stop the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=_GRACE)
        if not self._thread.is_alive():
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()


def _wait(future: Future[T]) -> T:
    while True:
        try:
            return future.result(timeout=_STEP)
        except FutureTimeoutError:
            if future.done():  # it ended while we gave up waiting, or the deadline was its own
                return future.result()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others)
