"""What a check asks has a digest: it changes with the question, and with nothing else."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import WHERE, plan

from pytest_promptdrift.checks import UNSET, CheckRegistry, CheckType, implied_check
from pytest_promptdrift.checks.question import question_digest, source_digests

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = st.text(max_size=12)
QUESTIONS = [
    {"contains": "x"},
    {"contains": "y"},
    {"icontains": "x"},
    {"contains": {"text": "x", "ignore_case": True}},
    {"contains": {"all": ["x"]}},
    {"contains": {"all": ["x", "y"]}},
    {"contains": "x", "samples": 2},
    {"contains": "x", "samples": "80%"},
    {"contains": "x", "score_only": True},
    {"json_schema": {"type": "object"}},
    {"json_schema": {"type": "array"}},
    {"json_schema": {"schema": {"type": "object"}, "formats": True}},
    {"number": 5},
    {"number": {"value": 5, "which": "last"}},
    {"python": "os.path:basename"},
    {"python": "os.path:dirname"},
    {"python": "os.path:basename", "name": "base"},
    {"python": "textwrap:indent", "args": {"prefix": "a"}},
    {"python": "textwrap:indent", "args": {"prefix": "b"}},
]


def digest(spec: object, **planning: object) -> str:
    return plan(spec, samples=5, **planning).digest


def test_a_digest_is_eight_hexadecimal_characters() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}", digest({"contains": "x"}))


def test_every_change_of_the_question_changes_the_digest() -> None:
    digests = {digest(spec) for spec in QUESTIONS}

    assert len(digests) == len(QUESTIONS)


def test_the_digest_of_a_question_never_changes_between_versions() -> None:
    # baselines hold these: another value here makes every accepted check look changed
    assert digest({"contains": "x"}) == "fdf9fd43"
    assert digest({"number": {"value": 5, "samples": "80%"}}) == "a1a7a8a0"
    assert digest("json_equals", expected={"b": 1.0, "a": [True]}) == "f4803ee4"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"contains": "x"}, {"contains": {"text": "x"}}),
        ({"contains": "x"}, {"contains": "x", "score_only": False}),
        ({"contains": "x", "samples": 2}, {"contains": {"text": "x", "samples": 2}}),
        ({"json_equals": {"a": 1, "b": 2}}, {"json_equals": {"b": 2.0, "a": 1}}),
        (
            {"python": "textwrap:indent", "args": {"prefix": "a"}},
            {"python": {"python": "textwrap:indent", "args": {"prefix": "a"}}},
        ),
    ],
    ids=str,
)
def test_two_spellings_of_one_question_have_one_digest(one: object, other: object) -> None:
    assert digest(one) == digest(other)


def test_the_number_of_samples_of_the_case_is_no_part_of_the_question() -> None:
    spec = {"contains": "x", "samples": "80%"}

    assert plan(spec, samples=5).digest == plan(spec, samples=10).digest


def test_the_expected_answer_counts_where_it_is_used() -> None:
    assert digest("equals", expected="a") != digest("equals", expected="b")
    assert digest({"contains": "x"}, expected="a") == digest({"contains": "x"}, expected="b")


def test_an_expected_answer_that_is_implied_asks_what_the_written_check_asks() -> None:
    assert implied_check("a", where=WHERE).digest == digest("equals", expected="a")
    assert implied_check("a", where=WHERE).digest != implied_check("b", where=WHERE).digest


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_function_asks_something_else_for_every_expected_answer(order: str) -> None:
    registry, spec = CheckRegistry(), {"python": "os.path:basename"}
    shared = {e: digest(spec, expected=e, registry=registry) for e in order}
    without = digest(spec, registry=registry)

    assert shared == {e: digest(spec, expected=e) for e in order}
    assert len({*shared.values(), without}) == 3


def test_a_function_is_imported_once_for_all_expected_answers(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def check(text): return True", encoding="utf-8")
    registry, spec = CheckRegistry(), {"python": "mine:check"}
    plans = [plan(spec, expected=e, registry=registry, folder=tmp_path) for e in "abc"]

    assert len({id(one.evaluate) for one in plans}) == 1


def test_a_function_that_was_edited_asks_something_else(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def check(text): return True", encoding="utf-8")
    before = digest({"python": "mine:check"}, folder=tmp_path)
    file.write_text("def check(text): return 'x' in text", encoding="utf-8")

    assert digest({"python": "mine:check"}, folder=tmp_path) != before


@pytest.mark.parametrize(
    "make",
    ["from functools import lru_cache as quiet", "from promptdrift_quiet import quiet"],
    ids=["wraps", "hides"],
)
def test_a_function_behind_a_decorator_of_another_module_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: str
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    hides = "def quiet(function): return lambda text: function(text)"
    (tmp_path / "promptdrift_quiet.py").write_text(hides, encoding="utf-8")
    digests = []
    for value in (True, False):
        code = f"{make}\n@quiet\ndef check(text): return {value}"
        (tmp_path / "mine.py").write_text(code, encoding="utf-8")
        digests.append(digest({"python": "mine:check"}, folder=tmp_path))
    sys.modules.pop("promptdrift_quiet", None)

    assert digests[0] != digests[1]


def test_a_function_that_the_named_module_only_passes_on_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mine.py").write_text("from promptdrift_far import check", encoding="utf-8")
    far = tmp_path / "promptdrift_far.py"
    digests = []
    for value in (True, False):
        far.write_text(f"def check(text): return {value}  # {value!s:>9}", encoding="utf-8")
        sys.modules.pop("promptdrift_far", None)
        digests.append(digest({"python": "mine:check"}, folder=tmp_path))
        os.utime(tmp_path / "mine.py", (1, 1))  # otherwise the loaded module is kept
    sys.modules.pop("promptdrift_far", None)

    assert digests[0] != digests[1]


def test_line_ends_of_a_checkout_change_no_question(tmp_path: Path) -> None:
    digests = []
    for name, ends in (("unix", b"\n"), ("windows", b"\r\n")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "mine.py").write_bytes(b"def check(text):" + ends + b"    return True" + ends)
        digests.append(digest({"python": "mine:check"}, folder=folder))

    assert digests[0] == digests[1]


def write_project(folder: Path, **extra: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "mine.py").write_text("def check(text): return True", encoding="utf-8")
    (folder / "far.json").write_text(json.dumps({"type": "string", **extra}), encoding="utf-8")
    whole = {"type": "object", "properties": {"a": {"$ref": "far.json"}}}
    (folder / "whole.json").write_text(json.dumps(whole), encoding="utf-8")
    return folder


ON_DISK = [
    {"json_schema": "whole.json"},
    {"json_schema": {"properties": {"a": {"$ref": "far.json"}}}},
    {"tool_call": {"name": "x", "arguments_schema": "whole.json"}},
    {"python": "mine:check"},
]


@pytest.mark.parametrize("spec", ON_DISK, ids=str)
def test_moving_the_project_changes_no_question(tmp_path: Path, spec: object) -> None:
    here = write_project(tmp_path / "here")
    there = write_project(tmp_path / "far" / "away")

    assert digest(spec, folder=here) == digest(spec, folder=there)


@pytest.mark.parametrize("spec", ON_DISK[:3], ids=str)
def test_a_schema_file_that_another_one_refers_to_is_part_of_the_question(
    tmp_path: Path, spec: object
) -> None:
    here = write_project(tmp_path / "here")
    there = write_project(tmp_path / "there", maxLength=3)

    assert digest(spec, folder=here) != digest(spec, folder=there)


def test_a_schema_file_that_was_edited_asks_something_else(tmp_path: Path) -> None:
    here = write_project(tmp_path / "here")
    before = digest({"json_schema": "far.json"}, folder=here)
    (here / "far.json").write_text('{"type": "number"}', encoding="utf-8")

    assert digest({"json_schema": "far.json"}, folder=here) != before


def test_a_schema_file_that_was_only_laid_out_anew_asks_the_same(tmp_path: Path) -> None:
    here = write_project(tmp_path / "here")
    before = digest({"json_schema": "far.json"}, folder=here)
    (here / "far.json").write_text('{\n\n  "type":"string" }', encoding="utf-8")

    assert digest({"json_schema": "far.json"}, folder=here) == before


def test_a_referred_schema_counts_also_when_it_was_compiled_before(tmp_path: Path) -> None:
    here, registry = write_project(tmp_path / "here"), CheckRegistry()
    first = digest({"json_schema": "whole.json"}, folder=here, registry=registry)
    spec = {"json_schema": "whole.json", "score_only": False}

    assert digest(spec, folder=here, registry=registry) == first


class Embedder:
    """An embedder with an id and nothing else that a plan would ask for."""

    floor = 0.5

    def __init__(self, name: str) -> None:
        self.id = f"{name}:0123"


def test_another_embedder_asks_something_else() -> None:
    registry = CheckRegistry(get_embedder=Embedder)
    digests = [
        digest({"similar": "x"}, registry=registry, embedder=name) for name in ("a", "b", "a")
    ]

    assert digests[0] == digests[2] != digests[1]


def factory_of(folder: Path, code: str, name: str) -> object:
    """Import a module of a project as pytest would a conftest, and return what it defines."""
    file = folder / f"{name}.py"
    file.write_text(code, encoding="utf-8")
    sys.modules.pop(name, None)
    scope: dict[str, object] = {"__name__": name}
    module = type(sys)(name)
    module.__file__ = str(file)
    sys.modules[name] = module
    exec(compile(code, str(file), "exec"), scope)
    return scope["make"]


@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "partial"])
def test_a_registered_check_whose_source_changed_asks_something_else(
    tmp_path: Path, *, wrapped: bool
) -> None:
    digests = []
    for code in ("make = lambda given: lambda c: True", "make = lambda given: lambda c: False"):
        registry = CheckRegistry()
        make = factory_of(tmp_path, code, "promptdrift_conftest_of_a_test")
        registry.register_check("mine", functools.partial(make) if wrapped else make)
        digests.append(digest("mine", registry=registry))
    sys.modules.pop("promptdrift_conftest_of_a_test")

    assert digests[0] != digests[1]


def test_a_registered_kind_of_check_whose_source_changed_asks_something_else(
    tmp_path: Path,
) -> None:
    digests = []
    for value in (True, False):
        code = f"make = lambda arguments, scope: lambda context: {value}"
        registry = CheckRegistry()
        build = factory_of(tmp_path, code, "promptdrift_kind_of_a_test")
        registry.register_check("mine", CheckType(name="mine", summary="", build=build))
        digests.append(digest("mine", registry=registry))
    sys.modules.pop("promptdrift_kind_of_a_test")

    assert digests[0] != digests[1]


def test_a_registered_check_asks_by_its_argument_and_the_expected_answer() -> None:
    registry = CheckRegistry()
    registry.register_check("mine", lambda given: lambda context: True)
    asked = [({"mine": 1}, UNSET), ({"mine": 2}, UNSET), ({"mine": 1}, "a"), ({"mine": 1}, "b")]

    digests = [digest(spec, expected=e, registry=registry) for spec, e in asked]

    assert len(set(digests)) == 4
    assert digests[0] == digest({"mine": 1}, registry=registry)


def test_an_argument_that_json_cannot_hold_is_told_by_its_words() -> None:
    class Thing:
        pass

    digests = [
        question_digest("x", {"argument": value}, {}) for value in (Thing(), Thing(), {1}, {2})
    ]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_a_function_without_source_can_be_asked() -> None:
    assert digest({"python": "builtins:len"}) != digest({"python": "builtins:repr"})


@given(one=st.tuples(TEXTS, TEXTS), other=st.tuples(TEXTS, TEXTS))
def test_no_two_questions_run_into_each_other(one: tuple[str, str], other: tuple[str, str]) -> None:
    texts = [question_digest("x", {"a": text}, {"samples": bar}) for text, bar in (one, other)]

    assert (texts[0] == texts[1]) == (one == other)


def test_a_file_that_is_compiled_or_gone_is_no_part_of_the_question(tmp_path: Path) -> None:
    compiled = tmp_path / "fast.so"
    compiled.write_bytes(b"\x7fELF")

    for file in (compiled, tmp_path / "gone.py"):
        assert source_digests(len, SimpleNamespace(__file__=str(file)), {}) == []
