"""Runs the scripted provider of the tests in a process of its own.

``python -m benchmarks.server LATENCY`` prints its address, answers until its input is closed, and
answers each line of input with what it saw since the line before, as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import cases

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


@dataclass(slots=True)
class Server:
    """A running server, seen from the measuring process."""

    process: subprocess.Popen[str]
    url: str

    def seen(self) -> dict[str, Any]:
        """Return calls, most in flight and CPU seconds since the last time."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        result: dict[str, Any] = json.loads(self.process.stdout.readline())
        return result


@contextmanager
def serving(latency: float = 0.0) -> Iterator[Server]:
    """Give the address of a provider that answers the messages of the suite."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", str(latency)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Server(process, process.stdout.readline().strip())
    finally:
        process.stdin.close()
        process.wait(timeout=30)


def _seen(server: Any, cpu: float) -> dict[str, Any]:
    seen = {"calls": server.hits, "in_flight": server.max_in_flight, "cpu": cpu}
    server.calls.clear()
    server.max_in_flight = 0
    return seen


def main(latency: float) -> None:
    """Serve until the input ends."""
    # here, so that the measuring process, which imports this module too, stays small
    from tests.support.loopback import (  # noqa: PLC0415  (see above)
        Call,
        Loopback,
        Reply,
    )

    def reply(call: Call) -> Reply:
        return Reply(text=cases.answer_to(call.last_user), delay=latency)

    cpu = time.process_time()
    with Loopback(reply) as server:
        print(server.url, flush=True)
        for _ in sys.stdin:
            now = time.process_time()
            print(json.dumps(_seen(server, now - cpu)), flush=True)
            cpu = now


if __name__ == "__main__":
    main(float(sys.argv[1]))
