"""Who makes a call: one of the SDKs or not, and on which line of the application.

Looks at frames only; knows modules by their names and imports none of them.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple

from pytest_promptdrift._errors import Where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SDKS = frozenset({"openai", "anthropic"})
_OWN = "pytest_promptdrift"
_THIS_ROOM = __name__.rpartition(".")[0]
# What stands between an application and the network without being either.
_MACHINERY = SDKS | {
    "_asyncio",
    "aiohttp",
    "anyio",
    "asyncio",
    "concurrent",
    "contextlib",
    "contextvars",
    "functools",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "nest_asyncio",
    "opentelemetry",
    "queue",
    "sniffio",
    "threading",
    "trio",
    "uvloop",
    "wrapt",
}
# The parts of an SDK that send. Its other parts may call the application back, a tool for
# example, and what the application then fetches is no call of the SDK.
_SENDERS = ("_base_client", "_client", "auth", "lib.credentials", "lib._client_auth")
# What runs a coroutine did not call it.
_LOOP = "asyncio.events"
# Wrappers of an SDK stand between a coroutine and the line that made it.
_ORIGIN_DEPTH = 8


class CallSite(NamedTuple):
    """The SDK that makes a call, and the line of the application where it is known."""

    sdk: str
    line: Where | None


def find_call_site(frame: FrameType | None) -> CallSite | None:
    """Return who makes the call that goes on in ``frame``; None when it is none of the SDKs.

    Calls that this project makes itself are none of the application.
    """
    sdk: str | None = None
    line: Where | None = None
    between = False
    for module, at in _frames(frame):
        root = module.partition(".")[0]
        if root == _OWN and not module.startswith(_THIS_ROOM):
            return None
        if sdk is None:
            if root in SDKS:
                if between and not _sends(module):
                    return None
                sdk = root
            elif root not in _MACHINERY and root != _OWN:
                between = True
        elif line is None and root not in _MACHINERY and root != _OWN:
            line = Where(path=at.f_code.co_filename, line=at.f_lineno)
    if sdk is None:
        return None
    return CallSite(sdk, line or _line_of_task())


def _frames(frame: FrameType | None) -> Iterator[tuple[str, FrameType]]:
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module == _LOOP:
            return
        yield module, frame
        frame = frame.f_back


def _sends(module: str) -> bool:
    inner = module.partition(".")[2]
    return inner.startswith(_SENDERS)


def _line_of_task() -> Where | None:
    """Return the line that made the coroutine of this task, as in ``gather(client.create(…))``."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return None
    origin = getattr(task.get_coro(), "cr_origin", None) if task is not None else None
    for filename, line, _ in origin or ():
        if not _is_machinery(filename):
            return Where(path=filename, line=line)
    return None


def _is_machinery(filename: str) -> bool:
    parts = filename.replace("\\", "/").removesuffix(".py").split("/")
    return not _MACHINERY.isdisjoint(parts)


class CoroutineOrigins:
    """Makes coroutines of this thread remember where they were made, and undoes it."""

    def __init__(self) -> None:
        self._thread: int | None = None
        self._before = 0

    def start(self) -> None:
        """Remember from now on."""
        self._thread = threading.get_ident()
        self._before = sys.get_coroutine_origin_tracking_depth()
        sys.set_coroutine_origin_tracking_depth(max(self._before, _ORIGIN_DEPTH))

    def stop(self) -> None:
        """Put things back, in the thread where they were changed."""
        if self._thread == threading.get_ident():
            sys.set_coroutine_origin_tracking_depth(self._before)
        self._thread = None
