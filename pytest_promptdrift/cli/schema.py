"""``schema``: prints the JSON Schema of case files, which editors complete and check with.

With ``--report`` it is that of run reports, for whoever reads them with a program.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from .console import Console


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument(
        "--report",
        action="store_true",
        help="the schema of run reports (--promptdrift-report) instead of case files",
    )
    parser.add_argument(
        "--write", metavar="FILE", type=Path, help="write it into a file instead of printing it"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the schema, or write it where the caller says."""
    report: bool = arguments.report
    text = report_schema_text() if report else schema_text()
    if arguments.write is None:
        console.out.write(text)
        return 0
    from pytest_promptdrift._files import write_atomically  # noqa: PLC0415  (only for --write)

    path: Path = arguments.write
    changed = write_atomically(console.folder / path, text.encode())
    console.say(f"wrote {path}" if changed else f"{path} is up to date")
    if not report:
        console.say(f"put this at the top of a case file: {modeline(path.name)}")
    return 0


def schema_text() -> str:
    """Return the schema of case files as it is written to files."""
    from pytest_promptdrift.cases import file_schema  # noqa: PLC0415  (the slow part)

    return _as_text(file_schema())


def report_schema_text() -> str:
    """Return the schema of run reports as it is written to files."""
    from pytest_promptdrift.report.schema import report_schema  # noqa: PLC0415  (only for --report)

    return _as_text(report_schema())


def _as_text(schema: dict[str, object]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def modeline(schema: str) -> str:
    """Return the comment that tells an editor which schema a YAML file follows."""
    return f"# yaml-language-server: $schema={schema}"
