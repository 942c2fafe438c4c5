from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.stats.counts import (
    FactCount,
    cohens_kappa,
    fisher_exact,
    judge_facts,
    wilson_interval,
)

SMALL = st.integers(0, 5)


@given(SMALL, SMALL, SMALL, SMALL)
def test_fisher_counts_the_arrangements_of_the_labels(a: int, b: int, c: int, d: int) -> None:
    marks = [1] * a + [0] * b + [1] * c + [0] * d
    n, m = a + b, c + d
    hits = [sum(marks[i] for i in chosen) for chosen in combinations(range(n + m), m)]
    chance = {k: hits.count(k) / len(hits) for k in set(hits)}
    found = fisher_exact(a, n, c, m)
    assert found.fewer == pytest.approx(sum(p for k, p in chance.items() if k <= c))
    assert found.more == pytest.approx(sum(p for k, p in chance.items() if k >= c))
    as_rare = sum(p for p in chance.values() if p <= chance[c] + 1e-12)
    assert found.two_sided == pytest.approx(as_rare)


def test_fisher_knows_the_lady_who_tastes_tea() -> None:
    # Fisher 1935: three of four cups named right
    assert fisher_exact(1, 4, 3, 4).more == pytest.approx(17 / 70)
    assert fisher_exact(1, 4, 3, 4).two_sided == pytest.approx(34 / 70)


def test_fisher_says_nothing_without_samples() -> None:
    assert fisher_exact(0, 0, 3, 5).two_sided == 1
    assert fisher_exact(0, 0, 0, 0).fewer == 1


def test_more_hits_than_samples_are_an_error() -> None:
    with pytest.raises(ValueError, match="6 of 5"):
        fisher_exact(6, 5, 0, 5)


def test_the_wilson_interval_agrees_with_published_values() -> None:
    # Newcombe 1998, table I: 81 of 263 and 0 of 20
    found = wilson_interval(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    found = wilson_interval(0, 20)
    assert (found.low, found.high) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(0, 50), st.integers(0, 50))
def test_the_wilson_interval_holds_the_share_and_stays_inside_one(hits: int, more: int) -> None:
    found = wilson_interval(hits, hits + more)
    share = hits / (hits + more) if hits + more else 0.5
    assert 0 <= found.low <= share + 1e-12
    assert share <= found.high + 1e-12
    assert found.high <= 1


def test_kappa_agrees_with_a_hand_computed_table() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreement .7, chance .5
    left = ["yes"] * 25 + ["no"] * 25
    right = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    found = cohens_kappa(left, right)
    assert found.agreement == pytest.approx(0.7)
    assert found.value == pytest.approx(0.4)
    # its standard error by the formula of Fleiss, Cohen and Everitt, worked out by hand
    same = 0.4 * (1 - (0.5 + 0.6) * 0.6) ** 2 + 0.3 * (1 - (0.5 + 0.4) * 0.6) ** 2
    other = 0.36 * (0.1 * (0.6 + 0.5) ** 2 + 0.2 * (0.4 + 0.5) ** 2)
    error = math.sqrt((same + other - (0.4 - 0.5 * 0.6) ** 2) / 50) / 0.5
    assert found.interval.high - 0.4 == pytest.approx(1.959964 * error, abs=1e-6)


def test_kappa_is_undefined_without_pairs_or_without_two_labels() -> None:
    assert cohens_kappa([], []).value is None
    alike = cohens_kappa(["a"] * 5, ["a"] * 5)
    assert alike.value is None
    assert (alike.agreement, alike.interval.low, alike.interval.high) == (1.0, -1.0, 1.0)


def test_perfect_agreement_is_one_and_perfect_disagreement_is_minus_one() -> None:
    assert cohens_kappa("abab", "abab").value == pytest.approx(1)
    assert cohens_kappa("abab", "baba").value == pytest.approx(-1)


def fact(accepted: int, fresh: int, samples: int = 5) -> FactCount:
    return FactCount(accepted_hits=accepted, accepted=samples, fresh_hits=fresh, fresh=samples)


def test_a_fact_that_all_accepted_answers_state_and_no_fresh_one_does_has_drifted() -> None:
    gone, new, kept = judge_facts([fact(5, 0), fact(0, 5), fact(5, 5)])
    assert gone.drifted
    assert new.drifted
    assert gone.p == pytest.approx(2 / 252)
    assert not kept.drifted
    assert not kept.outside


def test_what_the_accepted_answers_vary_over_is_no_news() -> None:
    (varied,) = judge_facts([fact(1, 10, samples=10)])
    assert varied.p < 0.001
    assert not varied.outside
    assert not varied.drifted


def test_three_samples_a_side_prove_nothing() -> None:
    (gone,) = judge_facts([fact(3, 0, samples=3)])
    assert gone.outside
    assert not gone.drifted


def test_seven_facts_of_a_case_need_more_than_one_would() -> None:
    assert judge_facts([fact(5, 0)])[0].drifted
    assert judge_facts([fact(5, 0), *[fact(5, 5)] * 5])[0].drifted
    assert not judge_facts([fact(5, 0), *[fact(5, 5)] * 6])[0].drifted


def test_a_fact_without_samples_on_a_side_is_never_drift() -> None:
    counts = [
        FactCount(accepted_hits=0, accepted=0, fresh_hits=5, fresh=5),
        FactCount(accepted_hits=5, accepted=5, fresh_hits=0, fresh=0),
    ]
    assert not any(found.outside or found.drifted for found in judge_facts(counts))
    assert judge_facts([]) == ()
