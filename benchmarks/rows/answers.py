"""One check on large answers: free when nothing changed, bounded when everything did."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from benchmarks.measure import command, load, run
from benchmarks.server import ROOT
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.setting import Setting

UNCHANGED_MS = 0.1
HOSTILE_S = 1.0


def rows(setting: Setting) -> Iterator[Row]:
    """Time json_equals on an unchanged answer of 10 KB and on changed ones of 1 MB."""
    began = load()
    program = command(
        *(sys.executable, "-m", "benchmarks.answers", str(setting.rounds(200, 50))), folder=ROOT
    )
    measured = json.loads(run(program).output.splitlines()[-1])
    unchanged = measured["unchanged_ms"]
    yield Row(
        name="answers",
        what="unchanged 10 KB answer, json_equals",
        ours=f"{unchanged:.3f} ms",
        figure=f"{unchanged:.3f} ms",
        bar=f"<= {UNCHANGED_MS} ms",
        holds=unchanged <= UNCHANGED_MS,
        load=began,
        note=f"of which json.loads of the answer takes {measured['loads_ms']:.3f} ms",
    )
    for name, seen in measured["hostile"].items():
        yield Row(
            name="answers",
            what=f"1 MB answer, {name}",
            ours=f"{seen['seconds']:.2f} s",
            figure=f"{seen['seconds']:.2f} s, {seen['said']}",
            bar=f"<= {HOSTILE_S:.0f} s, never equal",
            holds=seen["seconds"] <= HOSTILE_S and seen["said"] == "differs",
            load=began,
            note=f"report of {seen['report']} characters: {seen['reason']}",
        )
