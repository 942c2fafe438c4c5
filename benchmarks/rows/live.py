"""Live calls to a server on this machine: how near to the ideal, and what is added to the SDK.

The share of the ideal is that of the batch of calls, in the client, with the SDK already imported:
from the first request being built to the last answer being stored. Bounded: 500 calls a run.
"""

from __future__ import annotations

import math
import re
import statistics
import sys
from typing import TYPE_CHECKING

from benchmarks import projects
from benchmarks.measure import FailedRunError, command, load, run
from benchmarks.server import ROOT, Server, serving
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.measure import Command, Cost
    from benchmarks.setting import Setting

COUNT = 500
_TOOK = re.compile(r"batch: (\d+\.\d+) s")
# Times the batch where the plugin waits for it; imports the SDK first, as the other side does.
_CONFTEST = """\
import time

import openai.types.chat
import pytest
from pytest_promptdrift.engine.loop import LoopThread

took = []
run = LoopThread.run


def timed(self, work):
    began = time.perf_counter()
    try:
        return run(self, work)
    finally:
        took.append(time.perf_counter() - began)


LoopThread.run = timed


def pytest_terminal_summary(terminalreporter):
    if took:
        terminalreporter.write_line(f"batch: {took[0]:.3f} s")
"""
LATENCY = 0.3
SHARES = {50: 0.92, 100: 0.85, 500: 0.45}
OWN_MS = 0.3


def rows(setting: Setting) -> Iterator[Row]:
    """Compare 500 live cases at three concurrencies with the SDK alone."""
    with serving(LATENCY) as server:
        for concurrency, bar in SHARES.items():
            yield _share(setting, server, concurrency, bar)
    yield _own_cost(setting)


def _ours(folder: Path, url: str, count: int, concurrency: int) -> Command:
    projects.write_suite(folder, count)
    projects.configure(folder, url)
    (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    return projects.calling(folder, count, mode="live", concurrency=concurrency)


def _sdk(url: str, count: int, concurrency: int) -> Command:
    return command(
        *(sys.executable, "-m", "benchmarks.live_sdk", url, str(count), str(concurrency)),
        folder=ROOT,
        says=f"{count} answers",
    )


def _share(setting: Setting, server: Server, concurrency: int, bar: float) -> Row:
    began = load()
    ideal = math.ceil(COUNT / concurrency) * LATENCY
    ours = _ours(setting.work / "live", server.url, COUNT, concurrency)
    sdk = _sdk(server.url, COUNT, concurrency)
    shares: list[tuple[float, float]] = []
    in_flight, server_cpu = 0, 0.0
    for _ in range(setting.rounds(3, 1)):
        server.seen()
        mine, theirs = _took(run(ours)), _took(run(sdk))
        seen = server.seen()
        shares.append((ideal / mine, ideal / theirs))
        in_flight, server_cpu = seen["in_flight"], seen["cpu"] / 2
    mine_share = statistics.median(mine for mine, _ in shares)
    sdk_share = statistics.median(theirs for _, theirs in shares)
    return Row(
        name="live",
        what=f"{COUNT} calls of {LATENCY * 1000:.0f} ms, concurrency {concurrency}",
        ours=f"{ideal / mine_share:.2f} s",
        other=f"{ideal / sdk_share:.2f} s",
        figure=f"{mine_share:.2f} of the ideal",
        bar=f">= {bar:.2f}",
        holds=mine_share >= bar,
        load=began,
        note=f"ideal {ideal:.1f} s; the SDK alone reaches {sdk_share:.2f}; {in_flight} calls were "
        f"in flight; the server took {server_cpu:.2f} s of CPU",
    )


def _took(cost: Cost) -> float:
    """Return the seconds of the batch that a program printed."""
    found = _TOOK.search(cost.output)
    if found is None:
        msg = f"no time of the batch in:\n{cost.output[-2000:]}"
        raise FailedRunError(msg)
    return float(found[1])


def _own_cost(setting: Setting) -> Row:
    """Take replay off live, and one case off 500, to see what the calls add to the SDK's."""
    began = load()
    concurrency = 50
    sizes = (COUNT, 1)
    replays = [projects.recorded(setting.work / f"replay{count}", count) for count in sizes]
    with serving() as server:
        lives = [
            _ours(setting.work / f"live{count}", server.url, count, concurrency) for count in sizes
        ]
        sdks = [_sdk(server.url, count, concurrency) for count in sizes]
        figures = []
        for _ in range(setting.rounds(5, 2)):
            live = _slope(run, lives)
            sdk = _slope(run, sdks)
            figures.append((live, sdk))
    replayed = [_slope(run, replays) for _ in range(setting.rounds(5, 2))]
    replay = statistics.median(replayed)
    added = statistics.median(live - sdk for live, sdk in figures) - replay
    sdk_cost = statistics.median(sdk for _, sdk in figures)
    return Row(
        name="live",
        what="CPU per call, beside a replay of the case",
        ours=f"{(added + sdk_cost) * 1000:.2f} ms",
        other=f"{sdk_cost * 1000:.2f} ms",
        figure=f"{added * 1000:+.2f} ms",
        bar=f"<= {OWN_MS} ms",
        holds=added * 1000 <= OWN_MS,
        load=began,
        note=f"the same case replayed costs {replay * 1000:.2f} ms, pytest's own part included",
    )


def _slope(do: Callable[[Command], Cost], commands: list[Command]) -> float:
    many, one = commands
    return (do(many).cpu - do(one).cpu) / (COUNT - 1)
