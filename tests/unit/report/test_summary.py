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
