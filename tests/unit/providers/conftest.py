from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

REMOTE = ("openai", "openai:responses", "anthropic")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def environ(server: Loopback) -> dict[str, str]:
    return {
        "OPENAI_API_KEY": "sk-openai-0123456789abcdef",
        "OPENAI_BASE_URL": server.openai_url,
        "ANTHROPIC_API_KEY": "sk-ant-0123456789abcdef",
        "ANTHROPIC_BASE_URL": server.anthropic_url,
    }


@pytest.fixture(params=REMOTE)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)
