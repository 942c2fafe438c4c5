from __future__ import annotations

import os
import select
import subprocess
import sys
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest
from support.waiting import CASES, Bench

from pytest_promptdrift._errors import StoreError
from pytest_promptdrift.cli import main as module
from pytest_promptdrift.model import Response
from pytest_promptdrift.store import BaselineStore

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Cli

REFUND = "prompts/triage.prompt.yaml::refund[demo]"
BOX = "prompts/triage.prompt.yaml::opened-box[demo]"
SUITE = "prompts/__promptdrift__/triage"
KEYS = "[a]ccept  [r]eject  [s]kip  all of this [c]ase  [m]ore  [q]uit  [?] help: "


@pytest.fixture
def bench(cli: Cli) -> Bench:
    made = Bench(cli.folder)
    made.write()
    return made


def accepted(bench: Bench, case: str, label: str = "demo") -> str | None:
    current = bench.baselines.current(case, label)
    return current.recording_id if current else None


# ---------------------------------------------------------------------- without a terminal


def test_nothing_waits_is_said_and_fine(cli: Cli, bench: Bench) -> None:
    result = cli.run("review")
    assert (result.code, result.out) == (0, "nothing waits for a decision\n")
    assert cli.run("review", types="").code == 0


DATA = {
    "comparison": {
        "findings": [
            {"kind": "word", "message": "one word changed", "severity": "warn"},
            {
                "kind": "number",
                "message": "another number",
                "severity": "fail",
                "old": "14 days",
                "new": "30 days",
                "accepted": 3,
                "accepted_of": 3,
                "fresh": 2,
                "fresh_of": 2,
                "adjusted_p": 0.02,
            },
        ],
        "scores": [
            {"name": "pass", "accepted": 1.0, "fresh": 0.5, "answer": "regressed", "p": 0.03},
            {"name": "tone", "accepted": 0.5, "fresh": 0.5, "answer": "fine"},
        ],
        "attribution": {
            "causes": [
                {"kind": "prompt", "message": "prompt: 1 line changed", "ours": True},
                {"kind": "served_model", "message": "served model a → b", "ours": False},
            ],
            "experiment": "ask the old request again",
        },
        "ratio": 2.1,
        "p": 0.01,
    },
    "checks": [
        {
            "name": "contains",
            "held": 1,
            "total": 2,
            "passed": False,
            "reasons": [{"reason": "'14' not found"}],
        },
        {"name": "json", "held": 1, "total": 2, "passed": False},
    ],
    "notes": ["one note"],
}


def test_a_page_has_everything_a_decision_needs(cli: Cli, bench: Bench) -> None:
    old = bench.record("refund", *["It takes 14 days."] * 2, "Soon.", usd=0.002, latency=1.0)
    bench.decide("refund", old)
    bench.edit("Sort this message", "Sort this ticket")
    new = bench.record("refund", *["It takes 30 days."] * 2, usd=0.003, latency=0.5)
    bench.wait("refund", new, data=DATA)
    result = cli.run("review")
    assert result.code == 1
    assert result.out == (
        f"\n(1/1) {REFUND}\n"
        "drifted: another label\n\n"
        f"  baseline     {old}, 3 samples, accepted on 2026-11-20: read by Ann\n"
        f"  fresh        {new}, 2 samples, recorded 2026-11-24\n"
        "  request      1 field changed\n"
        "    body.messages[0].content\n"
        "      - Sort this [-message-]: one\n"
        "      + Sort this {+ticket+}: one\n\n"
        "  accepted (3)\n"
        "    2 of 3  It takes [-14-] days.\n"
        "    1 of 3  Soon.\n"
        "  fresh (2)\n"
        "    2 of 2  It takes {+30+} days.\n\n"
        "  check        contains held in 1 of 2: '14' not found\n"
        "  check        json held in 1 of 2\n"
        '  fact         number: "14 days" in 3 of 3 accepted, 0 of 2 fresh; fresh say "30 days",'
        " adjusted p = .020\n"
        "  fact         one word changed (warn)\n"
        "  score        pass rate 1.00 → 0.50, −0.50, p = .030 (regressed)\n"
        "  answers      differ 2.1 × as much as accepted ones among themselves, p = .010\n"
        "  cost         $0.002 → $0.003 a sample, +50 %\n"
        "  latency      1.0 s → 0.5 s a sample, −50 %\n"
        "  why          prompt: 1 line changed\n"
        "               served model a → b\n"
        "               to tell them apart: ask the old request again\n"
        "  note         one note\n\n"
        "1 case waits for a decision; without a terminal:\n"
        "  pytest-promptdrift accept NODE --reason '…'\n"
        "  pytest-promptdrift reject NODE --reason '…'\n"
    )


def test_a_new_case_shows_its_answers_alone(cli: Cli, bench: Bench) -> None:
    node = bench.new("refund", "billing", "other", "billing")
    out = cli.run("review").out
    assert node in out
    assert out.count("nothing is accepted") == 1
    assert "\n  fresh (3)\n    2 of 3  billing\n    1 of 3  other\n" in out
    assert "request" not in out
    assert "accepted (" not in out


def test_further_samples_of_the_accepted_recording_stand_beside_the_accepted_ones(
    cli: Cli, bench: Bench
) -> None:
    made = bench.record("refund", "billing", "billing", "money")
    bench.decide("refund", made, samples=2)
    bench.wait("refund", made)
    out = cli.run("review").out
    assert "  fresh        1 more sample of the same recording\n" in out
    assert "  request      the same\n" in out
    assert "  accepted (2)\n    2 of 2  billing\n  fresh (1)\n    money\n" in out


def test_a_baseline_whose_recording_is_gone_is_said_to_be(cli: Cli, bench: Bench) -> None:
    old = bench.record("refund", "billing")
    bench.decide("refund", old)
    bench.recordings.path("refund").unlink()
    bench.wait("refund", bench.record("refund", "money", series="s"))
    out = cli.run("review").out
    assert "               its recording is gone: its answers cannot be shown\n" in out
    assert "  fresh (1)\n    money\n" in out


def test_unknown_prices_and_no_cause_are_said(cli: Cli, bench: Bench) -> None:
    old = bench.record("refund", "a", "a", usd=0.002)
    bench.decide("refund", old)
    made = bench.record("refund", "b", "b", series="s")
    bench.wait("refund", made, data={"comparison": {"attribution": {"causes": []}}})
    out = cli.run("review").out
    assert "  cost         $0.002 → unknown a sample\n" in out
    assert "latency" not in out
    assert "  why          nothing visible changed: the provider did\n" in out


@pytest.mark.parametrize(("status", "samples"), [("drifted", 1), ("inconclusive", 2)])
def test_nobody_is_blamed_for_what_may_be_chance(
    cli: Cli, bench: Bench, status: str, samples: int
) -> None:
    bench.decide("refund", bench.record("refund", *["a"] * samples))
    made = bench.record("refund", *["b"] * samples, series="s")
    data = {"comparison": {"attribution": {"causes": []}}}
    bench.wait("refund", made, status=status, data=data)
    said = "  why          nothing visible changed but the answers: the provider, or chance\n"
    assert said in cli.run("review", "refund").out


def test_what_the_headline_says_is_no_note_as_well(cli: Cli, bench: Bench) -> None:
    bench.decide("refund", bench.record("refund", "a", "a"))
    made = bench.record("refund", "b", "b", series="s")
    data = {"comparison": {"undecided": "2 + 2 samples cannot tell", "needed": 6}}
    said = "2 + 2 samples cannot tell; 6 samples would decide"
    bench.wait("refund", made, status="inconclusive", headline=f"inconclusive: {said}", data=data)
    assert cli.run("review", "refund").out.count(said) == 1


def test_cases_that_pass_come_last_when_they_are_named(cli: Cli, bench: Bench) -> None:
    for case, status in (("opened-box", "passed"), ("refund", "inconclusive")):
        bench.decide(case, bench.record(case, "a"))
        bench.wait(case, bench.record(case, "b", series="s"), status=status)
    out = cli.run("review", "refund", "opened-box").out
    assert out.index("(1/2) prompts/triage.prompt.yaml::refund") < out.index("::opened-box")


def test_equal_prices_have_no_percentage(cli: Cli, bench: Bench) -> None:
    old = bench.record("refund", "a", usd=0.002)
    bench.decide("refund", old)
    bench.wait("refund", bench.record("refund", "b", series="s", usd=0.002))
    assert "  cost         $0.002 → $0.002 a sample\n" in cli.run("review").out


def test_an_earlier_rejection_stands_on_the_page(cli: Cli, bench: Bench) -> None:
    made = bench.record("refund", "billing")
    bench.decide("refund", made, accepted=False, why="too curt")
    bench.wait("refund", made)
    assert cli.run("review").out == "nothing waits for a decision\n"
    assert "  rejected     " in cli.run("review", "refund").out
    assert "rejected on 2026-11-20: too curt" in cli.run("review", "refund").out


def test_an_accepted_recording_that_fails_a_check_now_stands_alone(cli: Cli, bench: Bench) -> None:
    made = bench.record("refund", "billing")
    bench.decide("refund", made)
    bench.wait("refund", made, status="failed", refused="a check fails: contains")
    out = cli.run("review").out
    assert "  fresh        the same recording\n" in out
    assert "  accepted (1)\n    billing\n" in out


def test_what_has_no_page_is_named(cli: Cli, bench: Bench) -> None:
    bench.wait("refund", None, status="error", refused="error: rate limit")
    result = cli.run("review")
    assert result.code == 1
    assert result.out == f"\nnot shown: {REFUND}\n  error: rate limit\n"


def test_what_cannot_be_accepted_says_so_on_its_page(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing", refused="a check fails: contains")
    out = cli.run("review").out
    assert "  obstacle     cannot be accepted: a check fails: contains\n" in out


def test_long_pages_are_cut_unless_everything_is_asked_for(cli: Cli, bench: Bench) -> None:
    lines = "\n".join(f"line {n}" for n in range(60))
    findings = [{"kind": "word", "message": f"word {n}", "severity": "warn"} for n in range(12)]
    bench.drifted(
        "refund",
        [f"old {n}" for n in range(9)],
        [lines, "x" * 5000],
        data={"comparison": {"findings": findings}, "notes": ["long " * 400]},
        headline="drifted: " + "much " * 200,
    )
    short = cli.run("review").out
    assert "            …\n" in short
    assert "line 40" not in short
    assert "and 4 other answers\n" in short
    assert "               and 4 more findings\n" in short
    assert short.count("more]") == 3
    everything = cli.run("review", "--full").out
    assert "line 59" in everything
    assert "x" * 5000 in everything
    assert "old 8" in everything
    assert "word 11 (warn)" in everything
    assert "more]" not in everything


def test_scores_that_stayed_are_shown_with_everything(cli: Cli, bench: Bench) -> None:
    bench.drifted("refund", ["a"], ["b"], data=DATA)
    assert "tone" not in cli.run("review").out
    assert "tone 0.50 → 0.50" in cli.run("review", "--full").out


def test_asking_review_to_accept_is_misuse(cli: Cli, bench: Bench) -> None:
    for option in ("--accept", "--yes"):
        result = cli.run("review", option)
        assert result.code == 2
        assert "pytest-promptdrift accept --all" in result.err


HOSTILE = [
    "\x1b[2J\x1b]0;title\x07 gone",
    "\u202eright to left\u2066",
    "a\u2028b\u2029c\x0bd\x0ce\x1cf\x85g\rh",
    "z\u0300" * 3000,
    "日本語" * 3000,
    "word " * 20000,
    "x" * 100_000,
    "{}[]" * 5000,
    "\n" * 5000,
    "\t\t\ttabs",
    "",
    "[-not a mark-] {+nor this+}",
]


@pytest.mark.parametrize("width", [None, 40, 80, 200])
def test_hostile_answers_are_shown_harmlessly(cli: Cli, bench: Bench, width: int | None) -> None:
    for number, text in enumerate(HOSTILE):
        other = HOSTILE[number - 1]
        old = bench.record("refund", text)
        bench.baselines.remove("refund", "demo")
        bench.decide("refund", old)
        made = bench.record("refund", other, text + "!", series=f"s{number:02}")
        bench.wait("refund", made)
        started = process_time()
        result = cli.run("review", width=width)
        assert process_time() - started < 15
        assert result.code == 1
        assert not {"\x1b", "\x07", "\u202e", "\u2066", "\u2028", "\x85", "\r"} & set(result.out)
        if width == 80:
            plain = (line for line in result.out.splitlines() if line.isascii())
            assert all(len(line) <= 80 for line in plain if "::" not in line)
        bench.recordings.path("refund").unlink()


def test_an_answer_of_a_megabyte_is_shown_in_time(cli: Cli, bench: Bench) -> None:
    bench.drifted("refund", ["a b " * 250_000], ["a c " * 250_000])
    started = process_time()
    assert cli.run("review", width=120).code == 1
    assert process_time() - started < 20


def test_credentials_are_hidden_before_anything_is_compared_or_wrapped(
    cli: Cli, bench: Bench
) -> None:
    secret = "planted secret value 123"
    bench.drifted("refund", [f"say {secret} now"], [f"say {secret} then"], data={"notes": [secret]})
    cli.environ["OPENAI_API_KEY"] = secret
    for width in (None, 40, 100):
        out = cli.run("review", width=width).out
        assert "planted" not in out
        assert "123" not in out


def test_credentials_in_a_request_are_hidden_before_its_words_are_compared(
    cli: Cli, bench: Bench
) -> None:
    bench.edit("Sort this", "planted secret value 123 sort this")
    bench.decide("refund", bench.record("refund", "a"))
    bench.edit("value 123", "value 124")
    bench.wait("refund", bench.record("refund", "a"))
    assert "planted secret value [-123-]" in cli.run("review").out
    cli.environ["OPENAI_API_KEY"] = "planted secret value 123"
    out = cli.run("review").out
    assert "123" not in out
    assert "redacted: OPENAI_API_KEY" in out


def test_tool_calls_and_refusals_are_answers(cli: Cli, bench: Bench) -> None:
    made = bench.record("refund", Response(text="", refusal="I cannot"), Response(text=""))
    bench.wait("refund", made)
    assert "1 of 2  refusal: I cannot\n    1 of 2  (empty)" in cli.run("review").out


# ---------------------------------------------------------------------- at a terminal


def test_decisions_are_made_one_by_one(cli: Cli, bench: Bench) -> None:
    bench.new("opened-box", "shipping")
    _, old, new = bench.drifted("refund", ["billing"], ["money"])
    result = cli.run("review", types="a\nfirst answers\nr\nwrong label\n")
    assert result.code == 0
    assert f"(1/2) {BOX}" in result.out
    assert f"(2/2) {REFUND}" in result.out
    assert f"accepted {BOX}\n" in result.out
    assert f"rejected {REFUND}\n" in result.out
    assert "2 cases: 1 accepted, 1 rejected\n" in result.out
    assert f"  git status -- {SUITE}\n" in result.out
    assert "edit the prompt and record" in result.out
    assert accepted(bench, "opened-box") is not None
    assert accepted(bench, "refund") == old
    rejection = bench.baselines.rejection("refund", "demo", new)
    assert rejection is not None
    assert rejection.why == "wrong label"
    assert bench.pending.read() == ()


def test_what_is_skipped_still_waits(cli: Cli, bench: Bench) -> None:
    bench.new("opened-box", "shipping")
    bench.new("refund", "billing")
    result = cli.run("review", types="s\na\n\n")
    assert result.code == 1
    assert result.out.endswith("git add -- " + SUITE + "\n")
    assert "2 cases: 1 accepted, 1 undecided\n" in result.out
    assert accepted(bench, "opened-box") is None
    assert accepted(bench, "refund") is not None


@pytest.mark.parametrize("leaving", ["q\n", ""])
def test_leaving_keeps_what_was_decided(cli: Cli, bench: Bench, leaving: str) -> None:
    bench.new("opened-box", "shipping")
    bench.new("refund", "billing")
    result = cli.run("review", types=f"a\nfine\n{leaving}")
    assert result.code == 1
    assert accepted(bench, "opened-box") is not None
    assert accepted(bench, "refund") is None
    assert "2 cases: 1 accepted, 1 undecided\n" in result.out


def test_leaving_at_once_decides_nothing(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    before = cli.files()
    result = cli.run("review", types="q\n")
    assert result.out.endswith("1 case: 1 undecided\n")
    assert cli.files() == before


def test_leaving_at_the_reason_decides_nothing(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    assert cli.run("review", types="a\n").code == 1
    assert accepted(bench, "refund") is None


def test_a_rejection_needs_a_reason(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    result = cli.run("review", types="r\n\ns\n")
    assert "nothing was rejected: a reason is needed\n" in result.out
    assert bench.baselines.decisions("refund", "demo") == ()


def test_help_and_unknown_keys_ask_again(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    result = cli.run("review", types="?\nx\x1b[A\n\nA\nyes\n")
    assert result.code == 0
    assert result.out.count("s  skip: decide another time") == 3
    assert "'x\\x1b[a' is none of them" in result.out
    assert accepted(bench, "refund") is not None


def test_more_shows_the_whole_page(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "\n".join(f"line {n}" for n in range(60)))
    result = cli.run("review", types="m\nq\n")
    assert result.out.count(f"(1/1) {REFUND}") == 2
    assert result.out.count("line 59") == 1


def test_what_cannot_be_accepted_is_not(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing", refused="a check fails")
    result = cli.run("review", types="a\nr\nbecause of the check\n")
    assert f"{REFUND} cannot be accepted: a check fails\n" in result.out
    assert accepted(bench, "refund") is None
    assert result.code == 0


@pytest.fixture
def two_models(bench: Bench) -> Bench:
    bench.write(CASES.replace("[demo]", "[demo, other]"))
    for label in ("demo", "other"):
        bench.wait("refund", bench.record("refund", "billing", label=label), label=label)
    bench.new("opened-box", "x")
    return bench


def test_a_whole_case_is_accepted_at_once(cli: Cli, two_models: Bench) -> None:
    result = cli.run("review", types="s\nc\na\nboth fine\n")
    assert result.code == 1
    assert accepted(two_models, "refund") is not None
    assert accepted(two_models, "refund", "other") is not None
    assert accepted(two_models, "opened-box") is None
    assert "(3/3)" not in result.out
    assert "3 cases: 2 accepted, 1 undecided\n" in result.out


def test_a_whole_case_is_rejected_at_once(cli: Cli, two_models: Bench) -> None:
    cli.run("review", types="s\nc\nr\nboth wrong\n")
    assert [
        len(two_models.baselines.decisions("refund", label)) for label in ("demo", "other")
    ] == [
        1,
        1,
    ]


def test_a_whole_case_can_be_left_to_one_by_one(cli: Cli, two_models: Bench) -> None:
    result = cli.run("review", types="s\nc\n\na\nonly this\nq\n")
    assert result.out.count(f"  {REFUND}\n") == 1
    assert accepted(two_models, "refund") is not None
    assert accepted(two_models, "refund", "other") is None


def test_a_whole_case_with_an_obstacle_is_not_accepted(cli: Cli, two_models: Bench) -> None:
    entry = next(e for e in two_models.pending.read() if e.label == "other")
    two_models.wait("refund", entry.recording_id, label="other", refused="a check fails")
    result = cli.run("review", types="s\nc\na\nq\n")
    assert "[other] cannot be accepted: a check fails" in result.out
    assert accepted(two_models, "refund") is None


def test_what_changed_meanwhile_is_not_decided(
    cli: Cli, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.new("refund", "billing")
    real = module.Console.ask

    def meanwhile(console: Any, question: str) -> str | None:
        if "reason" in question:
            bench.edit("Sort this", "Sort that")
        return real(console, question)

    monkeypatch.setattr(module.Console, "ask", meanwhile)
    result = cli.run("review", types="a\nfine\n")
    assert "something changed in the meantime, nothing was written" in result.out
    assert result.code == 1
    assert accepted(bench, "refund") is None


def test_what_another_person_settled_meanwhile_is_not_decided_again(
    cli: Cli, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = bench.new("refund", "billing")
    real = module.Console.ask

    def meanwhile(console: Any, question: str) -> str | None:
        if "reason" in question:
            bench.pending.discard([node])
        return real(console, question)

    monkeypatch.setattr(module.Console, "ask", meanwhile)
    assert "something changed" in cli.run("review", types="a\nfine\n").out
    assert accepted(bench, "refund") is None


def test_a_disk_that_fails_is_said_and_asked_again(
    cli: Cli, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.new("refund", "billing")

    def failing(_: BaselineStore, __: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(BaselineStore, "decide", failing)
    result = cli.run("review", types="a\nfine\nq\n")
    assert "the disk is full" in result.err
    assert result.out.count(KEYS) == 2


def test_in_ci_nothing_is_asked(cli: Cli, bench: Bench) -> None:
    bench.new("refund", "billing")
    cli.environ["CI"] = "true"
    result = cli.run("review", types="a\nfine\n")
    assert result.code == 1
    assert KEYS not in result.out
    assert accepted(bench, "refund") is None


def test_a_wide_terminal_has_two_columns_and_a_narrow_one_has_not(cli: Cli, bench: Bench) -> None:
    bench.drifted("refund", ["It takes 14 days."], ["It takes 30 days."])
    wide = cli.run("review", types="", width=100, colour=True).out
    assert "accepted (1)                                    │ fresh (1)\n" in wide
    assert "\x1b[31m[-14-]\x1b[0m" in wide
    assert "\x1b[32m{+30+}\x1b[0m" in wide
    assert "│" not in cli.run("review", types="", width=60).out


# ---------------------------------------------------------------------- a real terminal


# the terminal has to be that of the session for Ctrl-C to be a signal
_IN_A_TERMINAL = f"""
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from {module.__name__} import main
sys.exit(main(sys.argv[1:]))
"""


class Terminal:
    """A command in a terminal of its own; ``answer`` waits for a text and then types."""

    def __init__(self, folder: Path, *argv: str, columns: int = 100) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self.screen, ours = pty.openpty()
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        environ = {k: v for k, v in os.environ.items() if k not in {"CI", "NO_COLOR", "COLUMNS"}}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _IN_A_TERMINAL, *argv],
            cwd=folder, stdin=ours, stdout=ours, stderr=ours, start_new_session=True,
            env={**environ, "TERM": "xterm", "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        os.close(ours)
        self.text, self._seen = "", 0

    def answer(self, question: str, typed: str) -> None:
        while question not in self.text[self._seen :]:
            assert self._read(), f"{question!r} was not asked:\n{self.text}"
        self._seen = self.text.index(question, self._seen) + len(question)
        os.write(self.screen, typed.encode())

    def _read(self) -> bool:
        ready, _, _ = select.select([self.screen], [], [], 60)
        try:
            data = os.read(self.screen, 65536) if ready else b""
        except OSError:  # the other end is closed
            data = b""
        self.text += data.decode().replace("\r\n", "\n")
        return bool(data)

    def end(self) -> int:
        while self._read():
            pass
        os.close(self.screen)
        return self.process.wait(timeout=60)


needs_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="has no pty")


@needs_a_terminal
def test_a_person_reviews_in_a_terminal(cli: Cli, bench: Bench) -> None:
    bench.drifted("opened-box", ["It takes 14 days."], ["It takes 30 days."])
    bench.new("refund", "billing")
    terminal = Terminal(cli.folder, "review")
    terminal.answer("[?] help: ", "a\n")
    terminal.answer("reason (may be empty): ", "neue Regel für alle\n")
    terminal.answer("[?] help: ", "q\n")
    assert terminal.end() == 1
    assert "\x1b[1m(1/2) " + BOX in terminal.text
    assert "\x1b[31m[-14-]\x1b[0m" in terminal.text
    assert "│ It takes \x1b[32m{+30+}\x1b[0m days." in terminal.text
    assert "2 cases: 1 accepted, 1 undecided" in terminal.text
    decision = bench.baselines.current("opened-box", "demo")
    assert decision is not None
    assert decision.why == "neue Regel für alle"
    assert accepted(bench, "refund") is None


@needs_a_terminal
@pytest.mark.parametrize(("typed", "code"), [("\x03", 130), ("\x04", 1)])
def test_keys_that_leave_a_terminal_lose_nothing(
    cli: Cli, bench: Bench, typed: str, code: int
) -> None:
    bench.new("opened-box", "x")
    bench.new("refund", "billing")
    terminal = Terminal(cli.folder, "review")
    terminal.answer("[?] help: ", "a\n")
    terminal.answer("reason (may be empty): ", "\n")
    terminal.answer("[?] help: ", typed)
    assert terminal.end() == code
    assert "Traceback" not in terminal.text
    assert accepted(bench, "opened-box") is not None
    assert accepted(bench, "refund") is None


def test_a_name_from_a_run_elsewhere_is_answered_with_how_to_run_it_here(
    cli: Cli, bench: Bench
) -> None:
    result = cli.run("review", "prompts/triage.prompt.yaml::refund[demo]")
    assert result.out == (
        "nothing waits for a decision\na run finds what does: pytest --promptdrift\n"
    )
    assert "a run finds what waits" in cli.run("accept", "refund", "--reason", "x").err
