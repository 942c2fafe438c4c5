"""Whether a set of answers still comes from the source that gave the accepted ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .distances import (
    Block,
    blocks,
    count_arrangements,
    mean_distances,
    pairwise,
    standardise,
    tail_ranks,
)
from .gate import DRAWS
from .localise import CaseDistance, compare_cases
from .seeding import Floats, seeded_rng, uniforms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.random import Generator

Matrix: TypeAlias = NDArray[np.floating]

# Statistics that are seldom the first to see a change that answers of real models show: all the
# same they see what no other does, and a third of the weight costs them little.
_RARELY = (" max", " spread")
_MINOR = 1 / 3
_WIDEST = 512
_FOLDED = 256


class DistributionAnswer(StrEnum):
    """What the distribution can say; silence about a change is no proof of sameness."""

    DRIFTED = "drifted"
    SLIGHT = "slight"  # beyond chance, below the effect floor: reported, not failed
    NO_CHANGE_SEEN = "no change seen"
    INCONCLUSIVE = "inconclusive"  # no arrangement of so few samples could reach the level


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionTest:
    """The joint test of a family and what it is made of; see ``CaseDistance`` for the effects.

    ``parts`` has the p of each statistic on its own, not corrected: it says where a change shows.
    ``effect_error`` is how much chance alone moves the effect, as a standard deviation.
    """

    p: float
    smallest_p: float
    parts: Mapping[str, float]
    effect: float | None
    effect_error: float
    ratio: float | None
    moved: bool
    cases: tuple[CaseDistance, ...]
    arrangements: int
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionVerdict:
    """The answer, the cases that changed beyond chance, and whether cases could be named at all."""

    answer: DistributionAnswer
    changed: tuple[CaseDistance, ...]
    too_few_to_localise: bool


_NOTHING = DistributionTest(
    p=1.0,
    smallest_p=1.0,
    parts={},
    effect=None,
    effect_error=0.0,
    ratio=None,
    moved=False,
    cases=(),
    arrangements=1,
    exact=True,
)


class _Sums:
    """Running sums over blocks of cases, one number (or vector) an arrangement."""

    def __init__(self) -> None:
        self.energy: Floats | float = 0.0
        self.spread: Floats | float = 0.0
        self.largest: Floats | float = -math.inf
        self.shift: Floats | float = 0.0
        self.distance: Floats | float = 0.0  # as the effect of a case is measured

    def add(self, block: Block, vectors: Matrix, distances: Floats) -> None:
        """Add a block in one representation."""
        means = mean_distances(distances, block.masks, block.accepted, block.fresh)
        energy = standardise(means.energy)
        self.energy = self.energy + energy.sum(axis=1)
        self.spread = self.spread + standardise(means.spread).sum(axis=1)
        self.largest = np.maximum(self.largest, energy.max(axis=1))
        self.shift = self.shift + _mean_shift(block, vectors)
        if block.accepted > 1:
            self.distance = self.distance + means.moved.sum(axis=1)

    def statistics(self) -> dict[str, Floats]:
        """Return the four statistics of a representation, large when something changed."""
        shift = np.asarray(self.shift)
        squared = _steady(np.einsum("rd,rd->r", shift, shift))
        squared = standardise(squared[:, None])[:, 0]
        return {
            "energy": np.round(self.energy, 6),
            "shift": np.round(squared, 4),
            "max": np.asarray(self.largest),
            "spread": np.round(np.abs(self.spread), 6),
        }


def _mean_shift(block: Block, vectors: Matrix) -> Floats:
    """Return Σ over the cases of mean fresh − mean accepted vector, arrangements × columns."""
    step = 1.0 / block.fresh + 1.0 / block.accepted
    flat = block.masks.reshape(len(block.masks), -1).astype(vectors.dtype)
    # Without the mean of its case a vector is what differs there, and rounding is small beside it:
    # mean fresh − mean accepted = (1/m + 1/n) · fresh sum. Equal answers are exactly zero.
    rows = vectors[block.rows]
    centred = np.where(
        (rows == rows[:, :1]).all(axis=1, keepdims=True), 0, rows - rows.mean(axis=1, keepdims=True)
    )
    columns = centred.reshape(-1, vectors.shape[1]).astype(vectors.dtype)
    return np.asarray((flat @ columns) * step, dtype=np.float64)


def _steady(values: Floats) -> Floats:
    """Return values without their last digits, so that what ties on paper ties here.

    Two answers that swap places may leave a sum that differs by rounding alone; standardised, it
    would be a spread, and its ranks a difference between the arrangement seen and the others.
    """
    largest = float(np.abs(values).max(initial=0.0))
    return values if largest == 0 else np.round(values / largest, 5)


def _folded(vectors: Matrix) -> Matrix:
    """Return wide vectors in 256 columns, added up with random signs: lengths stay about right.

    Charikar, Chen and Farach-Colton 2002. Only the shift is measured on them, for speed.
    """
    width = vectors.shape[1]
    if width <= _WIDEST:
        return vectors
    signs = np.where(uniforms(seeded_rng("fold", width), width) < 0.5, -1.0, 1.0)
    padded = np.pad(vectors * signs.astype(vectors.dtype), ((0, 0), (0, -width % _FOLDED)))
    return np.asarray(padded.reshape(len(vectors), -1, _FOLDED).sum(axis=1))


def compare_distributions(
    sizes: Sequence[tuple[int, int]],
    representations: Mapping[str, Matrix],
    style: Matrix,
    *,
    rng: Generator,
    draws: int = DRAWS,
) -> DistributionTest:
    """Test whether accepted and fresh answers are exchangeable inside every case.

    ``sizes`` is (accepted, fresh) a case; each matrix has one row an answer, case after case,
    accepted first (``lay_out``). One set of arrangements serves all statistics. For every
    representation: energy distance summed over the cases, each standardised by its own
    arrangements (Székely and Rizzo 2004; the kernel two-sample test of Gretton et al. 2012 with
    the distance as kernel), the squared norm of the summed mean shift, the largest case, and the
    summed change of spread; beside them the largest standardised feature of style. Each becomes
    its rank r among the arrangements, the test statistic is Σ w/r, and its own rank is p
    (nonparametric combination: Pesarin and Salmaso 2010; harmonic mean: Wilson 2019): exact
    whatever the dependence and the weights.

    With one sample a side energy, max and spread are the same in every arrangement and say
    nothing; shift and style still speak. No case with both sides, or all answers equal: p = 1.
    """
    if not any(min(pair) > 0 for pair in sizes):
        return _NOTHING
    sums = {name: _Sums() for name in representations}
    shift_of_style: Floats | float = 0.0
    folded = {name: _folded(vectors) for name, vectors in representations.items()}
    scales = {name: _scale(vectors) or 1.0 for name, vectors in representations.items()}
    combined: dict[int, Floats] = {}
    for block in blocks(sizes, draws=draws, rng=rng):
        joint = np.zeros((len(block.indices), block.rows.shape[1], block.rows.shape[1]))
        for name, vectors in representations.items():
            distances = pairwise(vectors[block.rows])
            sums[name].add(block, folded[name], distances)
            joint += distances / scales[name]
        shift_of_style = shift_of_style + _mean_shift(block, style)
        combined.update(zip(block.indices.tolist(), joint, strict=True))
    parts = {f"{n} {s}": v for n, one in sums.items() for s, v in one.statistics().items()}
    parts["style"] = np.round(np.abs(standardise(np.asarray(shift_of_style))), 4).max(axis=1)
    cases = compare_cases(sizes, combined, rng=rng, draws=draws)
    distance = sum(sums[name].distance / scales[name] for name in representations)
    return _result(sizes, parts, cases, error=float(np.std(distance)))


def _scale(vectors: Matrix) -> float:
    """Return the typical distance of two answers: it makes representations comparable."""
    centre = vectors.mean(axis=0, dtype=np.float64)
    # the squares about the mean without another copy of the matrix
    squares = float(np.einsum("rc,rc->", vectors, vectors, dtype=np.float64))
    return math.sqrt(max(0.0, 2.0 * (squares / max(1, len(vectors)) - float(centre @ centre))))


def _result(
    sizes: Sequence[tuple[int, int]],
    parts: Mapping[str, Floats],
    cases: tuple[CaseDistance, ...],
    *,
    error: float,
) -> DistributionTest:
    ranks = {name: tail_ranks(values) for name, values in parts.items()}
    weights = {name: _MINOR if name.endswith(_RARELY) else 1.0 for name in ranks}
    joint = np.round(np.sum([weights[name] / ranks[name] for name in ranks], axis=0), 9)
    final = tail_ranks(joint)
    inside = sum(case.means.inside for case in cases)
    between = sum(case.means.between for case in cases)
    return DistributionTest(
        p=float(final[0] / joint.size),
        smallest_p=float(final.min() / joint.size),
        parts={name: float(rank[0] / joint.size) for name, rank in ranks.items()},
        effect=sum(case.means.energy for case in cases) / inside if inside > 0 else None,
        effect_error=error / inside if inside > 0 else 0.0,
        ratio=between / inside if inside > 0 else None,
        moved=any(case.moved for case in cases),
        cases=cases,
        arrangements=joint.size,
        exact=joint.size == count_arrangements(sizes),
    )


def judge_distribution(
    test: DistributionTest,
    *,
    alpha: float = 0.05,
    floor: float = 0.005,
    naming: float | None = None,
) -> DistributionVerdict:
    """Answer whether the source changed, at ``alpha``, by an effect that may reach ``floor``.

    The effect is the energy over the accepted samples' own distance. It grows with the square of
    a small shift, so the floor is low. A change is slight only where so many samples measured the
    effect that it lies two standard errors below the floor: of few samples nobody knows how slight
    their change is. Without a measure (one accepted sample a case) any move reaches the floor, as
    do answers that differ where the accepted ones are all equal.

    Cases are named at ``naming`` (``alpha`` when it is None) whatever the joint answer: of those
    named, that share is named wrongly on average. Where they count only if the joint test fired, a
    family in which nothing changed names some no more often than that test allows, whatever
    ``naming`` is. ``too_few_to_localise`` says that one changed case among all could not be named
    with so few samples.
    """
    naming = alpha if naming is None else naming
    changed = tuple(
        case
        for case in test.cases
        if case.adjusted_p is not None
        and case.adjusted_p <= naming
        and _reaches(case.effect, floor, moved=case.moved)
    )
    tested = [case.smallest_p for case in test.cases if case.p is not None]
    if test.smallest_p > alpha:
        answer = DistributionAnswer.INCONCLUSIVE
    elif test.p > alpha:
        answer = DistributionAnswer.NO_CHANGE_SEEN
    elif _reaches(test.effect, floor - 2 * test.effect_error, moved=test.moved):
        answer = DistributionAnswer.DRIFTED
    else:
        answer = DistributionAnswer.SLIGHT
    return DistributionVerdict(
        answer=answer,
        changed=changed,
        too_few_to_localise=not tested or min(tested) > naming / len(tested),
    )


def _reaches(effect: float | None, floor: float, *, moved: bool) -> bool:
    return moved if effect is None else effect >= floor


def distribution_rng(
    sizes: Sequence[tuple[int, int]], representations: Mapping[str, Matrix], *context: object
) -> Generator:
    """Return the generator for these matrices; ``layout_rng`` is steadier where texts are known."""
    return seeded_rng("vectors", list(context), list(sizes), dict(representations))
