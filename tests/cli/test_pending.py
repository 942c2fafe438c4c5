from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.waiting import CASES, Bench

from pytest_promptdrift.model import Response

if TYPE_CHECKING:
    from .conftest import Cli

REFUND = "prompts/triage.prompt.yaml::refund[demo]"
BOX = "prompts/triage.prompt.yaml::opened-box[demo]"
AGAIN = "; run pytest --promptdrift again"


@pytest.fixture
def bench(cli: Cli) -> Bench:
    made = Bench(cli.folder)
    made.write()
    return made


def entries(cli: Cli, *argv: str) -> list[dict[str, Any]]:
    found = json.loads(cli.run("pending", "--json", *argv).out)
    assert found["format"] == 1
    listed: list[dict[str, Any]] = found["pending"]
    return listed


def test_nothing_waits_where_nothing_was_run(cli: Cli, bench: Bench) -> None:
    assert cli.run("pending").out == "nothing waits for a decision\n"
    assert cli.run("pending").code == 0
    assert cli.run("pending", "prompts").code == 0
    assert entries(cli) == []


def test_what_waits_is_listed_by_name(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    bench.new("opened-box", "shipping", headline="", status="new")
    result = cli.run("pending")
    assert result.code == 1
    assert result.out == (
        f"{BOX}\n    new\n"
        f"{REFUND}\n    new: nothing is accepted yet\n\n"
        "2 cases wait for a decision\n"
        "look at them one by one: pytest-promptdrift review\n"
        "accept without a look: pytest-promptdrift accept NODE --reason '…'\n"
    )


def test_the_status_stands_before_a_headline_that_does_not_say_it(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing", status="inconclusive", headline="too few samples")
    assert "    inconclusive: too few samples\n" in cli.run("pending").out


def test_what_cannot_be_accepted_says_why(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing", refused="a check fails: contains")
    bench.wait("opened-box", None, status="error", headline="error: rate limit")
    result = cli.run("pending")
    assert "cannot be accepted: a check fails: contains" in result.out
    assert "cannot be accepted: there is no recording to accept" in result.out
    assert "2 cases wait for a decision, 0 of them can be accepted" in result.out
    assert "accept without a look" not in result.out


def test_the_data_for_machines_has_everything(cli: Cli, bench: Bench) -> None:
    node, old, new = bench.drifted("refund", ["a"], ["b"], data={"kind": "case"})
    assert entries(cli) == [
        {
            "node": node,
            "case_file": "prompts/triage.prompt.yaml",
            "case": "refund",
            "label": "demo",
            "status": "drifted",
            "headline": "drifted: another label",
            "judged_at": "2026-11-24T10:00:00+00:00",
            "recording": new,
            "samples": 1,
            "accepted": old,
            "acceptable": True,
            "obstacle": None,
            "out_of_date": None,
            "refused": None,
            "rejected": None,
            "verdict": {"kind": "case"},
        }
    ]


def test_names_and_expressions_select(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    bench.new("opened-box", "shipping")
    assert [e["case"] for e in entries(cli, "refund")] == ["refund"]
    assert [e["case"] for e in entries(cli, "prompts")] == ["opened-box", "refund"]
    assert [e["case"] for e in entries(cli, "-k", "not refund")] == ["opened-box"]
    assert [e["case"] for e in entries(cli, "-k", "money")] == ["refund"]
    assert cli.run("pending", "-k", "nothing").code == 0
    assert "did you mean 'refund'" in cli.run("pending", "refnd").err
    assert cli.run("pending", "-k", "(").code == 2


def test_tags_are_unknown_where_the_case_file_has_mistakes(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    bench.edit("cases:", "casess:")
    assert entries(cli, "-k", "money") == []
    assert [e["acceptable"] for e in entries(cli)] == [True]


def out_of_date(cli: Cli) -> list[str | None]:
    found = entries(cli)
    assert all(
        entry["obstacle"] == f"out of date: {entry['out_of_date']}{AGAIN}" for entry in found
    )
    assert all(not entry["acceptable"] for entry in found)
    return [entry["out_of_date"] for entry in found]


def test_a_baseline_that_moved_makes_an_entry_out_of_date(cli: Cli, bench: Bench) -> None:
    _, _, new = bench.drifted("refund", ["a"], ["b"])
    bench.decide("refund", new)
    assert out_of_date(cli) == ["the baseline moved since"]


def test_a_first_baseline_makes_it_out_of_date_as_well(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "a")
    other = bench.record("refund", "b", series="x")
    bench.decide("refund", other)
    assert out_of_date(cli) == ["the baseline moved since"]


def test_a_baseline_that_was_taken_away_makes_it_out_of_date(cli: Cli, bench: Bench) -> None:
    bench.drifted("refund", ["a"], ["b"])
    bench.baselines.remove("refund", "demo")
    assert out_of_date(cli) == ["the baseline moved since"]


def test_a_changed_prompt_makes_it_out_of_date(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "a")
    bench.edit("Sort this", "Sort that")
    assert out_of_date(cli) == ["the request changed since"]


def test_a_removed_case_makes_it_out_of_date(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "a")
    bench.edit("id: refund", "id: renamed")
    assert out_of_date(cli) == ["the case is gone from its file"]


def test_a_removed_case_file_makes_it_out_of_date(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "a")
    (cli.folder / bench.name).unlink()
    assert out_of_date(cli) == ["the case file is gone"]


def test_a_removed_recording_makes_it_out_of_date(cli: Cli, bench: Bench) -> None:
    node = bench.new("refund", "a")
    recording = entries(cli)[0]["recording"]
    bench.recordings.path("refund").unlink()
    assert out_of_date(cli) == [f"recording {recording} is gone"]
    assert node in cli.run("pending").out


@pytest.mark.parametrize(
    ("judged", "why"),
    [
        (2, "2 samples were judged, the recording has 1"),
        (0, "0 samples were judged, the recording has 1"),
    ],
)
def test_other_samples_than_were_judged_make_it_out_of_date(
    cli: Cli, bench: Bench, judged: int, why: str
) -> None:
    bench.new("refund", "a", samples=judged)
    assert out_of_date(cli) == [why]


def test_edited_answers_make_it_out_of_date(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    path = bench.recordings.path("refund")
    path.write_text(path.read_text().replace("billing", "shipping"))
    assert out_of_date(cli) == ["the recorded answers were edited since"]


def test_further_samples_do_not(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    bench.record("refund", "again")
    assert [e["acceptable"] for e in entries(cli)] == [True]


def test_a_model_of_the_command_line_is_no_reason(cli: Cli, bench: Bench) -> None:
    made = bench.record("refund", "billing")
    bench.wait("refund", made, label="fake:chosen")
    assert [e["acceptable"] for e in entries(cli)] == [True]


def test_cases_of_a_python_file_are_judged_by_their_recordings_alone(
    cli: Cli, bench: Bench
) -> None:
    (cli.folder / "prompts/triage.py").write_text("")
    made = bench.record("refund", "billing")
    bench.wait("refund", made, case_file="prompts/triage.py")
    assert [e["acceptable"] for e in entries(cli)] == [True]
    assert [e["node"] for e in entries(cli, "-k", "refund")] == ["prompts/triage.py::refund[demo]"]


def test_what_is_accepted_already_cannot_be_accepted_again(cli: Cli, bench: Bench) -> None:
    made = bench.record("refund", "billing")
    bench.decide("refund", made)
    bench.wait("refund", made, status="failed", accepted_id=None)
    assert [e["obstacle"] for e in entries(cli)] == ["it is accepted already"]


def test_a_file_that_cannot_be_read_keeps_the_others_listed(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "a")
    bench.new("opened-box", "b")
    bench.recordings.path("refund").write_text("{")
    found = {entry["case"]: entry for entry in entries(cli)}
    assert "refund.json" in found["refund"]["obstacle"]
    assert found["refund"]["out_of_date"] is None
    assert found["opened-box"]["acceptable"]


def test_what_was_rejected_is_shown_and_waits_no_longer(cli: Cli, bench: Bench) -> None:
    made = bench.record("refund", "billing")
    bench.decide("refund", made, accepted=False, why="too curt")
    bench.wait("refund", made)
    result = cli.run("pending")
    assert result.code == 0
    assert result.out == (
        f"{REFUND}\n"
        "    rejected on 2026-11-20: too curt\n"
        "    no longer waits; name it to accept it after all\n"
        "\nnothing waits for a decision\n"
    )
    rejected = {"at": "2026-11-20T10:00:00+00:00", "reason": "too curt"}
    assert [e["rejected"] for e in entries(cli)] == [rejected]


def test_what_a_run_left_is_found_from_a_folder_below(cli: Cli, bench: Bench) -> None:
    (cli.folder / "pyproject.toml").unlink()
    bench.name = "prompts/plain.prompt.yaml"
    bench.write(CASES.replace("demo", "fake:demo"))
    (cli.folder / "pyproject.toml").unlink()
    bench.wait("refund", None)
    cli.folder = cli.folder / "prompts"
    assert [e["case_file"] for e in entries(cli)] == ["prompts/plain.prompt.yaml"]


def test_hostile_text_is_shown_harmlessly_and_without_credentials(cli: Cli, bench: Bench) -> None:
    cli.environ["OPENAI_API_KEY"] = "planted-secret"
    bench.record("refund", Response(text="x"))
    bench.new("refund", "x", headline="new: \x1b[2J\u202e planted-secret " + "long " * 200)
    result = cli.run("pending")
    assert "\x1b" not in result.out
    assert "\u202e" not in result.out
    assert "planted-secret" not in result.out
    assert "more]" in result.out
    assert "planted-secret" not in cli.run("pending", "--json").out
    assert cli.run("pending", "--json").out.isascii()


def test_what_passes_beside_its_baseline_is_counted_and_listed_by_name(
    cli: Cli, bench: Bench
) -> None:
    for case in ("refund", "opened-box"):
        bench.decide(case, bench.record(case, "a"))
        bench.wait(case, bench.record(case, "b", series="s"), status="passed", headline="passed: x")
    result = cli.run("pending")
    assert result.code == 0
    assert result.out == (
        "2 cases made anew pass beside the baseline\n"
        "to see or accept them all the same, name them\n"
        "nothing waits for a decision\n"
    )
    assert "passed: x\n    passes beside its baseline; accept it by its name\n" in (
        cli.run("pending", "refund").out
    )
    assert len(entries(cli)) == 2
