"""Against promptfoo: answers replayed by a provider of one's own, and from its warm disk cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import cases, peers, projects
from benchmarks.measure import MIB, command, in_turn, load, median_of, run
from benchmarks.server import serving
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.measure import Command, Cost
    from benchmarks.setting import Setting

COUNT = 1000
CPU_BAR = 5.0
MEMORY_BAR = 8.0
_REPLAY = """\
const answers = require('./answers.json');

module.exports = class {
  id() { return 'replay'; }
  async callApi(prompt, context) { return { output: answers[context.vars.id] }; }
};
"""
_QUIET = {
    "PROMPTFOO_DISABLE_TELEMETRY": "1",
    "PROMPTFOO_DISABLE_UPDATE": "1",
    "PROMPTFOO_DISABLE_REMOTE_GENERATION": "true",
    "PROMPTFOO_DISABLE_SHARING": "1",
    "OPENAI_API_KEY": "not-a-secret",
}


def rows(setting: Setting) -> Iterator[Row]:
    """Compare 1000 replayed cases with promptfoo on the same cases."""
    programs = peers.promptfoo(setting.cache)
    began = load()
    ours = projects.recorded(setting.work / "replay", COUNT)
    replay = _eval(setting.work / "promptfoo-replay", programs, "file://replay.js")
    cached = _cached(setting.work / "promptfoo-cache", programs)
    rounds = in_turn([ours, replay, cached], rounds=setting.rounds(3, 1), warmup=0)
    for index, how in ((1, "replay provider"), (2, "warm disk cache")):
        yield from _compared(rounds, index, how, began)


def _compared(rounds: list[list[Cost]], index: int, how: str, began: str) -> Iterator[Row]:
    for figure, bar, unit, take in (
        ("CPU", CPU_BAR, "s", _cpu),
        ("memory", MEMORY_BAR, "MiB", _mebibytes),
    ):
        yield _row(rounds, index, take, (f"{COUNT} cases, {how}", figure, bar, unit, began))


def _row(
    rounds: list[list[Cost]],
    index: int,
    take: Callable[[Cost], float],
    words: tuple[str, str, float, str, str],
) -> Row:
    what, figure, bar, unit, began = words
    ratio = median_of(rounds, lambda costs: take(costs[index]) / take(costs[0]))
    return Row(
        name="promptfoo",
        what=what,
        ours=f"{median_of(rounds, lambda costs: take(costs[0])):.3g} {unit}",
        other=f"{median_of(rounds, lambda costs: take(costs[index])):.3g} {unit}",
        figure=f"{ratio:.1f} x less {figure}",
        bar=f">= {bar:.0f} x",
        holds=ratio >= bar,
        load=began,
    )


def _cpu(cost: Cost) -> float:
    return cost.cpu


def _mebibytes(cost: Cost) -> float:
    return cost.peak / MIB


def _eval(folder: Path, programs: tuple[Path, Path], provider: object) -> Command:
    """Write a project for promptfoo and return how to run it."""
    folder.mkdir(parents=True, exist_ok=True)
    tests = [
        {
            "vars": {"id": cases.case_id(number), "message": cases.message(number)},
            "assert": [
                {"type": "contains", "value": str(cases.order(number))},
                {"type": "is-json", "value": "file://schema.json"},
            ],
        }
        for number in range(COUNT)
    ]
    messages = [
        {"role": "system", "content": cases.INSTRUCTION},
        {"role": "user", "content": "Message of the customer:\n{{ message }}"},
    ]
    config = {"prompts": ["file://prompt.json"], "providers": [provider], "tests": tests}
    answers = {cases.case_id(number): cases.answer(number) for number in range(COUNT)}
    written = {
        "promptfooconfig.json": config,
        "prompt.json": messages,
        "schema.json": cases.SCHEMA,
        "answers.json": answers,
    }
    for name, value in written.items():
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
    (folder / "replay.js").write_text(_REPLAY, encoding="utf-8")
    return command(
        *(*programs, "eval", "-c", "promptfooconfig.json", "--no-write", "--no-share"),
        *("--no-progress-bar", "--no-table"),
        folder=folder,
        env={
            **_QUIET,
            "PROMPTFOO_CONFIG_DIR": str(folder / "config"),
            "PROMPTFOO_CACHE_PATH": str(folder / "cache"),
        },
        says=f"{COUNT:,} passed",
        timeout=900,
    )


def _cached(folder: Path, programs: tuple[Path, Path]) -> Command:
    """Fill the disk cache from a server on this machine and return how to run without it."""
    with serving() as server:
        provider = {
            "id": f"openai:chat:{cases.MODEL}",
            "config": {"apiBaseUrl": f"{server.url}/v1"},
        }
        cached = _eval(folder, programs, provider)
        run(cached)
    return cached
