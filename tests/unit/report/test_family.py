"""What a person reads about a family of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.verdicts import FILE, LABEL, WORD, cause, family, instrument, score

from pytest_promptdrift.model import Problem, Status
from pytest_promptdrift.model.comparison import Attribution
from pytest_promptdrift.report.commands import Commands
from pytest_promptdrift.report.family import family_headline, family_lines, rate_text

if TYPE_CHECKING:
    from pytest_promptdrift.model.comparison import FamilyVerdict

NODE = f"{FILE}::family[{LABEL}]"
COMMANDS = Commands(node=NODE)


def lines(made: FamilyVerdict, verbosity: int = 0) -> list[str]:
    title = f"family[{LABEL}]"
    return list(family_lines(made, title=title, commands=COMMANDS, verbosity=verbosity))


def regressed() -> FamilyVerdict:
    return family(
        Status.DRIFTED,
        tests=(
            instrument("scores", message="pass dropped"),
            instrument("facts", 0.002, message="3 of 210 facts and forms changed"),
            instrument("distribution", 0.2, fired=False),
        ),
        scores=(score(broken=("refund",)),),
        drifted=tuple(f"case-{n}" for n in range(12)),
        unchanged=28,
        attribution=cause("prompt", "prompt: 1 line changed", WORD),
    )


def undecided(**rest: object) -> FamilyVerdict:
    open_score = score(
        "inconclusive", accepted=0.9, fresh=0.86, low=-0.12, high=0.04, p=0.21, needed=14
    )
    return family(
        Status.INCONCLUSIVE,
        tests=(instrument("scores", 0.2, fired=False),),
        **{"scores": (open_score,), **rest},
    )


def test_a_regression_says_how_much_how_sure_which_cases_and_why() -> None:
    assert lines(regressed()) == [
        "drifted: pass rate 0.93 → 0.78, −0.15 [−0.22, −0.08], p = .0005, margin .05",
        f"  family       {NODE}, 40 cases",
        "  score        pass rate 0.93 → 0.78, −0.15 [−0.22, −0.08], p = .0005,",
        "               margin .05   (40 cases, 5 + 5 samples)",
        "               broken alone: refund",
        "  fact         3 of 210 facts and forms changed, p = .002",
        "  fired        scores (p = .001 at level .0056); facts (p = .002 at level .0056)",
        "  cases        12 of 40 cases changed beyond noise, 28 did not:",
        "               case-0, case-1, case-2, case-3, case-4, case-5, case-6, case-7,",
        "               case-8, case-9 and 2 more (-vv shows)",
        "  why          prompt: 1 line changed",
        "                 body.messages[0].content",
        "                   - You are a [-polite-] assistant of a shop.",
        "                   + You are a {+friendly+} assistant of a shop.",
        "  rate         by chance alone, at most 5 % of such runs cry drift; 3 families",
        "               share it, .017 is for this one",
        f"  next         pytest-promptdrift review '{NODE}'",
    ]


def test_everything_is_listed_when_it_is_asked_for() -> None:
    text = lines(regressed(), 2)
    assert any("case-11" in line for line in text)
    assert any(line.startswith("  answers      differ 2.10 ×") for line in text)
    assert "  not fired    distribution (p = .20 at level .0056)" in text


def test_an_open_question_says_how_many_samples_would_decide_and_what_they_cost() -> None:
    assert lines(undecided()) == [
        "inconclusive: pass rate −0.04 [−0.12, +0.04]; 14 samples per case would decide (+$0.31)",
        f"  family       {NODE}, 40 cases",
        "  score        pass rate 0.90 → 0.86, −0.04 [−0.12, +0.04], p = .21, margin .05",
        "               (40 cases, 5 + 5 samples)",
        "               inconclusive: 14 samples per case would decide (+$0.31)",
        "  not fired    scores (p = .20 at level .0056)",
        "  rate         by chance alone, at most 5 % of such runs cry drift; 3 families",
        "               share it, .017 is for this one",
        f"  next         pytest --promptdrift-mode record --promptdrift-samples 14 '{NODE}'",
        "               (360 calls, about $0.31)",
    ]


def test_a_score_that_stands_still_is_not_told_as_a_score_of_zero() -> None:
    still = score("inconclusive", accepted=1.0, fresh=1.0, low=-0.1, high=0.1, needed=14)
    assert family_headline(undecided(scores=(still,))).startswith(
        "inconclusive: pass rate still 1.00 [−0.10, +0.10]; 14 samples"
    )


def test_a_score_that_stands_still_is_no_news_beside_a_test_that_fired() -> None:
    still = score("fine", accepted=1.0, fresh=1.0)
    made = family(Status.DRIFTED, tests=(instrument("facts", message="2 of 6"),), scores=(still,))
    assert not any(line.startswith("  score ") for line in lines(made))
    assert any(line.startswith("  score ") for line in lines(made, 1))


def test_more_samples_than_anybody_asks_for_are_no_next_step() -> None:
    text = lines(undecided(scores=(score("inconclusive", needed=1676),)))
    assert text[-2:] == [
        "  next         more cases decide it sooner than so many samples; or decide:",
        f"               pytest-promptdrift review '{NODE}'",
    ]


def test_nothing_of_a_live_family_is_offered_to_be_accepted() -> None:
    commands = Commands(node=NODE, live=True)
    text = list(family_lines(regressed(), title="f", commands=commands, verbosity=0))
    assert text[-1] == f"               pytest --promptdrift-mode refresh '{NODE}'"


def test_nobody_is_blamed_for_what_may_be_chance() -> None:
    assert (
        "  why          nothing visible changed but the answers: the provider, or chance"
        in lines(undecided(attribution=Attribution()))
    )


def test_with_one_sample_a_side_nothing_is_beyond_a_noise_that_was_not_measured() -> None:
    made = family(Status.DRIFTED, samples=(1, 1), drifted=("refund",))
    assert family_headline(made) == "drifted: 1 of 40 cases changed, by rules"


def test_changes_that_a_case_has_shown_already_are_not_shown_again() -> None:
    made = family(Status.DRIFTED, attribution=cause("prompt", "prompt: 1 line changed", WORD))
    title = f"family[{LABEL}]"
    told = list(
        family_lines(made, title=title, commands=COMMANDS, verbosity=0, seen_in="refund[x]")
    )
    at = told.index("  why          prompt: 1 line changed")
    assert told[at + 1] == "                 as in refund[x] above (-vv shows)"
    assert not any("[-polite-]" in line for line in told)


def test_unknown_prices_are_left_out() -> None:
    made = undecided(usd_per_sample=None)
    assert family_headline(made).endswith("14 samples per case would decide")
    assert lines(made)[-1] == "               (360 calls)"


def test_an_open_question_that_no_number_of_samples_decides_has_no_command() -> None:
    made = undecided(scores=(score("inconclusive", needed=None),))
    assert not any(" next " in line for line in lines(made))


def test_answers_that_cannot_be_told_apart_are_inconclusive_without_a_score() -> None:
    made = family(Status.INCONCLUSIVE, tests=(instrument("distribution", 0.1, fired=False),))
    assert family_headline(made) == ("inconclusive: 40 cases compared, none changed beyond noise")


def test_a_family_in_which_nothing_is_fresh_has_one_line_more_than_its_headline() -> None:
    assert lines(family(compared=0, unchanged=0)) == [
        "passed: nothing to compare in 40 cases",
        f"  family       {NODE}, 40 cases, 0",
        "               compared",
    ]


def test_a_family_without_drift_counts_what_was_compared() -> None:
    assert family_headline(family()) == "passed: 40 cases compared, none changed beyond noise"
    assert family_headline(family(drifted=("refund",))) == (
        "passed: 1 of 40 cases changed beyond noise"
    )


def test_a_family_that_passes_is_not_explained() -> None:
    made = family(attribution=cause("prompt", "prompt: 1 line changed", WORD))
    assert not any(" why " in line for line in lines(made))


def test_the_lines_of_a_problem_are_all_shown() -> None:
    problem = Problem(kind="recording", message="cannot be read\nline 3: no JSON")
    made = family(Status.ERROR, problem=problem)
    assert lines(made)[0] == "error: recording: cannot be read"
    assert "  line 3: no JSON" in lines(made)


@pytest.mark.parametrize(
    ("rest", "text"),
    [
        ({"families": 1}, "at most 5 % of such runs cry drift; one family has all of it"),
        (
            {"alpha": 0.01, "level": 0.0025, "families": 4},
            "at most 1 % of such runs cry drift; 4 families share it, .0025 is for this one",
        ),
    ],
)
def test_the_rate_of_false_alarms_is_that_of_the_run(rest: dict[str, object], text: str) -> None:
    assert rate_text(family(**rest)) == f"by chance alone, {text}"


def test_an_open_score_is_no_news_beside_a_test_that_fired() -> None:
    made = family(
        Status.DRIFTED,
        tests=(instrument("facts", message="2 of 6 facts changed"),),
        scores=(score("inconclusive", needed=349),),
    )
    assert not any("would decide" in line for line in lines(made))
    assert any("349 samples per case would decide" in line for line in lines(made, 1))


def test_a_free_model_has_no_price() -> None:
    assert lines(undecided(usd_per_sample=0.0))[-1] == "               (360 calls)"


def test_a_family_in_which_everything_changed_does_not_count_the_rest() -> None:
    made = family(Status.DRIFTED, cases=2, compared=2, drifted=("a", "b"), unchanged=0)
    assert "  cases        2 of 2 cases changed beyond noise:" in lines(made)
