"""A project on disk, and the console script called in this process."""

from __future__ import annotations

import io
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift.cases import build_request, cells, load_case_file
from pytest_promptdrift.cli.console import Console
from pytest_promptdrift.cli.main import main
from pytest_promptdrift.cli.project import open_project, registry_of
from pytest_promptdrift.model import Response, Sample
from pytest_promptdrift.store import suite_folder

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Result:
    """What a command returned and wrote."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass
class Cli:
    """Writes files and runs commands in a folder of its own."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    now: datetime = datetime(2026, 11, 25, 8, 30, 0, 999, tzinfo=UTC)

    def write(self, name: str, text: str) -> Path:
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return target

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and ".pytest_cache" not in path.parts
        }

    def record(self, name: str, text: str = "billing", **response: object) -> None:
        """Store one sample for every request of a case file, as a recording run would."""
        project = open_project(self.console())
        registry = registry_of(project, [self.folder / name])
        case_file = load_case_file(self.folder / name, project.config, registry=registry)
        store = project.store(suite_folder(case_file.path))
        for cell in cells(case_file):
            sample = Sample(
                response=Response(text=text, **response),  # type: ignore[arg-type]
                recorded_at="2026-10-02T08:00:00+00:00",
                sdk="fake",
            )
            store.append(cell.case.id, build_request(cell), label=cell.label, sample=sample)

    def console(self) -> Console:
        silent = io.StringIO()
        return Console(
            out=silent, err=silent, into=silent, folder=self.folder, environ=self.environ
        )

    def run(
        self, *argv: str, types: str | None = None, width: int | None = None, colour: bool = False
    ) -> Result:
        """Run a command; ``types`` is what a person at a terminal answers."""
        console = Console(
            out=io.StringIO(),
            err=io.StringIO(),
            into=io.StringIO(types or ""),
            folder=self.folder,
            environ=self.environ,
            width=width,
            colour=colour,
            interactive=types is not None,
            clock=lambda: self.now,
        )
        code = main(argv, console)
        return Result(code, console.out.getvalue(), console.err.getvalue())


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path)
