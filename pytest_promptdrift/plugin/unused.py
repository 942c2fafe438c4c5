"""Recordings that no case of a fully collected run asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift.cases import cells
from pytest_promptdrift.model import Mode

if TYPE_CHECKING:
    import pytest

    from .session import PromptDriftPlugin


def count_unused(plugin: PromptDriftPlugin, session: pytest.Session) -> int:
    """Count recordings that nothing addresses; 0 when the run saw only a part of the cases.

    Models chosen on the command line make other requests, so nothing can be said then.
    """
    context = plugin.runner.context
    if plugin.config.model_override or context.mode is Mode.LIVE or session.shouldstop:
        return 0
    count = 0
    for case_file in plugin.files:
        known: dict[str, set[str]] = {}
        for cell in cells(case_file):
            known.setdefault(cell.case.id, set()).add(cell.digest)
        count += len(context.stores.of(case_file).unused(known))
    return count
