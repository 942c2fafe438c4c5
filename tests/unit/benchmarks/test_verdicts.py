"""A small part of what ``benchmarks.verdicts`` measures: verdicts on answers of a real model.

The draws are seeded, so a test passes always or never. The bars leave the room that so few
repetitions need: 2.5 standard errors.
"""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[3]
REPETITIONS = 40
ALPHA = 0.05


@pytest.fixture(scope="module")
def verdicts() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        return importlib.import_module("benchmarks.verdicts_runs")


@pytest.fixture(scope="module")
def unchanged(verdicts: ModuleType) -> list[Any]:
    """Runs in which nothing changed but chance."""
    return list(verdicts.Runs().of("base", 3, REPETITIONS))


def most(rate: float) -> float:
    return REPETITIONS * rate + 2.5 * math.sqrt(REPETITIONS * rate * (1 - rate))


@pytest.mark.parametrize("instrument", ["scores", "distribution", "facts"])
@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5])
def test_no_test_alarms_more_often_than_its_level_when_nothing_changed(
    unchanged: list[Any], instrument: str, rate: float
) -> None:
    assert sum(run.p[instrument] <= rate for run in unchanged) <= most(rate)


def test_a_family_drifts_no_more_often_than_alpha_when_nothing_changed(
    unchanged: list[Any],
) -> None:
    assert sum(run.alarmed for run in unchanged) <= most(ALPHA)


def test_a_family_drifts_only_where_a_test_reaches_its_share_of_alpha(
    unchanged: list[Any],
) -> None:
    for run in unchanged:
        reached = [name for name, p in run.p.items() if p <= ALPHA / len(run.p)]
        assert set(run.fired) <= set(reached)
        assert not run.family_drifted or run.fired


def test_a_case_drifts_only_in_a_family_that_drifted(unchanged: list[Any]) -> None:
    assert all(run.family_drifted for run in unchanged if run.drifted)


@pytest.mark.parametrize("change", ["other", "cut", "preamble"])
def test_a_change_that_nobody_could_miss_is_found_with_three_samples(
    verdicts: ModuleType, change: str
) -> None:
    assert all(run.family_drifted for run in verdicts.Runs().of(change, 3, 3))
