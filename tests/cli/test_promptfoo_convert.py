from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_promptdrift._errors import PromptDriftError
from pytest_promptdrift.cases.yaml_source import parse_yaml
from pytest_promptdrift.cli.promptfoo import Conversion, convert
from pytest_promptdrift.cli.promptfoo.asserts import convert_assertion, from_column
from pytest_promptdrift.cli.promptfoo.templates import fill, to_jinja
from pytest_promptdrift.cli.promptfoo.writer import to_yaml

if TYPE_CHECKING:
    from pathlib import Path


def accept_all(model: str, params: dict[str, object]) -> dict[str, str]:
    return {}


def converted(folder: Path, text: str, judge: object = accept_all) -> Conversion:
    file = folder / "promptfooconfig.yaml"
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    return convert(file, "promptfooconfig.yaml", judge)  # type: ignore[arg-type]


def left_out(conversion: Conversion) -> list[str]:
    return [f"{note.line}: {note.what}" for note in conversion.left_out]


def test_a_small_configuration_becomes_a_case_file(tmp_path: Path) -> None:
    found = converted(
        tmp_path,
        """\
        description: support
        prompts: ["Answer: {{question}}"]
        providers: [openai:chat:gpt-4o-mini, "openai:responses:gpt-5", "anthropic:messages:claude"]
        tests:
          - description: Refund window!
            vars: {question: How long?}
            assert:
              - {type: icontains, value: 30 days}
        """,
    )
    assert found.document == {
        "prompt": "Answer: {{question}}",
        "models": ["openai:gpt-4o-mini", "openai:responses:gpt-5", "anthropic:claude"],
        "cases": [
            {
                "id": "refund-window",
                "vars": {"question": "How long?"},
                "checks": [{"icontains": "30 days"}],
            }
        ],
    }
    assert found.left_out == ()


def test_several_prompts_become_variants(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("First {{x}}\n")
    (tmp_path / "many.txt").write_text("A {{x}}\n---\nB {{x}}\n")
    (tmp_path / "chat.json").write_text('[{"role": "system", "content": "S {{x}}"}]')
    (tmp_path / "chat.yaml").write_text("- role: user\n  content: [{type: text, text: U}]\n")
    found = converted(
        tmp_path,
        """\
        prompts:
          - file://one.txt
          - {id: file://many.txt, label: Many of them}
          - file://chat.json
          - chat.yaml
          - {raw: plain, label: one}
          - {raw: again, label: one}
        tests: [{vars: {x: a}}]
        """,
    )
    assert found.document["variants"] == {
        "prompt_1": {"prompt_file": "one.txt"},
        "many_of_them_1": "A {{x}}",
        "many_of_them_2": "B {{x}}",
        "prompt_4": {"messages": [{"role": "system", "content": "S {{x}}"}]},
        "prompt_5": {"messages": [{"role": "user", "content": "U"}]},
        "one": "plain",
        "one_2": "again",
    }
    assert found.left_out == ()


def test_files_are_found_by_pattern(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    for name in ("b.txt", "a.txt"):
        (tmp_path / "p" / name).write_text(name)
    found = converted(tmp_path, "prompts: ['file://p/*.txt', 'file://q/*.txt']\n")
    assert found.document["variants"] == {
        "prompt_1": {"prompt_file": "p/a.txt"},
        "prompt_2": {"prompt_file": "p/b.txt"},
    }
    assert left_out(found) == ["1: no file matches 'q/*.txt'"]


@pytest.mark.parametrize(
    ("prompt", "what"),
    [
        ("file://gone.txt", "the prompt file 'gone.txt' cannot be read"),
        ("file://run.py", "the prompt file 'run.py' is a program or of an unknown kind"),
        ("exec:./run.sh", "the prompt 'exec:./run.sh' comes from a program or a service"),
        ("{label: x}", "this prompt is neither text nor a file"),
        ("3", "this prompt is neither text nor a file"),
        (
            '\'[{"role": "user", "content": {{x}}}]\'',
            "this list of messages is no JSON before it is rendered; it is kept as one text",
        ),
        (
            '\'[{"role": "tool", "content": "x"}, {"role": "user", "content": "y"}]\'',
            "a message of role 'tool' that is more than text",
        ),
    ],
)
def test_a_prompt_that_cannot_be_converted_has_a_line(
    tmp_path: Path, prompt: str, what: str
) -> None:
    (tmp_path / "run.py").touch()
    found = converted(tmp_path, f"prompts:\n  - fine\n  - {prompt}\ntests: [{{vars: {{x: 1}}}}]\n")
    assert f"3: {what}" in left_out(found)


def test_prompt_files_are_copied_only_where_they_have_to_change(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("{% if x === 1 %}a{% endif %}")
    (tmp_path / "b.yaml").write_text("a: [")
    (tmp_path / "c.yaml").write_text("plain: text")
    (tmp_path / "d.json").write_text('[{"no": "role"}]')
    (tmp_path / "e.json").write_text('[{"role": "user", "content": [{"image": 1}]}]')
    (tmp_path / "f.json").write_text('[{"role": "user", "content": ["a", {"text": "b"}]}]')
    found = converted(
        tmp_path,
        """\
        prompts:
          - file://a.txt
          - file://b.yaml
          - file://c.yaml
          - file://d.json
          - file://e.json
          - file://f.json
          - "[INST] this is text"
          - gone.txt
        tests: [{vars: {x: 1}}]
        """,
    )
    assert found.document["variants"] == {
        "prompt_1": "{% if x == 1 %}a{% endif %}",
        "prompt_2": "plain: text",
        "prompt_3": '[{"no": "role"}]',
        "prompt_4": '[{"role": "user", "content": [{"image": 1}]}]',
        "prompt_5": {"messages": [{"role": "user", "content": [{"text": "a"}, {"text": "b"}]}]},
        "prompt_6": "[INST] this is text",
        "prompt_7": "gone.txt",
    }
    assert [note.line for note in found.left_out] == [3, 6]


def test_a_pattern_that_no_file_can_match_is_left_out(tmp_path: Path) -> None:
    found = converted(tmp_path, "prompts: [a, 'file:///x/*.txt']\n")
    assert left_out(found) == ["1: no file matches '/x/*.txt'"]


@pytest.mark.parametrize(
    ("provider", "what"),
    [
        ("ollama:chat:llama3", 'provider = "openai" and base_url = "http://127.0.0.1:11434/v1"'),
        ("python:run.py", "a Python function can be python:module:function"),
        ("bedrock:x", "provider 'bedrock:x' has no counterpart"),
        ("openai:embedding:x", "provider 'openai:embedding:x' has no counterpart"),
        ("{config: {}, label: x}", "this provider has no id that can be converted"),
        ("3", "this provider has no id that can be converted"),
        ("openai:gpt-5", "openai:gpt-5 is listed a second time"),
    ],
)
def test_a_provider_that_cannot_be_converted_has_a_line(
    tmp_path: Path, provider: str, what: str
) -> None:
    found = converted(tmp_path, f"prompts: [x]\nproviders:\n  - openai:gpt-5\n  - {provider}\n")
    assert found.document["models"] == ["openai:gpt-5"]
    assert any(note.startswith("4: ") and what in note for note in left_out(found))


def test_equal_parameters_go_to_the_file_and_others_to_the_model(tmp_path: Path) -> None:
    found = converted(
        tmp_path,
        """\
        prompts: [x]
        providers:
          - id: openai:gpt-4o
            config: {temperature: 0, max_tokens: 5, response_format: {type: json_object}}
          - openai:chat:gpt-4o-mini: {config: {temperature: 0, max_tokens: 7, passthrough: {}}}
        """,
    )
    assert found.document["params"] == {"temperature": 0}
    assert found.document["response_format"] == "json"
    assert found.tables == {
        "openai:gpt-4o": {"max_output_tokens": 5},
        "openai:gpt-4o-mini": {"max_output_tokens": 7},
    }
    assert left_out(found) == ["5: the provider's passthrough"]


def test_parameters_that_a_model_refuses_are_left_out(tmp_path: Path) -> None:
    found = converted(
        tmp_path,
        "prompts: [x]\nproviders: [{id: 'anthropic:claude', config: {temperature: 1}}]\n",
        lambda _, params: {"temperature": "dropped"} if "temperature" in params else {},
    )
    assert "params" not in found.document
    assert left_out(found) == ["2: temperature of anthropic:claude: dropped"]


def test_a_model_that_needs_a_limit_gets_one_for_all(tmp_path: Path) -> None:
    def judge(model: str, params: dict[str, object]) -> dict[str, str]:
        missing = model.startswith("anthropic") and "max_output_tokens" not in params
        return {"max_output_tokens": "needed"} if missing else {}

    found = converted(
        tmp_path, "prompts: [x]\nproviders: ['openai:gpt-5', 'anthropic:claude']\n", judge
    )
    assert found.document["params"] == {"max_output_tokens": 1024}
    assert found.tables == {}
    assert "needs an output limit; 1024 goes for all" in left_out(found)[0]


def test_keys_and_addresses_are_never_repeated(tmp_path: Path) -> None:
    found = converted(
        tmp_path,
        """\
        prompts: [x]
        providers:
          - id: openai:gpt-5
            config: {apiKey: sk-planted-0123456789abcdef, apiHost: planted.example.com}
        """,
    )
    assert "planted" not in str(found)
    assert len(found.left_out) == 2


def test_tools_and_response_schema_are_shared(tmp_path: Path) -> None:
    found = converted(
        tmp_path,
        """\
        prompts: [x]
        providers:
          - id: openai:gpt-5
            config:
              tool_choice: auto
              tools:
                - {type: function, function: {name: find, parameters: {type: object}}}
              response_format:
                type: json_schema
                json_schema: {name: a, strict: true, schema: {type: object}}
          - id: openai:gpt-5-mini
            config: {tools: [{name: other, input_schema: {}}], response_format: 3}
        """,
    )
    assert found.document["tools"] == [{"name": "find", "parameters": {"type": "object"}}]
    assert found.document["tool_choice"] == "auto"
    assert found.document["response_format"] == {
        "schema": {"type": "object"},
        "name": "a",
        "strict": True,
    }
    assert left_out(found) == [
        "12: the provider's response_format",
        "12: tools differs between providers; the first one is kept for all",
    ]


@pytest.mark.parametrize(
    "tools", ["3", "[3]", "[{type: function, function: 3}]", "['file://x.json']"]
)
def test_tools_of_another_form_are_left_out(tmp_path: Path, tools: str) -> None:
    found = converted(
        tmp_path, f"prompts: [x]\nproviders: [{{id: 'openai:x', config: {{tools: {tools}}}}}]\n"
    )
    assert left_out(found) == ["2: the provider's tools"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("{type: json_schema, json_schema: {schema: 'file://s.json'}}", {"schema_file": "s.json"}),
        ("{type: json_schema, schema: {a: 1}}", {"schema": {"a": 1}}),
        ("{type: json_schema}", None),
        ("{type: json_schema, json_schema: 3}", None),
        ("{type: text}", None),
    ],
)
def test_response_formats(tmp_path: Path, schema: str, expected: object) -> None:
    found = converted(
        tmp_path,
        f"prompts: [x]\nproviders: [{{id: 'openai:x', config: {{response_format: {schema}}}}}]\n",
    )
    assert found.document.get("response_format") == expected


def test_default_tests_go_to_every_case(tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text(
        "vars: {tone: kind, name: nobody}\n"
        "assert:\n"
        "  - {type: contains, value: hello}\n"
        "  - {type: contains, value: '{{name}}'}\n"
        "  - {type: javascript, value: x}\n"
        "options: {prefix: x}\n"
    )
    found = converted(
        tmp_path,
        "prompts: ['{{tone}}']\ndefaultTest: file://d.yaml\n"
        "tests: [{vars: {name: Ann}}, {vars: {}}]\n",
    )
    assert found.document["checks"] == [{"contains": "hello"}]
    assert found.document["cases"] == [
        {"vars": {"tone": "kind", "name": "Ann"}, "checks": [{"contains": "Ann"}]},
        {"vars": {"tone": "kind", "name": "nobody"}, "checks": [{"contains": "nobody"}]},
    ]
    assert [(n.path, n.line) for n in found.left_out] == [("d.yaml", 5), ("d.yaml", 6)]


def test_default_tests_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    found = converted(tmp_path, "prompts: [x]\ndefaultTest: file://gone.yaml\ntests: [{}]\n")
    assert left_out(found) == ["2: defaultTest: 'gone.yaml' cannot be read"]


def test_lists_of_values_are_spread_into_cases(tmp_path: Path) -> None:
    found = converted(
        tmp_path,
        """\
        prompts: ["{{a}}{{b}}"]
        tests:
          - vars: {a: [1, 2], b: [x, y]}
          - vars: {a: [1, 2], b: z}
            options: {disableVarExpansion: true}
        """,
    )
    cases = found.document["cases"]
    assert [case["vars"] for case in cases] == [  # type: ignore[index,attr-defined]
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
        {"a": [1, 2], "b": "z"},
    ]


def test_too_many_combinations_are_cut_and_said(tmp_path: Path) -> None:
    numbers = list(range(40))
    found = converted(tmp_path, f"prompts: [x]\ntests:\n  - vars: {{a: {numbers}, b: {numbers}}}\n")
    assert len(found.document["cases"]) == 1000  # type: ignore[arg-type]
    assert left_out(found) == ["3: more than 1000 combinations of variables; the rest is left out"]


def test_tests_come_from_csv_yaml_json_and_jsonl(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "q,__expected,__expected2,__description,__metric\n"
        '"a, b",contains: x,is-json,One,m\nc\nc2,,,,,more\n'
    )
    (tmp_path / "t.yaml").write_text("- vars: {q: d}\n- 3\n")
    (tmp_path / "t.json").write_text('[{"vars": {"q": "e"}}]')
    (tmp_path / "t.jsonl").write_text('{"vars": {"q": "f"}}\n\n{"vars": {"q": "g"}}\n')
    found = converted(
        tmp_path,
        """\
        prompts: ["{{q}}"]
        tests:
          - file://t.csv
          - {path: file://t.yaml}
          - t.json
          - file://t.jsonl
          - file://gone.csv
          - file://make.py
        """,
    )
    assert found.document["cases"] == [
        {"id": "one", "vars": {"q": "a, b"}, "checks": [{"contains": "x"}, "json"]},
        {"vars": {"q": "c"}},
        {"vars": {"q": "c2"}},
        {"vars": {"q": "d"}},
        {"vars": {"q": "e"}},
        {"vars": {"q": "f"}},
        {"vars": {"q": "g"}},
    ]
    assert left_out(found) == [
        "3: the column __metric",
        "7: the test file 'gone.csv' cannot be read",
        "8: tests from 'make.py': a program, a service or an unknown kind",
    ]


def test_a_broken_test_file_is_left_out_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("a: [\n")
    found = converted(tmp_path, "prompts: [x]\ntests: file://t.yaml\n")
    assert left_out(found)[0].startswith("2: the test file 't.yaml' cannot be read: not valid YAML")


def test_variables_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("long text")
    (tmp_path / "b.json").write_text('{"k": 1}')
    (tmp_path / "c.json").write_text("no json")
    (tmp_path / "d.py").write_text("")
    found = converted(
        tmp_path,
        """\
        prompts: [x]
        tests:
          - vars:
              a: file://a.txt
              b: file://b.json
              c: file://c.json
              d: file://d.py
          - vars: file://vars.yaml
        """,
    )
    assert found.document["cases"][0]["vars"] == {  # type: ignore[index]
        "a": "long text",
        "b": {"k": 1},
        "c": "no json",
        "d": "",
    }
    assert left_out(found) == [
        "7: the variable d comes from 'd.py'",
        "8: variables that are not written as a mapping",
    ]


def test_a_variable_that_the_prompt_uses_is_never_missing(tmp_path: Path) -> None:
    found = converted(tmp_path, "prompts: ['{{a}} {{b}}']\ntests: [{vars: {a: 1}}]\n")
    assert found.document["cases"] == [{"vars": {"a": 1, "b": ""}}]
    assert left_out(found) == ["2: a test without b; the prompt uses it, so it is empty text now"]


def test_without_tests_every_prompt_is_asked_once(tmp_path: Path) -> None:
    assert converted(tmp_path, "prompts: [x]\n").document["cases"] == [{"id": "only"}]


def test_what_has_no_counterpart_is_listed_with_lines(tmp_path: Path) -> None:
    found = converted(
        tmp_path,
        """\
        prompts: [x]
        redteam: {}
        scenarios: []
        tests:
          - threshold: 0.5
            provider: openai:x
            assert:
              - 3
              - {type: assert-set, threshold: 0.5, assert: []}
              - {type: assert-set, assert: [{type: contains, value: inner}]}
              - {$ref: "#/assertionTemplates/there"}
              - {$ref: "#/assertionTemplates/gone"}
              - {$ref: 3}
              - {type: similar, value: x, threshold: 0.9}
              - {type: contains, value: "{{ a | upper }}"}
              - {value: 3}
        assertionTemplates: {there: {type: contains, value: outer}}
        """,
    )
    assert found.document["cases"] == [
        {"checks": [{"contains": "inner"}, {"contains": "outer"}, {"similar": {"to": "x"}}]}
    ]
    assert left_out(found) == [
        "2: redteam of the configuration",
        "3: scenarios have no counterpart; write their tests out",
        "5: the threshold of a test: here every check has to hold",
        "6: provider of a test",
        "8: this assertion is not written as a mapping",
        "9: assert-set with a threshold has no counterpart",
        "12: an assertion that cannot be found: #/assertionTemplates/gone",
        "13: an assertion that cannot be found: 3",
        "14: the threshold of similar: other embedders, other numbers",
        "15: contains with a template that is more than a variable",
        "16: this assertion has no type",
    ]


def test_names_of_cases_are_never_given_twice(tmp_path: Path) -> None:
    found = converted(
        tmp_path,
        "prompts: [x]\ntests: [{description: A b}, {description: a-b}, {description: '!'}]\n",
    )
    cases = found.document["cases"]
    assert isinstance(cases, list)
    assert [case.get("id") for case in cases] == ["a-b", "a-b-2", "only"]


@pytest.mark.parametrize("text", ["[1]", "just text", "a: ["])
def test_what_is_no_configuration_is_an_error_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(PromptDriftError) as caught:
        converted(tmp_path, text)
    assert caught.value.where is not None
    assert caught.value.where.path == "promptfooconfig.yaml"


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PromptDriftError, match="cannot read x"):
        convert(tmp_path / "x", "x", accept_all)
    (tmp_path / "y").write_bytes(b"\xff")
    with pytest.raises(PromptDriftError, match="y is not UTF-8 text"):
        convert(tmp_path / "y", "y", accept_all)


@pytest.mark.parametrize(
    ("assertion", "spec"),
    [
        ({"type": "equals", "value": "x"}, {"equals": "x"}),
        ({"type": "equals", "value": 3}, {"equals": "3"}),
        ({"type": "equals", "value": {"a": 1}}, {"json_equals": {"a": 1}}),
        ({"type": "not-equals", "value": "x"}, {"not_equals": "x"}),
        ({"type": "contains", "value": "x"}, {"contains": "x"}),
        ({"type": "not-icontains", "value": "x"}, {"not_icontains": "x"}),
        ({"type": "contains-all", "value": ["a", "b"]}, {"contains": {"all": ["a", "b"]}}),
        ({"type": "contains-any", "value": 'a, "b"'}, {"contains": {"any": ["a", "b"]}}),
        ({"type": "icontains-all", "value": ["a"]}, {"icontains": {"all": ["a"]}}),
        ({"type": "icontains-any", "value": [1, ""]}, {"icontains": {"any": ["1"]}}),
        ({"type": "starts-with", "value": "x"}, {"starts_with": "x"}),
        ({"type": "regex", "value": r"(?<y>\d+)(?<!a)"}, {"regex": r"(?P<y>\d+)(?<!a)"}),
        ({"type": "is-json"}, "json"),
        (
            {"type": "is-json", "value": {"type": "object"}},
            {"json_schema": {"schema": {"type": "object"}}},
        ),
        ({"type": "is-json", "value": '{"a": 1}'}, {"json_schema": {"schema": {"a": 1}}}),
        ({"type": "is-json", "value": "file://s.json"}, {"json_schema": {"schema": "s.json"}}),
        ({"type": "latency", "threshold": 1500}, {"latency": {"max": 1.5}}),
        ({"type": "cost", "threshold": 0.01}, {"cost": {"max": 0.01}}),
        ({"type": "similar", "value": "x"}, {"similar": {"to": "x"}}),
        ({"type": "not-is-refusal"}, "not_refusal"),
        ({"type": "word-count", "value": {"max": 9}}, {"length": {"max": 9, "unit": "words"}}),
        ({"type": "word-count", "value": 9}, {"length": {"exact": 9, "unit": "words"}}),
        ({"type": "finish-reason", "value": "stop"}, {"finish_reason": "stop"}),
    ],
)
def test_an_assertion_becomes_a_check(assertion: dict[str, object], spec: object) -> None:
    found = convert_assertion(assertion)
    assert (found.spec, found.reason) == (spec, None)


@pytest.mark.parametrize(
    ("assertion", "reason"),
    [
        ({"type": "javascript", "value": "x"}, "javascript is a program"),
        ({"type": "llm-rubric", "value": "x"}, "llm-rubric asks a model for its judgement"),
        ({"type": "rouge-n", "value": "x"}, "rouge-n has no counterpart"),
        ({"type": "contains", "value": "x", "transform": "y"}, "contains with a transform"),
        ({"type": "contains", "value": "x", "weight": 0}, "contains with weight 0"),
        ({"type": "contains", "value": "file://x"}, "contains with a value from a file"),
        ({"type": "contains"}, "contains without a text"),
        ({"type": "contains", "value": ""}, "contains with an empty text"),
        ({"type": "contains", "value": True}, "contains without a text"),
        ({"type": "contains-any", "value": 3}, "contains-any without a list"),
        ({"type": "regex", "value": "("}, "regex with a pattern that Python cannot read"),
        ({"type": "regex"}, "regex without a pattern"),
        ({"type": "is-json", "value": "type: x"}, "is-json with a schema that is text"),
        ({"type": "is-json", "value": 3}, "is-json without a schema"),
        ({"type": "latency"}, "latency without a threshold"),
        ({"type": "similar"}, "similar without a text"),
        ({"type": "word-count", "value": "many"}, "word-count without a number"),
        ({"type": "finish-reason"}, "finish-reason without a reason"),
        ({"type": "not-is-json"}, "not-is-json has no counterpart"),
        ({}, "this assertion has no type"),
    ],
)
def test_an_assertion_without_counterpart_says_why(
    assertion: dict[str, object], reason: str
) -> None:
    found = convert_assertion(assertion)
    assert found.spec is None
    assert (found.reason or "").startswith(reason)


@pytest.mark.parametrize(
    ("column", "assertion"),
    [
        ("hello", {"type": "equals", "value": "hello"}),
        ("note: this", {"type": "equals", "value": "note: this"}),
        ("contains", {"type": "equals", "value": "contains"}),
        ("Contains: x", {"type": "equals", "value": "Contains: x"}),
        ("contains: a, b", {"type": "contains", "value": "a, b"}),
        ("not-contains:x", {"type": "not-contains", "value": "x"}),
        ("is-json", {"type": "is-json"}),
        ("similar(0.8): x", {"type": "similar", "value": "x", "threshold": 0.8}),
        ("latency: 200", {"type": "latency", "value": "200", "threshold": 200.0}),
        ("cost: much", {"type": "cost", "value": "much", "threshold": None}),
        ("fn: output", {"type": "javascript", "value": "output"}),
        ("grade: kind", {"type": "llm-rubric", "value": "kind"}),
        ("llm-rubric: kind", {"type": "llm-rubric", "value": "kind"}),
    ],
)
def test_an_expected_column_spells_an_assertion(column: str, assertion: object) -> None:
    assert from_column(column) == assertion


@pytest.mark.parametrize(
    ("text", "jinja", "names"),
    [
        ("plain", "plain", set()),
        ("{{ a }} {{b.c}} {{ d | upper }}", "{{ a }} {{b.c}} {{ d | upper }}", {"a", "b", "d"}),
        (
            "{% if a === 'x && y' && b !== 1 || c %}1{% endif %}",
            "{% if a == 'x && y'  and  b != 1  or  c %}1{% endif %}",
            {"a", "b", "c"},
        ),
    ],
)
def test_templates_are_written_for_jinja(text: str, jinja: str, names: set[str]) -> None:
    template = to_jinja(text)
    assert (template.text, template.names, template.doubts) == (jinja, names, ())


@pytest.mark.parametrize(
    "text",
    [
        "{{ a ? 1 : 2 }}",
        "{{ env.HOME }}",
        "{{ !a }}",
        "{% if a %}",
        "{{ a | unknownfilter }}",
        "{{ a | dump }}",
    ],
)
def test_templates_that_differ_are_to_be_looked_at(text: str) -> None:
    assert to_jinja(text).doubts


def test_a_template_that_jinja_cannot_read_is_literal_text() -> None:
    assert to_jinja("{% if a %}").text == "{% raw %}{% if a %}{% endraw %}"


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("{{a}}", [1]),
        ("say {{ b }}!", "say x!"),
        (["{{b}}", "c"], ["x", "c"]),
        ({"k": "{{b}}", "n": None}, {"k": "x", "n": None}),
        ("say {{a}}", None),
        ("{{c}}", None),
        ("say {{b.c}}", None),
        ("{{b | upper}}", None),
        (["{{c}}"], None),
        ({"k": "{{c}}"}, None),
        (3, 3),
    ],
)
def test_simple_variables_are_put_into_values(value: object, filled: object) -> None:
    assert fill(value, {"a": [1], "b": "x"}) == filled


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4))
@example({"\n\x85": None})
@example({"a": "one\n\u2028two\r\n"})
def test_what_is_written_reads_back_as_it_was(document: dict[str, object]) -> None:
    if not document:
        return
    parsed = parse_yaml(to_yaml(document))
    assert parsed.value == json.loads(json.dumps(document))
    assert parsed.notes == []


@pytest.mark.parametrize(
    "word", ["yes", "0755", "12:30", "2020-01-01", "1e5", "null", "~", "1_000"]
)
def test_words_that_yaml_would_change_are_quoted(word: str) -> None:
    text = to_yaml({"cases": [word]})
    assert f'"{word}"' in text
    assert yaml.safe_load(text) == {"cases": [word]}


def test_long_texts_are_written_as_blocks() -> None:
    assert to_yaml({"prompt": "a\nb"}) == "prompt: |-\n  a\n  b\n"
