"""The command line as data, and whether it asks for prompt cases at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pytest

MARKER = "promptdrift: a golden prompt case (added to every case of a *.prompt.yaml file)"
MODES = ("replay", "record", "refresh", "live")


class Option(NamedTuple):
    """One option of the command line, as ``parser.addoption`` takes it."""

    flag: str
    help: str
    extra: dict[str, Any]


OPTIONS = (
    Option(
        "--promptdrift",
        "run the golden prompt cases of *.prompt.yaml files, offline",
        {"action": "store_true", "dest": "promptdrift"},
    ),
    Option(
        "--promptdrift-mode",
        "replay (default, offline), record what is missing, refresh all, or live",
        {"choices": MODES, "default": None, "dest": "promptdrift_mode"},
    ),
    Option(
        "--promptdrift-model",
        "run these models instead of those in the case files (repeatable)",
        {"action": "append", "default": [], "metavar": "NAME", "dest": "promptdrift_models"},
    ),
    Option(
        "--promptdrift-samples",
        "samples per case, instead of the number in the case files",
        {"type": int, "default": None, "metavar": "N", "dest": "promptdrift_samples"},
    ),
    Option(
        "--promptdrift-budget",
        "stop before the call that could exceed this many US dollars",
        {"type": float, "default": None, "metavar": "USD", "dest": "promptdrift_budget"},
    ),
    Option(
        "--promptdrift-concurrency",
        "calls under way at once, per provider (default 16)",
        {"type": int, "default": None, "metavar": "N", "dest": "promptdrift_concurrency"},
    ),
    Option(
        "--promptdrift-timeout",
        "deadline of one call with its retries, in seconds (default 120)",
        {"type": float, "default": None, "metavar": "SECONDS", "dest": "promptdrift_timeout"},
    ),
    Option(
        "--promptdrift-strict",
        "fail also what is new, pending or inconclusive (new and pending fail in CI anyway)",
        {"action": "store_true", "default": False, "dest": "promptdrift_strict"},
    ),
    Option(
        "--promptdrift-report",
        "write all verdicts of the run as JSON to this file",
        {"default": None, "metavar": "FILE", "dest": "promptdrift_report"},
    ),
)


def declare(parser: pytest.Parser) -> None:
    """Add every option to pytest's command line, in a group of its own."""
    group = parser.getgroup("promptdrift", "golden prompt cases")
    for option in OPTIONS:
        group.addoption(option.flag, help=option.help, **option.extra)


def wanted(config: pytest.Config) -> bool:
    """Tell whether this run asks for prompt cases; naming a mode asks for them, too."""
    return bool(config.getoption("promptdrift") or config.getoption("promptdrift_mode"))
