"""The ledger keeps spent and reserved money below the limit, in one process and in several."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.engine.budget import Ledger

if TYPE_CHECKING:
    from pathlib import Path

amounts = st.floats(min_value=0, max_value=10, allow_nan=False)


@given(
    limit=st.floats(min_value=0.01, max_value=20),
    calls=st.lists(st.tuples(amounts, st.floats(min_value=0, max_value=1))),
)
def test_spending_never_passes_the_limit(limit: float, calls: list[tuple[float, float]]) -> None:
    ledger = Ledger(limit=limit)
    for worst, share in calls:
        if ledger.try_reserve(worst):
            assert ledger.spent + ledger.reserved <= limit + 1e-9
            ledger.settle(worst, worst * share)
        assert ledger.spent <= limit + 1e-9


def test_a_call_that_could_exceed_the_limit_is_refused() -> None:
    ledger = Ledger(limit=1.0)
    assert ledger.try_reserve(0.6)
    assert not ledger.try_reserve(0.6)
    ledger.settle(0.6, 0.1)
    assert ledger.try_reserve(0.6)


def test_without_a_limit_everything_is_allowed_and_counted() -> None:
    ledger = Ledger(limit=None)
    assert ledger.try_reserve(1000.0)
    ledger.settle(1000.0, 2.5)
    assert ledger.spent == 2.5
    assert ledger.reserved == 0.0


def test_a_call_of_unknown_price_counts_as_its_reservation() -> None:
    ledger = Ledger(limit=1.0)
    assert ledger.try_reserve(0.4)
    ledger.settle(0.4, None)
    assert ledger.spent == 0.4
    assert ledger.unknown == 1


def _spend(path: Path, times: int) -> int:
    ledger = Ledger(limit=1.0, shared=path)
    taken = 0
    for _ in range(times):
        if ledger.try_reserve(0.02):
            ledger.settle(0.02, 0.02)
            taken += 1
    return taken


def test_processes_share_one_budget(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    with multiprocessing.get_context("fork").Pool(3) as pool:
        taken = pool.starmap(_spend, [(path, 40)] * 3)
    assert sum(taken) == 50


def test_own_spending_is_told_apart_from_that_of_others(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    first, second = (Ledger(limit=1.0, shared=path) for _ in range(2))
    for ledger, usd in ((first, 0.2), (second, 0.3)):
        assert ledger.try_reserve(usd)
        ledger.settle(usd, usd)
    assert (first.own, second.own) == (0.2, 0.3)
    assert second.spent == 0.5
