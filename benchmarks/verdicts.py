"""How often a whole verdict is wrong, and what it finds, on answers of real models.

``python -m benchmarks.verdicts [--quick] [--kept FILE] [false|power|alone|named|rules|…]``

Answers are drawn from the corpus: accepted ones from ``base``, fresh ones from the rest of ``base``
(whatever alarms is false) or from another condition. The 24 prompts are one family, or seven
families of one run. Each share is followed by twice its Monte-Carlo standard error. With
``--kept`` repetitions are kept in a file, so that tables can be printed again, or made finer.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.corpus import CONDITIONS, DERIVED
from benchmarks.operating_characteristics import share, table
from benchmarks.verdicts_lenses import LENSES
from benchmarks.verdicts_rivals import CASE_BARS, RUN_GATES, looks, nights
from benchmarks.verdicts_runs import Outcome, Runs
from benchmarks.verdicts_suite import draw, seeded, suite
from pytest_promptdrift.stats.multiple import split_alpha

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ALPHA = 0.05
CASES = 24
SIZES = (3, 5, 10)
INSTRUMENTS = ("scores", "distribution", "facts")
CHANGES = (*CONDITIONS[1:], *DERIVED)
SUBTLE = ("word", "quantised", "edit", "typo", "refusals10")
# weights of scores, distribution and facts
SHARES = ((1, 1, 1), (1, 2, 1), (1, 1, 2), (1, 2, 2), (1, 4, 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How many repetitions without a change, in seven families, and with a change."""

    null: int
    grouped: int
    change: int
    lens: int


QUICK = Effort(null=40, grouped=20, change=15, lens=8)
FULL = Effort(null=300, grouped=120, change=60, lens=40)


def false(runs: Runs, effort: Effort) -> str:
    """Nothing changed: how often each test is at or below .05 alone, and what the verdict says."""
    head = (
        "no change",
        *(f"{name} p ≤ .05" for name in INSTRUMENTS),
        *("family drifted", "a case drifted", "family inconclusive"),
        *("7 families: run drifted", "a case drifted"),
    )
    rows = []
    for n in (1, *SIZES):
        one = runs.of("base", n, effort.null)
        seven = runs.of("base", n, effort.grouped, grouped=True)
        rows.append(
            (
                f"{n} + {n}",
                *(_alone(one, name) for name in INSTRUMENTS),
                share(run.family_drifted for run in one),
                share(bool(run.drifted) for run in one),
                share(run.families[0] == "inconclusive" for run in one),
                share(run.family_drifted for run in seven),
                share(bool(run.drifted) for run in seven),
            )
        )
    return table([head, *rows])


def _alone(found: Sequence[Outcome], instrument: str) -> str:
    known = [run.p[instrument] for run in found if instrument in run.p]
    return share(p <= ALPHA for p in known) if len(known) == len(found) else "rules"


def power(runs: Runs, effort: Effort) -> str:
    """Something changed: how often the family drifts."""
    sizes = (1, *SIZES)
    head = ("family drifted", *(f"{n} + {n}" for n in sizes))
    found = {change: [runs.of(change, n, effort.change) for n in sizes] for change in CHANGES}
    rows = [
        (change, *(share(run.family_drifted for run in each) for each in found[change]))
        for change in CHANGES
    ]
    return table([head, *rows])


def alone(runs: Runs, effort: Effort) -> str:
    """Something changed: how often each test is at or below .05 by itself."""
    head = ("p ≤ .05", *(f"{name} {n} + {n}" for n in SIZES for name in INSTRUMENTS))
    rows = [
        (
            change,
            *(
                f"{_rate(runs.of(change, n, effort.change), name):.2f}"
                for n in SIZES
                for name in INSTRUMENTS
            ),
        )
        for change in CHANGES
    ]
    return table([head, *rows])


def _rate(found: Sequence[Outcome], instrument: str) -> float:
    return sum(run.p.get(instrument, 1.0) <= ALPHA for run in found) / len(found)


def named(runs: Runs, effort: Effort) -> str:
    """Something changed: how many of the 24 cases are called drifted, on average."""
    head = ("cases drifted of 24", *(f"{n} + {n}" for n in SIZES))
    changes = ("base", *CHANGES)
    rows = [
        (change, *(f"{_cases(runs.of(change, n, effort.change)):.1f}" for n in SIZES))
        for change in changes
    ]
    return table([head, *rows])


def _cases(found: Sequence[Outcome]) -> float:
    return sum(len(run.drifted) for run in found) / len(found)


def rules(runs: Runs, effort: Effort) -> str:
    """One sample on each side: only rules can speak, and this is how often they do."""
    head = ("1 + 1, by rule", "share of cases", "share of runs", "kinds, as shares of all cases")
    rows = []
    for change in ("base", *CHANGES):
        found = runs.of(change, 1, effort.change)
        kinds = Counter(kind for run in found for kind in run.kinds)
        often = [f"{k} {v / CASES / len(found):.2f}" for k, v in kinds.most_common(4)]
        alarms = share(bool(run.drifted) for run in found)
        rows.append((change, f"{_cases(found) / CASES:.2f}", alarms, ", ".join(often)))
    judged = suite().judge(draw("base", 1, 1, seeded("base", 1, 0)))
    said = next(case for case in judged.cases.values() if case.undecided)
    words = f"a case without an alarm says: {said.undecided} ({said.needed} a side would)"
    return f"{table([head, *rows])}\n{words}"


def rivals(_: Runs, effort: Effort) -> str:
    """Measure the gates that others use, on the same draws."""
    shown = ("base", "quantised", "word", "edit", "fact", "refusals10", "cut")
    rows = []
    for n in (1, 5):
        seen = {change: looks(change, n, effort.change) for change in shown}
        pooled = {c: [s for one in seen[c] for s in one.similarity] for c in shown}
        rows += [
            (
                f"{n} + {n}",
                f"cases below {bar}",
                *(_share(s < bar for s in pooled[c]) for c in shown),
            )
            for bar in CASE_BARS
        ]
        rows += [
            (f"{n} + {n}", name, *(_share(map(gate, seen[c])) for c in shown))
            for name, gate in RUN_GATES.items()
        ]
    lines = [table([("", "gate", "no change", *shown[1:]), *rows])]
    for n in (1, 3, 5):
        number, fired = nights(n, effort.change)
        lines.append(f"p < .05 on any of {number} nights of {n}, no change: {share(fired)}")
    return "\n".join(lines)


def _share(hits: Iterable[bool]) -> str:
    found = list(hits)
    return f"{sum(found) / len(found):.2f}"


def lenses(runs: Runs, effort: Effort) -> str:
    """Say what the distribution would see with other representations."""
    head = ("distribution p ≤ .05", *(f"{lens} {n} + {n}" for n in (5, 10) for lens in LENSES))
    rows = [
        (
            change,
            *(
                f"{_rate(runs.of(change, n, effort.lens, lens=lens), 'distribution'):.2f}"
                for n in (5, 10)
                for lens in LENSES
            ),
        )
        for change in ("base", *SUBTLE)
    ]
    return table([head, *rows])


def shares(runs: Runs, effort: Effort) -> str:
    """How often a family would drift if alpha were split otherwise (before the effect floors)."""
    head = ("scores : distribution : facts", *(f"{c} {n} + {n}" for c in SUBTLE for n in (5, 10)))
    rows = [
        (
            ":".join(map(str, weights)),
            *(
                f"{_split(runs.of(c, n, effort.change), weights):.2f}"
                for c in SUBTLE
                for n in (5, 10)
            ),
        )
        for weights in SHARES
    ]
    return table([head, *rows])


def _split(found: Sequence[Outcome], weights: Sequence[int]) -> float:
    given = dict(zip(INSTRUMENTS, map(float, weights), strict=True))
    fired = [
        any(p <= ALPHA * split_alpha(list(run.p), given)[name] for name, p in run.p.items())
        for run in found
    ]
    return sum(fired) / len(fired)


PARTS: dict[str, Callable[[Runs, Effort], str]] = {
    part.__name__: part for part in (false, power, alone, named, rules, rivals, lenses, shares)
}


def main() -> int:
    """Print the named tables, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="tables to print (all)")
    parser.add_argument("--quick", action="store_true", help="few repetitions")
    parser.add_argument("--kept", type=Path, help="file of JSON lines with repetitions")
    parser.add_argument("--null", type=int, help="repetitions of one family without a change")
    arguments = parser.parse_args()
    runs, effort = Runs(arguments.kept), QUICK if arguments.quick else FULL
    effort = replace(effort, null=arguments.null or effort.null)
    for name in arguments.parts or PARTS:
        begun = time.process_time()
        print(PARTS[name](runs, effort))
        print(f"{name}: {time.process_time() - begun:.0f} s of CPU\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
