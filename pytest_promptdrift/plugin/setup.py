"""Turns the command line and the project file into the working plugin, or stops the run."""

from __future__ import annotations

import os
import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift._errors import ConfigError
from pytest_promptdrift.config import Options, find_project_file, load_config
from pytest_promptdrift.engine.budget import Ledger
from pytest_promptdrift.engine.observer import Silent
from pytest_promptdrift.engine.runner import RunContext, Runner
from pytest_promptdrift.engine.stores import Stores
from pytest_promptdrift.model import Mode
from pytest_promptdrift.store import Redactor, series_name

from .session import PromptDriftPlugin
from .workers import WORKER_KEY, is_worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift.config import Config
    from pytest_promptdrift.engine.observer import Observer

PLUGIN_NAME = "promptdrift-session"


def register(config: pytest.Config) -> None:
    """Build the plugin of this run and hand it to pytest; UsageError for anything unusable."""
    mode = Mode(config.getoption("promptdrift_mode") or "replay")
    _only_the_command_line_calls(config, mode)
    _only_whole_files_to_workers(config, mode)
    try:
        settings = _settings(config)
    except ConfigError as error:
        redactor = Redactor.from_environment(os.environ, ())
        raise pytest.UsageError(redactor.redact(f"promptdrift: {error}")) from None
    limit = _budget(config, mode)
    shared = _shared(config)
    redactor = Redactor.from_environment(
        os.environ, [m.key_variable for m in settings.models.values() if m.key_variable]
    )
    scratch = _scratch_folder(config)
    tree = Stores(root=settings.root, lock_folder=scratch / "locks", redactor=redactor)
    stores = tree
    if mode is Mode.LIVE:
        stores = Stores(
            root=settings.root,
            lock_folder=scratch / "locks",
            redactor=redactor,
            run_folder=_run_folder(settings, str(shared["series"])),
        )
    context = RunContext(
        config=settings,
        mode=mode,
        environ=os.environ,
        redactor=redactor,
        ledger=Ledger(limit=limit, shared=_ledger_file(config, scratch, shared)),
        observer=_observer(config, mode),
        now=lambda: datetime.now(UTC),
        series=str(shared["series"]),
        stores=stores,
        accepted=tree,
    )
    plugin = PromptDriftPlugin(config, Runner(context=context), shared)
    config.pluginmanager.register(plugin, PLUGIN_NAME)


def _only_the_command_line_calls(config: pytest.Config, mode: Mode) -> None:
    """Refuse a calling mode that came from an ini file or from PYTEST_ADDOPTS."""
    if not mode.calls_models or is_worker(config):
        return
    typed = any(
        str(argument).startswith("--promptdrift-mode") for argument in config.invocation_params.args
    )
    if not typed:
        msg = (
            f"promptdrift: mode {mode.value!r} calls models, so it must be typed on the command "
            "line; found it in addopts or PYTEST_ADDOPTS\n"
            f"  run: pytest --promptdrift-mode {mode.value}"
        )
        raise pytest.UsageError(msg)


def _only_whole_files_to_workers(config: pytest.Config, mode: Mode) -> None:
    """Refuse to spread the cases of one file over workers while models are called."""
    if not mode.calls_models or is_worker(config):
        return
    distribution = config.getoption("dist", "no")
    if distribution not in {"no", "loadfile"}:
        msg = (
            f"promptdrift: mode {mode.value!r} under xdist needs --dist loadfile, "
            f"found {distribution!r}, which may run a file on several workers and pay twice\n"
            f"  run: pytest --promptdrift-mode {mode.value} -n 2 --dist loadfile"
        )
        raise pytest.UsageError(msg)


def _settings(config: pytest.Config) -> Config:
    root = config.rootpath
    inipath = config.inipath
    project_file = inipath if inipath and inipath.name == "pyproject.toml" else None
    options = Options(
        models=tuple(config.getoption("promptdrift_models")),
        samples=config.getoption("promptdrift_samples"),
        concurrency=config.getoption("promptdrift_concurrency"),
        timeout=config.getoption("promptdrift_timeout"),
    )
    return load_config(
        root,
        project_file=project_file or find_project_file(root),
        environ=os.environ,
        options=options,
    )


def _run_folder(settings: Config, series: str) -> Path:
    return settings.root / ".promptdrift" / "runs" / series


def _budget(config: pytest.Config, mode: Mode) -> float | None:
    limit = config.getoption("promptdrift_budget")
    if limit is None:
        return None
    if not limit > 0 or limit == float("inf"):
        msg = f"promptdrift: --promptdrift-budget takes US dollars above 0, found {limit!r}"
        raise pytest.UsageError(msg)
    if not mode.calls_models:
        msg = (
            "promptdrift: --promptdrift-budget needs a mode that calls models; replay costs "
            "nothing\n  run: pytest --promptdrift-mode record --promptdrift-budget "
            f"{limit:g}"
        )
        raise pytest.UsageError(msg)
    return float(limit)


def _shared(config: pytest.Config) -> Mapping[str, object]:
    """Return what all processes of a run share: made by the controller, read by the workers."""
    if is_worker(config):
        given: Mapping[str, object] = getattr(config, "workerinput")[WORKER_KEY]  # noqa: B009  (xdist's)
        return given
    return {"series": series_name(datetime.now(UTC), secrets.token_hex(3))}


def _scratch_folder(config: pytest.Config) -> Path:
    """Return a folder for locks and the shared ledger, in pytest's cache where there is one."""
    cache = getattr(config, "cache", None)
    if cache is not None:
        return Path(cache.mkdir("promptdrift"))
    import tempfile  # noqa: PLC0415  (only for runs with -p no:cacheprovider)

    return (
        Path(tempfile.gettempdir()) / f"promptdrift-{os.getuid() if hasattr(os, 'getuid') else 0}"
    )


def _ledger_file(config: pytest.Config, scratch: Path, shared: Mapping[str, object]) -> Path | None:
    if is_worker(config) or config.getoption("dist", "no") != "no":
        return scratch / f"ledger-{shared['series']}.json"
    return None


def _observer(config: pytest.Config, mode: Mode) -> Observer:
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if not mode.calls_models or terminal is None or is_worker(config):
        return Silent()
    from .progress import LiveProgress, PlainProgress  # noqa: PLC0415  (not for a replay)

    live = sys.stdout.isatty() and not os.environ.get("CI") and config.get_verbosity() >= 0
    return (LiveProgress if live else PlainProgress)(terminal.write_line, time.monotonic)
