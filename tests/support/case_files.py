"""Case files in a temporary folder, loaded the way a run would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._errors import CaseFileErrors
from pytest_promptdrift.cases import CaseFile, cells, load_case_file
from pytest_promptdrift.config.settings import Config

if TYPE_CHECKING:
    from pathlib import Path

# A complete file with one case; tests add lines to it or replace some.
HEAD = "models: fake:a\nprompt: Say {{ word }}.\n"
CASES = "cases:\n  - id: one\n    vars: {word: hello}\n"


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def load(
    folder: Path,
    text: str | bytes,
    *,
    name: str = "a.prompt.yaml",
    files: dict[str, str | bytes] | None = None,
    **config: object,
) -> CaseFile:
    write(folder, {name: text, **(files or {})})
    return load_case_file(folder / name, Config(root=folder, **config))  # type: ignore[arg-type]


def errors_of(folder: Path, text: str | bytes, **more: object) -> list[str]:
    """Load a file that is wrong and return its errors as they are shown, one string each."""
    try:
        load(folder, text, **more)  # type: ignore[arg-type]
    except CaseFileErrors as errors:
        return [str(error) for error in errors.errors]
    return []


def node_names(case_file: CaseFile) -> list[str]:
    return [cell.node_name for cell in cells(case_file)]
