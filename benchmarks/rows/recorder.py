"""Against pytest-recording: the same calls of the openai SDK, recorded at the HTTP level."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import cases, peers, projects
from benchmarks.measure import MIB, command, in_turn, load, median_of, run
from benchmarks.server import serving
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.measure import Command
    from benchmarks.setting import Setting

COUNT = 1000
BAR = 5.0
PACKAGES = (
    "pytest==9.2.0",
    "pytest-recording==0.14.1",
    "vcrpy==9.4.2",
    "openai==3.54.0",
    "jsonschema-rs==0.60.3",
)
# One client for all tests and a compiled schema: the peer at its best. One cassette per test is
# what its marker does; its default matching does not look at the body.
_TESTS = """\
import json
import pathlib

import jsonschema_rs
import openai
import pytest

HERE = pathlib.Path(__file__).parent
SUITE = json.loads((HERE / "suite.json").read_text())
CLIENT = openai.OpenAI(api_key="not-a-secret", base_url=SUITE["url"] + "/v1", max_retries=0)
VALIDATOR = jsonschema_rs.validator_for(SUITE["schema"])


@pytest.mark.vcr
@pytest.mark.parametrize("case", SUITE["cases"], ids=lambda case: case["id"])
def test_case(case):
    response = CLIENT.chat.completions.create(
        model=SUITE["model"],
        messages=[
            {"role": "system", "content": SUITE["instruction"]},
            {"role": "user", "content": "Message of the customer:\\n" + case["message"]},
        ],
    )
    text = response.choices[0].message.content
    assert case["order"] in text
    assert VALIDATOR.is_valid(json.loads(text))
"""


def rows(setting: Setting) -> Iterator[Row]:
    """Compare 1000 replayed cases with 1000 tests that replay a cassette each."""
    python = peers.python_with(setting.cache, "pytest-recording", PACKAGES)
    began = load()
    ours = projects.recorded(setting.work / "replay", COUNT)
    other = _recorded(setting.work / "pytest-recording", python)
    rounds = in_turn([ours, other], rounds=setting.rounds(3, 1), warmup=0)
    ratio = median_of(rounds, lambda costs: costs[1].cpu / costs[0].cpu)
    yield Row(
        name="recorder",
        what=f"{COUNT} replayed calls, pytest-recording with the openai SDK",
        ours=f"{median_of(rounds, lambda costs: costs[0].cpu):.2f} s",
        other=f"{median_of(rounds, lambda costs: costs[1].cpu):.2f} s",
        figure=f"{ratio:.1f} x less CPU",
        bar=f">= {BAR:.0f} x",
        holds=ratio >= BAR,
        load=began,
        note=f"peak {median_of(rounds, lambda costs: costs[0].peak / MIB):.0f} MiB against "
        f"{median_of(rounds, lambda costs: costs[1].peak / MIB):.0f} MiB",
    )


def _recorded(folder: Path, python: Path) -> Command:
    replay = _pytest(folder, python, "none")
    if (folder / "recorded").exists():
        return replay
    folder.mkdir(parents=True)
    (folder / "test_suite.py").write_text(_TESTS, encoding="utf-8")
    with serving() as server:
        suite = {
            "url": server.url,
            "model": cases.MODEL,
            "instruction": cases.INSTRUCTION,
            "schema": cases.SCHEMA,
            "cases": [
                {
                    "id": cases.case_id(number),
                    "message": cases.message(number),
                    "order": str(cases.order(number)),
                }
                for number in range(COUNT)
            ],
        }
        (folder / "suite.json").write_text(json.dumps(suite), encoding="utf-8")
        run(_pytest(folder, python, "once"))
    (folder / "recorded").touch()
    return replay


def _pytest(folder: Path, python: Path, mode: str) -> Command:
    return command(
        *(python, "-m", "pytest", "-q", "-p", "pytest_recording.plugin", f"--record-mode={mode}"),
        folder=folder,
        env=projects.ALONE,
        says=f"{COUNT} passed",
    )
