"""A small part of what ``benchmarks.fact_pairs`` measures, so that it cannot get worse."""

from __future__ import annotations

import importlib
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[3]


@pytest.fixture
def fact_pairs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.fact_pairs")


def test_a_seeded_part_of_the_pairs_keeps_its_rates(fact_pairs: ModuleType) -> None:
    chosen = random.Random(7).sample(list(fact_pairs.pairs()), 400)
    measured = fact_pairs.measure(chosen).values()
    caught, changed, false, same = (sum(column) for column in zip(*measured, strict=True))
    assert caught / changed >= 0.95
    assert false / same <= 0.01
