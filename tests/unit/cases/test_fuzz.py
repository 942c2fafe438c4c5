"""Broken files of every kind: each loads, or is refused with places. Nothing else ever happens."""

from __future__ import annotations

import itertools
import json
import random
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.case_files import write

from pytest_promptdrift._errors import CaseFileErrors
from pytest_promptdrift.cases import build_request, cells, load_case_file
from pytest_promptdrift.checks import CheckRegistry
from pytest_promptdrift.config.settings import Config

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEED = 20_260_101
PER_KIND = 720

YAML = """\
# a comment
x-labels: &labels [billing, technical, "no"]
system: You are {{ tone }}.
variants:
  zero_shot: |
    Classify: {{ message }}
  few_shot:
    messages:
      - {role: user, content: "Hi {{ message|upper }}"}
      - role: assistant
        content: [{text: hello}]
      - {role: user, content: "{% if tone %}{{ message }}{% endif %}"}
models: [fake:a, openai:gpt-5-mini]
params: {temperature: 0.5, extra_body: {a: [1, null]}}
samples: 3
checks:
  - one_of: *labels
  - {length: {max: 20}, samples: 80%}
tools:
  - {name: find, parameters: {type: object}}
tool_choice: auto
response_format: {schema_file: schema.json}
cases:
  - id: first
    vars: {message: I was charged twice, tone: kind}
    expected: billing
  - vars: &v
      message: "it: crashes"
      tone: rude
    attachments: [note.txt]
    tags: [a]
  - {vars: {<<: *v, message: x}, variants: few_shot, checks: [equals], expected: "5"}
  - from: rows.csv
    vars: {tone: calm}
  - from: rows.json
  - from: rows.jsonl
    samples: 2
"""
# The other files are named by a short case file, so that most of the time is spent on them.
SHORT = """\
prompt_file: prompt.txt
models: fake:a
response_format: {schema_file: schema.json}
cases:
  - {id: one, vars: {message: m, tone: t}, attachments: [note.txt]}
  - {from: rows.csv, vars: {tone: calm}}
  - {from: rows.json}
  - {from: rows.jsonl, samples: 2}
"""
PROMPT = "Hi {{ message|upper }}\n{% if tone %}{{ tone }}\n{% endif %}{{ message }}\n"
FILES: dict[str, str] = {
    "a.prompt.yaml": YAML,
    "a.prompt.json": json.dumps(yaml.safe_load(YAML), indent=1),
    "prompt.txt": "Hi {{ message }}\n{{ tone }}\n",
    "rows.csv": 'id,message,expected\nr1,"one, two",billing\nr2,"three\nfour",\n',
    "rows.json": '[{"message": "m", "tone": "t", "id": 7},\n {"message": "n", "tone": [1]}]',
    "rows.jsonl": '{"message": "o", "tone": "t"}\n\n{"message": "p", "tone": "u", "id": "q"}\n',
    "schema.json": '{"type": "object",\n "properties": {"a": {"type": "string"}}}',
    "note.txt": "a note",
}
TOKENS = [
    '{', '}', '[', ']', ':', ': ', '- ', '? ', '|', '>', '&a ', '*a', '*labels', '<<', '!!', '!',
    "'", '"', '#', '%', '@', '`', ',', '\t', '\n', '\r', '\r\n', '\\', '\\u0000', '---\n',
    '...\n', '{{', '}}', '{%', '%}', '{#', '{{ x }}', '{{ message.y }}', '{% for i in message %}',
    '|e}}', 'no', '2024-01-01', '1_000', '0x1F', '1e999', '.nan', 'NaN', 'null', '~', 'true',
    '-1', '1.5', 'é', '\u2028', '\ufeff', '\x00', '\x1b[31m', '\u202e', '😀', '\\ud800', "a" * 300,
    '::', '//', 'id:', 'cases:', 'from:', 'vars:', 'prompt:', 'models:',
    '!!python/object:os.system', "9" * 400, '""', '{}', '[]', '"a": 1,', 'fake:',
    'python:os:getcwd', '../', 'rows.csv', '[[[[[[', '- - - ',
]  # fmt: skip
VALUES: list[object] = [
    None, True, 0, -1, 1.5, 10**30, "", " ", "a b", "{{ x }}", "no", [], {}, [[]], [None], {"": 1},
    {"a": {"b": [1]}}, ["a", "a"], "fake:x", "rows.csv", {"file": "note.txt"}, {"role": "user"},
]  # fmt: skip


def mutate_bytes(text: str, rng: random.Random) -> bytes:
    data = bytearray(text.encode())
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(3):
            case 0:
                data[at:at] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + rng.randint(1, 12)]
            case _:
                data[at : at + 1] = bytes([rng.randrange(256)])
    return bytes(data)


def mutate_lines(text: str, rng: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    for _ in range(rng.randint(1, 3)):
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        match rng.randrange(5):
            case 0:
                lines.insert(at, lines[other])
            case 1:
                lines[at], lines[other] = lines[other], lines[at]
            case 2 if len(lines) > 1:
                del lines[at]
            case 3:
                lines[at] = rng.choice([" ", "  ", "\t", "- "]) + lines[at]
            case _:
                lines[at] = lines[at].lstrip()
    return "".join(lines).encode()


def mutate_tokens(text: str, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.choice([0, 0, 1, 5, 20]))
        text = text[:at] + rng.choice(TOKENS) + text[end:]
    return text.encode("utf-8", "surrogatepass")


def mutate_structure(value: object, rng: random.Random) -> object:
    """Replace, remove, rename or repeat something somewhere inside of a value."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        out = dict(value)
        match rng.randrange(6):
            case 0:
                del out[key]
            case 1:
                out[rng.choice(["id", "vars", "x", "checks", f"{key}s"])] = out.pop(key)
            case _:
                out[key] = mutate_structure(out[key], rng)
        return out
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        match rng.randrange(5):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return [*value, value[at]]
            case _:
                return [*value[:at], mutate_structure(value[at], rng), *value[at + 1 :]]
    return rng.choice(VALUES)


def structure_as_yaml(text: str, rng: random.Random) -> bytes:
    value = mutate_structure(yaml.safe_load(text), rng)
    return yaml.dump(value, allow_unicode=True, sort_keys=False).encode()


def structure_as_json(text: str, rng: random.Random) -> bytes:
    value = mutate_structure(yaml.safe_load(text), rng)
    return json.dumps(value, indent=rng.choice([None, 1])).encode()


def load_or_refuse(folder: Path, name: str, registry: CheckRegistry) -> bool:
    """Load a file; when it is refused, every error must have a file and a line that exist."""
    try:
        case_file = load_case_file(folder / name, Config(root=folder), registry=registry)
    except CaseFileErrors as caught:
        refusal = caught
    else:
        names = {cell.node_name for cell in cells(case_file)}
        assert len(names) == len(case_file.digests)
        for cell in itertools.islice(cells(case_file), 3):
            assert build_request(cell).digest == cell.digest
        return True
    assert refusal.errors
    for error in refusal.errors:
        assert error.where is not None
        assert error.where.line is not None
        data = (folder / error.where.path).read_bytes()
        breaks = (b"\n", b"\r", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xc2\x85")
        assert 1 <= error.where.line <= 1 + sum(map(data.count, breaks)), str(error)
        assert str(error).startswith(f"{error.where.path}:{error.where.line}: ")
    return False


def mutants(
    text: str, rng: random.Random, structure: Callable[[str, random.Random], bytes] | None
) -> list[bytes]:
    ways = [mutate_bytes, mutate_lines, mutate_tokens, *([structure] if structure else [])]
    return [rng.choice(ways)(text, rng) for _ in range(PER_KIND)]


@pytest.mark.parametrize(
    ("name", "structure"),
    [
        ("a.prompt.yaml", structure_as_yaml),
        ("a.prompt.json", structure_as_json),
        ("rows.csv", None),
        ("rows.json", structure_as_json),
        ("rows.jsonl", None),
        ("schema.json", structure_as_json),
        ("prompt.txt", None),
    ],
)
def test_a_mutated_file_loads_or_is_refused_with_places(
    tmp_path: Path, name: str, structure: Callable[[str, random.Random], bytes] | None
) -> None:
    text = PROMPT if name == "prompt.txt" else FILES[name]
    main = name if ".prompt." in name else "a.prompt.yaml"
    write(tmp_path, dict(FILES))
    write(tmp_path, {main: FILES[main] if main == name else SHORT, name: text})
    registry = CheckRegistry()
    assert load_or_refuse(tmp_path, main, registry), "the file is right before it is mutated"
    rng = random.Random(f"{SEED}{name}")
    refused = 0
    for mutant in mutants(text, rng, structure):
        (tmp_path / name).write_bytes(mutant)
        try:
            refused += not load_or_refuse(tmp_path, main, registry)
        except Exception as error:
            error.add_note(f"{name}: {mutant!r}")
            raise
    # when hardly any mutant is refused, or nearly every one, this test tests nothing
    assert 0.05 * PER_KIND < refused < 0.99 * PER_KIND


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary()
    | st.text().map(str.encode)
    | st.text(alphabet="{}[]:-,'\"#&*!|>% \n\tab1").map(str.encode)
)
@example(b"")
@example(b"\xff\xfe")
@example(b"- " * 3000)
@example(b"cases: *a")
def test_any_bytes_at_all_are_refused_with_places(tmp_path: Path, data: bytes) -> None:
    for name in ("a.prompt.yaml", "a.prompt.json"):
        (tmp_path / name).write_bytes(data)
        assert not load_or_refuse(tmp_path, name, CheckRegistry())


_KEYS = st.sampled_from(
    ["prompt", "cases", "vars", "id", "checks", "models", "variants", "messages", "from", "params"]
)
_VALUES = st.recursive(
    st.sampled_from(VALUES) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(_KEYS, _VALUES), st.lists(_VALUES, max_size=3))
def test_any_value_for_any_key_loads_or_is_refused(
    tmp_path: Path, top: dict[str, object], items: list[object]
) -> None:
    value = {"models": "fake:a", "prompt": "x", "cases": items, **top}
    (tmp_path / "a.prompt.json").write_text(json.dumps(value), encoding="utf-8")
    load_or_refuse(tmp_path, "a.prompt.json", CheckRegistry())
