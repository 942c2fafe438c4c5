"""What a case costs in a large suite: time must not grow per case, memory must stay small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import projects
from benchmarks.measure import KIB, in_turn, load, median_of
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.measure import Cost
    from benchmarks.setting import Setting

SIZES = (1, 1000, 10_000)
GROWTH_BAR = 1.15
MEMORY_BAR = 6.0


def rows(setting: Setting) -> Iterator[Row]:
    """Compare suites of 1, 1000 and 10 000 cases, in files of 1000, with items that do nothing."""
    began = load()
    ours = [projects.recorded(setting.work / f"replay{size}", size) for size in SIZES]
    nothing = [projects.no_op(setting.work / f"no-op{size}", size) for size in SIZES]
    rounds = in_turn([*ours, *nothing], rounds=setting.rounds(3, 1), warmup=0)
    small, large = (
        median_of(rounds, lambda costs, i=i: _per_case(costs[0], costs[i], i)) for i in (1, 2)
    )
    growth = median_of(rounds, _growth)
    floor = median_of(rounds, lambda costs: _growth(costs[3:]))
    yield Row(
        name="growth",
        what="CPU per case, from 1000 to 10 000 cases",
        ours=f"{small * 1e6:.0f} to {large * 1e6:.0f} µs",
        figure=f"{growth:.2f} x",
        bar=f"<= {GROWTH_BAR} x",
        holds=growth <= GROWTH_BAR,
        load=began,
        note=f"start-up taken off; a no-op item grows {floor:.2f} x",
    )
    memory = median_of(rounds, _memory)
    yield Row(
        name="growth",
        what="memory per case at 10 000, above a no-op item",
        ours=f"{memory:.1f} KiB",
        figure=f"{memory:.1f} KiB",
        bar=f"<= {MEMORY_BAR:.0f} KiB",
        holds=memory <= MEMORY_BAR,
        load=began,
    )


def _per_case(one: Cost, many: Cost, size: int) -> float:
    return (many.cpu - one.cpu) / (SIZES[size] - 1)


def _growth(costs: Sequence[Cost]) -> float:
    return _per_case(costs[0], costs[2], 2) / _per_case(costs[0], costs[1], 1)


def _memory(costs: Sequence[Cost]) -> float:
    ours = costs[2].peak - costs[0].peak
    nothing = costs[5].peak - costs[3].peak
    return (ours - nothing) / SIZES[2] / KIB
