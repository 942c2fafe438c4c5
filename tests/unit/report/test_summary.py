"""The lines that close a run."""

from __future__ import annotations

from typing import Any

from pytest_promptdrift.report.summary import Spending, Totals, summary_lines


def data(status: str = "passed", **rest: Any) -> dict[str, Any]:
    return {
        "status": status,
        "samples": 5,
        "called": 0,
        "usd": 0.001,
        "tokens": 100,
        "seconds": 2.0,
        **rest,
    }


def lines(totals: Totals, spending: Spending | None = None, unused: int = 0) -> list[str]:
    return list(summary_lines(totals, spending, unused, "pytest --promptdrift-mode record"))


def spend(**rest: Any) -> Spending:
    plain: dict[str, Any] = {"calls": 4, "failed": 0, "usd": 0.5, "unknown": 0, "limit": None}
    return Spending(**{**plain, **rest})


def test_a_replay_says_what_it_saved() -> None:
    totals = Totals()
    totals.add(data(), "a")
    totals.add(data("failed"), "b")
    assert lines(totals) == [
        "2 cases: 1 passed, 1 failed",
        "replayed 10 recorded answers, no call made; saved $0.002, 200 tokens, 4.0 s of waiting",
    ]


def test_unknown_prices_are_said_and_not_counted_as_nothing() -> None:
    totals = Totals()
    totals.add(data(), "a")
    totals.add(data(usd=None), "b")
    assert "saved $0.001 and some of unknown price" in lines(totals)[1]


def test_called_cases_are_not_counted_as_replayed() -> None:
    totals = Totals(mode="record")
    totals.add(data(called=5), "a")
    assert lines(totals, spend()) == ["1 case: 1 passed", "called 4 times; spent $0.50"]


def test_spending_names_failures_unknown_prices_and_the_budget() -> None:
    (line,) = lines(Totals(), spend(failed=1, unknown=2, limit=2.5))
    assert line == (
        "called 4 times, 1 failed; spent at least $0.50, 2 calls of unknown price"
        " of a budget of $2.50"
    )
    assert lines(Totals(), spend(usd=0.0, unknown=4)) == [
        "called 4 times; spent unknown price (give the model prices to know)"
    ]


def test_what_was_not_looked_at_is_listed() -> None:
    totals = Totals()
    for number in range(12):
        totals.add(data("skipped", samples=0), f"case-{number}")
    assert lines(totals)[1:] == [
        "not looked at, because of the budget: 12 cases",
        *(f"  case-{number}" for number in range(10)),
        "  and 2 more",
    ]


def test_missing_recordings_come_with_the_command_for_all_of_them() -> None:
    totals = Totals()
    totals.add(data("unrecorded", samples=0), "a")
    assert lines(totals)[1] == "record what is missing: pytest --promptdrift-mode record"


def test_a_live_run_says_where_its_answers_are() -> None:
    made = summary_lines(Totals(), spend(kept=4), 0, "", ".promptdrift/runs/x")
    assert list(made)[1] == "the answers are in .promptdrift/runs/x"


def test_an_interruption_says_what_is_kept() -> None:
    assert lines(Totals(), spend(kept=1, interrupted=True))[1] == (
        "interrupted: 1 answer of this run is kept, a re-run asks only for the rest"
    )


def test_unused_recordings_are_counted() -> None:
    assert lines(Totals(), unused=1) == [
        "1 recording is unused: pytest-promptdrift prune shows them"
    ]


def test_a_run_without_cases_says_nothing() -> None:
    assert lines(Totals(), spend(calls=0)) == []


# ------------------------------------------------------------------ verdicts against a baseline


def family(status: str = "passed") -> dict[str, Any]:
    return {"kind": "family", "status": status, "headline": f"{status}: as a family"}


def test_families_are_counted_apart() -> None:
    totals = Totals()
    totals.add(data(), "a")
    totals.add(family(), "f")
    totals.add(family("drifted"), "g", failed=True)
    assert lines(totals)[:2] == ["1 case: 1 passed", "2 families: 1 passed, 1 drifted"]


def test_statuses_come_in_one_order() -> None:
    totals = Totals()
    for status in ("skipped", "drifted", "failed", "inconclusive", "pending", "new", "passed"):
        totals.add(data(status, samples=0, headline=""), "a", failed=True)
    assert lines(totals)[0] == (
        "7 cases: 1 passed, 1 new, 1 pending, 1 inconclusive, 1 failed, 1 drifted, 1 skipped"
    )


def test_what_waits_for_a_person_comes_with_one_command() -> None:
    totals = Totals()
    for status in ("new", "pending", "drifted"):
        totals.add(data(status, headline=""), "a", failed=True)
    assert lines(totals)[1] == "3 wait for a decision: pytest-promptdrift review"


def test_a_family_that_drifts_alone_is_looked_at_by_its_name() -> None:
    totals = Totals()
    totals.add(family("drifted"), "a.prompt.yaml::family[m]", failed=True)
    assert lines(totals)[1:] == [
        "1 family drifted without a case that did; look at the cases together:",
        "  pytest-promptdrift review 'a.prompt.yaml::family[m]'",
    ]
    totals.add(data("drifted", headline=""), "a", failed=True)
    assert "1 waits for a decision: pytest-promptdrift review" in lines(totals)


def test_nothing_of_a_live_run_waits_for_a_decision() -> None:
    totals = Totals(mode="live")
    totals.add(data("drifted", headline=""), "a", failed=True)
    assert not any("decision" in line for line in lines(totals))


def unsettled() -> Totals:
    totals = Totals()
    for number in range(12):
        totals.add(data("new", headline="new: nothing is accepted"), f"case-{number}")
    totals.add(family("inconclusive"), "f")
    return totals


def test_the_same_about_many_cases_is_said_once() -> None:
    told = lines(unsettled())
    assert told[2:4] == [
        "passed without being settled: 13",
        "  12 cases: new: nothing is accepted (-v lists them)",
    ]
    assert told[4].startswith("  f: ")


def test_what_passed_without_being_settled_is_listed_when_asked_for() -> None:
    told = list(summary_lines(unsettled(), None, 0, "pytest", verbosity=1))
    assert told[2:14] == [
        "passed without being settled: 13",
        *(f"  case-{number}: new: nothing is accepted" for number in range(10)),
        "  and 3 more",
    ]


def test_what_pytest_shows_as_failed_is_not_listed_again() -> None:
    totals = Totals()
    totals.add(data("inconclusive", headline="inconclusive: too few"), "a", failed=True)
    assert not any("settled" in line for line in lines(totals))


def test_passed_cases_with_a_note_are_counted_and_listed_when_asked_for() -> None:
    totals = Totals()
    totals.add(data(notes=["a cache?"], headline="passed: a cache?"), "a")
    totals.add(data(comparison={"findings": []}, headline="passed: made anew"), "b")
    totals.add(data(), "c")
    assert lines(totals)[1] == "passed with a note: 2 (-v shows)"
    told = list(summary_lines(totals, None, 0, "pytest", verbosity=1))
    assert told[1:4] == [
        "passed with a note: 2",
        "  a: passed: a cache?",
        "  b: passed: made anew",
    ]


def test_the_command_is_typed_from_above_the_project_as_well() -> None:
    totals = Totals()
    totals.add(family("drifted"), "a::family[m]", failed=True)
    told = list(summary_lines(totals, None, 0, "pytest", project="examples"))
    assert told[-1] == "  (cd examples && pytest-promptdrift review 'a::family[m]')"
    totals.add(data("new", headline=""), "a", failed=True)
    told = list(summary_lines(totals, None, 0, "pytest", project="examples"))
    assert "1 waits for a decision: (cd examples && pytest-promptdrift review)" in told
