"""The rows of the table by name; each is a function that measures and yields one or more rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import answers, evals, growth, live, misses, promptfoo, recorder, replay, unused, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from benchmarks.setting import Setting
    from benchmarks.table import Row

ROWS: Mapping[str, Callable[[Setting], Iterator[Row]]] = {
    "replay": replay.rows,
    "growth": growth.rows,
    "misses": misses.rows,
    "unused": unused.rows,
    "recorder": recorder.rows,
    "promptfoo": promptfoo.rows,
    "pydantic-evals": evals.pydantic_evals,
    "pytest-evals": evals.pytest_evals,
    "answers": answers.rows,
    "live": live.rows,
    "verdicts": verdicts.rows,
}
