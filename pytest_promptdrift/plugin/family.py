"""The verdict about a family of cases as a pytest item of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift.model import Status
from pytest_promptdrift.report.commands import Commands
from pytest_promptdrift.report.data import family_data, family_properties
from pytest_promptdrift.report.family import family_headline, family_lines

from .outcome import changes_of, end, redacted, typed_path

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.model.comparison import FamilyVerdict

    from .host import Host

NAME = "family"


class FamilyItem(pytest.Item):
    """All selected cases of one file × variant × model, judged together.

    ``cells`` are all cases of the family that the file has; which of them count is for the
    selection of the run to say.
    """

    def __init__(self, *, cells: list[Cell], plugin: Host, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]  # pytest's own keywords, passed on
        self.cells = cells
        self.plugin = plugin
        self.verdict: FamilyVerdict | None = None
        self.add_marker(pytest.mark.promptdrift)

    def setup(self) -> None:
        """Judge the family; without a verdict it ends here."""
        verdict = self.verdict = self.plugin.judge_family(self)
        redact = self.plugin.redact
        self.user_properties += [redacted(pair, redact) for pair in family_properties(verdict)]
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
        return family_data(verdict, self.plugin.redact(family_headline(verdict)))

    def failure_text(self) -> str:
        """Return the explanation of the verdict, ready to be shown."""
        verdict = self.verdict
        if verdict is None:
            return ""
        commands = Commands(
            node=f"{typed_path(self)}::{self.name}",
            models=self.plugin.config.model_override,
            live=self.plugin.live,
            folder=self.plugin.folder,
        )
        verbosity = self.config.get_verbosity()
        seen = None
        if verbosity < 2:
            seen = self.plugin.seen_before(changes_of(verdict.attribution), self.name)
        lines = family_lines(
            verdict, title=self.name, commands=commands, verbosity=verbosity, seen_in=seen
        )
        return self.plugin.redact("\n".join(lines))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return file, line and name, as pytest shows them."""
        return self.path, 0, self.name
