"""How often a verdict is wrong, and how often it finds a drop: simulated, with its own error.

``python -m benchmarks.operating_characteristics [--quick] [scores|looks|nights …]``

Every case has its own success rate, drawn from a beta distribution with mean .9; a sample passes or
fails. A drop of .10 falls on all cases alike, or all of it on a few cases that break. The naive
gates beside ours are what is often used instead. Each share is followed by twice its Monte-Carlo
standard error; nothing here depends on the clock or the machine.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_promptdrift.stats.gate import stratified_permutation_gate
from pytest_promptdrift.stats.scores import ScoreAnswer, compare_scores, judge_scores, mean_interval
from pytest_promptdrift.stats.seeding import seeded_rng
from pytest_promptdrift.stats.sequential import detect, judge_nights, look_nights
from pytest_promptdrift.stats.stopping import Stop, decide_look, plan_looks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.random import Generator
    from numpy.typing import NDArray

    Sides = list[NDArray[np.float64]]

MARGIN, FLOOR = 0.05, 0.02
BROKEN = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A family and what happens to it."""

    cases: int
    accepted: int
    fresh: int
    drop: float = 0.0
    where: str = "all"

    def __str__(self) -> str:
        change = f"drop {self.drop:.2f}, {self.where}" if self.drop else "no change"
        return f"K {self.cases:3d}  n {self.accepted:2d}  m {self.fresh:2d}  {change}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How many repetitions, and how many permutations in each."""

    scores: int
    looks: int
    nights: int
    draws: int


QUICK = Effort(scores=200, looks=120, nights=8, draws=499)
FULL = Effort(scores=1000, looks=1000, nights=100, draws=1999)

SCENARIOS = (
    Scenario(cases=20, accepted=5, fresh=3),
    Scenario(cases=50, accepted=10, fresh=10),
    Scenario(cases=200, accepted=5, fresh=3),
    Scenario(cases=20, accepted=5, fresh=3, drop=0.1),
    Scenario(cases=20, accepted=5, fresh=3, drop=0.1, where="few"),
    Scenario(cases=50, accepted=10, fresh=3, drop=0.1),
    Scenario(cases=50, accepted=10, fresh=3, drop=0.1, where="few"),
    Scenario(cases=50, accepted=10, fresh=10, drop=0.05),
)


def rates(scenario: Scenario, chance: Generator) -> tuple[NDArray[np.float64], ...]:
    """Return the success rate of each case before and after; the mean falls by the drop."""
    before = chance.beta(4.5, 0.5, scenario.cases)
    after = before.copy()
    missing = scenario.drop * scenario.cases
    if scenario.where == "few":
        for case in chance.permutation(scenario.cases):
            loss = min(missing, max(0.0, before[case] - BROKEN))
            after[case] -= loss
            missing -= loss
    else:
        # cases that cannot fall so far leave the rest of the drop to the others
        for _ in range(50):
            room = after > 0
            after[room] = np.maximum(0.0, after[room] - missing / room.sum())
            missing = scenario.drop * scenario.cases - float((before - after).sum())
    return before, after


def sample(rate: NDArray[np.float64], number: int, chance: Generator) -> Sides:
    """Return passes and failures, one array a case."""
    return list((chance.random((rate.size, number)) < rate[:, None]).astype(float))


def share(hits: Iterable[bool]) -> str:
    """Return a share with twice its Monte-Carlo standard error; none of n still could be 3 / n."""
    found = list(hits)
    p = sum(found) / len(found)
    error = max(2 * math.sqrt(p * (1 - p) / len(found)), (3 / len(found)) if p in (0, 1) else 0)
    return f"{p:.3f} ± {error:.3f}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return aligned columns."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def scores(effort: Effort) -> str:
    """Compare the gate and its three answers with the naive gates."""
    head = ("family", "regressed", "fine", "inconclusive", "gate alone p ≤ .05",
            "naive: average dropped", "naive: by > 5 points")  # fmt: skip
    return table([head, *(_score_row(scenario, effort) for scenario in SCENARIOS)])


def _score_row(scenario: Scenario, effort: Effort) -> tuple[str, ...]:
    chance = seeded_rng("scores", str(scenario))
    answers: Counter[ScoreAnswer] = Counter()
    fired, dropped, points = [], [], []
    for _ in range(effort.scores):
        before, after = rates(scenario, chance)
        accepted = sample(before, scenario.accepted, chance)
        fresh = sample(after, scenario.fresh, chance)
        test = compare_scores(accepted, fresh, rng=chance, draws=effort.draws)
        answers[judge_scores(test, margin=MARGIN, floor=FLOOR).answer] += 1
        fired.append(test.gate.p_drop <= 0.05)
        dropped.append(test.gate.difference < -1e-12)
        points.append(test.gate.difference < -0.05 - 1e-12)
    said = [a for a, count in answers.items() for _ in range(count)]
    return (
        str(scenario),
        *(share(answer is a for answer in said) for a in ScoreAnswer),
        share(fired),
        share(dropped),
        share(points),
    )


def looks(effort: Effort) -> str:
    """Measure what three looks inside one run save, and cost, against one look at the end."""
    head = ("up to 9 fresh, 10 accepted", "three looks regressed", "samples used", "one look",
            "naive: p < .05 after each")  # fmt: skip
    rows = [
        _look_row(Scenario(cases=30, accepted=10, fresh=9, drop=drop), effort)
        for drop in (0.0, 0.05, 0.1)
    ]
    return table([head, *rows])


def _look_row(scenario: Scenario, effort: Effort) -> tuple[str, ...]:
    chance = seeded_rng("looks", str(scenario))
    planned = plan_looks(scenario.fresh, accepted=scenario.accepted)
    at = {look.samples: look for look in planned}
    stopped, used, once, naive = [], [], [], []
    for _ in range(effort.looks):
        before, after = rates(scenario, chance)
        accepted = sample(before, scenario.accepted, chance)
        fresh = sample(after, scenario.fresh, chance)
        p, answer, spent = {}, Stop.CONTINUE, scenario.fresh
        for number in range(1, scenario.fresh + 1):
            part = [case[:number] for case in fresh]
            gate = stratified_permutation_gate(accepted, part, rng=chance, draws=effort.draws)
            p[number] = gate.p_drop
            if number in at and answer is Stop.CONTINUE:
                answer = decide_look(
                    at[number], p_drop=gate.p_drop, drop=-gate.difference,
                    interval=mean_interval(accepted, part), margin=MARGIN, floor=FLOOR,
                )  # fmt: skip
                spent = number
        stopped.append(answer is Stop.REGRESSED)
        used.append(spent)
        once.append(p[scenario.fresh] <= 0.05)
        naive.append(min(p.values()) < 0.05)
    return (
        str(scenario), share(stopped), f"{statistics.fmean(used):.1f} of {scenario.fresh}",
        share(once), share(naive),
    )  # fmt: skip


def nights(effort: Effort) -> str:
    """Follow a family through nights of 2 fresh samples, with a change at night 60."""
    head = ("30 cases, 10 accepted, 2 fresh a night", "years with an alarm", "of them too early",
            "nights to the alarm, median (90 %)", "dated within 7 nights",
            "naive: p < .05 on any night", "p < .01")  # fmt: skip
    horizon = 120 if effort is QUICK else 365
    return table([head, *(_night_row(drop, horizon, effort) for drop in (0.0, 0.05, 0.1))])


def _night_row(drop: float, horizon: int, effort: Effort) -> tuple[str, ...]:
    scenario = Scenario(cases=30, accepted=10, fresh=2, drop=drop)
    chance = seeded_rng("nights", str(scenario))
    alarms, early, delays, dated, naive, strict = [], [], [], [], [], []
    for _ in range(effort.nights):
        growing, pinned = _year(scenario, horizon, chance, effort.draws)
        found = judge_nights(growing, pinned)
        alarms.append(found.alarm is not None)
        early.append(found.alarm is not None and (not drop or found.alarm < 60))
        if drop and found.alarm is not None and found.alarm >= 60:
            delays.append(found.alarm - 59)
            since = found.since or detect(growing[: found.alarm]).since
            dated.append(since is not None and abs(since - 60) <= 7)
        # a naive alarm counts where it is false: before the change
        calm = growing[:59] if drop else growing
        naive.append(min(calm) < 0.05)
        strict.append(min(calm) < 0.01)
    ninety = sorted(delays)[int(0.9 * (len(delays) - 1))] if delays else 0
    said = f"{statistics.median(delays):.0f} ({ninety})" if delays else "none"
    return (
        f"{horizon} nights, " + (f"drop {drop:.2f} at night 60" if drop else "no change"),
        share(alarms), share(early), said, share(dated) if dated else "none",
        share(naive), share(strict),
    )  # fmt: skip


def _year(
    scenario: Scenario, horizon: int, chance: Generator, draws: int
) -> tuple[list[float], dict[int, float]]:
    """Return a p a night against all earlier samples, and the looks at the pinned baseline."""
    before, after = rates(scenario, chance)
    accepted = sample(before, scenario.accepted, chance)
    grown, since = accepted, [np.zeros(0)] * scenario.cases
    growing, pinned = [], {}
    for night in range(1, horizon + 1):
        fresh = sample(before if night < 60 else after, scenario.fresh, chance)
        test = stratified_permutation_gate(grown, fresh, rng=chance, draws=draws)
        growing.append(test.p_drop)
        since = [np.concatenate(pair) for pair in zip(since, fresh, strict=True)]
        grown = [np.concatenate(pair) for pair in zip(grown, fresh, strict=True)]
        if night in look_nights():
            # the level of a look is below what fewer draws could reach
            look = stratified_permutation_gate(accepted, since, rng=chance, draws=1999)
            pinned[night] = look.p_drop
    return growing, pinned


PARTS = {"scores": scores, "looks": looks, "nights": nights}


def main() -> int:
    """Print the named tables, or all."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.operating_characteristics", description=__doc__
    )
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="tables to print (all)")
    parser.add_argument("--quick", action="store_true", help="few repetitions: about a minute")
    arguments = parser.parse_args()
    effort = QUICK if arguments.quick else FULL
    for name in arguments.parts or PARTS:
        begun = time.process_time()
        print(PARTS[name](effort))
        spent = time.process_time() - begun
        print(f"{getattr(effort, name)} repetitions a row, {spent:.0f} s of CPU\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
