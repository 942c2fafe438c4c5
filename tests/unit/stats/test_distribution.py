from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_promptdrift.stats.distances import (
    all_masks,
    blocks,
    count_arrangements,
    mean_distances,
    pairwise,
    standardise,
    tail_ranks,
)
from pytest_promptdrift.stats.distribution import (
    DistributionAnswer,
    compare_distributions,
    distribution_rng,
    judge_distribution,
)
from pytest_promptdrift.stats.representations import (
    Answer,
    lay_out,
    layout_rng,
    ngram_vectors,
    style_vectors,
)
from pytest_promptdrift.stats.seeding import seeded_rng


def compare(accepted, fresh, *, style=None, draws=499, seed="test"):
    """Compare samples given as arrays (cases × samples × columns)."""
    sizes = [(len(a), len(f)) for a, f in zip(accepted, fresh, strict=True)]
    rows = [np.asarray(row) for a, f in zip(accepted, fresh, strict=True) for row in (*a, *f)]
    vectors = np.array(rows, dtype=np.float64).reshape(len(rows), -1 if rows else 1)
    return compare_distributions(
        sizes,
        {"vectors": vectors},
        np.zeros((len(rows), 1)) if style is None else style,
        rng=seeded_rng(seed),
        draws=draws,
    )


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


@settings(max_examples=25)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 10**6))
def test_mean_distances_of_all_arrangements_agree_with_counting(n: int, m: int, seed: int) -> None:
    points = normal(seed, n + m, 2)
    near = pairwise(points[None])
    masks = all_masks(n, m)
    found = mean_distances(near, masks[:, None, :], n, m)
    for row, mask in enumerate(masks):
        a, f = points[~mask], points[mask]
        between = np.mean([np.linalg.norm(x - y) for x in a for y in f])
        assert found.between[row, 0] == pytest.approx(between)
        for side, mean in ((a, found.inside_accepted), (f, found.inside_fresh)):
            pairs = [np.linalg.norm(x - y) for x, y in itertools.combinations(side, 2)]
            assert mean[row, 0] == pytest.approx(np.mean(pairs) if pairs else 0, abs=1e-6)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 3), (3, 3), (4, 1)])
def test_every_choice_is_listed_once_and_the_one_seen_first(n: int, m: int) -> None:
    masks = all_masks(n, m)
    assert len({tuple(row) for row in masks.tolist()}) == math.comb(n + m, m) == len(masks)
    assert masks[0].tolist() == [False] * n + [True] * m


def test_a_small_family_is_counted_out_over_all_its_cases() -> None:
    sizes = [(2, 1), (1, 1), (0, 4), (2, 1)]
    parts = list(blocks(sizes, draws=99, rng=seeded_rng(1), width=1))
    assert count_arrangements(sizes) == 18
    joined = np.concatenate([block.masks[:, 0] for block in parts], axis=1)
    assert len({tuple(row) for row in joined.tolist()}) == 18 == len(joined)
    assert [block.indices.tolist() for block in parts] == [[0], [3], [1]]
    assert parts[1].rows.tolist() == [[9, 10, 11]]


def test_blocks_of_any_width_hold_the_same_cases() -> None:
    accepted, fresh = normal(1, 7, 3, 2), normal(2, 7, 3, 2)
    found = [
        np.concatenate([b.masks for b in blocks([(3, 3)] * 7, draws=9, rng=seeded_rng(1), width=w)],
                       axis=1)
        for w in (2, 64)
    ]  # fmt: skip
    assert (found[0] == found[1]).all()
    assert len(compare(accepted, fresh).cases) == 7


def test_the_worst_rank_is_shared_by_ties() -> None:
    assert tail_ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [2, 4, 2, 3]


def test_a_statistic_that_no_arrangement_changes_says_nothing() -> None:
    assert standardise(np.full((5, 1), 0.3)).tolist() == [[0.0]] * 5


def test_the_energy_p_of_one_case_is_counted_out_exactly() -> None:
    points = normal(5, 7, 2) + np.array([0, 0, 0, 0, 1, 1, 1])[:, None]

    def energy(mask) -> float:
        a, f = points[~mask], points[mask]
        inside = [np.mean([np.linalg.norm(x - y) for x, y in itertools.combinations(s, 2)])
                  for s in (a, f)]  # fmt: skip
        return 2 * np.mean([np.linalg.norm(x - y) for x in a for y in f]) - sum(inside)

    every = [energy(mask) for mask in all_masks(4, 3)]
    found = compare([points[:4]], [points[4:]]).cases[0]
    assert found.p == pytest.approx(np.mean([e >= every[0] - 1e-9 for e in every]))
    assert found.smallest_p == pytest.approx(1 / 35)
    inside = [np.linalg.norm(x - y) for x, y in itertools.combinations(points[:4], 2)]
    assert found.effect == pytest.approx(every[0] / np.mean(inside))


def test_equal_sides_cannot_have_a_p_below_two_arrangements() -> None:
    found = compare([normal(1, 3, 2)], [normal(2, 3, 2) + 50])
    assert found.cases[0].p == pytest.approx(0.1) == found.cases[0].smallest_p
    assert judge_distribution(found).too_few_to_localise


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("shift", "vectors shift"),
        ("shape", "vectors energy"),
        ("one case", "vectors max"),
        ("spread", "vectors spread"),
    ],
)
def test_every_statistic_sees_its_own_kind_of_change(change: str, part: str) -> None:
    accepted, fresh = normal(3, 20, 6, 4), normal(4, 20, 6, 4)
    if change == "shift":
        fresh += 0.4
    elif change == "shape":
        fresh += 1.2 * np.sign(normal(5, 20, 1, 4))
    elif change == "one case":
        fresh[7] += 5
    else:
        fresh *= 2
    test = compare(accepted, fresh)
    verdict = judge_distribution(test)
    assert test.parts[part] <= 0.01
    assert verdict.answer is DistributionAnswer.DRIFTED
    if change == "one case":
        assert [case.index for case in verdict.changed] == [7]


def test_a_changed_style_is_seen_where_vectors_are_blind() -> None:
    accepted = np.zeros((8, 4, 2))
    style = np.tile([0, 0, 0, 0, 1, 1, 1, 1.0], 8)[:, None]
    test = compare(accepted, accepted, style=style)
    assert test.parts["style"] <= 0.01
    assert test.p <= 0.01


@pytest.mark.parametrize(("cases", "n", "m"), [(6, 1, 1), (5, 3, 3), (4, 4, 2)])
def test_no_change_is_called_a_drift_as_often_as_the_level_says(cases, n, m) -> None:
    generator = np.random.default_rng(n)
    found = []
    for _ in range(300):
        points = generator.standard_normal((cases, n + m, 3))
        style = generator.standard_normal((cases * (n + m), 2))
        test = compare_distributions(
            [(n, m)] * cases,
            {"a": points.reshape(-1, 3), "b": points.reshape(-1, 3)[:, :1]},
            style,
            rng=generator,
            draws=99,
        )
        found.append(test.p)
    p = np.array(found)
    for level in (0.05, 0.2, 0.5):
        error = 3 * math.sqrt(level * (1 - level) / p.size)
        assert np.mean(p <= level) <= level + error
        assert np.mean(p <= level) >= level - error - 0.02


def test_one_sample_a_side_still_sees_a_common_shift_and_names_no_case() -> None:
    test = compare(normal(1, 12, 1, 3), normal(2, 12, 1, 3) + 1.5)
    assert test.p <= 0.02
    assert test.parts["vectors energy"] == 1
    assert all(case.p is None for case in test.cases)
    verdict = judge_distribution(test)
    assert verdict.answer is DistributionAnswer.DRIFTED
    assert verdict.too_few_to_localise
    assert verdict.changed == ()


def test_one_sample_a_side_that_points_nowhere_shows_no_change() -> None:
    test = compare(normal(1, 24, 1, 3), normal(2, 24, 1, 3))
    assert test.smallest_p <= 0.01
    assert judge_distribution(test).answer is DistributionAnswer.NO_CHANGE_SEEN


@pytest.mark.parametrize(("n", "m"), [(3, 3), (3, 1), (5, 1)])
def test_other_answers_than_always_the_same_are_found_whatever_direction_they_took(n, m) -> None:
    was = np.repeat(normal(1, 24, 1, 8), n, axis=1)
    now = np.repeat(normal(1, 24, 1, 8), m, axis=1)
    now[:15] += normal(2, 15, 1, 8)
    test = compare(was, now)
    assert test.p <= 0.01
    assert judge_distribution(test).answer is DistributionAnswer.DRIFTED


def test_cases_that_always_gave_the_same_answer_are_named_when_they_give_another() -> None:
    was, now = np.repeat(normal(1, 24, 1, 8), 5, axis=1), np.repeat(normal(1, 24, 1, 8), 5, axis=1)
    now[:8] += 1
    found = judge_distribution(compare(was, now)).changed
    assert [case.index for case in found] == list(range(8))


def test_cases_are_named_at_a_level_of_their_own() -> None:
    was, now = normal(1, 24, 5, 8), normal(2, 24, 5, 8)
    now[:6] += 3
    test = compare(was, now)
    assert not judge_distribution(test, alpha=0.05 / 3).changed
    found = judge_distribution(test, alpha=0.05 / 3, naming=0.05)
    assert found.answer is DistributionAnswer.DRIFTED
    assert {case.index for case in found.changed} == set(range(6))


def test_one_fresh_sample_against_several_has_an_effect_of_its_own() -> None:
    test = compare([normal(1, 5, 2)], [normal(2, 1, 2) + 3])
    case = test.cases[0]
    assert case.p is None
    assert case.effect == pytest.approx(2 * (case.ratio - 1))


def test_too_few_arrangements_for_the_level_are_inconclusive() -> None:
    found = compare([normal(1, 2, 2)], [normal(2, 2, 2) + 9])
    assert found.exact
    assert found.smallest_p > 0.05
    assert judge_distribution(found).answer is DistributionAnswer.INCONCLUSIVE


def test_equal_answers_are_no_change_and_leave_nothing_to_tell() -> None:
    same = np.ones((4, 3, 2))
    test = compare(same, same)
    assert test.p == 1
    assert (test.effect, test.ratio, test.moved) == (None, None, False)
    assert judge_distribution(test).answer is DistributionAnswer.INCONCLUSIVE


def test_any_other_answer_is_a_change_where_all_accepted_ones_are_equal() -> None:
    same = np.ones((6, 4, 2))
    test = compare(same, same + 1)
    assert test.cases[0].effect is None
    assert test.moved
    assert judge_distribution(test).answer is DistributionAnswer.DRIFTED


def test_a_change_that_few_samples_cannot_measure_is_not_called_slight() -> None:
    # style sees it, and the distance of so few answers is noise around nothing
    style = np.tile([0, 0, 0, 1, 1, 1.0], 8)[:, None]
    test = compare(normal(8, 8, 3, 2), normal(58, 8, 3, 2), style=style)
    assert test.p <= 0.01
    assert test.effect < 0.005 < test.effect + 2 * test.effect_error
    assert judge_distribution(test).answer is DistributionAnswer.DRIFTED


def test_a_significant_trifle_is_reported_and_not_failed() -> None:
    test = compare(normal(1, 40, 8, 3), normal(2, 40, 8, 3) + 0.3)
    assert test.p <= 0.01
    assert test.effect_error < 0.05
    assert judge_distribution(test, floor=10).answer is DistributionAnswer.SLIGHT
    assert judge_distribution(test, floor=10).changed == ()


def test_many_samples_a_case_are_drawn_and_looked_at_again_when_it_matters() -> None:
    fresh = normal(4, 3, 8, 2)
    fresh[0] += 2
    found = compare(normal(3, 3, 8, 2), fresh, draws=199).cases
    assert found[0].p < 1 / 600
    assert found[1].p > 0.02


def test_cases_without_a_side_are_left_out() -> None:
    test = compare([normal(1, 3, 2), normal(2, 3, 2)], [[], normal(3, 3, 2)])
    assert [case.index for case in test.cases] == [1]
    empty = compare([normal(1, 3, 2)], [[]])
    assert (empty.p, empty.cases) == (1.0, ())
    assert judge_distribution(empty).answer is DistributionAnswer.INCONCLUSIVE
    assert compare([], []).p == 1


def test_the_same_data_give_the_same_verdict() -> None:
    vectors = normal(1, 24, 3)
    sizes = [(3, 3)] * 4
    style = vectors[:, :1]
    found = [
        compare_distributions(
            sizes, {"v": vectors}, style, rng=distribution_rng(sizes, {"v": vectors}), draws=99
        )
        for _ in range(2)
    ]
    assert found[0] == found[1]


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=3), st.integers(0, 10**6))
def test_any_design_gives_a_p_value(sizes, seed: int) -> None:
    rows = sum(n + m for n, m in sizes)
    test = compare_distributions(
        sizes, {"v": normal(seed, rows, 300)}, normal(seed, rows, 2), rng=seeded_rng(0), draws=19
    )
    assert 0 < test.smallest_p <= test.p <= 1
    assert test.arrangements == min(20, count_arrangements(sizes))


def test_wide_vectors_are_folded_without_losing_a_shift() -> None:
    accepted, fresh = normal(1, 10, 4, 600), normal(2, 10, 4, 600)
    fresh[:, :, 500:] += 1
    assert compare(accepted, fresh).parts["vectors shift"] <= 0.01


def test_answers_that_became_more_alike_are_a_change_of_spread_too() -> None:
    test = compare(normal(3, 20, 6, 4), 0.5 * normal(4, 20, 6, 4))
    assert test.parts["vectors spread"] <= 0.01
    assert test.p <= 0.01


def test_one_other_answer_among_equal_ones_is_no_evidence_however_many_cases_there_are() -> None:
    def side(*texts: str) -> list[Answer]:
        return [Answer(text=text, finish_reason="stop") for text in texts]

    # labels whose sums of vectors round in a way that once told the arrangement seen from others
    labels = [
        "other",
        "shipping",
        "other",
        "account",
        "billing",
        "other",
        "technical",
        "account",
        "shipping",
    ]
    accepted = [side(*[label] * 5) for label in labels]
    fresh = [*accepted]
    fresh[5] = side(*["other"] * 4, "billing")
    layout = lay_out(accepted, fresh)
    test = compare_distributions(
        layout.sizes,
        {"words": ngram_vectors(layout.texts)},
        style_vectors(layout.answers),
        rng=layout_rng(layout),
        draws=499,
    )
    # the odd answer falls on the fresh side in every second arrangement
    assert min(test.parts.values()) >= 0.45
    assert test.p >= 0.45
    assert test.ratio is None
