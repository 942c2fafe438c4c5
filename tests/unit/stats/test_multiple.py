from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.stats.multiple import (
    benjamini_hochberg,
    decide_families,
    holm,
    split_alpha,
)

P_VALUES = st.lists(st.floats(0.0001, 1), max_size=12)


def test_benjamini_hochberg_agrees_with_a_hand_computed_example() -> None:
    # sorted: .01 · 5/1 = .05, .02 · 5/2 = .05, .03 · 5/3 = .05, .5 · 5/4 = .625, .9
    assert benjamini_hochberg([0.5, 0.01, 0.9, 0.03, 0.02]) == pytest.approx(
        (0.625, 0.05, 0.9, 0.05, 0.05)
    )


def test_holm_agrees_with_a_hand_computed_example() -> None:
    # sorted: .01 · 4 = .04, .02 · 3 = .06, .03 · 2 = .06, .04 · 1 = .04 → .06
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx((0.06, 0.04, 0.06, 0.06))


@pytest.mark.parametrize("correct", [benjamini_hochberg, holm])
def test_no_p_values_give_none_and_one_is_returned_as_it_is(correct) -> None:
    assert correct([]) == ()
    assert correct([0.03]) == (0.03,)


@given(P_VALUES)
def test_corrections_never_lower_a_p_value_and_holm_is_the_stricter(p: list[float]) -> None:
    for raw, fdr, fwer in zip(p, benjamini_hochberg(p), holm(p), strict=True):
        assert raw <= fdr * (1 + 1e-12)
        assert fdr <= fwer * (1 + 1e-12)
        assert fwer <= 1


@given(P_VALUES, st.randoms())
def test_corrections_do_not_depend_on_the_order(p: list[float], shuffle) -> None:
    order = list(range(len(p)))
    shuffle.shuffle(order)
    mixed = [p[i] for i in order]
    for correct in (benjamini_hochberg, holm):
        assert correct(mixed) == pytest.approx(tuple(correct(p)[i] for i in order))


@given(P_VALUES.filter(bool), st.integers(0, 11))
def test_a_smaller_p_value_makes_no_adjusted_one_larger(p: list[float], at: int) -> None:
    lower = [x / 2 if i == at % len(p) else x for i, x in enumerate(p)]
    for correct in (benjamini_hochberg, holm):
        assert all(a <= b + 1e-12 for a, b in zip(correct(lower), correct(p), strict=True))


def test_alpha_is_split_equally_unless_weighed() -> None:
    assert split_alpha(["scores", "answers"]) == {"scores": 0.5, "answers": 0.5}
    assert split_alpha(["scores", "answers"], {"scores": 3}) == {"scores": 0.75, "answers": 0.25}
    assert split_alpha([]) == {}


def test_shares_of_alpha_that_add_up_to_nothing_are_an_error() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        split_alpha(["scores"], {"scores": 0})


def test_one_family_gets_the_whole_alpha_and_each_instrument_its_share() -> None:
    found = decide_families({"triage": {"scores": 0.024, "answers": 0.6}})["triage"]
    assert found.rejected
    assert found.fired == ("scores",)
    assert found.levels == {"scores": 0.025, "answers": 0.025}
    assert found.p == pytest.approx(0.048)


def test_a_second_family_is_judged_at_the_alpha_that_the_first_one_left() -> None:
    found = decide_families(
        {"a": {"scores": 0.02}, "b": {"scores": 0.04}, "c": {"scores": 0.9}, "d": {}}
    )
    assert [f.rejected for f in found.values()] == [False] * 4
    found = decide_families({"a": {"scores": 0.001}, "b": {"scores": 0.04}})
    assert found["a"].rejected
    assert found["a"].level == pytest.approx(0.025)
    assert found["b"].rejected
    assert found["b"].level == pytest.approx(0.05)
    assert found["b"].fired == ("scores",)


def test_a_family_without_p_values_never_fires() -> None:
    found = decide_families({"a": {}})["a"]
    assert (found.p, found.rejected, found.fired) == (1.0, False, ())


def test_an_instrument_without_a_share_cannot_fire() -> None:
    shares = {"scores": 0.0, "answers": 1.0}
    found = decide_families({"a": {"scores": 0.0001, "answers": 0.5}}, shares=shares)["a"]
    assert not found.rejected


@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.dictionaries(st.sampled_from(["scores", "answers", "facts"]), st.floats(0.0001, 1)),
    )
)
def test_a_family_is_rejected_exactly_when_one_of_its_instruments_fires(families) -> None:
    for decision in decide_families(families, alpha=0.2).values():
        assert decision.rejected == bool(decision.fired)


INSTRUMENTS = ["scores", "distribution", "facts"]
SOME_TESTS = st.dictionaries(st.sampled_from(INSTRUMENTS), st.floats(0.0001, 1))


@pytest.mark.parametrize("families", [1, 2, 3, 7, 24, 49])
@pytest.mark.parametrize("instruments", [1, 2, 3])
@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.1])
def test_a_p_value_exactly_at_its_level_fires(families: int, instruments: int, alpha) -> None:
    run = {str(f): dict.fromkeys(INSTRUMENTS[:instruments], 1.0) for f in range(families)}
    run["0"]["scores"] = alpha / families / instruments
    found = decide_families(run, alpha=alpha)["0"]
    assert found.rejected
    assert found.fired == ("scores",)


@pytest.mark.parametrize("present", [["facts"], ["scores", "facts"], INSTRUMENTS])
def test_what_is_missing_leaves_its_share_to_the_instruments_that_are_there(present) -> None:
    found = decide_families({"a": dict.fromkeys(present, 1.0)}, alpha=0.06)["a"]
    assert found.levels == pytest.approx(dict.fromkeys(present, 0.06 / len(present)))


def test_a_family_that_nothing_can_be_said_of_costs_the_others_nothing() -> None:
    found = decide_families({"a": {"facts": 0.04}, "b": {}, "c": {}})
    assert found["a"].fired == ("facts",)
    assert (found["b"].rejected, found["b"].levels) == (False, {})


@given(st.dictionaries(st.sampled_from("abcdef"), SOME_TESTS, min_size=1))
def test_a_family_judged_alone_at_its_part_of_alpha_never_fires_more(families) -> None:
    together = decide_families(families, alpha=0.2)
    for name, tests in families.items():
        alone = decide_families({name: tests}, alpha=0.2 / len(families))[name]
        assert set(alone.fired) <= set(together[name].fired)
        assert alone.level <= together[name].level


@pytest.mark.parametrize("missing", [0.0, 0.5])
def test_a_run_cries_drift_no_more_often_than_alpha(missing: float) -> None:
    chance = np.random.default_rng(3)
    wrong = 0
    for _ in range(2000):
        p = chance.random((6, 3))
        p[::2] = p[::2, :1]  # in every other family the instruments say the same
        run = {
            str(f): {i: float(v) for i, v in zip(INSTRUMENTS, row, strict=True)
                     if chance.random() >= missing}
            for f, row in enumerate(p)
        }  # fmt: skip
        wrong += any(d.rejected for d in decide_families(run, alpha=0.1).values())
    assert wrong / 2000 <= 0.1 + 3 * (0.09 / 2000) ** 0.5
    assert wrong / 2000 >= 0.04
