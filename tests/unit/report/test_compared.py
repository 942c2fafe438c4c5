"""What a person reads about fresh answers beside accepted ones, beyond the ten rehearsals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.verdicts import NEW, OLD, WORD, cause, comparison, finding, score, verdict

from pytest_promptdrift.model import FieldChange, Finding, Spent, Status, Verdict
from pytest_promptdrift.model.comparison import Attribution, Cause, Comparison
from pytest_promptdrift.report.commands import Commands
from pytest_promptdrift.report.failure import failure_lines, headline

if TYPE_CHECKING:
    from pytest_promptdrift.model.comparison import CauseKind

COMMANDS = Commands(node="a.prompt.yaml::refund[m]")


def lines(made: Verdict, verbosity: int = 0) -> list[str]:
    return list(failure_lines(made, title="refund[m]", commands=COMMANDS, verbosity=verbosity))


def drifted(compared: Comparison, **rest: object) -> Verdict:
    return verdict(Status.DRIFTED, comparison=compared, **rest)


def section(text: list[str], label: str) -> list[str]:
    """Return the lines under a label, without the column of labels."""
    start = next(n for n, line in enumerate(text) if line.startswith(f"  {label} "))
    found = [text[start][15:]]
    for line in text[start + 1 :]:
        if not line.startswith(" " * 15):
            break
        found.append(line[15:])
    return found


def test_only_the_first_findings_are_listed_until_all_are_asked_for() -> None:
    found = tuple(finding(old=f"{n} days", accepted_of=5) for n in range(7))
    made = drifted(comparison(findings=found))
    assert headline(made).endswith("(and 6 more findings)")
    assert section(lines(made), "fact")[-1] == "2 more findings (-vv shows)"
    assert not any("more findings (-vv" in line for line in lines(made, 2))
    assert any('"6 days"' in line for line in lines(made, 2))


def test_findings_of_two_instruments_stand_under_their_own_words() -> None:
    gone = finding("field_gone", message="$.x: a field is gone", path="$.x")
    text = lines(drifted(comparison(findings=(gone, finding(), finding(old="2 kg", new=None)))))
    assert "  schema       $.x: a field is gone" in text
    assert section(text, "fact")[-1] == 'number: "2 kg" in 5 of 5 accepted, 0 of 5 fresh'


def test_a_finding_that_nobody_knows_is_shown_as_it_is_told() -> None:
    made = drifted(comparison(findings=(finding("sarcasm", message="it is mocking"),)))
    assert section(lines(made), "finding") == ["it is mocking"]


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (
            finding(fresh=2, p=0.04),
            'number: "14 days" in 5 of 5 accepted, 3 of 5 fresh; others say "30 days", p = .040',
        ),
        (
            finding("claim_added", old=None, new="Call us.", accepted=0, fresh=4, p=0.02),
            'claim added: "Call us." in 0 of 5 accepted, 4 of 5 fresh, p = .020',
        ),
        (
            finding("claim_added", old=None, new="Call us.", accepted=1, fresh=4),
            'claim added: "Call us." in 4 of 5 fresh',
        ),
        (
            finding("json_value", old="14", new="30", path="$.days"),
            'json value at $.days: "14" in 5 of 5 accepted, 0 of 5 fresh; fresh say "30"',
        ),
        (
            finding("refusal", message="a refusal on one side only: 5 of 5 fresh answers"),
            "a refusal on one side only: 5 of 5 fresh answers",
        ),
        (
            finding(message="another number: '14' → '30'", accepted_of=1, fresh_of=1),
            "another number: '14' → '30'",
        ),
        (finding(message="something", old=None, new=None), "something"),
        (finding("scores", message="pass 1.00 → 0.40", p=0.004), "pass rate 1.00 → 0.40, p = .004"),
    ],
)
def test_a_finding_is_told_with_its_counts(made: Finding, text: str) -> None:
    assert headline(drifted(comparison(findings=(made,)))) == f"drifted: {text}"


def test_a_distance_is_not_told_twice() -> None:
    moved = finding("distribution", message="the answers differ 3.0 × as much", old=None, new=None)
    made = drifted(comparison(findings=(moved,), ratio=3.0, p=0.004))
    assert section(lines(made, 1), "answers") == ["differ 3.0 × as much"]


def test_a_distance_beside_a_finding_is_told_only_when_more_is_asked_for() -> None:
    made = drifted(comparison(findings=(finding(),), ratio=3.0, p=0.004))
    assert not any("differ 3.0 ×" in line for line in lines(made))
    assert any("differ 3.0 × as much" in line for line in lines(made, 1))


@pytest.mark.parametrize("ratio", [250.0, float("inf")])
def test_a_distance_without_noise_to_measure_it_with_stays_readable(ratio: float) -> None:
    text = lines(verdict(Status.PENDING, comparison=comparison(ratio=ratio)))
    assert section(text, "answers") == [
        "differ more than 100 × as much as accepted ones among themselves"
    ]


def test_a_score_that_moved_is_shown_with_its_interval() -> None:
    made = drifted(comparison(scores=(score(low=-0.22, high=-0.08),)))
    assert headline(made) == (
        "drifted: pass rate 0.93 → 0.78, −0.15 [−0.22, −0.08], p = .0005, margin .05"
    )
    assert section(lines(made), "score")[0].startswith("pass rate 0.93 → 0.78, −0.15")


def test_a_score_that_did_not_move_is_silent_unless_asked_for() -> None:
    still = score("fine", name="tone", accepted=0.9, fresh=0.9, low=None, p=None, margin=None)
    made = drifted(comparison(findings=(finding(),), scores=(still,)))
    assert not any("tone" in line for line in lines(made))
    assert section(lines(made, 1), "score") == ["tone 0.90 → 0.90, 0.00"]


def test_a_better_score_is_said_to_be_better() -> None:
    better = score("improved", accepted=0.8, fresh=0.9, low=0.02, high=0.18, p=1.0)
    text = lines(verdict(Status.PENDING, comparison=comparison(scores=(better,))))
    assert section(text, "score")[-1] == "better than accepted, beyond chance"


def test_an_open_score_says_when_nothing_would_decide() -> None:
    made = score("inconclusive", needed=None)
    text = lines(verdict(Status.PENDING, comparison=comparison(scores=(made,))))
    assert section(text, "score")[-1] == "inconclusive: no number of samples would decide"


def test_a_distribution_alone_is_a_headline() -> None:
    made = drifted(comparison(ratio=2.1, p=0.001))
    assert headline(made) == (
        "drifted: answers differ 2.1 × as much as accepted ones among themselves, p = .001"
    )


def test_fresh_answers_that_differ_in_nothing_are_said_to_be_fresh() -> None:
    assert headline(verdict(Status.PASSED, comparison=comparison())) == (
        "passed: the answers were made anew and are not told apart from the accepted ones"
    )


def test_a_note_is_the_headline_of_a_case_without_comparison() -> None:
    assert headline(verdict(Status.PASSED, notes=("a cache answers",))) == "passed: a cache answers"
    assert headline(verdict(Status.PASSED)) == "passed"


# ------------------------------------------------------------------ why


def several(*causes: Cause, experiment: str | None = None) -> Attribution:
    return Attribution(causes=causes, experiment=experiment)


def test_several_causes_come_with_the_experiment_that_separates_them() -> None:
    prompt = cause("prompt", "prompt: 1 line changed", WORD).causes[0]
    served = cause("served_model", "served model a → b", ours=False).causes[0]
    found = several(prompt, served, experiment="ask the accepted request again today")
    text = lines(drifted(comparison(findings=(finding(),), attribution=found)))
    assert section(text, "why") == [
        "prompt: 1 line changed",
        "  body.messages[0].content",
        "    - You are a [-polite-] assistant of a shop.",
        "    + You are a {+friendly+} assistant of a shop.",
        "served model a → b",
        "to tell them apart: ask the accepted request again today",
    ]


def test_many_causes_are_counted() -> None:
    found = several(*(cause("sdk", f"change {n}").causes[0] for n in range(6)))
    text = lines(drifted(comparison(attribution=found)))
    assert "2 more changes (-vv shows)" in section(text, "why")
    assert "change 5" in section(lines(drifted(comparison(attribution=found)), 2), "why")


@pytest.mark.parametrize("kind", ["sdk", "check", "judge"])
def test_what_never_reaches_the_model_is_no_cause_of_other_answers(kind: CauseKind) -> None:
    found = cause(kind, "something")
    said = "nothing that reaches the model changed: the provider did"
    assert said in section(lines(drifted(comparison(attribution=found))), "why")
    beside = several(*found.causes, *cause("prompt", "prompt: 1 line changed", WORD).causes)
    assert said not in section(lines(drifted(comparison(attribution=beside))), "why")


def test_nothing_of_a_live_run_is_offered_to_be_accepted() -> None:
    commands = Commands(node="a.prompt.yaml::refund[m]", live=True)
    made = drifted(comparison())
    text = list(failure_lines(made, title="refund[m]", commands=commands, verbosity=0))
    assert text[-2:] == [
        "  next         a live run keeps nothing to accept; to keep and decide:",
        "               pytest --promptdrift-mode refresh 'a.prompt.yaml::refund[m]'",
    ]
    failed = failure_lines(verdict(Status.FAILED), title="a", commands=commands, verbosity=0)
    assert list(failed)[-1].endswith("--promptdrift-mode record 'a.prompt.yaml::refund[m]'")


def test_with_one_sample_on_a_side_chance_stays_a_cause() -> None:
    made = comparison(attribution=Attribution(), accepted_samples=1)
    assert section(lines(drifted(made)), "why") == [
        "nothing visible changed but the answers: the provider, or chance"
    ]


def test_changes_that_another_case_has_shown_are_not_shown_again() -> None:
    made = drifted(comparison(attribution=cause("prompt", "prompt: 1 line changed", WORD)))
    text = list(
        failure_lines(
            made, title="a[x]", commands=Commands(node="n"), verbosity=0, seen_in="first[x]"
        )
    )
    assert "                 as in first[x] above (-vv shows)" in text
    assert not any("[-polite-]" in line for line in text)


def test_parameters_are_told_once_and_in_full_when_asked_for() -> None:
    changed = FieldChange(path="body.temperature", old=0, new=1)
    found = cause("parameters", "parameters: temperature 0 → 1", changed)
    made = drifted(comparison(attribution=found))
    assert section(lines(made), "why") == ["parameters: temperature 0 → 1"]
    assert section(lines(made, 2), "why")[1:] == ["  body.temperature", "    - 0", "    + 1"]


def test_a_check_that_changed_beside_fresh_answers_cannot_be_the_cause() -> None:
    found = cause("check", "check one_of changed since it was accepted")
    text = lines(drifted(comparison(findings=(finding(),), attribution=found)))
    assert section(text, "why")[-1] == "(both sides are judged with the checks of today)"


def test_the_accepted_answers_failing_under_unedited_checks_is_not_blamed_on_the_provider() -> None:
    compared = comparison(fresh_samples=0, attribution=Attribution())
    made = verdict(Status.FAILED, recording_id="ab12cd34ef56", comparison=compared)
    assert section(lines(made), "why")[0].startswith("the answers are the accepted ones")


def test_a_case_without_attribution_has_no_why() -> None:
    assert not any(" why " in line for line in lines(drifted(comparison(attribution=None))))


# ------------------------------------------------------------------ answers and recordings


def test_a_long_answer_is_compared_line_by_line() -> None:
    old = "\n".join(["Dear customer,", OLD, *["Thank you."] * 3])
    new = old.replace("14", "30").replace("Dear", "Good")
    text = lines(
        drifted(comparison(findings=(finding(),), accepted_answers=(old,)), answers=(new,))
    )
    assert section(text, "nearest pair") == [
        "- [-Dear-] customer,",
        "+ {+Good+} customer,",
        "- You have [-14-] days to return it.",
        "+ You have {+30+} days to return it.",
    ]


def test_a_long_difference_is_cut_until_all_is_asked_for() -> None:
    old = "\n".join(f"line {n} is old" for n in range(9))
    made = drifted(
        comparison(findings=(finding(),), accepted_answers=(old,)),
        answers=(old.replace("old", "new"),),
    )
    assert section(lines(made), "nearest pair")[-1] == "10 more lines (-vv shows)"
    assert len(section(lines(made, 2), "nearest pair")) == 18


def test_answers_that_have_nothing_in_common_are_read_one_after_the_other() -> None:
    made = drifted(
        comparison(findings=(finding(),), accepted_answers=("billing",)), answers=("ÄÖÜ 77",)
    )
    assert section(lines(made), "accepted") == ["billing"]
    assert section(lines(made), "fresh") == ["ÄÖÜ 77"]


def test_many_answers_are_counted() -> None:
    fresh = tuple(f"{word} it" for word in ("sell", "keep", "lose", "burn", "send"))
    made = drifted(comparison(findings=(finding(),), accepted_answers=(OLD,)), answers=fresh)
    assert section(lines(made), "fresh")[-1] == "2 other answers (-vv shows)"
    assert len(section(lines(made, 2), "fresh")) == 5


def test_an_empty_answer_is_said_to_be_empty() -> None:
    made = drifted(comparison(findings=(finding(),), accepted_answers=(OLD,)), answers=("",))
    assert section(lines(made), "fresh") == ["(empty)"]


def test_later_samples_of_the_accepted_recording_are_counted_as_such() -> None:
    made = drifted(comparison(fresh_samples=3), recording_id="ab12cd34ef56", samples=8)
    assert "  recording    the same, 3 samples since then" in lines(made)


def test_a_baseline_of_unknown_age_has_no_date() -> None:
    text = lines(drifted(comparison(accepted_at="")))
    assert "  baseline     ab12cd34ef56, accepted, 5 samples" in text


# ------------------------------------------------------------------ notes and next steps


def test_one_sample_on_a_side_says_what_it_cannot_tell() -> None:
    made = drifted(comparison(findings=(finding(),), fresh_samples=1))
    assert section(lines(made), "note") == [
        "with one sample on a side nothing tells chance from change"
    ]


def test_what_cannot_be_told_is_told_in_the_words_of_the_comparison() -> None:
    made = drifted(comparison(findings=(finding(),), fresh_samples=1, undecided="a cache answers"))
    assert section(lines(made), "note") == ["a cache answers"]


def test_smaller_differences_are_notes_and_those_of_chance_are_counted() -> None:
    warned = tuple(
        finding("word", message=f"word {n}", severity="warn", old=None, new=None) for n in range(4)
    )
    chance = finding("date", severity="note")
    made = drifted(comparison(findings=(finding(), *warned, chance)))
    assert section(lines(made), "note") == [
        "word 0",
        "word 1",
        "word 2",
        "2 smaller differences (-vv shows)",
    ]
    assert len(section(lines(made, 2), "note")) == 5 + 1


def test_what_was_not_looked_at_is_named() -> None:
    made = drifted(comparison(skipped=("negation: known in English only, and this is de",)))
    assert section(lines(made), "note") == [
        "not looked at: negation: known in English only, and this is de"
    ]


@pytest.mark.parametrize(
    ("usd", "note"),
    [
        (0.0030, ["a sample costs 100% more than accepted ones did"]),
        (0.0007, ["a sample costs 53% less than accepted ones did"]),
        (0.0015, []),
        (None, []),
    ],
)
def test_a_noticeable_change_of_the_price_is_a_note(usd: float | None, note: list[str]) -> None:
    before = Spent(usd=0.0015, tokens=1, seconds=1.0)
    now = Spent(usd=usd, tokens=1, seconds=1.0)
    text = lines(drifted(comparison(accepted_spent=before), spent=now))
    assert [line[15:] for line in text if " a sample costs" in line] == note


@pytest.mark.parametrize("rest", [{"samples": 0}, {"spent": None}])
def test_an_unknown_price_is_no_note(rest: dict[str, object]) -> None:
    before = Spent(usd=0.0015, tokens=1, seconds=1.0)
    text = lines(drifted(comparison(accepted_spent=before), **rest))
    assert not any("a sample costs" in line for line in text)


def test_a_check_that_fails_on_fresh_answers_after_an_edit_of_it_says_both() -> None:
    from support.verdicts import check

    found = cause("check", "check one_of changed since it was accepted")
    made = verdict(
        Status.FAILED, checks=(check("one_of", False),), comparison=comparison(attribution=found)
    )
    assert headline(made) == "failed: one_of: no 0; the check changed as well"


def test_more_samples_without_a_known_price_are_only_counted() -> None:
    made = verdict(
        Status.INCONCLUSIVE, comparison=comparison(undecided="too few", needed=7), spent=None
    )
    assert lines(made)[-1] == "               (2 calls)"


def test_an_open_case_that_nothing_decides_is_for_a_person_to_look_at() -> None:
    made = verdict(Status.INCONCLUSIVE, comparison=comparison(undecided=None))
    assert headline(made) == "inconclusive: too few samples to tell"
    assert "pytest-promptdrift review" in section(lines(made), "next")[0]


def test_a_pending_case_whose_cause_is_not_ours_says_that_the_request_changed() -> None:
    made = verdict(Status.PENDING, answers=(NEW,), comparison=comparison(same_request=False))
    assert headline(made).startswith("pending: the request changed, and nobody has accepted")


def test_commands_name_the_models_of_the_command_line_again() -> None:
    commands = Commands(node="a::b[m]", models=("fake:a", "fake:b"))
    chosen = "--promptdrift-model fake:a --promptdrift-model fake:b"
    assert commands.refresh == f"pytest --promptdrift-mode refresh {chosen} 'a::b[m]'"
    assert commands.more(7) == (
        f"pytest --promptdrift-mode record --promptdrift-samples 7 {chosen} 'a::b[m]'"
    )


def test_the_commands_of_the_console_script_are_those_of_the_projects_folder() -> None:
    commands = Commands(node="examples/sql/a.prompt.yaml::refund[m]", folder="examples")
    assert commands.review == (
        "(cd examples && pytest-promptdrift review 'sql/a.prompt.yaml::refund[m]')"
    )
    assert commands.accept.startswith("(cd examples && pytest-promptdrift accept 'sql/a.")
    assert commands.record.endswith("'examples/sql/a.prompt.yaml::refund[m]'")
