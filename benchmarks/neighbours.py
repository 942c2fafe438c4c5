"""Loads the plugin beside two heavy neighbours: ``python -m benchmarks.neighbours``.

langsmith and deepeval with what they need are 200 MB, too much for the test extra and for every
run of the gate; the light neighbours are looked at by tests/plugin/test_neighbours.py. This makes
an environment of its own in the benchmarks' cache folder, which takes more than a minute the first
time, and prints what it found.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from . import peers
from .measure import FailedRunError, command, run
from .server import ROOT
from .setting import default_cache

PACKAGES = ("langsmith==0.14.17", "deepeval==4.3.1", "-e", str(ROOT))
QUIET = {
    "DEEPEVAL_TELEMETRY_OPT_OUT": "YES",
    "DEEPEVAL_DISABLE_DOTENV": "1",
    "LANGSMITH_TEST_TRACKING": "false",
    "LANGSMITH_TRACING": "false",
}
PROJECT = {
    "pyproject.toml": """\
[tool.promptdrift.models.demo]
provider = "fake"
answers = ["billing"]
""",
    "triage.prompt.yaml": """\
prompt: "Classify: {{ message }}"
models: [demo]
checks:
  - equals: billing
cases:
  - id: charged
    vars: {message: I was charged twice.}
""",
    "test_neighbours.py": """\
import pytest
from deepeval.test_case import LLMTestCase


@pytest.mark.langsmith
def test_langsmith():
    from langsmith import testing

    testing.log_inputs({"message": "I was charged twice."})


def test_deepeval():
    assert LLMTestCase(input="a", actual_output="b").input == "a"
""",
}
RUNS = (
    (("--help",), "--promptdrift-mode"),
    (("--promptdrift-mode=record",), "3 passed"),
    (("--promptdrift",), "replayed 1 recorded answer, no call made"),
    (("--promptdrift", "-p", "no:deepeval"), "3 passed"),
    (("-p", "no:promptdrift"), "2 passed"),
)


def main() -> int:
    """Return 0 when every run passed."""
    python = peers.python_with(default_cache(), "neighbours", PACKAGES)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="promptdrift-neighbours-") as work:
        folder = Path(work)
        for name, text in PROJECT.items():
            (folder / name).write_text(text, encoding="utf-8")
        for arguments, says in RUNS:
            argv = (python, "-m", "pytest", *arguments)
            try:
                run(command(*argv, folder=folder, env=QUIET, says=says))
            except FailedRunError as error:
                failed += 1
                print(f"FAILS: pytest {' '.join(arguments)}\n{error}")
            else:
                print(f"ok: pytest {' '.join(arguments)}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
