"""A replayed case against an item of the same file that does nothing, as whole processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import projects
from benchmarks.measure import MIB, in_turn, load, median_of
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.setting import Setting

COUNT = 1000
BAR = 1.8


def rows(setting: Setting) -> Iterator[Row]:
    """Compare 1000 replayed cases (contains and json_schema) with 1000 items that do nothing."""
    began = load()
    ours = projects.recorded(setting.work / "replay", COUNT)
    nothing = projects.no_op(setting.work / "no-op", COUNT)
    rounds = in_turn([ours, nothing], rounds=setting.rounds(7))
    ratio = median_of(rounds, lambda costs: costs[0].cpu / costs[1].cpu)
    mine, floor = (median_of(rounds, lambda costs, i=i: costs[i].cpu) for i in (0, 1))
    yield Row(
        name="replay",
        what=f"{COUNT} replayed cases against no-op items",
        ours=f"{mine:.2f} s",
        other=f"{floor:.2f} s",
        figure=f"{ratio:.2f} x",
        bar=f"<= {BAR} x",
        holds=ratio <= BAR,
        load=began,
        note=f"{(mine - floor) / COUNT * 1e6:.0f} µs above a no-op item; peak "
        f"{median_of(rounds, lambda costs: costs[0].peak / MIB):.0f} MiB against "
        f"{median_of(rounds, lambda costs: costs[1].peak / MIB):.0f} MiB",
    )
