"""What a person sees while calls are under way."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from pytest_promptdrift.engine.observer import Estimate
from pytest_promptdrift.plugin.progress import PlainProgress, announce

if TYPE_CHECKING:
    from .conftest import Project


def estimate(**rest: Any) -> Estimate:
    plain: dict[str, Any] = {
        "calls": 4,
        "cases": 2,
        "models": ("a", "b"),
        "expected_usd": 0.02,
        "worst_usd": 0.5,
    }
    return Estimate(**{**plain, **rest})


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_estimate_is_said_before_the_first_call() -> None:
    assert announce(estimate()) == (
        "promptdrift: 4 calls for 2 cases to a, b, about $0.02, at most $0.50"
    )


def test_an_unknown_price_is_said_and_the_budget_named() -> None:
    assert announce(estimate(expected_usd=None, unpriced=("b",), limit=2.5)) == (
        "promptdrift: 4 calls for 2 cases to a, b, price of b unknown; budget $2.50"
    )


def test_plain_lines_come_rarely_and_tell_done_failed_spent_and_left() -> None:
    clock, lines = Clock(), []
    progress = PlainProgress(lines.append, clock)
    progress.started(estimate())
    for now, failed in ((1.0, False), (2.0, True), (18.0, False), (20.0, False)):
        clock.now = now
        progress.finished_one(failed=failed, usd=None if failed else 0.01)
    progress.ended()
    assert lines[1:] == [
        "promptdrift: 3 of 4 calls, 1 failed, $0.02 spent, 6.0 s left",
        "promptdrift: 4 of 4 calls, 1 failed, $0.03 spent, took 20 s",
    ]


def run_on_a_terminal(project: Project, code: int = 0, **environ: str) -> str:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--promptdrift-mode=record"],
        cwd=project.path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120", **environ},
    )
    os.close(theirs)
    data = b""
    try:
        while chunk := os.read(ours, 65536):
            data += chunk
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait() == code
    return data.decode()


def test_a_terminal_shows_a_moving_line_and_ci_plain_ones(project: Project) -> None:
    answer = 'rules = [{match = ".", answer = "billing", latency = 0.2}]'
    project.edit("pyproject.toml", 'answers = ["billing"]', answer)
    moving = run_on_a_terminal(project)
    assert "━" in moving
    assert "2 of 2 calls" in moving
    for path in project.path.rglob("recordings/*.json"):
        path.unlink()
    # where nobody is looking, what nobody has accepted fails
    plain = run_on_a_terminal(project, 1, CI="true")
    assert "━" not in plain
    assert "promptdrift: 2 calls for 2 cases to demo, about $0.00" in plain
    assert "promptdrift: 2 of 2 calls, $0.00 spent, took" in plain
