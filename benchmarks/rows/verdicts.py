"""What it costs to judge fresh answers of a family against accepted ones."""

from __future__ import annotations

import json
import statistics
import sys
from typing import TYPE_CHECKING

from benchmarks.measure import command, load, run
from benchmarks.server import ROOT
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.setting import Setting

# cases, samples a side, seconds of CPU
BARS = ((100, 10, 2.0), (1000, 5, 15.0))


def rows(setting: Setting) -> Iterator[Row]:
    """Judge families of real answers in a process of their own, imports and set-up included."""
    for cases, samples, bar in BARS:
        began = load()
        program = command(
            *(sys.executable, "-m", "benchmarks.verdicts_speed", str(cases), str(samples)),
            folder=ROOT,
        )
        run(program)
        costs = [run(program) for _ in range(setting.rounds(3, 1))]
        cpu = statistics.median(cost.cpu for cost in costs)
        told = json.loads(costs[0].output.splitlines()[-1])
        yield Row(
            name="verdicts",
            what=f"{cases} cases x {samples} + {samples} samples, judged",
            ours=f"{cpu:.1f} s",
            figure=f"{cpu:.1f} s of CPU",
            bar=f"<= {bar:.0f} s",
            holds=cpu <= bar,
            load=began,
            note=f"judging {told['cpu']:.1f} s of it; {told['characters']:.0f} characters a text",
        )
