"""The working plugin of one run: every hook reads, delegates and returns."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from pytest_promptdrift._errors import (
    BudgetError,
    CaseFileError,
    CaseFileErrors,
    ConfigError,
    SecretFoundError,
)
from pytest_promptdrift._text import plural
from pytest_promptdrift.cases import has_fast_parser
from pytest_promptdrift.checks import CheckRegistry
from pytest_promptdrift.model import AWAITING, Mode, Status
from pytest_promptdrift.report.changes import field_lines
from pytest_promptdrift.report.summary import Spending, Totals, summary_lines

from .ahead import ReadAhead
from .family import FamilyItem
from .findings import RunFindings
from .importable import Importable
from .items import STORE_FOLDER, SUFFIXES, CaseFileCollector, CaseItem
from .manners import FailureText, Headline, in_ci
from .options import MODES
from .outcome import project_below
from .selection import SessionSelection
from .unused import count_unused
from .workers import WORKER_KEY, is_worker

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from pytest_promptdrift.cases import CaseFile, Cell
    from pytest_promptdrift.engine.runner import Runner
    from pytest_promptdrift.model import FieldChange, Verdict
    from pytest_promptdrift.model.comparison import FamilyVerdict

    from .host import CellItem, FamilyCells


_FULL = 2  # the verbosity at which a report cuts nothing


def _decisive(status: Status) -> str:
    """Return the phase of an item whose report carries its verdict."""
    return "setup" if status in {Status.ERROR, Status.SKIPPED} else "call"


class PromptDriftPlugin:
    """Holds what a run learns: files, mistakes, verdicts and their sums."""

    def __init__(self, config: pytest.Config, runner: Runner, shared: Mapping[str, object]) -> None:
        self.pytest_config = config
        self.runner = runner
        self.shared = shared
        self.config = runner.context.config
        self.redact = runner.context.redactor.redact
        self.folder = project_below(config, self.config.root)
        self.live = runner.context.mode is Mode.LIVE
        self.totals = Totals(mode=runner.context.mode.value)
        self.registry = CheckRegistry()
        self._importable = Importable()
        self._importable.add(self.config.root)
        self.make_importable = self._importable.add
        self.files: list[CaseFile] = []
        self.errors: list[CaseFileError] = []
        self.worker_reports: list[Mapping[str, Any]] = []
        self._ahead = ReadAhead(runner.read_ahead)
        self._session: pytest.Session | None = None
        self._selection = SessionSelection(config, runner.context.mode)
        runner.selection = self._selection
        self._strict = bool(config.getoption("promptdrift_strict"))
        self._ci = in_ci(runner.context.environ)
        self.findings = RunFindings(config, runner.context, strict=self._strict, ci=self._ci)
        self._unused = 0
        self._said: list[str] = []
        self._shown: dict[object, str] = {}

    # ------------------------------------------------------------------ collection

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Take the checks that conftest files offer."""
        self._session = session
        session.config.hook.pytest_promptdrift_checks(registry=self.registry)

    def pytest_report_header(self) -> str:
        """Say which mode runs, and what was chosen on the command line."""
        mode = self.runner.context.mode
        words = f"promptdrift: {mode.value}"
        words += " (offline)" if mode is Mode.REPLAY else " (calls models)"
        if not has_fast_parser():
            words += ", YAML without its C parser (slow)"
        if self.config.model_override:
            words += f", models {', '.join(self.config.model_override)}"
        return words

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Keep pytest out of the folders where recordings lie."""
        return True if collection_path.name == STORE_FOLDER else None

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> CaseFileCollector | None:
        """Collect case files by their name."""
        if not file_path.name.endswith(SUFFIXES):
            return None
        collector: CaseFileCollector = CaseFileCollector.from_parent(parent, path=file_path)
        collector.plugin = self
        return collector

    def note_file(self, case_file: CaseFile) -> None:
        """Remember a file that was read, to find unused recordings at the end."""
        self.files.append(case_file)

    def note_errors(self, errors: CaseFileErrors) -> None:
        """Keep the mistakes of a file until every file was read; a worker stops at once."""
        if is_worker(self.pytest_config):
            raise pytest.Collector.CollectError(self.redact(str(errors)))
        self.errors += errors.errors

    def refuse_secrets_in_names(self, items: Sequence[CellItem]) -> None:
        """Raise when a node id, which pytest prints and stores, holds a credential."""
        guard = self.runner.context.redactor.guard
        try:
            guard("\n".join(item.name for item in items))
        except SecretFoundError:
            for item in items:
                try:
                    guard(item.name)
                except SecretFoundError as error:
                    msg = f"the id of a case holds a credential: {error.message}"
                    where = item.cell.case.where
                    raise CaseFileErrors([CaseFileError(msg, where=where)]) from None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Stop before any test when a case file has mistakes or the budget cannot be kept."""
        if self.errors:
            errors = CaseFileErrors(self.errors)
            count = plural(len(errors.errors), "mistake")
            text = f"promptdrift: {count} in the case files, nothing was run\n{errors}"
            raise pytest.UsageError(self.redact(text))
        self._selection.take(session.items)
        mode = self.runner.context.mode
        if mode.calls_models and not (
            session.config.option.collectonly or is_worker(self.pytest_config)
        ):
            try:
                self.runner.refuse_hopeless(self._cells(None))
            except (BudgetError, ConfigError) as error:
                raise pytest.UsageError(self.redact(f"promptdrift: {error}")) from None

    # ------------------------------------------------------------------ judging

    def judge(self, item: pytest.Item, cell: Cell) -> Verdict:
        """Return the verdict of an item, calling models first where the mode allows it."""
        if not self.runner.context.mode.calls_models:
            if self._session is not None and not is_worker(self.pytest_config):
                self._ahead.reach(item, self._session.items)
            return self.runner.verdict(cell, lambda: ())
        with self._uncaptured():
            return self.runner.verdict(cell, lambda: self._cells(item))

    def judge_family(self, item: FamilyCells) -> FamilyVerdict:
        """Return the verdict of a family, about its cases that were selected."""
        cells = self._selection.family(item)
        if not self.runner.context.mode.calls_models:
            return self.runner.family(cells)
        with self._uncaptured():
            return self.runner.family(cells)

    def has_baseline(self, case_file: CaseFile) -> bool:
        """Tell whether anything was ever accepted for a case file."""
        return self.runner.against.baselines.of(case_file).any()

    def fails(self, status: Status) -> bool:
        """Tell whether an item with this status fails in this run."""
        if status in AWAITING:
            return self._ci or self._strict
        if status is Status.INCONCLUSIVE:
            return self._strict
        return status is not Status.PASSED

    def _cells(self, item: pytest.Item | None) -> list[Any]:
        """Return the cells to be called together: of the session, or of the file for a worker."""
        worker = is_worker(self.pytest_config)
        return [
            cell
            for cell in self._selection.cells()
            if item is None or not worker or cell.case_file.path == item.path
        ]

    def _uncaptured(self) -> Any:
        """Let progress reach the terminal while pytest captures the output of tests."""
        capture = self.pytest_config.pluginmanager.getplugin("capturemanager")
        if capture is None:
            from contextlib import nullcontext  # noqa: PLC0415  (only with -p no:capture)

            return nullcontext()
        return capture.global_and_fixture_disabled()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the verdict on the report, as text for people and as data for everyone else."""
        report = yield
        if isinstance(item, CaseItem | FamilyItem) and item.verdict is not None:
            if report.when == _decisive(item.verdict.status):
                report.promptdrift = item.data()  # type: ignore[attr-defined]  # ours
                if report.failed:
                    report.longrepr = item.failure_text()
            if call.when == "teardown":
                item.verdict = None  # a suite of 10,000 cases must not keep their answers
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the verdict; the controller sees those of every worker."""
        data = getattr(report, "promptdrift", None)
        if data is None:
            return
        self.totals.add(data, report.nodeid, failed=report.failed)
        if not is_worker(self.pytest_config):
            self.findings.add(report.nodeid, data)
        if report.failed and isinstance(report.longrepr, str) and not is_worker(self.pytest_config):
            where = Headline(
                str(data.get("file") or data.get("case_file")),
                int(data.get("line") or 1),
                str(data["headline"]),
            )
            report.longrepr = FailureText(report.longrepr, where)  # type: ignore[assignment]  # ours

    def seen_before(self, changes: Sequence[FieldChange], title: str) -> str | None:
        """Return the case whose report showed these very changes already, if there is one.

        One edited prompt changes many cases, all in the same way; what else stands in their
        requests is not shown and does not count.
        """
        shown = tuple(field_lines(changes, _FULL))
        first = self._shown.setdefault(shown, title) if shown else title
        return None if first == title else first

    # ------------------------------------------------------------------ the end

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Close what is open and keep what was found; a worker sends home what is needed for it."""
        self.runner.close()
        self._importable.remove_all()
        self._unused = count_unused(self.files, self.runner.context)
        if is_worker(self.pytest_config):
            self.pytest_config.workeroutput[WORKER_KEY] = {  # type: ignore[attr-defined]
                "unused": self._unused,
                "calls": self.runner.calls,
                "failed": self.runner.failed,
                "saved": self.runner.saved,
                "unknown": self.runner.context.ledger.unknown,
                "spent": self.runner.context.ledger.own,
            }
        else:
            self._said = self.findings.finish(self.totals, self.spending(), int(exitstatus))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker what the whole run shares."""
        node.workerinput[WORKER_KEY] = dict(self.shared)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker sends home."""
        output = getattr(node, "workeroutput", None) or {}
        if WORKER_KEY in output:
            self.worker_reports.append(output[WORKER_KEY])

    def spending(self) -> Spending | None:
        """Return what the calls of the run cost, over all workers; None for a replay."""
        if not self.runner.context.mode.calls_models:
            return None
        runner, workers = self.runner, self.worker_reports
        return Spending(
            calls=runner.calls + sum(w["calls"] for w in workers),
            failed=runner.failed + sum(w["failed"] for w in workers),
            usd=runner.context.ledger.own + sum(w["spent"] for w in workers),
            unknown=runner.context.ledger.unknown + sum(w["unknown"] for w in workers),
            limit=runner.context.ledger.limit,
            kept=runner.saved + sum(w["saved"] for w in workers),
            interrupted=runner.interrupted,
        )

    def _run_folder(self) -> str | None:
        """Return where a live run leaves its answers, as it is typed."""
        folder = self.runner.context.stores.run_folder
        return None if folder is None else os.path.relpath(folder)

    def _record_command(self) -> str:
        """Return what to type to record everything this run was asked for."""
        given = self.pytest_config.invocation_params.args
        kept = [str(word) for word in given if not str(word).startswith("--promptdrift-mode")]
        words = [word for word in kept if word not in {"--promptdrift", *MODES}]
        return shlex.join(["pytest", "--promptdrift-mode", Mode.RECORD.value, *words])

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Close the run with a few lines."""
        unused = self._unused + max((w["unused"] for w in self.worker_reports), default=0)
        lines = list(
            summary_lines(
                self.totals,
                self.spending(),
                unused,
                self._record_command(),
                self._run_folder(),
                project=self.folder,
                verbosity=self.pytest_config.get_verbosity(),
            )
        )
        lines += self._said
        if lines:
            terminalreporter.ensure_newline()
            terminalreporter.section("promptdrift", sep="-")
            for line in lines:
                terminalreporter.write_line(self.redact(line))
