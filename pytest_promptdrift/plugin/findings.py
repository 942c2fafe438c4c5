"""What a run leaves behind: what waits for a decision, and the report that was asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_promptdrift._errors import PromptDriftError
from pytest_promptdrift.model import Status
from pytest_promptdrift.model.pending import Pending
from pytest_promptdrift.store import PendingStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from pytest_promptdrift.engine.runner import RunContext
    from pytest_promptdrift.report.summary import Spending, Totals

_INTERRUPTED = 2
# Without a verdict there is nothing to decide, and what an earlier run found may still hold.
_NO_VERDICT = frozenset({Status.ERROR, Status.SKIPPED})


class RunFindings:
    """Collects the verdicts of a run, those of workers included."""

    def __init__(
        self, config: pytest.Config, context: RunContext, *, strict: bool, ci: bool
    ) -> None:
        self._config = config
        self._context = context
        self._strict, self._ci = strict, ci
        self._started = context.now()
        self._inside: dict[str, str] = {}
        self._settled: list[str] = []
        self._open: list[tuple[str, Mapping[str, Any]]] = []
        self._reported: list[tuple[str, Mapping[str, Any]]] = []

    def add(self, node: str, data: Mapping[str, Any]) -> None:
        """Remember a verdict, given as the data that its report carries."""
        if self._config.getoption("promptdrift_report"):
            self._reported.append((node, data))
        if data["kind"] != "case":
            return
        status = data["status"]
        as_accepted = status == Status.PASSED and data.get("comparison") is None
        if as_accepted or status == Status.UNRECORDED:
            self._settled.append(self._own_node(node))
        elif status not in _NO_VERDICT:
            self._open.append((self._own_node(node), data))

    def _own_node(self, node: str) -> str:
        """Return a node id from the project's folder, whichever folder pytest counts from."""
        path, _, name = node.partition("::")
        inside = self._inside.get(path)
        if inside is None:
            whole = os.path.normpath(self._config.rootpath / path)
            inside = Path(os.path.relpath(whole, self._context.config.root)).as_posix()
            self._inside[path] = inside
        return f"{inside}::{name}"

    def finish(self, totals: Totals, spending: Spending | None, exit_status: int) -> list[str]:
        """Write what was found; return what is to be said about it."""
        said = []
        try:
            self._write_pending(exit_status)
        except PromptDriftError as error:
            said.append(f"what waits for a decision could not be kept: {error}")
        try:
            self._write_report(totals, spending, exit_status)
        except (PromptDriftError, OSError) as error:
            said.append(f"the report could not be written: {error}")
        return said

    def _write_pending(self, exit_status: int) -> None:
        """Keep what waits; of an interrupted run, and of a live one, nothing is offered."""
        context = self._context
        if exit_status == _INTERRUPTED or context.accepted is not context.stores:
            return
        store = PendingStore(
            context.config.root,
            lock_folder=context.accepted.lock_folder,
            redactor=context.redactor,
        )
        at = context.now().isoformat(timespec="seconds")
        store.merge(self._settled, [_pending(node, data, at) for node, data in self._open])

    def _write_report(self, totals: Totals, spending: Spending | None, exit_status: int) -> None:
        target = self._config.getoption("promptdrift_report")
        if not target:
            return
        from importlib.metadata import version  # noqa: PLC0415  (only for a report)

        from pytest_promptdrift.report.run_report import (  # noqa: PLC0415  (the same)
            RunFacts,
            run_report,
            write_run_report,
        )

        context = self._context
        facts = RunFacts(
            version=version("pytest-promptdrift"),
            started=self._started.isoformat(timespec="seconds"),
            finished=context.now().isoformat(timespec="seconds"),
            mode=context.mode.value,
            exit_status=exit_status,
            interrupted=exit_status == _INTERRUPTED,
            strict=self._strict,
            ci=self._ci,
            settings=_settings(context),
            alpha=context.config.alpha,
        )
        parts: dict[str, list[tuple[str, Mapping[str, Any]]]] = {"case": [], "family": []}
        for node, data in self._reported:
            parts[data["kind"]].append((node, data))
        report = run_report(facts, totals, spending, parts["case"], parts["family"])
        path = Path(self._config.invocation_params.dir, target)
        write_run_report(path, report, redactor=context.redactor)


def _settings(context: RunContext) -> dict[str, object]:
    config = context.config
    names = ("alpha", "margin", "floor", "effect_floor", "error_share", "policies")
    found: dict[str, object] = {name: getattr(config, name) for name in names}
    found["samples"] = config.samples_override
    found["models"] = list(config.model_override)
    return found


def _pending(node: str, data: Mapping[str, Any], at: str) -> Pending:
    path, _, _ = node.partition("::")
    comparison = data.get("comparison") or {}
    return Pending(
        case_file=path,
        case_id=data["case"],
        label=data["label"],
        status=data["status"],
        headline=data["headline"],
        judged_at=at,
        recording_id=data["recording"],
        samples=data["samples"],
        answers=data.get("answers") or "",
        accepted_id=comparison.get("accepted"),
        checks=data.get("check_digests") or {},
        refused=_refused(data),
        data={**data, "called": 0},  # what a replay of the same would say
    )


def _refused(data: Mapping[str, Any]) -> str | None:
    """Return why it cannot be accepted; that it was rejected once is no reason."""
    failing = [check["name"] for check in data["checks"] if not check["passed"]]
    return f"a check fails: {', '.join(dict.fromkeys(failing))}" if failing else None
