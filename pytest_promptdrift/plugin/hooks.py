"""The hooks that a conftest.py can implement.

Use in conftest plugins::

    def pytest_promptdrift_checks(registry):
        registry.register_check("polite", lambda argument: ...)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_promptdrift.checks import CheckRegistry


@pytest.hookspec
def pytest_promptdrift_checks(registry: CheckRegistry) -> None:
    """Offer checks of your own to the case files, by ``registry.register_check(name, factory)``."""
