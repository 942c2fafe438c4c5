"""What the plugin costs a project that has it installed and does not use it."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from benchmarks.measure import MIB, command, in_turn, load, median_of, run
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.measure import Command
    from benchmarks.setting import Setting

BAR_MS = 5.0
BAR_MIB = 2.0
# one test, so that every stage of a run is passed through
_TEST = "def test_nothing():\n    pass\n"
_IMPORT = re.compile(r"import time:\s*(\d+) \|\s*(\d+) \| +(pytest_promptdrift\S*)")


def rows(setting: Setting) -> Iterator[Row]:
    """Compare a run with the plugin and one without, in the same environment."""
    began = load()
    folder = setting.work / "unused"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "test_nothing.py").write_text(_TEST, encoding="utf-8")
    with_it, without = _pytest(folder), _pytest(folder, "-p", "no:promptdrift")
    rounds = in_turn([with_it, without], rounds=setting.rounds(31, 9))
    milliseconds = median_of(rounds, lambda costs: (costs[0].cpu - costs[1].cpu) * 1000)
    memory = median_of(rounds, lambda costs: (costs[0].peak - costs[1].peak) / MIB)
    modules, microseconds = _imports(folder)
    yield Row(
        name="unused",
        what="installed and unused, CPU",
        ours=f"{median_of(rounds, lambda costs: costs[0].cpu) * 1000:.0f} ms",
        other=f"{median_of(rounds, lambda costs: costs[1].cpu) * 1000:.0f} ms",
        figure=f"{milliseconds:+.1f} ms",
        bar=f"<= {BAR_MS:.0f} ms",
        holds=milliseconds <= BAR_MS,
        load=began,
        note=f"imports {len(modules)} modules of ours in {microseconds / 1000:.1f} ms: "
        + ", ".join(modules),
    )
    yield Row(
        name="unused",
        what="installed and unused, memory",
        ours=f"{median_of(rounds, lambda costs: costs[0].peak / MIB):.1f} MiB",
        other=f"{median_of(rounds, lambda costs: costs[1].peak / MIB):.1f} MiB",
        figure=f"{memory:+.2f} MiB",
        bar=f"<= {BAR_MIB:.0f} MiB",
        holds=memory <= BAR_MIB,
        load=began,
    )


def _pytest(folder: Path, *options: str, python: tuple[str, ...] = ()) -> Command:
    return command(
        *(sys.executable, *python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options),
        folder=folder,
        says="1 passed",
    )


def _imports(folder: Path) -> tuple[list[str], int]:
    """Return our modules that a run imports, and the microseconds that they take themselves."""
    output = run(_pytest(folder, python=("-X", "importtime"))).output
    found = [(match[3], int(match[1])) for match in _IMPORT.finditer(output)]
    return [name for name, _ in found], sum(time for _, time in found)
