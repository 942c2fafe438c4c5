"""Runs programs and reads what they cost from the operating system.

Must not know what is measured. The measuring process stays small on purpose: on Linux the peak
memory of a child counts the moment before it became another program, when it still shared the
memory of its parent.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

# ru_maxrss is in KiB on Linux and in bytes on macOS
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
KIB = 1024
MIB = 1024 * 1024


class FailedRunError(Exception):
    """A program that should have worked did not; the message ends with what it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to be measured: ``env`` is added to a short neutral environment.

    ``says`` is a part of its output without which the run does not count; ``fails`` tells that it
    is meant to end with a failure.
    """

    argv: tuple[str, ...]
    folder: Path
    env: Mapping[str, str]
    timeout: float = 600.0
    says: str = ""
    fails: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one finished run cost: seconds of CPU and of wall time, bytes of the largest process."""

    cpu: float
    wall: float
    peak: int
    output: str


def command(
    *argv: str | Path,
    folder: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 600.0,
    says: str = "",
    fails: bool = False,
) -> Command:
    """Describe a program; paths are turned to text."""
    return Command(
        argv=tuple(map(str, argv)),
        folder=folder,
        env=env or {},
        timeout=timeout,
        says=says,
        fails=fails,
    )


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a measured program: no credentials, no settings of the caller."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT", "SSL_CERT_FILE")
        if name in os.environ
    }
    return {**kept, "PYTHONHASHSEED": "0", "NO_COLOR": "1", "COLUMNS": "100", **extra}


def run(what: Command) -> Cost:
    """Run a program to its end; FailedRunError when it fails, says something else, or hangs."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            what.argv,
            cwd=what.folder,
            env=environment(what.env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        timer = threading.Timer(what.timeout, process.kill)
        timer.start()
        try:
            # wait4 gives the use of exactly this child and of the descendants it waited for
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if bool(process.returncode) != what.fails or what.says not in text:
        msg = f"{' '.join(what.argv)[:200]} ended with {process.returncode}:\n{text[-3000:]}"
        raise FailedRunError(msg)
    return Cost(
        cpu=usage.ru_utime + usage.ru_stime,
        wall=wall,
        peak=usage.ru_maxrss * _RSS_UNIT,
        output=text,
    )


def in_turn(commands: Sequence[Command], *, rounds: int, warmup: int = 1) -> list[list[Cost]]:
    """Run the commands in turn, ``rounds`` times; one list of costs per round, warm-ups dropped."""
    for _ in range(warmup):
        for each in commands:
            run(each)
    return [[run(each) for each in commands] for _ in range(rounds)]


def median_of(rounds: Sequence[Sequence[Cost]], figure: Callable[[Sequence[Cost]], float]) -> float:
    """Return the median over the rounds of a figure that is computed within each round."""
    return statistics.median(figure(costs) for costs in rounds)


def load() -> str:
    """Return the load average of the last minute and the number of processors, for the notes."""
    return f"{os.getloadavg()[0]:.1f}/{os.cpu_count()}"
