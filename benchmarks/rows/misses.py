"""A suite whose every case fails, as after an edit of the prompt: explaining must not take long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import projects
from benchmarks.measure import command, in_turn, load, median_of
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.setting import Setting

COUNT = 1000
_EDITED = "Message of the person who writes:"


def rows(setting: Setting) -> Iterator[Row]:
    """Compare 1000 cases without a recording with the same cases replayed."""
    began = load()
    replay = projects.recorded(setting.work / "replay", COUNT)
    projects.recorded(setting.work / "misses", COUNT)
    for path in (setting.work / "misses").glob("*.prompt.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("Message of the customer:", _EDITED), encoding="utf-8")
    misses = command(
        *(*projects.PYTEST, *projects.PLUGIN),
        folder=setting.work / "misses",
        env=projects.ALONE,
        says=f"{COUNT} unrecorded",
        fails=True,
    )
    rounds = in_turn([misses, replay], rounds=setting.rounds(3, 1), warmup=0)
    ratio = median_of(rounds, lambda costs: costs[0].cpu / costs[1].cpu)
    yield Row(
        name="misses",
        what=f"{COUNT} unrecorded cases, each with the nearest recording",
        ours=f"{median_of(rounds, lambda costs: costs[0].cpu):.2f} s",
        other=f"{median_of(rounds, lambda costs: costs[1].cpu):.2f} s",
        figure=f"{ratio:.1f} x a replay",
        load=began,
    )
