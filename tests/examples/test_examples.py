"""The examples as a user meets them: copied, run offline, broken, and explained."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(file.parent.name for file in EXAMPLES.glob("*/*.prompt.yaml"))
# How many cases each example runs; a case that silently vanishes would pass unseen.
CASES = {
    "invoice_extraction": 6,
    "sql_writer": 6,
    "support_reply": 5,
    "ticket_routing": 22,
    "tool_calling": 6,
}

# Imported by every Python that starts with it on its path: a call out of the process is noted.
CLOSED_NETWORK = """
import socket

def refuse(*args, **kwargs):
    with open(NOTES, "a", encoding="utf-8") as file:
        file.write(repr(args) + "\\n")
    raise OSError("the network is closed")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
"""


class Run(NamedTuple):
    """What a run of pytest printed, its exit code, and the calls out that it tried."""

    output: str
    code: int
    calls: str


@pytest.fixture
def example(tmp_path: Path) -> Callable[[str], Path]:
    """Copy one example with the examples' project file, and return the folder of its copy."""

    def copy(name: str) -> Path:
        root = tmp_path / "examples"
        shutil.copytree(EXAMPLES / name, root / name)
        shutil.copy(EXAMPLES / "pyproject.toml", root)
        return root / name

    return copy


def run(folder: Path, *options: str) -> Run:
    """Run pytest as a user would, beside the project file, with the network closed."""
    trap = folder.parent.parent / "trap"
    trap.mkdir(exist_ok=True)
    notes = trap / "calls.txt"
    code = f"NOTES = {str(notes)!r}\n{CLOSED_NETWORK}"
    (trap / "sitecustomize.py").write_text(code, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PROMPTDRIFT_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--promptdrift", "-p", "no:cacheprovider", *options],
        cwd=folder.parent,
        env={
            **kept,
            "PYTHONPATH": str(trap),
            "COLUMNS": "120",
            "NO_COLOR": "1",
            # it warns about every project that does not mention it
            "PYTEST_ADDOPTS": "-p no:asyncio",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    calls = notes.read_text(encoding="utf-8") if notes.exists() else ""
    return Run(done.stdout + done.stderr, done.returncode, calls)


def edit_answers(folder: Path, edit: Callable[[dict[str, object]], None]) -> None:
    """Change every recorded answer of a copied example, as if the model had given it.

    Its baseline goes: what a person accepted cannot be changed behind their back.
    """
    for folder_of_decisions in folder.rglob("baseline"):
        shutil.rmtree(folder_of_decisions)
    for file in folder.rglob("recordings/*.json"):
        stored = json.loads(file.read_text(encoding="utf-8"))
        for recording in stored["recordings"]:
            for sample in recording["samples"]:
                edit(sample)
        file.write_text(json.dumps(stored), encoding="utf-8")


def edit_case_file(folder: Path, old: str, new: str) -> None:
    (file,) = folder.glob("*.prompt.yaml")
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_closed_network_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "examples" / "net"
    folder.mkdir(parents=True)
    (folder.parent / "test_net.py").write_text(
        "import socket\ndef test_it(): socket.create_connection(('127.0.0.1', 9))\n",
        encoding="utf-8",
    )

    ran = run(folder)

    assert ran.code == 1
    assert "127.0.0.1" in ran.calls


def test_every_example_is_counted() -> None:
    assert sorted(CASES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_example_passes_offline(name: str, example: Callable[[str], Path]) -> None:
    ran = run(example(name))

    assert ran.code == 0, ran.output
    assert f"{CASES[name]} passed" in ran.output
    assert not re.search(r"failed|error|skipped|warning|unrecorded", ran.output), ran.output
    assert ran.calls == ""


@pytest.mark.parametrize("name", NAMES)
def test_no_check_is_content_with_a_refusal(name: str, example: Callable[[str], Path]) -> None:
    folder = example(name)

    def refuse(sample: dict[str, object]) -> None:
        sample["text"] = "I'm sorry, but I can't assist with that."
        sample.pop("tool_calls", None)

    edit_answers(folder, refuse)

    ran = run(folder)

    assert f"{CASES[name]} failed" in ran.output
    assert "passed" not in ran.output.splitlines()[-1]


def test_answers_that_were_accepted_cannot_be_edited(example: Callable[[str], Path]) -> None:
    folder = example("support_reply")
    (file,) = folder.rglob("recordings/warranty.json")
    text = file.read_text(encoding="utf-8").replace("machine is 2 years", "machine is 3 years")
    file.write_text(text, encoding="utf-8")

    ran = run(folder, "-k", "warranty")

    assert "1 error" in ran.output
    assert "accepted answers of recording" in ran.output


def test_changed_fact_in_a_reply_is_found_though_the_topic_is_the_same(
    example: Callable[[str], Path],
) -> None:
    folder = example("support_reply")

    def more_days(sample: dict[str, object]) -> None:
        sample["text"] = str(sample["text"]).replace("14 days", "30 days")

    edit_answers(folder, more_days)

    ran = run(folder, "-k", "return-window")

    assert "1 failed" in ran.output
    assert "contains held in 0 of 5" in ran.output
    assert "similar " not in ran.output


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("invoice_extraction", "Return nothing but", "Give nothing but"),
        ("sql_writer", "one SELECT statement", "one SELECT query"),
        ("support_reply", "friendly sentences", "polite sentences"),
        ("ticket_routing", "an online store", "an online shop"),
        ("tool_calling", "Use a tool when one fits", "Call a tool when one fits"),
    ],
)
def test_edited_word_makes_no_call_and_is_shown_beside_the_nearest_recording(
    name: str, old: str, new: str, example: Callable[[str], Path]
) -> None:
    folder = example(name)
    edit_case_file(folder, old, new)

    ran = run(folder)

    assert ran.code == 1
    assert "unrecorded: this request has no recording" in ran.output
    assert re.search(r"^ +nearest +\S+", ran.output, re.MULTILINE)
    removed, added = (set(a.split()) - set(b.split()) for a, b in ((old, new), (new, old)))
    for word in (*removed, *added):
        assert word in ran.output
    assert "--promptdrift-mode record" in ran.output
    assert ran.calls == ""


@pytest.mark.parametrize("name", NAMES)
def test_readme_names_the_model_its_licence_and_the_way_to_record(name: str) -> None:
    text = " ".join((EXAMPLES / name / "README.md").read_text(encoding="utf-8").split())

    assert "Qwen2.5-Coder-0.5B-Instruct (Apache-2.0)" in text
    assert "--promptdrift-mode record --promptdrift-model" in text
    assert f"[`{name}`]({name}/)" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
