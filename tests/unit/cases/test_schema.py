from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from support.case_files import CASES, HEAD, errors_of

from pytest_promptdrift import cases
from pytest_promptdrift.cases import SCHEMA_FILE, file_schema

VALIDATOR = jsonschema_rs.validator_for(file_schema())

GOOD = [
    HEAD + CASES,
    "$schema: x\nx-any: {thing: [1]}\ndescription: d\n" + HEAD + CASES,
    HEAD + "samples: 3\ntags: [a]\nmarkers: [slow]\nparams: {temperature: null}\n" + CASES,
    HEAD + "checks: [equals, {contains: x}, {one_of: [a, b], samples: 80%}]\n"
    + CASES + "    expected: hello\n",
    HEAD + "tools: [{name: f, parameters: {type: object}, strict: true}]\ntool_choice: f\n" + CASES,
    HEAD + "response_format: json\n" + CASES,
    HEAD + "response_format: {schema: {type: object}, name: a}\n" + CASES,
    HEAD + "variants: {a: {params: {seed: 1}}, b: {template: none}}\n" + CASES,
    "models: [fake:a]\nvariants: {a: x, b: {prompt: y, description: z}}\n" + CASES,
    "models: fake:a\nprompt: {file: p.txt}\n" + CASES,
    "models: fake:a\nprompt_file: p.txt\nsystem: {file: p.txt}\n" + CASES,
    "models: fake:a\nmessages: [{role: user, content: [{text: a}]}]\n" + CASES,
    HEAD + CASES + "    messages: [{role: tool, content: '', tool_call_id: a}]\n",
    HEAD + CASES
    + "    messages:\n"
    "      - {role: assistant, tool_calls: [{id: a, name: b, arguments: {}}]}\n",
    HEAD + "cases: [{id: 7, vars: {word: {a: [1]}}, expected: [1]}]\n",
    HEAD + "cases: [{from: rows.csv, samples: 2, tags: [x]}]\n",
    HEAD + "attachments: [p.txt, {file: p.txt}]\n" + CASES,
    HEAD + "policies: {facts: warn, number: fail, scores: ignore}\nmargin: 0.1\n" + CASES,
    HEAD + "cases: [{from: rows.csv, policies: {distribution: warn}}]\n",
    HEAD + "checks: [{equals: {score_only: true}}, {contains: x, score_only: false}]\n"
    + CASES + "    expected: hello\n",
    "models: fake:a\nvariants: {family: x}\n" + CASES,
    HEAD + CASES.replace("one", "family-1"),
]  # fmt: skip

BAD = [
    "models: fake:a\n" + "prompt: x\n",
    HEAD,
    HEAD + "cases: []\n",
    HEAD + "cases: {}\n",
    HEAD + "cases: [x]\n",
    HEAD + "modls: x\n" + CASES,
    HEAD + "prompt_file: p.txt\n" + CASES,
    HEAD + "samples: 0\n" + CASES,
    HEAD + "samples: 1.5\n" + CASES,
    HEAD + "samples: true\n" + CASES,
    HEAD + "template: jinja2\n" + CASES,
    HEAD + "tags: [1]\n" + CASES,
    HEAD + "tags: [a, a]\n" + CASES,
    HEAD + "markers: [a b]\n" + CASES,
    HEAD + "params: [1]\n" + CASES,
    HEAD + "checks: equals\n" + CASES,
    HEAD + "checks: [5]\n" + CASES,
    HEAD + "checks: [{contains: 5}]\n" + CASES,
    HEAD + "tools: [{description: x}]\n" + CASES,
    HEAD + "tools: [{name: 'a b'}]\n" + CASES,
    HEAD + "response_format: yaml\n" + CASES,
    HEAD + "response_format: {schema: {a: 1}, schema_file: x}\n" + CASES,
    HEAD + "response_format: {name: a}\n" + CASES,
    HEAD + "variants: {}\n" + CASES,
    HEAD + "variants: {'a b': {params: {}}}\n" + CASES,
    HEAD + "variants: {a: {prompts: x}}\n" + CASES,
    HEAD + "variants: {a: 5}\n" + CASES,
    HEAD + "attachments: [5]\n" + CASES,
    HEAD + "attachments: [{image: p.txt, file: p.txt}]\n" + CASES,
    HEAD.replace("fake:a", "[]") + CASES,
    HEAD.replace("fake:a", "{a: b}") + CASES,
    HEAD.replace("Say {{ word }}.", "''") + CASES,
    HEAD.replace("Say {{ word }}.", "{path: x}") + CASES,
    "models: fake:a\nmessages: []\n" + CASES,
    "models: fake:a\nmessages: [{role: user}]\n" + CASES,
    "models: fake:a\nmessages: [{role: usr, content: x}]\n" + CASES,
    "models: fake:a\nmessages: [{role: tool, content: x}]\n" + CASES,
    "models: fake:a\nmessages: [{role: user, content: x, tool_call_id: y}]\n" + CASES,
    "models: fake:a\nmessages: [{role: user, content: x, tool_calls: []}]\n" + CASES,
    "models: fake:a\nmessages: [{role: user, content: []}]\n" + CASES,
    "models: fake:a\nmessages: [{role: user, content: [{text: a, file: b}]}]\n" + CASES,
    HEAD + CASES + "    expected:\n",
    HEAD + CASES + "    idd: x\n",
    HEAD + CASES.replace("one", "'a b'"),
    HEAD + CASES.replace("one", "1.5"),
    HEAD + CASES + "    variants: []\n",
    HEAD + "cases: [{from: rows.csv, id: x}]\n",
    HEAD + "cases: [{from: 5}]\n",
    HEAD + "policies: {fact: warn}\n" + CASES,
    HEAD + "policies: {facts: of}\n" + CASES,
    HEAD + "policies: [facts]\n" + CASES,
    HEAD + "margin: 0\n" + CASES,
    HEAD + "margin: 1.5\n" + CASES,
    HEAD + CASES + "    margin: 0.1\n",
    HEAD + CASES.replace("one", "family"),
    HEAD + "checks: [{contains: x, score_only: 1}]\n" + CASES,
    "- a\n",
]


def test_the_shipped_schema_is_the_one_the_code_generates() -> None:
    shipped = Path(cases.__file__).parent / SCHEMA_FILE
    expected = json.dumps(file_schema(), indent=2, ensure_ascii=False) + "\n"
    assert shipped.read_text(encoding="utf-8") == expected


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema_rs.meta.validate(file_schema())
    assert file_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("text", GOOD)
def test_what_the_loader_accepts_fits_the_schema(tmp_path: Path, text: str) -> None:
    files: dict[str, str | bytes] = {"p.txt": "x", "rows.csv": "word\nhi\n"}
    assert errors_of(tmp_path, text, files=files) == []
    VALIDATOR.validate(yaml.safe_load(text))


@pytest.mark.parametrize("text", BAD)
def test_what_the_loader_refuses_does_not_fit_the_schema(tmp_path: Path, text: str) -> None:
    files: dict[str, str | bytes] = {"p.txt": "x", "rows.csv": "word\nhi\n"}
    assert errors_of(tmp_path, text, files=files) != []
    assert not VALIDATOR.is_valid(yaml.safe_load(text))


def test_every_key_is_explained_to_editors() -> None:
    schema = json.loads(json.dumps(file_schema()))
    for record in (schema, schema["$defs"]["case"], schema["$defs"]["rows"]):
        for name, key in record["properties"].items():
            assert len(key["description"]) > 15, name
