from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.waiting import Bench

from pytest_promptdrift.model import Response

if TYPE_CHECKING:
    from .conftest import Cli

REFUND = "prompts/triage.prompt.yaml::refund[demo]"


@pytest.fixture
def bench(cli: Cli) -> Bench:
    made = Bench(cli.folder)
    made.write()
    return made


@pytest.fixture
def three(bench: Bench) -> tuple[str, str, str]:
    """Return recordings that were accepted, rejected and accepted; the last two ask otherwise."""
    first = bench.record("refund", "\n  billing\nmore", "billing")
    bench.decide("refund", first)
    bench.edit("Sort this", "Sort that")
    second = bench.record("refund", "money")
    bench.decide("refund", second, accepted=False, why="too curt", at="2026-11-21T10:00:00+00:00")
    third = bench.record("refund", "a refund", series="s")
    bench.decide("refund", third, why="", at="2026-11-22T10:00:00+00:00")
    return first, second, third


def test_decisions_are_listed_from_the_oldest(
    cli: Cli, bench: Bench, three: tuple[str, str, str]
) -> None:
    first, second, third = three
    result = cli.run("history", "refund")
    assert result.code == 0
    assert result.out == (
        f"\n{REFUND}\n"
        f"  2026-11-20 10:00  accepted  {first}  2 samples\n"
        "      reason: read by Ann\n"
        "      answer: billing\n"
        f"  2026-11-21 10:00  rejected  {second}  1 sample\n"
        "      reason: too curt\n"
        "      request: body.messages[0].content changed\n"
        "      answer: money\n"
        f"  2026-11-22 10:00  accepted  {third}  1 sample, the baseline\n"
        "      request: body.messages[0].content changed\n"
        "      answer: a refund\n"
        f"  go back: pytest-promptdrift accept '{REFUND}' --recording {first} --reason '…'\n"
    )


def test_the_way_back_works_as_it_is_printed(
    cli: Cli, bench: Bench, three: tuple[str, str, str]
) -> None:
    assert cli.run("accept", REFUND, "--recording", three[0], "--reason", "x").code == 0
    out = cli.run("history", REFUND).out
    assert out.count("the baseline\n") == 1
    assert out.rindex(three[0]) > out.index("the baseline") - 40
    assert f"--recording {three[2]}" in out


def test_the_same_request_is_said_to_be_the_same(cli: Cli, bench: Bench) -> None:
    bench.decide("refund", bench.record("refund", "a"))
    bench.decide("refund", bench.record("refund", "b", series="s"))
    assert "      request: the same\n" in cli.run("history", "refund").out


def test_a_recording_that_is_gone_is_said_to_be(cli: Cli, bench: Bench) -> None:
    first = bench.record("refund", "a")
    bench.decide("refund", first)
    bench.recordings.path("refund").unlink()
    bench.decide("refund", bench.record("refund", "b", series="s"))
    out = cli.run("history", "refund").out
    assert "its recording is gone" in out
    assert "go back" not in out
    decisions = json.loads(cli.run("history", "refund", "--json").out)["cases"][0]["decisions"]
    assert [(d["recorded"], d["answer"], d["changed"]) for d in decisions] == [
        (False, None, None),
        (True, "b", None),
    ]


def test_a_case_that_was_only_rejected_has_no_way_back(cli: Cli, bench: Bench) -> None:
    bench.decide("refund", bench.record("refund", Response(text="")), accepted=False)
    out = cli.run("history", "refund").out
    assert "answer: (no text)" in out
    assert "go back" not in out


def test_many_changed_fields_are_counted(cli: Cli, bench: Bench) -> None:
    bench.edit("cases:", "params: {seed: 1}\ncases:")
    bench.decide("refund", bench.record("refund", "a"))
    more = ", ".join(f"p{n}: {n}" for n in range(6))
    bench.edit("{seed: 1}", f"{{seed: 2, {more}}}")
    bench.decide("refund", bench.record("refund", "b"))
    assert "body.params.p3 and 2 more changed\n" in cli.run("history", "refund").out


def test_the_data_for_machines_has_everything(
    cli: Cli, bench: Bench, three: tuple[str, str, str]
) -> None:
    found = json.loads(cli.run("history", "refund", "--json").out)
    assert found["format"] == 1
    (case,) = found["cases"]
    assert (case["node"], case["case"], case["label"]) == (REFUND, "refund", "demo")
    assert [d["recording"] for d in case["decisions"]] == list(three)
    assert case["decisions"][1] == {
        "decision": "rejected",
        "recording": three[1],
        "at": "2026-11-21T10:00:00+00:00",
        "samples": 1,
        "reason": "too curt",
        "checks": {"contains": "1a2b3c4d"},
        "current": False,
        "recorded": True,
        "answer": "money",
        "changed": ["body.messages[0].content"],
    }
    assert [d["current"] for d in case["decisions"]] == [False, False, True]


def test_a_folder_means_all_of_its_cases(cli: Cli, bench: Bench) -> None:
    bench.decide("refund", bench.record("refund", "a"))
    bench.decide("opened-box", bench.record("opened-box", "b"))
    out = cli.run("history", "prompts").out
    assert out.index("::opened-box[demo]") < out.index("::refund[demo]")
    (cli.folder / "empty").mkdir()
    assert cli.run("history", "empty").out == "nothing was decided there yet\n"


def test_an_unknown_case_names_the_nearest(cli: Cli, bench: Bench) -> None:
    bench.decide("refund", bench.record("refund", "a"))
    result = cli.run("history", "refnd")
    assert result.code == 1
    assert "nothing that was ever decided about is called 'refnd', did you mean 'refund'" in (
        result.err
    )
    assert cli.run("history").code == 2


def test_decisions_outlive_their_case_file(cli: Cli, bench: Bench) -> None:
    bench.decide("refund", bench.record("refund", "a"))
    (cli.folder / bench.name).rename(cli.folder / "prompts/triage.prompt.yml")
    assert "prompts/triage.prompt.yml::refund[demo]" in cli.run("history", "refund").out
    (cli.folder / "prompts/triage.prompt.yml").rename(cli.folder / "prompts/triage.py")
    assert "prompts/triage.py::refund[demo]" in cli.run("history", "refund").out
    (cli.folder / "prompts/triage.py").unlink()
    assert "prompts/triage.prompt.yaml::refund[demo]" in cli.run("history", "refund").out


def test_hostile_answers_are_shown_harmlessly(cli: Cli, bench: Bench) -> None:
    cli.environ["OPENAI_API_KEY"] = "planted-secret"
    made = bench.record("refund", "\x1b[2J\u202e planted-secret " + "x" * 500)
    bench.decide("refund", made)
    for argv in (["history", "refund"], ["history", "refund", "--json"]):
        out = cli.run(*argv).out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "planted" not in out
