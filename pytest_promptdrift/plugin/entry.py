"""What pytest loads in every project that has this package installed: options and two hooks.

Nothing else happens, and nothing else is imported, until a run asks for prompt cases.
"""

from __future__ import annotations

import pytest

from . import options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the command line."""
    options.declare(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let a conftest.py offer checks, whether or not prompt cases are run."""
    from . import hooks  # noqa: PLC0415  (kept off the list of modules that every run imports)

    pluginmanager.add_hookspecs(hooks)


@pytest.hookimpl(trylast=True)  # behind the terminal reporter, which progress is written to
def pytest_configure(config: pytest.Config) -> None:
    """Register the working plugin when it is asked for."""
    config.addinivalue_line("markers", options.MARKER)
    if options.wanted(config):
        # a run without prompt cases stays untouched
        from . import plain_import  # noqa: PLC0415

        plain_import.import_plainly()
        config.add_cleanup(plain_import.stop)
        from .setup import register  # noqa: PLC0415

        register(config)
