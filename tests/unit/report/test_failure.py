"""What a person reads when a case did not pass."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift._errors import Where
from pytest_promptdrift.model import (
    MISSING,
    CheckResult,
    CheckSummary,
    FieldChange,
    Miss,
    NearRecording,
    Problem,
    Status,
    Verdict,
)
from pytest_promptdrift.report.commands import Commands
from pytest_promptdrift.report.failure import failure_lines, headline


def verdict(status: Status, **rest: Any) -> Verdict:
    return Verdict(
        status=status,
        case_id="refund",
        label="m",
        model="m",
        where=Where(path="a.prompt.yaml", line=3),
        **rest,
    )


def lines(made: Verdict, verbosity: int = 0) -> list[str]:
    return list(
        failure_lines(
            made,
            title="refund[m]",
            commands=Commands(node="a.prompt.yaml::refund[m]"),
            verbosity=verbosity,
        )
    )


def check(
    name: str, *outcomes: bool, needed: int | None = None, reason: str = "no"
) -> CheckSummary:
    results = tuple(
        CheckResult(name=name, passed=ok, reason="" if ok else f"{reason} {n}")
        for n, ok in enumerate(outcomes)
    )
    needed = len(outcomes) if needed is None else needed
    return CheckSummary(
        name=name, held=sum(outcomes), total=len(outcomes), needed=needed, results=results
    )


def test_the_headline_names_the_check_and_how_many_samples_held() -> None:
    made = verdict(Status.FAILED, checks=(check("one_of", True, False, True),))
    assert headline(made) == "failed: one_of held in 2 of 3: no 1"


def test_one_sample_needs_no_counting() -> None:
    assert headline(verdict(Status.FAILED, checks=(check("equals", False),))) == (
        "failed: equals: no 0"
    )


def test_a_failure_shows_place_reason_and_answers() -> None:
    made = verdict(
        Status.FAILED,
        checks=(check("equals", True, False), check("length", True, True)),
        answers=("billing", "Billing!"),
        recording_id="abc",
        samples=2,
    )
    text = lines(made)
    assert text[0] == "failed: equals held in 1 of 2: no 1"
    assert text[1] == "  case         refund[m] at a.prompt.yaml:3"
    assert "  equals       held in 1 of 2, 2 needed" in text
    assert "               sample 2: no 1" in text
    assert "  answers      [1] billing" in text
    assert "  recording    abc, 2 samples" in text
    assert not any("length" in line for line in text)


def test_verbose_shows_the_checks_that_held_as_well() -> None:
    made = verdict(Status.FAILED, checks=(check("equals", False), check("length", True)))
    assert any(line.strip() == "length       held" for line in lines(made, 1))


def test_equal_answers_are_shown_once() -> None:
    made = verdict(Status.FAILED, checks=(check("equals", False, False),), answers=("x", "x"))
    assert [line for line in lines(made) if "[1, 2] x" in line]


def test_a_long_answer_is_cut_until_all_is_asked_for() -> None:
    made = verdict(Status.FAILED, checks=(check("equals", False),), answers=("y" * 5000,))
    assert any("4,600 characters more" in line for line in lines(made))
    assert any("y" * 5000 in line for line in lines(made, 2))


def test_an_unrecorded_request_shows_the_nearest_the_change_and_the_command() -> None:
    near = NearRecording(
        recording_id="abc",
        case_id="refund",
        label="m",
        similarity=0.98,
        changes=(FieldChange(path="body.messages[0].content", old="Be kind.", new="Be brief."),),
    )
    made = verdict(Status.UNRECORDED, miss=Miss(digest="d", stored=0, needed=3, near=(near,)))
    assert lines(made) == [
        "unrecorded: this request has no recording",
        "  case         refund[m] at a.prompt.yaml:3",
        "  nearest      abc of refund[m], 98% alike",
        "    body.messages[0].content",
        "      - Be [-kind-].",
        "      + Be {+brief+}.",
        "  next         pytest --promptdrift-mode record 'a.prompt.yaml::refund[m]'",
        "               (3 calls; what is recorded already is not asked again)",
    ]


def test_a_difference_that_was_shown_already_is_not_shown_again() -> None:
    change = FieldChange(path="body.system", old="kind", new="brief")
    near = NearRecording(
        recording_id="abc", case_id="refund", label="m", similarity=0.98, changes=(change,)
    )
    made = verdict(Status.UNRECORDED, miss=Miss(digest="d", stored=0, needed=1, near=(near,)))
    shown = failure_lines(
        made, title="b[m]", commands=Commands(node="c"), verbosity=0, seen_in="a[m]"
    )
    assert "               differs in the same way as a[m] above (-vv shows)" in list(shown)


def test_fields_that_came_and_went_are_marked() -> None:
    changes = (
        FieldChange(path="body.seed", old=MISSING, new=1),
        FieldChange(path="body.top_p", old=0.5, new=MISSING),
        FieldChange(path="body.n", old=1, new=2),
    )
    near = NearRecording(
        recording_id="abc", case_id="refund", label="m", similarity=0.9999, changes=changes
    )
    text = lines(
        verdict(Status.UNRECORDED, miss=Miss(digest="d", stored=0, needed=1, near=(near,)))
    )
    assert "over 99% alike" in text[2]
    assert text[3:10] == [
        "    body.seed",
        "      + 1",
        "    body.top_p",
        "      - 0.5",
        "    body.n",
        "      - 1",
        "      + 2",
    ]


def test_a_renamed_case_is_recognised() -> None:
    near = NearRecording(recording_id="abc", case_id="old", label="m", similarity=1, changes=())
    text = "\n".join(
        lines(verdict(Status.UNRECORDED, miss=Miss(digest="d", stored=0, needed=1, near=(near,))))
    )
    assert "the very same request" in text
    assert "renamed" in text


def test_missing_samples_are_counted() -> None:
    made = verdict(Status.UNRECORDED, miss=Miss(digest="d", stored=3, needed=5), samples=3)
    assert headline(made) == "unrecorded: 3 samples of 5 recorded, 2 missing"
    assert any("2 calls" in line for line in lines(made))


def test_an_error_is_never_called_a_failure() -> None:
    problem = Problem(kind="rate limit", message="429 from the provider", hint="wait a minute")
    made = verdict(Status.ERROR, problem=problem, samples=2)
    assert headline(made) == "error: rate limit: 429 from the provider"
    assert "  kept         2 answers already recorded" in lines(made)
    assert "  next         wait a minute" in lines(made)


def test_a_crashed_check_says_that_it_could_not_decide() -> None:
    crashed = CheckSummary(
        name="polite",
        held=0,
        total=1,
        needed=1,
        results=(CheckResult(name="polite", passed=None, crashed=True, reason="KeyError 'x'"),),
    )
    made = verdict(Status.FAILED, checks=(crashed,))
    assert "polite could not decide: KeyError 'x'" in headline(made)


@given(st.text(), st.text(), st.integers(0, 2))
def test_hostile_answers_never_reach_the_terminal_raw(answer: str, reason: str, level: int) -> None:
    made = verdict(
        Status.FAILED, checks=(check("equals", False, reason=reason),), answers=(answer,)
    )
    text = "\n".join([headline(made), *lines(made, level)])
    assert "\x1b" not in text
    assert "\r" not in text
    text.encode()


def test_a_crashed_check_beside_a_failed_one_is_marked_as_crashed() -> None:
    crashed = CheckSummary(
        name="polite",
        held=0,
        total=1,
        needed=1,
        results=(CheckResult(name="polite", passed=None, crashed=True, reason="KeyError 'x'"),),
    )
    text = lines(verdict(Status.FAILED, checks=(check("equals", False), crashed)))
    assert "  polite       crashed" in text
    assert "               KeyError 'x'" in text


def test_a_suite_without_any_recording_says_so() -> None:
    text = lines(verdict(Status.UNRECORDED, miss=Miss(digest="d", stored=0, needed=1)))
    assert "  nearest      nothing is recorded for this case file yet" in text
