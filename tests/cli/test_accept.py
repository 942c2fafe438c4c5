from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.waiting import CASES, Bench

from pytest_promptdrift._errors import StoreError
from pytest_promptdrift.store import BaselineStore

if TYPE_CHECKING:
    from .conftest import Cli

REFUND = "prompts/triage.prompt.yaml::refund[demo]"
BOX = "prompts/triage.prompt.yaml::opened-box[demo]"
SUITE = "prompts/__promptdrift__/triage"


@pytest.fixture
def bench(cli: Cli) -> Bench:
    made = Bench(cli.folder)
    made.write()
    return made


def accepted(bench: Bench, case: str, label: str = "demo") -> str | None:
    current = bench.baselines.current(case, label)
    return current.recording_id if current else None


def test_a_case_is_accepted_with_its_reason(cli: Cli, bench: Bench) -> None:
    node, _, new = bench.drifted("refund", ["billing"], ["money", "money"])
    result = cli.run("accept", node, "--reason", "facts unchanged")
    assert result.code == 0
    assert result.out == (
        f"accepted {REFUND}\n"
        f"  {new}, 2 samples: facts unchanged\n\n"
        "look at it, and commit it together with the recordings:\n"
        f"  git diff -- {SUITE}\n"
        f"  git add -- {SUITE}\n"
    )
    assert json.loads(bench.baseline("refund"))["decisions"]["demo"][-1] == {
        "accepted": new,
        "samples": 2,
        "answers": bench.baselines.decisions("refund", "demo")[-1].answers,
        "at": "2026-11-25T08:30:00+00:00",
        "why": "facts unchanged",
        "checks": {"contains": "1a2b3c4d"},
    }
    assert bench.pending.read() == ()


def test_earlier_decisions_stay_where_they_are(cli: Cli, bench: Bench) -> None:
    bench.drifted("refund", ["billing"], ["money"])
    before = bench.baseline("refund").splitlines()
    cli.run("accept", "refund", "--reason", "x")
    after = bench.baseline("refund").splitlines()
    assert after[:14] == before[:14]
    assert len(after) == len(before) + 10


def test_a_first_baseline_is_looked_at_with_git_status(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    out = cli.run("accept", "refund", "--reason", "x").out
    assert f"  git status -- {SUITE}\n" in out


def test_all_means_everything_that_waits(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    bench.new("opened-box", "shipping")
    assert cli.run("accept", "--all", "--reason", "x").code == 0
    assert accepted(bench, "refund") is not None
    assert accepted(bench, "opened-box") is not None
    again = cli.run("accept", "--all", "--reason", "x")
    assert (again.code, again.out) == (0, "nothing waits for a decision\n")


def test_an_expression_chooses_and_the_rest_still_waits(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    bench.new("opened-box", "shipping")
    result = cli.run("accept", "-k", "money", "--reason", "x")
    assert "1 case still waits: pytest-promptdrift pending\n" in result.out
    assert accepted(bench, "opened-box") is None
    assert [entry.case_id for entry in bench.pending.read()] == ["opened-box"]


def test_all_labels_of_a_case_are_accepted_by_its_name(cli: Cli, bench: Bench) -> None:
    bench.write(CASES.replace("[demo]", "[demo, other]"))
    for label in ("demo", "other"):
        bench.wait("refund", bench.record("refund", "billing", label=label), label=label)
    cli.run("accept", "refund", "--reason", "x")
    assert accepted(bench, "refund") and accepted(bench, "refund", "other")  # noqa: PT018  (one fact)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["accept"], "nothing was chosen"),
        (["accept", "--reason", "x"], "nothing was chosen"),
        (["accept", "--all", "refund"], "--all means everything that waits"),
        (["accept", "--all", "-k", "x"], "--all means everything that waits"),
        (["accept", "--recording", "x"], "nothing was chosen"),
        (["accept", "a", "b", "--recording", "x"], "--recording is about one case"),
        (["accept", "--all", "--recording", "x"], "--recording is about one case"),
        (["accept", "a", "-k", "b", "--recording", "x"], "--recording is about one case"),
        (["accept", "refund"], "--reason is needed where nobody can be asked"),
        (["accept", "refund", "--reason", " \n"], "--reason is empty"),
        (["accept", "refund", "--reason", "…"], "--reason says nothing: '…'"),
        (["reject", "refund"], "--reason is needed where nobody can be asked"),
        (["reject"], "nothing was chosen"),
    ],
)
def test_misuse_changes_nothing(cli: Cli, bench: Bench, argv: list[str], message: str) -> None:
    bench.new("refund", "billing")
    before = cli.files()
    result = cli.run(*argv)
    assert result.code == 2
    assert message in result.err
    assert cli.files() == before


def test_one_case_that_cannot_be_accepted_stops_all(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing", refused="a check fails: contains")
    bench.new("opened-box", "shipping")
    before = cli.files()
    result = cli.run("accept", "--all", "--reason", "x")
    assert result.code == 1
    assert result.err == (
        "1 case cannot be accepted, so nothing was accepted\n"
        f"  {REFUND}\n"
        "    a check fails: contains\n"
        "  choose only the other 1, or look at them: pytest-promptdrift review\n"
    )
    assert cli.files() == before


def test_everything_in_the_way_is_listed(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing", refused="samples are missing")
    bench.wait("opened-box", None, status="error")
    result = cli.run("accept", "--all", "--reason", "x")
    assert "2 cases cannot be accepted" in result.err
    assert "samples are missing" in result.err
    assert "there is no recording to accept" in result.err
    assert result.err.endswith("  look at them: pytest-promptdrift review\n")


def test_an_entry_out_of_date_is_not_accepted(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    bench.edit("Sort this", "Sort that")
    result = cli.run("accept", "refund", "--reason", "x")
    assert result.code == 1
    assert "out of date: the request changed since; run pytest --promptdrift again" in result.err
    assert accepted(bench, "refund") is None


def test_what_does_not_wait_is_not_accepted(cli: Cli, bench: Bench) -> None:
    result = cli.run("accept", "refund", "--reason", "x")
    assert result.code == 1
    assert "nothing was accepted: nothing that was named waits for a decision" in result.err
    bench.new("opened-box", "a")
    assert cli.run("accept", "refund", "--reason", "x").code == 1
    assert cli.run("accept", "-k", "refund", "--reason", "x").code == 1


@pytest.mark.parametrize("ci", ["true", "1", "yes"])
def test_nobody_accepts_in_ci(cli: Cli, bench: Bench, ci: str) -> None:
    bench.new("refund", "billing")
    cli.environ["CI"] = ci
    before = cli.files()
    for command in ("accept", "reject"):
        result = cli.run(command, "--all", "--reason", "x")
        assert result.code == 1
        assert f"CI={ci} says that nobody is here: nothing was {command}ed" in result.err
        assert "CI=0 pytest-promptdrift" in result.err
    assert cli.files() == before


@pytest.mark.parametrize("ci", ["", "0", "false", "no"])
def test_a_person_can_say_that_this_is_no_ci(cli: Cli, bench: Bench, ci: str) -> None:
    bench.new("refund", "billing")
    cli.environ["CI"] = ci
    assert cli.run("accept", "refund", "--reason", "x").code == 0


def test_a_person_is_asked_for_the_reason_once(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    bench.new("opened-box", "shipping")
    result = cli.run("accept", "--all", types="  read  both \n")
    assert result.out.startswith(
        f"accept 2 cases:\n  {BOX}\n  {REFUND}\nreason (may be empty): accepted"
    )
    decision = bench.baselines.current("refund", "demo")
    assert decision is not None
    assert decision.why == "read both"


def test_the_reason_of_a_person_may_be_empty(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    assert cli.run("accept", "refund", types="\n").code == 0
    assert accepted(bench, "refund") is not None
    assert '"why"' not in bench.baseline("refund")


def test_a_person_who_leaves_accepts_nothing(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    result = cli.run("accept", "refund", types="")
    assert result.code == 1
    assert "nothing was accepted" in result.err
    assert accepted(bench, "refund") is None


def test_a_given_reason_is_not_asked_for(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    assert "reason (" not in cli.run("accept", "refund", "--reason", "x", types="").out


def test_long_lists_are_cut_before_the_question(cli: Cli, bench: Bench) -> None:
    ids = [f"case-{n:02}" for n in range(25)]
    bench.write(CASES + "".join(f"  - {{id: {i}, vars: {{message: {i}}}}}\n" for i in ids))
    for one in ids:
        bench.new(one, "x")
    out = cli.run("accept", "--all", types="\n").out
    assert "accept 25 cases:\n" in out
    assert "  and 5 more\n" in out


def test_reasons_are_stored_as_one_plain_line(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    cli.run("accept", "refund", "--reason", "two\nlines \udcff")
    decision = bench.baselines.current("refund", "demo")
    assert decision is not None
    assert decision.why == "two lines ?"


def test_a_credential_in_the_reason_is_refused(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    cli.environ["OPENAI_API_KEY"] = "planted-secret"
    result = cli.run("accept", "refund", "--reason", "because planted-secret")
    assert result.code == 1
    assert "planted-secret" not in result.text
    assert accepted(bench, "refund") is None


def test_suites_are_written_one_by_one_and_what_was_written_is_said(
    cli: Cli, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.new("refund", "billing")
    second = Bench(cli.folder, name="prompts/writing.prompt.yaml")
    second.write()
    second.new("refund", "billing")
    decide = BaselineStore.decide

    def failing(store: BaselineStore, items: Any) -> None:
        if "writing" in str(store.folder):
            raise StoreError("the disk is full")
        decide(store, items)

    monkeypatch.setattr(BaselineStore, "decide", failing)
    result = cli.run("accept", "--all", "--reason", "x")
    assert result.code == 1
    assert f"accepted {REFUND}\n" in result.out
    assert "the disk is full" in result.err
    assert [entry.case_file for entry in bench.pending.read()] == [second.name]


def test_when_nothing_could_be_written_nothing_is_said_to_be(
    cli: Cli, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.new("refund", "billing")

    def failing(_: BaselineStore, __: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(BaselineStore, "decide", failing)
    result = cli.run("accept", "--all", "--reason", "x")
    assert (result.code, result.out, result.err) == (1, "", "the disk is full\n")


def test_many_suites_are_not_listed(cli: Cli, bench: Bench) -> None:
    for n in range(5):
        one = Bench(cli.folder, name=f"prompts/s{n}.prompt.yaml")
        one.write()
        one.new("refund", "billing")
    assert "look at it: git status\n" in cli.run("accept", "--all", "--reason", "x").out


def test_what_was_done_is_printed_for_machines(cli: Cli, bench: Bench) -> None:
    _, _, new = bench.drifted("refund", ["billing"], ["money"])
    found = json.loads(cli.run("accept", "refund", "--reason", "x", "--json").out)
    assert found == {
        "format": 1,
        "decided": [
            {
                "node": REFUND,
                "decision": "accepted",
                "recording": new,
                "samples": 1,
                "at": "2026-11-25T08:30:00+00:00",
                "reason": "x",
            }
        ],
        "refused": [],
    }
    assert json.loads(cli.run("accept", "--all", "--reason", "x", "--json").out)["decided"] == []


def test_what_is_in_the_way_is_printed_for_machines(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing", refused="a check fails")
    result = cli.run("accept", "--all", "--json", "--reason", "x")
    assert result.code == 1
    assert json.loads(result.out)["refused"] == [{"node": REFUND, "reason": "a check fails"}]


def test_machines_are_not_asked(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    assert cli.run("accept", "refund", "--json", types="x\n").code == 2


def test_what_was_rejected_is_accepted_after_all_only_by_name(cli: Cli, bench: Bench) -> None:
    made = bench.record("refund", "billing")
    bench.decide("refund", made, accepted=False)
    bench.wait("refund", made)
    assert cli.run("accept", "--all", "--reason", "x").out == "nothing waits for a decision\n"
    assert cli.run("accept", "prompts", "--reason", "x").code == 1
    assert accepted(bench, "refund") is None
    assert cli.run("accept", "refund", "--reason", "fine after all").code == 0
    assert accepted(bench, "refund") == made
    assert bench.baselines.rejection("refund", "demo", made) is None


# ---------------------------------------------------------------------- going back


@pytest.fixture
def moved(bench: Bench) -> tuple[str, str]:
    """Return an earlier and the current baseline of a case."""
    _, old, new = bench.drifted("refund", ["billing", "billing"], ["money"])
    bench.decide("refund", new, at="2026-11-21T10:00:00+00:00")
    bench.pending.discard([REFUND])
    return old, new


def test_an_earlier_recording_becomes_the_baseline_again(
    cli: Cli, bench: Bench, moved: tuple[str, str]
) -> None:
    bench.new("opened-box", "shipping")
    result = cli.run("accept", "refund", "--recording", moved[0], "--reason", "withdrawn")
    assert result.code == 0
    assert f"accepted {REFUND}\n  {moved[0]}, 2 samples: withdrawn\n" in result.out
    assert f"git diff -- {SUITE}" in result.out
    first, _, last = bench.baselines.decisions("refund", "demo")
    assert (last.recording_id, last.samples, last.answers) == (
        first.recording_id,
        first.samples,
        first.answers,
    )
    assert (last.why, last.at, last.checks) == (
        "withdrawn",
        "2026-11-25T08:30:00+00:00",
        first.checks,
    )


def test_the_way_back_asks_for_a_reason_like_every_acceptance(
    cli: Cli, bench: Bench, moved: tuple[str, str]
) -> None:
    assert cli.run("accept", "refund", "--recording", moved[0]).code == 2
    assert cli.run("accept", REFUND, "--recording", moved[0], types="back\n").code == 0
    assert accepted(bench, "refund") == moved[0]
    cli.environ["CI"] = "1"
    assert cli.run("accept", "refund", "--recording", moved[1], "--reason", "x").code == 1


def test_the_baseline_itself_is_not_accepted_again(
    cli: Cli, bench: Bench, moved: tuple[str, str]
) -> None:
    result = cli.run("accept", "refund", "--recording", moved[1], "--reason", "x")
    assert (result.code, result.out) == (0, f"{moved[1]} is the baseline of {REFUND} already\n")
    assert len(bench.baselines.decisions("refund", "demo")) == 2


def test_a_recording_that_was_never_accepted_is_refused_with_those_that_were(
    cli: Cli, bench: Bench, moved: tuple[str, str]
) -> None:
    never = bench.record("refund", "x", series="z")
    bench.decide("refund", never, accepted=False)
    result = cli.run("accept", "refund", "--recording", never, "--reason", "x")
    assert result.code == 1
    assert result.err == (
        f"recording '{never}' was never accepted here; these were:\n"
        f"  {REFUND}: {moved[0]}, {moved[1]}\n"
        "  pytest-promptdrift history CASE shows them\n"
    )


def test_a_case_without_a_decision_is_named(cli: Cli, bench: Bench, moved: object) -> None:
    result = cli.run("accept", "refnd", "--recording", "x", "--reason", "x")
    assert result.code == 1
    assert "nothing that was ever decided about is called 'refnd', did you mean" in result.err


def test_a_recording_that_is_gone_or_was_edited_is_refused(
    cli: Cli, bench: Bench, moved: tuple[str, str]
) -> None:
    path = bench.recordings.path("refund")
    text = path.read_text()
    path.write_text(text.replace("billing", "shipping"))
    result = cli.run("accept", "refund", "--recording", moved[0], "--reason", "x")
    assert f"recording {moved[0]} of {REFUND} was edited since it was accepted" in result.err
    path.unlink()
    result = cli.run("accept", "refund", "--recording", moved[0], "--reason", "x")
    assert result.code == 1
    assert "is gone" in result.err
    assert f"git log --oneline -- {SUITE}/recordings/refund.json" in result.err
    assert accepted(bench, "refund") == moved[1]


def test_a_recording_of_several_labels_needs_the_node(cli: Cli, bench: Bench) -> None:
    bench.write(CASES.replace("[demo]", "[demo, other]"))
    made = bench.record("refund", "billing")
    for label in ("demo", "other"):
        bench.decide("refund", made, label=label)
        bench.decide("refund", bench.record("refund", "x", series="s"), label=label)
    result = cli.run("accept", "refund", "--recording", made, "--reason", "x")
    assert "was accepted for several, write which" in result.err
    assert cli.run("accept", REFUND, "--recording", made, "--reason", "x").code == 0
    assert accepted(bench, "refund") == made
    assert accepted(bench, "refund", "other") != made


def test_the_recording_that_waits_is_accepted_as_usual(cli: Cli, bench: Bench) -> None:
    _, old, new = bench.drifted("refund", ["billing"], ["money"])
    result = cli.run("accept", "refund", "--recording", new, "--reason", "x")
    assert result.code == 0
    assert accepted(bench, "refund") == new
    assert bench.pending.read() == ()
    bench.wait("refund", old, refused="a check fails")
    assert cli.run("accept", "refund", "--recording", old, "--reason", "x").code == 1


def test_an_entry_out_of_date_does_not_bar_the_way_back(
    cli: Cli, bench: Bench, moved: tuple[str, str]
) -> None:
    bench.wait("refund", moved[0], accepted_id="ab12cd34ef56")
    assert cli.run("accept", "refund", "--recording", moved[0], "--reason", "x").code == 0
    assert accepted(bench, "refund") == moved[0]
