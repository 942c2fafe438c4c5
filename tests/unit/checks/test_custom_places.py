"""Where a Python check is found: beside the case file first, without touching other projects."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from support.checking import judge, problem

if TYPE_CHECKING:
    from pathlib import Path

SPEC = {"python": "my_checks:check"}


def write(folder: Path, code: str, name: str = "my_checks") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    return folder


def test_module_beside_the_case_file_is_found(tmp_path: Path) -> None:
    write(tmp_path, "def check(text): return 'please' in text")

    assert judge(SPEC, "yes please", folder=tmp_path).passed is True
    assert judge(SPEC, "no", folder=tmp_path).passed is False


def test_two_folders_may_each_have_a_module_of_the_same_name(tmp_path: Path) -> None:
    yes = write(tmp_path / "yes", "def check(text): return True")
    no = write(tmp_path / "no", "def check(text): return False")

    assert judge(SPEC, "x", folder=yes).passed is True
    assert judge(SPEC, "x", folder=no).passed is False


def test_module_may_import_its_neighbour(tmp_path: Path) -> None:
    write(tmp_path, "WORD = 'please'", name="promptdrift_words_of_a_test")
    write(
        tmp_path,
        "from promptdrift_words_of_a_test import WORD\ndef check(text): return WORD in text",
    )

    assert judge(SPEC, "yes please", folder=tmp_path).passed is True


def test_module_that_was_edited_is_loaded_anew(tmp_path: Path) -> None:
    write(tmp_path, "def check(text): return True")
    assert judge(SPEC, "x", folder=tmp_path).passed is True

    write(tmp_path, "def check(text): return 1 == 2")
    os.utime(tmp_path / "my_checks.py", (1, 1))

    assert judge(SPEC, "x", folder=tmp_path).passed is False


def test_module_is_executed_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        "import pathlib\n"
        "with (pathlib.Path(__file__).parent / 'loads').open('a') as file: file.write('x')\n"
        "def check(text): return True",
    )

    judge(SPEC, "x", folder=tmp_path)
    judge({**SPEC, "name": "again"}, "x", folder=tmp_path)

    assert (tmp_path / "loads").read_text(encoding="utf-8") == "x"


def test_dataclasses_of_the_module_work(tmp_path: Path) -> None:
    write(
        tmp_path,
        "from __future__ import annotations\n"
        "import dataclasses\n"
        "@dataclasses.dataclass\n"
        "class Rule:\n"
        "    word: dataclasses.InitVar[str] = 'x'\n"
        "def check(text): return bool(Rule())",
    )

    assert judge(SPEC, "x", folder=tmp_path).passed is True


def test_import_path_is_left_as_it_was_even_by_a_module_that_fails(tmp_path: Path) -> None:
    before = list(sys.path)
    write(tmp_path, "1 / 0")

    assert "ZeroDivisionError" in problem(SPEC, folder=tmp_path).message
    assert sys.path == before


def test_missing_module_says_where_it_is_looked_for(tmp_path: Path) -> None:
    hint = problem(SPEC, folder=tmp_path).hint

    assert hint == "a module beside the case file or on pytest's pythonpath is found"
