"""The gates that are often used instead, on the same drawn answers.

They compare a fresh answer with one golden answer by the cosine of an embedder, or the averages of
scores with each other. The golden answer of a case is its first accepted one; with several fresh
answers their mean similarity counts.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.corpus import DERIVED, load
from benchmarks.verdicts_suite import Draw, draw, seeded, suite
from pytest_promptdrift.checks.embedding import get_embedder
from pytest_promptdrift.engine.judge import check_samples
from pytest_promptdrift.engine.scoring import PASS, scores_of
from pytest_promptdrift.stats.quantiles import t_quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from pytest_promptdrift.model import Sample

ALPHA = 0.05
STORED = 48  # answers to each prompt in ``base``


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the gates look at: a similarity a case, and its mean score on both sides."""

    similarity: tuple[float, ...]
    accepted: tuple[float, ...]
    fresh: tuple[float, ...]

    @property
    def drop(self) -> float:
        """How much lower the average score is."""
        return statistics.fmean(self.accepted) - statistics.fmean(self.fresh)


RUN_GATES: Mapping[str, Callable[[Seen], bool]] = {
    "some case below .9": lambda seen: min(seen.similarity) < 0.9,
    "some case below .8": lambda seen: min(seen.similarity) < 0.8,
    "some case below .6": lambda seen: min(seen.similarity) < 0.6,
    "mean of the suite below .9": lambda seen: statistics.fmean(seen.similarity) < 0.9,
    "mean of the suite below .8": lambda seen: statistics.fmean(seen.similarity) < 0.8,
    "average score dropped": lambda seen: seen.drop > 1e-9,
    "dropped by more than 5 points": lambda seen: seen.drop > 0.05 + 1e-9,
    "paired t test of the scores, p < .05": lambda seen: falls(seen.accepted, seen.fresh),
}
CASE_BARS = (0.9, 0.8, 0.6)


def looks(condition: str, samples: int, repetitions: int) -> list[Seen]:
    """Return what the gates see in the same draws that our verdicts are measured on."""
    return [
        _seen(draw(condition, samples, samples, seeded(condition, samples, repetition)))
        for repetition in range(repetitions)
    ]


def nights(samples: int, repetitions: int) -> tuple[int, list[bool]]:
    """Return how many nights the corpus holds, and whether p < .05 fired on any of them.

    No answer is used twice: the nights are independent of each other, and nothing changes.
    """
    number = STORED // samples - 1
    fired = []
    for repetition in range(repetitions):
        # all answers in a random order: the first are accepted, the others one night's each
        order = draw("base", samples, samples * number, seeded("nights", samples, repetition))
        accepted = _scores(order.accepted)
        fired.append(
            any(
                falls(
                    accepted,
                    _scores(
                        {
                            name: answers[night * samples : (night + 1) * samples]
                            for name, answers in order.fresh.items()
                        }
                    ),
                )
                for night in range(number)
            )
        )
    return number, fired


def falls(accepted: Sequence[float], fresh: Sequence[float]) -> bool:
    """Tell whether the paired t of the mean scores of all cases is beyond its 5 %, one-sided."""
    drops = [before - after for before, after in zip(accepted, fresh, strict=True)]
    error = statistics.stdev(drops) / math.sqrt(len(drops))
    drop = statistics.fmean(drops)
    return drop > t_quantile(1 - ALPHA, len(drops) - 1) * error if error else drop > 0


def _seen(drawn: Draw) -> Seen:
    return Seen(
        similarity=tuple(
            float((rows[1:] @ rows[0]).mean())
            for name, accepted in drawn.accepted.items()
            for rows in [vectors([s.response.text for s in (accepted[0], *drawn.fresh[name])])]
        ),
        accepted=_scores(drawn.accepted),
        fresh=_scores(drawn.fresh),
    )


def _scores(side: Mapping[str, Sequence[Sample]]) -> tuple[float, ...]:
    """Return the mean score of each case."""
    return tuple(
        statistics.fmean(_score(name, sample) for sample in samples)
        for name, samples in side.items()
    )


@cache
def _score(name: str, sample: Sample) -> float:
    judging = _suite()
    cell = next(cell for cell in judging.cells if cell.case.id == name)
    checks = check_samples(cell, judging.recordings[name].request, (sample,))
    return scores_of(checks)[PASS][0]


_suite = cache(suite)


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the unit vectors of texts in the shipped table, one row a text."""
    table = _vectors()
    missing = sorted(set(texts) - table.keys())
    if missing:
        table.update(zip(missing, get_embedder("static").embed(missing), strict=True))
    return np.stack([table[text] for text in texts])


@cache
def _vectors() -> dict[str, NDArray[np.float32]]:
    """Return the vectors of all stored texts: at once is much faster than one by one."""
    texts = {a.text for one in load().values() for answers in one.values() for a in answers}
    listed = sorted(texts)
    return dict(zip(listed, get_embedder("static").embed(listed), strict=True))


CONDITIONS = (*load(), *DERIVED)
