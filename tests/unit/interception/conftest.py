from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.intercepted import Memory, answer_of, set_addresses
from support.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    with Loopback(answer_of) as loopback:
        set_addresses(monkeypatch, loopback)
        yield loopback


@pytest.fixture
def memory() -> Memory:
    return Memory()
