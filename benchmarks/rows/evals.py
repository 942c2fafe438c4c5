"""Against evaluation libraries that are given the recorded answers by a function."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import cases, peers, projects
from benchmarks.measure import MIB, command, in_turn, load, median_of
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.measure import Command
    from benchmarks.setting import Setting

COUNT = 1000
PACKAGES = (
    "pytest==9.2.0",
    "pydantic-evals==2.62.0",
    "pytest-evals==0.3.4",
    "jsonschema-rs==0.60.3",
)
_PYDANTIC = """\
import json
import pathlib
from dataclasses import dataclass

import jsonschema_rs
from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import Evaluator, EvaluatorContext

SUITE = json.loads((pathlib.Path(__file__).parent / "suite.json").read_text())
ANSWERS = {case["id"]: case["answer"] for case in SUITE["cases"]}
VALIDATOR = jsonschema_rs.validator_for(SUITE["schema"])


@dataclass
class Contains(Evaluator):
    def evaluate(self, ctx: EvaluatorContext) -> bool:
        return ctx.expected_output in ctx.output


@dataclass
class Schema(Evaluator):
    def evaluate(self, ctx: EvaluatorContext) -> bool:
        return VALIDATOR.is_valid(json.loads(ctx.output))


async def replay(case: str) -> str:
    return ANSWERS[case]


dataset = Dataset(
    name="suite",
    cases=[
        Case(name=case["id"], inputs=case["id"], expected_output=case["order"])
        for case in SUITE["cases"]
    ],
    evaluators=[Contains(), Schema()],
)
report = dataset.evaluate_sync(replay, progress=False)
passed = sum(all(a.value for a in case.assertions.values()) for case in report.cases)
print(passed, "passed")
"""
_PYTEST = """\
import json
import pathlib

import jsonschema_rs
import pytest

SUITE = json.loads((pathlib.Path(__file__).parent / "suite.json").read_text())
VALIDATOR = jsonschema_rs.validator_for(SUITE["schema"])


@pytest.mark.eval(name="suite")
@pytest.mark.parametrize("case", SUITE["cases"], ids=lambda case: case["id"])
def test_case(case, eval_bag):
    eval_bag.answer = case["answer"]
    assert case["order"] in eval_bag.answer
    assert VALIDATOR.is_valid(json.loads(eval_bag.answer))
"""


def pydantic_evals(setting: Setting) -> Iterator[Row]:
    """Compare 1000 replayed cases with an evaluation of the same answers."""
    python = peers.python_with(setting.cache, "evals", PACKAGES)
    folder = _written(setting.work / "pydantic-evals")
    (folder / "evaluate.py").write_text(_PYDANTIC, encoding="utf-8")
    other = command(
        *(python, "evaluate.py"),
        folder=folder,
        env={"LOGFIRE_SEND_TO_LOGFIRE": "false"},
        says=f"{COUNT} passed",
    )
    yield _compared(setting, "pydantic-evals", other)


def pytest_evals(setting: Setting) -> Iterator[Row]:
    """Compare 1000 replayed cases with parametrised tests of the same answers."""
    python = peers.python_with(setting.cache, "evals", PACKAGES)
    folder = _written(setting.work / "pytest-evals")
    (folder / "test_suite.py").write_text(_PYTEST, encoding="utf-8")
    other = command(
        *(python, "-m", "pytest", "-q", "--run-eval"), folder=folder, says=f"{COUNT} passed"
    )
    yield _compared(setting, "pytest-evals", other)


def _written(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    suite = {
        "schema": cases.SCHEMA,
        "cases": [
            {
                "id": cases.case_id(number),
                "order": str(cases.order(number)),
                "answer": cases.answer(number),
            }
            for number in range(COUNT)
        ],
    }
    (folder / "suite.json").write_text(json.dumps(suite), encoding="utf-8")
    return folder


def _compared(setting: Setting, name: str, other: Command) -> Row:
    began = load()
    ours = projects.recorded(setting.work / "replay", COUNT)
    rounds = in_turn([ours, other], rounds=setting.rounds(3, 1))
    ratio = median_of(rounds, lambda costs: costs[1].cpu / costs[0].cpu)
    return Row(
        name=name,
        what=f"{COUNT} replayed cases, {name}",
        ours=f"{median_of(rounds, lambda costs: costs[0].cpu):.2f} s",
        other=f"{median_of(rounds, lambda costs: costs[1].cpu):.2f} s",
        figure=f"{ratio:.1f} x less CPU",
        load=began,
        note=f"peak {median_of(rounds, lambda costs: costs[0].peak / MIB):.0f} MiB against "
        f"{median_of(rounds, lambda costs: costs[1].peak / MIB):.0f} MiB",
    )
