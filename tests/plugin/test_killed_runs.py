"""A recording run that dies, or meets another one, loses and repeats nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from support.loopback import Loopback, slow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Project

# Each kill takes about half a second; PROMPTDRIFT_TEST_KILLS asks for more of them.
KILLS = int(os.environ.get("PROMPTDRIFT_TEST_KILLS", "20"))
CALLS = 20
AT_ONCE = 2
CASES = f"""
prompt: "Sort: {{{{ message }}}}"
models: [remote]
samples: {CALLS // 2}
cases:
  - id: one
    vars: {{message: I was charged twice.}}
  - id: two
    vars: {{message: My invoice is wrong.}}
"""


@pytest.fixture
def server(project: Project) -> Iterator[Loopback]:
    with Loopback() as made:
        made.answer = lambda call: slow(f"billing {call.number}", 0.01)
        project.write(
            {
                "pyproject.toml": f"""
                [tool.pytest]
                [tool.promptdrift]
                concurrency = {AT_ONCE}
                [tool.promptdrift.models.remote]
                provider = "openai"
                model = "gpt-5-mini"
                base_url = "{made.openai_url}"
                """,
                "triage.prompt.yaml": CASES,
            }
        )
        yield made


def stored(project: Project) -> list[str]:
    texts = []
    for case in ("one", "two"):
        path = project.path / "__promptdrift__" / "triage" / "recordings" / f"{case}.json"
        if path.exists():
            for recording in project.recording(case)["recordings"]:
                texts += [sample["text"] for sample in recording["samples"]]
    return texts


def fork_run(project: Project) -> int:
    """Start a recording run in a forked process and return its id."""
    child = os.fork()
    if child:
        return child
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.chdir(project.path)
    os._exit(int(pytest.main(["--promptdrift-mode=record", "-p", "no:cacheprovider"])))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_at_any_moment_a_run_keeps_what_it_finished_and_a_rerun_pays_for_the_rest(
    project: Project, server: Loopback
) -> None:
    randomness = random.Random(7)
    kills = kept_before = 0
    rounds = 0
    while kills < KILLS:
        rounds += 1
        hits_before = server.hits
        child = fork_run(project)
        wanted = hits_before + randomness.randrange(0, CALLS)
        deadline = time.monotonic() + 90
        while server.hits <= wanted and os.waitpid(child, os.WNOHANG) == (0, 0):
            assert time.monotonic() < deadline
            time.sleep(0.001)
        time.sleep(randomness.random() * 0.01)
        try:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        else:
            kills += 1
        texts = stored(project)
        assert len(set(texts)) == len(texts)
        # lost at most: the calls under way, and as many answers on their way to the disk
        assert len(texts) - kept_before >= server.hits - hits_before - 2 * AT_ONCE
        kept_before = len(texts)
        if len(texts) == CALLS:
            for path in project.path.rglob("recordings/*.json"):
                path.unlink()
            kept_before = 0
    asked = server.hits
    project.record().assert_outcomes(passed=2)
    assert server.hits - asked == CALLS - kept_before
    assert len(stored(project)) == CALLS
    project.run().assert_outcomes(passed=2)


def test_two_runs_at_once_keep_everything(project: Project, server: Loopback) -> None:
    command = [sys.executable, "-m", "pytest", "--promptdrift-mode=record", "-q"]
    runs = [
        subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for run in runs:
        out, _ = run.communicate(timeout=60)
        assert run.returncode == 0, out
    texts = stored(project)
    assert sorted(texts) == sorted({f"billing {n}" for n in range(server.hits)})
    assert len(texts) >= CALLS
