"""Coroutines run for a synchronous caller, and an interruption lets them clean up."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import Any

import pytest

from pytest_promptdrift.engine.loop import LoopThread


def test_a_coroutine_gives_its_result() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    loop = LoopThread()
    try:
        assert loop.run(work()) == 7
    finally:
        loop.close()


def test_an_error_reaches_the_caller() -> None:
    async def work() -> None:
        raise ValueError("broken")

    loop = LoopThread()
    try:
        with pytest.raises(ValueError, match="broken"):
            loop.run(work())
    finally:
        loop.close()


def test_a_timeout_inside_the_work_is_not_taken_for_waiting() -> None:
    async def work() -> None:
        raise TimeoutError("deadline")

    loop = LoopThread()
    try:
        with pytest.raises(TimeoutError, match="deadline"):
            loop.run(work())
    finally:
        loop.close()


def test_an_interruption_cancels_and_waits_for_the_clean_up() -> None:
    events: list[str] = []
    started = threading.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            events.append("cleaned up")

    loop = LoopThread()
    main = threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        started.wait()
        signal.pthread_kill(main, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            loop.run(work())
    finally:
        thread.join()
        loop.close()
    assert events == ["cleaned up"]


def test_an_interruption_before_there_is_a_future_cancels_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events: list[str] = []
    started = threading.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            events.append("cleaned up")

    submit = asyncio.run_coroutine_threadsafe

    def interrupted_after(coroutine: Any, loop: asyncio.AbstractEventLoop) -> Any:
        monkeypatch.undo()
        submit(coroutine, loop)
        started.wait()
        raise KeyboardInterrupt

    loop = LoopThread()
    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", interrupted_after)
    try:
        with pytest.raises(KeyboardInterrupt):
            loop.run(work())
    finally:
        loop.close()
    assert events == ["cleaned up"]
