"""Case files as pytest collectors and cases as pytest items."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, NoReturn

import pytest

from pytest_promptdrift._errors import CaseFileError, CaseFileErrors, Where
from pytest_promptdrift.cases import cells, load_case_file
from pytest_promptdrift.model import Status
from pytest_promptdrift.report.data import properties
from pytest_promptdrift.report.failure import failure_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_promptdrift.cases import CaseFile, Cell
    from pytest_promptdrift.model import Verdict

    from .host import Host

SUFFIXES = (".prompt.yaml", ".prompt.yml", ".prompt.json")
STORE_FOLDER = "__promptdrift__"


class CaseFileCollector(pytest.File):
    """Collects the cases of one file."""

    plugin: Host

    def collect(self) -> Iterator[CaseItem]:
        """Yield one item for each case × variant × model; mistakes are kept for the session."""
        self.plugin.make_importable(self.path.parent)
        try:
            case_file = load_case_file(self.path, self.plugin.config, registry=self.plugin.registry)
            yield from self._items(case_file)
        except CaseFileErrors as errors:
            self.plugin.note_errors(errors)

    def _items(self, case_file: CaseFile) -> list[CaseItem]:
        items = []
        problems: list[CaseFileError] = []
        for cell in cells(case_file):
            # spelled out, because pytest would not see where the name ends and the brackets begin,
            # and --lf would not find the case again
            nodeid = f"{self.nodeid}::{cell.node_name}"
            item = CaseItem.from_parent(
                self, name=cell.node_name, nodeid=nodeid, cell=cell, plugin=self.plugin
            )
            problems += item.add_markers()
            items.append(item)
        self.plugin.refuse_secrets_in_names(items)
        if problems:
            raise CaseFileErrors(problems)
        self.plugin.note_file(case_file)
        return items


class CaseItem(pytest.Item):
    """One case × variant × model."""

    def __init__(self, *, cell: Cell, plugin: Host, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]  # pytest's own keywords, passed on
        self.cell = cell
        self.plugin = plugin
        self.verdict: Verdict | None = None

    def add_markers(self) -> list[CaseFileError]:
        """Add the markers of the file and of the case; return a mistake for each unknown one."""
        problems = []
        self.add_marker(pytest.mark.promptdrift)
        for name in self.cell.case.markers:
            try:
                self.add_marker(getattr(pytest.mark, name))
            except (pytest.fail.Exception, AttributeError) as error:
                problems.append(CaseFileError(str(error), where=self.cell.case.where))
        self.extra_keyword_matches.update(self.cell.case.tags)
        return problems

    def setup(self) -> None:
        """Find or make the recording and judge it; a case without a verdict ends here."""
        verdict = self.plugin.judge(self, self.cell)
        self.verdict = verdict
        redact = self.plugin.redact
        self.user_properties += [_redacted(pair, redact) for pair in properties(verdict)]
        if verdict.status is Status.SKIPPED:
            pytest.skip(redact(verdict.problem.message if verdict.problem else "skipped"))
        if verdict.status is Status.ERROR:
            _fail(verdict)

    def runtest(self) -> None:
        """Fail when the verdict is not a pass."""
        if self.verdict is not None and self.verdict.status is not Status.PASSED:
            _fail(self.verdict)

    def failure_text(self, verdict: Verdict) -> str:
        """Return the explanation of a verdict, ready to be shown."""
        verbosity = self.config.get_verbosity()
        seen = None
        if verdict.miss is not None and verbosity < 2:
            seen = self.plugin.seen_before(verdict.miss, self.name)
        lines = failure_lines(
            verdict,
            title=self.name,
            command=self.command(),
            verbosity=verbosity,
            seen_in=seen,
        )
        return self.plugin.redact("\n".join(lines))

    def command(self) -> str:
        """Return what to type to record exactly this case."""
        node = f"{self._typed_path()}::{self.name}"
        words = ["pytest", "--promptdrift-mode", "record"]
        for model in self.plugin.config.model_override:
            words += ["--promptdrift-model", model]
        return shlex.join([*words, node])

    def _typed_path(self) -> str:
        try:
            return os.path.relpath(self.path, self.config.invocation_params.dir)
        except ValueError:  # another drive
            return str(self.path)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return file, line (from 0) and name, as pytest shows them."""
        where: Where | None = self.cell.case.where
        line = where.line - 1 if where and where.line else None
        return self.path, line, self.name


def _redacted(pair: tuple[str, object], redact: Callable[[str], str]) -> tuple[str, object]:
    """Return a property without a credential; the pair itself, which may be shared, if it can."""
    name, value = pair
    if not isinstance(value, str):
        return pair
    clean = redact(value)
    return pair if clean is value else (name, clean)


def _fail(verdict: Verdict) -> NoReturn:
    """End an item; what a person reads takes the place of this text when its report is made.

    With pytrace, pytest would first render a traceback of its own frames, and take longer for that
    than for a hundred cases.
    """
    pytest.fail(verdict.status.value, pytrace=False)
