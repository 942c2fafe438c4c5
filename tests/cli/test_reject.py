from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.waiting import Bench

if TYPE_CHECKING:
    from .conftest import Cli

REFUND = "prompts/triage.prompt.yaml::refund[demo]"
SUITE = "prompts/__promptdrift__/triage"


@pytest.fixture
def bench(cli: Cli) -> Bench:
    made = Bench(cli.folder)
    made.write()
    return made


def test_a_recording_is_rejected_and_the_baseline_stays(cli: Cli, bench: Bench) -> None:
    _, old, new = bench.drifted("refund", ["billing"], ["money"])
    result = cli.run("reject", "refund", "--reason", "wrong label")
    assert result.code == 0
    assert result.out == (
        f"rejected {REFUND}\n"
        f"  {new}, 1 sample: wrong label\n\n"
        "look at it, and commit it together with the recordings:\n"
        f"  git diff -- {SUITE}\n"
        f"  git add -- {SUITE}\n"
        "next: edit the prompt and record, or ask the same again:\n"
        f"  pytest --promptdrift-mode refresh '{REFUND}'\n"
    )
    current = bench.baselines.current("refund", "demo")
    rejection = bench.baselines.rejection("refund", "demo", new)
    assert current is not None
    assert rejection is not None
    assert (current.recording_id, rejection.why) == (old, "wrong label")
    assert bench.pending.read() == ()


def test_what_cannot_be_accepted_can_be_rejected(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing", refused="a check fails")
    assert cli.run("reject", "refund", "--reason", "x").code == 0


def test_what_has_no_recording_or_is_out_of_date_cannot_be_rejected(cli: Cli, bench: Bench) -> None:
    bench.wait("refund", None, status="error")
    bench.new("opened-box", "a", samples=4)
    result = cli.run("reject", "--all", "--reason", "x")
    assert result.code == 1
    assert "2 cases cannot be rejected, so nothing was rejected" in result.err
    assert "there is no recording" in result.err
    assert "4 samples were judged" in result.err


def test_a_person_has_to_say_why(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    result = cli.run("reject", "refund", types="\n")
    assert result.code == 1
    assert "nothing was rejected: a reason is needed" in result.err
    assert "nothing was rejected\n" in cli.run("reject", "refund", types="").err
    result = cli.run("reject", "refund", types="too curt\n")
    assert "reject 1 case:" in result.out
    assert "reason: rejected" in result.out


def test_what_does_not_wait_is_not_rejected(cli: Cli, bench: Bench) -> None:
    assert "nothing was rejected: nothing that" in cli.run("reject", "x", "--reason", "y").err


def test_what_was_done_is_printed_for_machines(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    found = json.loads(cli.run("reject", "refund", "--reason", "x", "--json").out)
    assert [one["decision"] for one in found["decided"]] == ["rejected"]
