"""Decides in child processes and kills them at random moments; run as a script.

All children are forks of one interpreter. Prints what was found wrong, one problem a line, and
then the counts.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from support.decided import a_baseline, a_decision
from support.killed import Children

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CASES = ("first", "second", "third")
LABELS = ("openai:gpt-5-mini", "zero_shot-openai:gpt-5-mini")


def decide_many(folder: Path, name: str, count: int, seed: int) -> Iterator[str]:
    """Decide about two cases at once, again and again, and yield what was written then."""
    rng = random.Random(seed)
    store = a_baseline(folder)
    for number in range(count):
        cases = rng.sample(CASES, 2)
        label, why = rng.choice(LABELS), f"{name}-{number}"
        store.decide([(case_id, label, a_decision(why=why)) for case_id in cases])
        for case_id in cases:
            yield f"{case_id} {label} {why}"


def problems(folder: Path, acknowledged: Iterable[str]) -> list[str]:
    """Compare what is stored with what was acknowledged; reading raises for a broken file."""
    store = a_baseline(folder)
    stored = [
        f"{case_id} {label} {decision.why}"
        for case_id, labels in store.labels().items()
        for label in labels
        for decision in store.decisions(case_id, label)
    ]
    found = [f"lost: {line}" for line in set(acknowledged) - set(stored)]
    found += [f"twice: {line}" for line in set(stored) if stored.count(line) > 1]
    names = {store.path(case_id) for case_id in CASES}
    found += [f"stray: {path.name}" for path in store.folder.glob("*") if path not in names]
    return found


def main(folder: Path, kills: int) -> None:
    rng = random.Random(42)
    children = Children(folder, decide_many)
    # what is imported at the first write is then there in every child, and the kill hits the write
    acknowledged = list(decide_many(folder, "warm", 3, 0))
    wrong: list[str] = []
    half_written = 0
    for number in range(kills):
        acknowledged += children.kill_one(number, rng)
        half_written += any((folder / "locks").glob("*.tmp"))
        wrong += problems(folder, acknowledged)
    for number, (count, kill) in enumerate([(3, 0), (4, 2), (1, 0)]):
        acknowledged += children.together(count, number, kill)
        wrong += problems(folder, acknowledged)
    # the next decision about a case takes over what a killed one left behind
    everything = [(case_id, LABELS[0], a_decision(why="last")) for case_id in CASES]
    a_baseline(folder).decide(everything)
    wrong += [f"left: {path.name}" for path in (folder / "locks").glob("*.tmp")]
    report = [*sorted(set(wrong)), f"acknowledged {len(acknowledged)}, half-written {half_written}"]
    sys.stdout.write("\n".join(report) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
