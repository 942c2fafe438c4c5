"""Case files as pytest collectors and cases as pytest items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift._errors import CaseFileError, CaseFileErrors, Where
from pytest_promptdrift.cases import cells, load_case_file
from pytest_promptdrift.model import Status
from pytest_promptdrift.report.commands import Commands
from pytest_promptdrift.report.data import properties, verdict_data
from pytest_promptdrift.report.failure import failure_lines, headline

from .family import NAME, FamilyItem
from .outcome import changes_of, end, redacted, typed_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pytest_promptdrift.cases import CaseFile, Cell
    from pytest_promptdrift.model import FieldChange, Verdict

    from .host import Host

SUFFIXES = (".prompt.yaml", ".prompt.yml", ".prompt.json")
STORE_FOLDER = "__promptdrift__"


class CaseFileCollector(pytest.File):
    """Collects the cases of one file."""

    plugin: Host

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one item for each case × variant × model, then one for each family that has a past.

        Mistakes are kept for the session.
        """
        self.plugin.make_importable(self.path.parent)
        try:
            case_file = load_case_file(self.path, self.plugin.config, registry=self.plugin.registry)
            items = self._items(case_file)
            yield from items
            if self.plugin.has_baseline(case_file):
                yield from self._families(items)
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

    def _families(self, items: list[CaseItem]) -> Iterator[FamilyItem]:
        """Yield the verdict of each variant × model, behind all of its cases."""
        families: dict[str, list[Cell]] = {}
        for item in items:
            families.setdefault(item.cell.label, []).append(item.cell)
        for label, members in families.items():
            name = f"{NAME}[{label}]"
            nodeid = f"{self.nodeid}::{name}"
            yield FamilyItem.from_parent(
                self, name=name, nodeid=nodeid, cells=members, plugin=self.plugin
            )


def _changes(verdict: Verdict) -> Sequence[FieldChange]:
    """Return how the request differs from the nearest, or from the accepted one."""
    if verdict.miss is not None:
        return verdict.miss.near[0].changes if verdict.miss.near else ()
    return changes_of(verdict.comparison.attribution if verdict.comparison else None)


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
        self.user_properties += [redacted(pair, redact) for pair in properties(verdict)]
        if verdict.status is Status.SKIPPED:
            pytest.skip(redact(verdict.problem.message if verdict.problem else "skipped"))
        if verdict.status is Status.ERROR:
            end(verdict.status)

    def runtest(self) -> None:
        """Fail when the verdict is not a pass."""
        if self.verdict is not None and self.plugin.fails(self.verdict.status):
            end(self.verdict.status)

    def data(self) -> dict[str, object]:
        """Return the verdict as data; empty before there is one."""
        verdict = self.verdict
        if verdict is None:
            return {}
        return verdict_data(verdict, self.plugin.redact(headline(verdict)))

    def failure_text(self) -> str:
        """Return the explanation of the verdict, ready to be shown."""
        verdict = self.verdict
        if verdict is None:
            return ""
        verbosity = self.config.get_verbosity()
        seen = None
        if verbosity < 2:
            seen = self.plugin.seen_before(_changes(verdict), self.name)
        lines = failure_lines(
            verdict,
            title=self.name,
            commands=self.commands(),
            verbosity=verbosity,
            seen_in=seen,
        )
        return self.plugin.redact("\n".join(lines))

    def commands(self) -> Commands:
        """Return what to type next about exactly this case."""
        node = f"{typed_path(self)}::{self.name}"
        models = self.plugin.config.model_override
        return Commands(node=node, models=models, live=self.plugin.live, folder=self.plugin.folder)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return file, line (from 0) and name, as pytest shows them."""
        where: Where | None = self.cell.case.where
        line = where.line - 1 if where and where.line else None
        return self.path, line, self.name
