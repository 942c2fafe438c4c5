from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from support.case_files import CASES, HEAD, errors_of, load, node_names, write

from pytest_promptdrift import checks
from pytest_promptdrift._errors import CaseFileErrors, ConfigError
from pytest_promptdrift.cases import build_request, cells, load_case_file
from pytest_promptdrift.checks import CheckRegistry
from pytest_promptdrift.config.settings import Config, ModelConfig, Origin

EVERYTHING_WRONG = """\
system: {fil: x.txt}
prompt: |
  Say
  {{ wrd }}
modls: [fake:a]
models: [fake:a, opnai:x]
params: {temperature: 1}
samples: five
template: jinjo
tags: [a, a]
markers: [not a marker]
checks:
  - contins: x
  - one_of: [yes, no]
tools: [{name: a b}, {nam: x}]
cases:
  - id: double charge
  - id: a
    vars: {word: x}
    expected: 2024-01-31
  - id: a
    vars: {word: x}
  - vars: [1]
    samples: 0
  - from: rows.csv
    id: x
  -
  - just text
"""


def test_everything_that_is_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    errors = errors_of(tmp_path, EVERYTHING_WRONG)
    assert [error.split("\n")[0].split(" (case")[0] for error in errors] == [
        "a.prompt.yaml:1: unknown key 'fil' in a prompt, did you mean 'file'?",
        "a.prompt.yaml:5: unknown key 'modls' in a case file, did you mean 'models'?",
        "a.prompt.yaml:6: unknown provider 'opnai', did you mean 'openai'?",
        "a.prompt.yaml:8: 'samples' must be a whole number from 1, found the text 'five'",
        "a.prompt.yaml:9: unknown 'template' 'jinjo', did you mean 'jinja'?",
        "a.prompt.yaml:10: 'a' is in 'tags' twice",
        ("a.prompt.yaml:11: item 1 of 'markers' must be the name of a pytest marker,"
        " found 'not a marker'"),
        "a.prompt.yaml:13: unknown check 'contins', did you mean 'contains'?",
        "a.prompt.yaml:14: 'yes' without quotes is true for YAML 1.1 and text for YAML 1.2",
        "a.prompt.yaml:14: 'no' without quotes is false for YAML 1.1 and text for YAML 1.2",
        "a.prompt.yaml:15: 'name' must be a name of letters, digits, _ . -, found 'a b'",
        "a.prompt.yaml:15: unknown key 'nam' in a tool, did you mean 'name'?",
        ("a.prompt.yaml:17: the id 'double charge' has a space in it; allowed: letters, digits and"
        " _ . - + : (no '::'), beginning with a letter, a digit or _"),
        "a.prompt.yaml:20: '2024-01-31' without quotes is a date for YAML, and JSON has no dates",
        "a.prompt.yaml:21: the id 'a' is given twice, first at a.prompt.yaml:18",
        "a.prompt.yaml:23: 'vars' must be a mapping, found a list",
        "a.prompt.yaml:24: 'samples' must be a whole number from 1, found the number 0",
        "a.prompt.yaml:25: there is no file 'rows.csv' in the folder "
        + repr(tmp_path.name),
        ("a.prompt.yaml:26: unknown key 'id' in a source of cases; allowed: attachments, checks,"
        " description, expected, from, markers, messages, models, params, policies, samples, tags"
        " and 2 more"),
        "a.prompt.yaml:27: item 6 of 'cases' must be a mapping (a case), found nothing",
        ("a.prompt.yaml:28: item 7 of 'cases' must be a mapping (a case), found the text"
        " 'just text'"),
    ]  # fmt: skip


def test_a_mistake_in_one_key_does_not_hide_a_mistake_in_the_prompt(tmp_path: Path) -> None:
    text = "tag: [x]\nmodels: fake:a\nprompt: |\n  Say\n  {{ wrd }}\n" + CASES
    assert errors_of(tmp_path, text) == [
        "a.prompt.yaml:1: unknown key 'tag' in a case file, did you mean 'tags'?",
        (
            "a.prompt.yaml:5: the prompt: the variable 'wrd' is undefined,"
            " did you mean 'word'? (case 'one')"
        ),
    ]


def test_errors_of_json_files_have_lines_too(tmp_path: Path) -> None:
    text = '{"models": "fake:a",\n "prompt": "Say {{ wrd }}",\n "cases": [\n  {"idd": "a"},\n 5]}'
    errors = errors_of(tmp_path, text, name="a.prompt.json")
    assert [error.split(":")[1] for error in errors] == ["4", "5"]
    assert errors_of(tmp_path, text.replace("idd", "id"), name="a.prompt.json")[0].startswith(
        "a.prompt.json:2: the prompt, line 1: the variable 'wrd' is undefined"
    )


@pytest.mark.parametrize("text", ["- a\n", "text\n", "5\n", "null\n"])
def test_a_file_that_is_no_mapping_is_an_error(tmp_path: Path, text: str) -> None:
    [error] = errors_of(tmp_path, text)
    assert error.startswith("a.prompt.yaml:1: the file must be a mapping (a case file), found")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models: fake:a\nprompt: x\n", ":1: a case file has no 'cases'"),
        ("models: fake:a\nprompt: x\ncases: []\n", ":3: 'cases' is empty"),
        ("models: fake:a\ncases: [{}]\n", ":1: there is no prompt"),
        ("prompt: x\ncases: [{}]\n", ":1: no model is named"),
        ("models: fake:a\nprompt: ''\ncases: [{}]\n", ":2: 'prompt' is empty"),
        ("models: fake:a\nprompt: '{{ a }}'\ncases: [{vars: {a: ' '}}]\n", "the prompt is empty"),
        ("prompt: x\nprompt_file: y\nmodels: fake:a\ncases: [{}]\n", ":2: 'prompt' and"),
        (HEAD + CASES + "    expected:\n", ":6: 'expected' has no value"),
        (HEAD + CASES + "    vars:\n", ":6: the key 'vars' is given twice"),
        (HEAD + "tool_choice: auto\n" + CASES, ":3: 'tool_choice' needs 'tools'"),
        (HEAD + "tools: [{name: find}]\ntool_choice: fnd\n" + CASES, "did you mean 'find'?"),
        (HEAD + "tools: [{name: a}, {name: a}]\n" + CASES, ":3: the tool 'a' is there twice"),
        (HEAD + "checks: contains\n" + CASES, ":3: 'checks' must be a list, found the text"),
        (HEAD.replace("fake:a", "[]") + CASES, ":1: 'models' is empty"),
        (HEAD.replace("fake:a", "[fake:a, fake:a]") + CASES, ":1: 'fake:a' is in 'models' twice"),
        (HEAD + "response_format: yaml\n" + CASES, "unknown 'response_format' 'yaml'"),
        (HEAD + "response_format: {schema: {}}\n" + CASES, "'schema' is empty"),
        (HEAD + "response_format: {strict: true}\n" + CASES, "one of schema, schema_file is"),
        (HEAD + "response_format: {schema_file: s.json}\n" + CASES, "there is no file 's.json'"),
        (HEAD + "samples: true\n" + CASES, ":3: 'samples' must be a whole number"),
        (
            HEAD + "tools: [{name: a, strict: 1}]\n" + CASES,
            "'strict' must be true or false, found the",
        ),
        (HEAD + "template: true\n" + CASES, "'template' must be one of jinja, none, found true"),
        (HEAD + "tags: 5\n" + CASES, ":3: 'tags' must be a list, found the number 5"),
    ],
)
def test_what_does_not_make_sense_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    errors = errors_of(tmp_path, text)
    assert any(message in error for error in errors), errors


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ("{role: user}", "needs 'content' or 'tool_calls'"),
        ("{role: usr, content: x}", "unknown 'role' 'usr', did you mean 'user'?"),
        ("{content: x}", "a message has no 'role'"),
        ("{role: tool, content: x}", "a message with role: tool needs 'tool_call_id'"),
        ("{role: user, content: x, tool_call_id: a}", "'tool_call_id' belongs to role: tool"),
        ("{role: user, content: [{text: a, image: b}]}", "exclude each other"),
        ("{role: user, content: [{}]}", "one of text, image, file is needed"),
        ("{role: user, content: 5}", "must be text or a list, found the number 5"),
        ("{role: assistant, tool_calls: [{id: a, name: b}]}", "a tool call has no 'arguments'"),
    ],
)
def test_a_message_that_no_api_takes_is_an_error(tmp_path: Path, message: str, part: str) -> None:
    text = f"models: fake:a\nmessages:\n  - {message}\n" + CASES
    errors = errors_of(tmp_path, text)
    assert any(part in error and error.startswith("a.prompt.yaml:3:") for error in errors), errors


def test_a_missing_case_file_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"b.prompt.yaml": ""})
    with pytest.raises(CaseFileErrors, match=r"did you mean 'b.prompt.yaml'\?"):
        load_case_file(tmp_path / "a.prompt.yaml", Config(root=tmp_path))


def test_a_case_file_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    [error] = errors_of(tmp_path, (HEAD + CASES).encode() + b"    tags: [\xe9]\n")
    assert error.startswith("a.prompt.yaml:6: the file is not UTF-8: found the byte 0xe9")


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    text = HEAD.replace("Say {{ word }}.", "|\n  Say\n  {{ word }}.") + CASES
    plain = load(tmp_path, text)
    windows = load(tmp_path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert windows.digests == plain.digests


def test_the_path_of_a_file_outside_the_project_is_shown_whole(tmp_path: Path) -> None:
    write(tmp_path, {"a.prompt.yaml": "x"})
    with pytest.raises(CaseFileErrors) as caught:
        load_case_file(tmp_path / "a.prompt.yaml", Config(root=tmp_path / "elsewhere"))
    assert str(caught.value).startswith(f"{tmp_path.as_posix()}/a.prompt.yaml:1: ")


def test_own_keys_schema_and_descriptions_are_ignored(tmp_path: Path) -> None:
    text = "$schema: x\nx-labels: &l [a, b]\ndescription: d\n" + HEAD + CASES
    case_file = load(tmp_path, text + "    description: e\n    checks: [{one_of: *l}]\n")
    assert [check.name for check in case_file.cases[0].checks] == ["one_of"]


def test_a_case_takes_markers_tags_checks_and_params_of_the_file_and_adds_its_own(
    tmp_path: Path,
) -> None:
    text = (
        HEAD + "markers: [slow]\ntags: [a]\nchecks: [{contains: x}]\nsamples: 2\n"
        "params: {seed: 1, temperature: 0}\n" + CASES +
        "    markers: [net]\n    tags: [b, a]\n    checks: [{contains: y}]\n    samples: 5\n"
        "    params: {seed: 2}\n  - id: two\n    vars: {word: x}\n"
    )  # fmt: skip
    case_file = load(tmp_path, text)
    one, two = case_file.cases
    assert (one.markers, one.tags, one.samples) == (("slow", "net"), ("a", "b"), 5)
    assert (two.markers, two.tags, two.samples) == (("slow",), ("a",), 2)
    assert [len(case.checks) for case in (one, two)] == [2, 1]
    assert one.checks[0].where.line == 5
    first, second = (build_request(cell).body["params"] for cell in cells(case_file))
    assert (first, second) == ({"seed": 2, "temperature": 0}, {"seed": 1, "temperature": 0})


def test_checks_that_are_equal_are_one_plan_for_all_cases(tmp_path: Path) -> None:
    text = (
        HEAD
        + "checks: [{contains: x}, equals]\ncases:\n"
        + "".join(f"  - vars: {{word: w{i}}}\n    expected: {'ab'[i % 2]}\n" for i in range(10))
    )
    case_file = load(tmp_path, text)
    assert len({id(case.checks) for case in case_file.cases}) == 2
    assert len({id(case.checks[0]) for case in case_file.cases}) == 1
    assert len({id(case.checks[1]) for case in case_file.cases}) == 2


def test_a_check_that_ignores_the_expected_answer_is_planned_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = []
    plan = checks.plan_check

    def counted(spec: object, **more: Any) -> checks.CheckPlan:
        planned.append(spec)
        return plan(spec, **more)

    monkeypatch.setattr(checks, "plan_check", counted)
    text = (
        HEAD
        + "checks: [{contains: x}]\ncases:\n"
        + "".join(f"  - vars: {{word: w{i}}}\n    expected: answer {i}\n" for i in range(10))
    )
    load(tmp_path, text)
    assert planned == [{"contains": "x"}]


def test_a_check_that_needs_an_expected_answer_names_the_case_without_one(tmp_path: Path) -> None:
    text = (
        HEAD + "checks:\n  - equals\n" + CASES + "  - id: b\n    vars: {word: x}\n    expected: x\n"
    )
    [error] = errors_of(tmp_path, text)
    assert error.startswith("a.prompt.yaml:4: ")
    assert "(case 'one')" in error


def test_a_mistake_in_a_check_of_a_case_has_its_own_line(tmp_path: Path) -> None:
    [error] = errors_of(tmp_path, HEAD + CASES + "    checks:\n      - contains: x\n      - nope\n")
    assert error.startswith("a.prompt.yaml:8: unknown check 'nope'")


def test_checks_of_the_run_are_found_in_its_registry(tmp_path: Path) -> None:
    write(tmp_path, {"a.prompt.yaml": HEAD + "checks: [polite]\n" + CASES})
    registry = CheckRegistry()
    registry.register_check("polite", lambda argument, scope: lambda context: True)
    config = Config(root=tmp_path)
    case_file = load_case_file(tmp_path / "a.prompt.yaml", config, registry=registry)
    assert case_file.cases[0].checks[0].name == "polite"
    with pytest.raises(CaseFileErrors, match="unknown check 'polite'"):
        load_case_file(tmp_path / "a.prompt.yaml", config)


def test_params_that_a_model_does_not_take_are_told_where_they_are_written(tmp_path: Path) -> None:
    text = (
        "models: [openai:gpt-5-mini, fake:a]\nprompt: x\nparams:\n  temprature: 1\n"
        "cases:\n  - id: a\n  - id: b\n    params:\n      seeed: 3\n"
    )
    first, second = errors_of(tmp_path, text)
    assert first.startswith("a.prompt.yaml:4: model 'openai:gpt-5-mini' cannot be asked this: ")
    assert "params.temprature" in first
    assert first.endswith("(case 'a' and 1 more)")
    assert second.startswith("a.prompt.yaml:9: ")
    assert "params.seeed" in second


def test_params_of_a_variant_are_told_where_they_are_written(tmp_path: Path) -> None:
    text = (
        "models: openai:gpt-5-mini\nprompt: x\nvariants:\n  cold: {params: {temperature: 0}}\n"
        "  hot:\n    params:\n      temprature: 1\ncases: [{id: a}]\n"
    )
    [error] = errors_of(tmp_path, text)
    assert error.startswith("a.prompt.yaml:7: ")


def test_params_that_come_from_the_model_are_told_at_the_models(tmp_path: Path) -> None:
    model = ModelConfig(name="m", provider="openai", model="x", params={"temprature": 1})
    text = "prompt: x\nmodels: m\ncases: [{id: a}]\n"
    [error] = errors_of(tmp_path, text, models={"m": model})
    assert error.startswith("a.prompt.yaml:2: model 'm' cannot be asked this")


def test_a_required_parameter_that_is_missing_is_told(tmp_path: Path) -> None:
    text = "models: anthropic:claude-haiku-4-5\nprompt: x\ncases: [{id: a}]\n"
    [error] = errors_of(tmp_path, text)
    assert error.startswith("a.prompt.yaml:1: ")
    assert "max_output_tokens" in error


def test_models_come_from_the_command_line_then_the_case_the_file_and_the_project(
    tmp_path: Path,
) -> None:
    text = "prompt: x\ncases:\n  - id: a\n  - id: b\n    models: [fake:case]\n"
    named = "models: fake:file\n" + text
    assert node_names(load(tmp_path, text, default_models=("fake:p",))) == [
        "a[fake:p]", "b[fake:case]",
    ]  # fmt: skip
    assert node_names(load(tmp_path, named, default_models=("fake:p",))) == [
        "a[fake:file]", "b[fake:case]",
    ]  # fmt: skip
    for written in (text, named):
        assert node_names(load(tmp_path, written, model_override=("fake:x", "fake:y"))) == [
            "a[fake:x]", "a[fake:y]", "b[fake:x]", "b[fake:y]",
        ]  # fmt: skip


def test_a_wrong_model_in_the_file_is_an_error_also_when_another_is_chosen(tmp_path: Path) -> None:
    [error] = errors_of(tmp_path, HEAD.replace("fake", "fke") + CASES, model_override=("fake:x",))
    assert "unknown provider 'fke', did you mean 'fake'?" in error


def test_a_wrong_model_of_the_command_line_is_no_mistake_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="fke"):
        load(tmp_path, HEAD + CASES, model_override=("fke:x",))


@pytest.mark.parametrize(
    ("source", "expected"),
    [("option", [7, 7]), ("environment", [7, 7]), ("project", [7, 5]), ("default", [7, 5])],
)
def test_samples_of_the_command_line_win_and_those_of_the_project_do_not(
    tmp_path: Path, source: str, expected: list[int]
) -> None:
    text = HEAD + CASES + "  - id: b\n    vars: {word: x}\n    samples: 5\n"
    case_file = load(tmp_path, text, samples=7, origins={"samples": Origin(source=source)})
    assert [case.samples for case in case_file.cases] == expected
    assert load(tmp_path, "samples: 3\n" + text).cases[0].samples == 3
    assert load(tmp_path, text).cases[0].samples == 1


def test_sources_of_a_python_model_that_cannot_be_found_are_an_error_of_the_file(
    tmp_path: Path,
) -> None:
    [error] = errors_of(tmp_path, HEAD.replace("fake:a", "python:no_such_module:f") + CASES)
    assert error.startswith("a.prompt.yaml:1: ")
    assert "no_such_module" in error


def test_no_message_is_ever_a_traceback_for_a_file_that_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a.prompt.yaml"
    folder.mkdir()
    with pytest.raises(CaseFileErrors, match="cannot read"):
        load_case_file(Path(folder), Config(root=tmp_path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rows.csv")
    [error] = errors_of(tmp_path, HEAD + "cases:\n  - from: rows.csv\n")
    assert error == "a.prompt.yaml:4: cannot read 'rows.csv': it is no file"


def test_whatever_a_provider_objects_to_is_told_at_the_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConfigError("is asleep", hint="wake it")

    monkeypatch.setattr("pytest_promptdrift.providers.build_request", refuse)
    [error] = errors_of(tmp_path, HEAD + CASES)
    assert error == "a.prompt.yaml:1: model 'fake:a': is asleep (case 'one')\n  wake it"
