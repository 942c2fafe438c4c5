"""``init``: writes a case file that works at once, without a key, and never overwrites a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import ConfigError, PromptDriftError

if TYPE_CHECKING:
    import argparse

    from .console import Console

CASE_FILE = "triage.prompt.yaml"
SCHEMA_FILE = "case-file.schema.json"
MODEL = "starter"

_CASES = """\
# What the model is asked. Names in {{{{ }}}} are filled from the vars of each case.
prompt: |
  Sort a customer's message into one of: billing, shipping, other.
  Answer with that one word.

  Message: {{{{ message }}}}

# A scripted model from {project_file}, so that everything works without a key.
models: [{model}]

# What has to hold for the answer to every case.
checks:
  - one_of: [billing, shipping, other]

cases:
  - id: charged-twice
    vars: {{message: I was charged twice for order 88231.}}
    expected: billing
  - id: late-parcel
    vars: {{message: My parcel has not arrived yet.}}
    expected: shipping
  - id: praise
    vars: {{message: You are doing a great job!}}
    expected: other
"""
_TABLE = """\
[tool.promptdrift.models.{model}]
provider = "fake"
rules = [
  {{ match = "charged twice|invoice", answer = "billing" }},
  {{ match = "parcel|delivery", answer = "shipping" }},
  {{ answer = "other" }},
]
"""


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("prompts"),
        metavar="FOLDER",
        help="where to write the case file (default: prompts)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write the starter and say how to go on; 1 when a person has to add the settings."""
    from pytest_promptdrift._files import write_atomically  # noqa: PLC0415  (not for --help)
    from pytest_promptdrift.config import find_project_file  # noqa: PLC0415  (the same)

    from .project import shown  # noqa: PLC0415  (the same)
    from .schema import modeline, schema_text  # noqa: PLC0415  (the same)

    folder = console.folder / arguments.folder
    case_file, schema = folder / CASE_FILE, folder / SCHEMA_FILE
    if case_file.exists():
        msg = f"{shown(case_file, console.folder)} exists; nothing was written"
        raise PromptDriftError(msg, hint="choose another folder: pytest-promptdrift init FOLDER")
    project_file = find_project_file(console.folder) or console.folder / "pyproject.toml"
    added = _with_table(project_file)
    text = _CASES.format(model=MODEL, project_file=project_file.name)
    if not schema.exists():
        write_atomically(schema, schema_text().encode())
        console.say(f"wrote {shown(schema, console.folder)} (for your editor)")
    write_atomically(case_file, f"{modeline(SCHEMA_FILE)}\n{text}".encode())
    console.say(f"wrote {shown(case_file, console.folder)}")
    if added is not None:
        there = project_file.exists()
        write_atomically(project_file, added)
        verb = "added the scripted model to" if there else "wrote"
        console.say(f"{verb} {shown(project_file, console.folder)}")
    _say_next(shown(folder, console.folder), console)
    if added is None and not _has_model(project_file):
        console.title(f"first, add this to {shown(project_file, console.folder)}")
        for line in _TABLE.format(model=MODEL).splitlines():
            console.say(line, indent=2)
        return 1
    return 0


def _with_table(project_file: Path) -> bytes | None:
    """Return the project file with our table at its end; None when it has settings of ours."""
    table = _TABLE.format(model=MODEL)
    if not project_file.exists():
        return table.encode()
    if _table_of(project_file) is not None:
        return None
    data = project_file.read_bytes()
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    gap = b"" if not data else newline if data.endswith(b"\n") else newline * 2
    return data + gap + table.encode().replace(b"\n", newline)


def _table_of(project_file: Path) -> dict[str, object] | None:
    """Return our table of a project file; raises ConfigError when the file is no TOML."""
    import tomllib  # noqa: PLC0415  (not for --help)

    try:
        tool = tomllib.loads(project_file.read_text(encoding="utf-8-sig")).get("tool")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{project_file.name} is not valid TOML, nothing was written: {error}"
        raise ConfigError(msg) from error
    table = tool.get("promptdrift") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _has_model(project_file: Path) -> bool:
    models = (_table_of(project_file) or {}).get("models")
    return isinstance(models, dict) and MODEL in models


def _say_next(folder: str, console: Console) -> None:
    console.title("next")
    console.table(
        [
            (
                f"pytest {folder} --promptdrift --promptdrift-mode record",
                "ask the model, keep answers",
            ),
            ("pytest-promptdrift review", "look at them and accept them"),
            (f"pytest {folder} --promptdrift", "check the recorded answers, offline"),
        ]
    )
    console.title("with a real model")
    console.say(f"in {folder}/{CASE_FILE} write  models: [openai:gpt-5-mini]", indent=2)
    console.say("set OPENAI_API_KEY, record again, and commit the recordings", indent=2)
