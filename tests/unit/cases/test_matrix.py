from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.case_files import CASES, HEAD, errors_of, load, node_names

from pytest_promptdrift.cases import build_request, cells

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_promptdrift.cases import CaseFile


def bodies(case_file: CaseFile) -> list[dict[str, object]]:
    return [dict(build_request(cell).body) for cell in cells(case_file)]


def turns(case_file: CaseFile) -> list[list[tuple[str, object]]]:
    return [
        [(message["role"], message["content"]) for message in body["messages"]]  # type: ignore[attr-defined]
        for body in bodies(case_file)
    ]


VARIANTS = """\
models: [fake:a, openai:gpt-5-mini]
system: Be brief.
variants:
  zero_shot: Say {{ word }}.
  few_shot:
    system: Be kind.
    messages:
      - {role: user, content: Say hi.}
      - {role: assistant, content: hi}
      - {role: user, content: "Say {{ word }}."}
cases:
  - id: one
    vars: {word: hello}
  - id: two
    vars: {word: bye}
    variants: few_shot
    models: fake:a
"""


def test_the_matrix_is_cases_by_variants_by_models(tmp_path: Path) -> None:
    assert node_names(load(tmp_path, VARIANTS)) == [
        "one[zero_shot-fake:a]",
        "one[zero_shot-openai:gpt-5-mini]",
        "one[few_shot-fake:a]",
        "one[few_shot-openai:gpt-5-mini]",
        "two[few_shot-fake:a]",
    ]


def test_a_request_made_again_has_the_digest_of_its_cell(tmp_path: Path) -> None:
    case_file = load(tmp_path, VARIANTS)
    found = [cell.digest for cell in cells(case_file)]
    assert found == [build_request(cell).digest for cell in cells(case_file)]
    assert len(set(found)) == 5


def test_digests_do_not_depend_on_the_order_of_keys_or_the_syntax(tmp_path: Path) -> None:
    plain = load(tmp_path, HEAD + CASES)
    other = {"cases": [{"vars": {"word": "hello"}, "id": "one"}], "prompt": "Say {{ word }}.",
             "models": ["fake:a"]}  # fmt: skip
    assert load(tmp_path, json.dumps(other), name="b.prompt.json").digests == plain.digests


def test_a_file_without_variants_names_cells_by_model_only(tmp_path: Path) -> None:
    case_file = load(tmp_path, HEAD + CASES)
    assert node_names(case_file) == ["one[fake:a]"]
    assert case_file.variants[0].name == ""
    assert (case_file.name, case_file.shown) == ("a", "a.prompt.yaml")
    assert case_file.folder == tmp_path


@pytest.mark.parametrize("ending", [".prompt.yaml", ".prompt.yml"])
def test_both_yaml_endings_are_left_out_of_the_name(tmp_path: Path, ending: str) -> None:
    assert load(tmp_path, HEAD + CASES, name=f"triage{ending}").name == "triage"


def test_a_variant_replaces_what_the_file_says(tmp_path: Path) -> None:
    case_file = load(tmp_path, VARIANTS.replace("[fake:a, openai:gpt-5-mini]", "fake:a"))
    zero, few, _ = turns(case_file)
    assert zero == [("user", "Say hello.")]
    assert few == [("user", "Say hi."), ("assistant", "hi"), ("user", "Say hello.")]
    systems = [body["system"] for body in bodies(case_file)]
    assert systems == ["Be brief.", "Be kind.", "Be kind."]


def test_a_variant_may_replace_the_prompt_while_others_keep_it(tmp_path: Path) -> None:
    text = HEAD + "variants: {same: {params: {seed: 1}}, other: 'Shout {{ word }}!'}\n" + CASES
    assert turns(load(tmp_path, text)) == [[("user", "Say hello.")], [("user", "Shout hello!")]]


def test_variants_may_share_the_prompt_and_differ_in_params(tmp_path: Path) -> None:
    text = (
        HEAD + "params: {seed: 1}\nvariants:\n  cold: {params: {temperature: 0}}\n"
        "  hot: {params: {temperature: 1, seed: null}, template: none}\n" + CASES
    )
    cold, hot = bodies(load(tmp_path, text))
    assert cold["params"] == {"seed": 1, "temperature": 0}
    assert hot["params"] == {"temperature": 1}
    assert turns(load(tmp_path, text))[1] == [("user", "Say {{ word }}.")]


def test_a_prompt_that_every_variant_replaces_is_an_error(tmp_path: Path) -> None:
    [error] = errors_of(tmp_path, HEAD + "variants: {a: x, b: {prompt_file: p.txt}}\n" + CASES,
                        files={"p.txt": "y"})  # fmt: skip
    assert error == "a.prompt.yaml:2: 'prompt' is never used: every variant has its own prompt"


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("few_shot\n    models", "few_sht\n    models", "unknown variant 'few_sht', did you mean"),
        ("  zero_shot: Say", "  zero shot: Say", ":4: the name 'zero shot' has a space in it"),
        ("Say {{ word }}.\n  few", "Say {{ wrd }}.\n  few", ":4: the prompt, line 1: the variable"),
        ("Say {{ word }}.\n  few", "Say {{ word \n  few", ":4: the prompt, line 1: not a valid"),
        ('"Say {{ word }}."', '"Say {{ wrd }}."', ":10: message 3, line 1: the variable 'wrd'"),
        ("    system: Be kind.", "    systm: Be kind.", ":6: unknown key 'systm' in a variant"),
        ("  zero_shot: Say {{ word }}.", "  zero_shot:", ":4: 'zero_shot' must be text or a mapp"),
    ],
)
def test_mistakes_in_variants_are_told_with_their_line(
    tmp_path: Path, old: str, new: str, part: str
) -> None:
    assert old in VARIANTS
    errors = errors_of(tmp_path, VARIANTS.replace(old, new, 1))
    assert any(part in error for error in errors), errors


def test_variants_of_a_case_need_variants_of_the_file(tmp_path: Path) -> None:
    [error] = errors_of(tmp_path, HEAD + CASES + "    variants: [a]\n")
    assert "unknown variant 'a'; this file has no variants" in error


def test_two_cells_never_have_the_same_name(tmp_path: Path) -> None:
    text = "models: [b-fake:x, fake:x]\nvariants: {a: x, a-b: y}\ncases: [{id: c}]\n"
    from pytest_promptdrift.config.settings import ModelConfig

    model = ModelConfig(name="b-fake:x", provider="fake", model="x")
    [error] = errors_of(tmp_path, text, models={"b-fake:x": model})
    assert error.startswith("a.prompt.yaml:2: variant 'a' with model 'b-fake:x' and variant 'a-b'")


def test_a_prompt_may_be_a_file_of_its_own(tmp_path: Path) -> None:
    for prompt in ("prompt_file: p.txt\n", "prompt: {file: p.txt}\n"):
        text = "models: fake:a\n" + prompt + CASES
        case_file = load(tmp_path, text, files={"p.txt": "Say\r\n{{ word }}.\r\n"})
        assert turns(case_file) == [[("user", "Say\nhello.")]]


def test_mistakes_in_a_prompt_file_have_the_lines_of_that_file(tmp_path: Path) -> None:
    text = "models: fake:a\nprompt_file: p.txt\n" + CASES
    [error] = errors_of(tmp_path, text, files={"p.txt": "Say\n\n{{ wrd }}\n"})
    assert error.startswith("p.txt:3: the prompt: the variable 'wrd' is undefined")
    [error] = errors_of(tmp_path, text, files={"p.txt": "Say\n{% if %}\n"})
    assert error.startswith("p.txt:2: the prompt: not a valid template")
    [error] = errors_of(tmp_path, text, files={"p.txt": b"Say\n\xff"})
    assert error.startswith("p.txt:2: the file is not UTF-8")
    [error] = errors_of(tmp_path, text, files={"p.txt": "\n"})
    assert error == "a.prompt.yaml:2: the file 'p.txt' is empty"
    [error] = errors_of(tmp_path, text.replace("p.txt", "q.txt"))
    assert error.endswith("did you mean 'p.txt'?")


def test_one_line_end_of_a_block_is_dropped_from_prompts_but_not_from_values(
    tmp_path: Path,
) -> None:
    text = (
        "models: fake:a\nsystem: |\n  S\nprompt: |\n  A\n  {{ word }}\n\n"
        "cases:\n  - id: one\n    vars:\n      word: |\n        x\n"
    )
    [body] = bodies(load(tmp_path, text))
    assert body["system"] == "S"
    assert turns(load(tmp_path, text)) == [[("user", "A\nx\n")]]


def test_the_system_turn_may_stand_among_the_messages(tmp_path: Path) -> None:
    text = (
        "models: fake:a\nmessages:\n  - {role: system, content: 'Be {{ word }}.'}\n"
        "  - {role: user, content: Hi}\n" + CASES
    )
    [body] = bodies(load(tmp_path, text))
    assert body["system"] == "Be hello."
    assert turns(load(tmp_path, text)) == [[("user", "Hi")]]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("system: x\nmessages: [{role: system, content: y}, {role: user, content: z}]\n",
         "the system prompt is given twice"),
        ("messages: [{role: system, content: y}, {role: system, content: z}]\n",
         "two system turns at the start"),
        ("messages: [{role: system, content: [{text: a}, {text: b}]}, {role: user, content: z}]\n",
         "a system turn is one text"),
    ],
)  # fmt: skip
def test_one_system_prompt_is_enough(tmp_path: Path, text: str, part: str) -> None:
    errors = errors_of(tmp_path, "models: fake:a\n" + text + CASES)
    assert any(part in error for error in errors), errors


def test_earlier_turns_of_a_case_come_before_the_prompt_and_are_no_templates(
    tmp_path: Path,
) -> None:
    text = HEAD + CASES + (
        "    messages:\n      - {role: user, content: '{{ x }} {% y'}\n"
        "      - role: assistant\n        tool_calls:\n"
        "          - {id: t1, name: find, arguments: {q: '{{ z }}'}}\n"
        "      - {role: tool, tool_call_id: t1, content: ''}\n"
    )  # fmt: skip
    [body] = bodies(load(tmp_path, text))
    messages = body["messages"]
    assert isinstance(messages, list)
    assert messages[0] == {"role": "user", "content": "{{ x }} {% y"}
    assert messages[1]["tool_calls"][0]["arguments"] == {"q": "{{ z }}"}
    assert messages[2]["tool_call_id"] == "t1"
    assert messages[3] == {"role": "user", "content": "Say hello."}


def test_a_file_without_a_prompt_may_hold_conversations(tmp_path: Path) -> None:
    text = (
        "models: fake:a\ncases:\n  - messages: [{role: user, content: Where is my order?}]\n"
        "  - id: b\n    messages: [{role: user, content: Hi}]\n"
    )
    case_file = load(tmp_path, text)
    assert turns(case_file) == [[("user", "Where is my order?")], [("user", "Hi")]]
    assert case_file.cases[0].id.startswith("where-is-my-order-")
    [error] = errors_of(tmp_path, text + "  - id: c\n")
    assert error.startswith("a.prompt.yaml:1: there is no prompt")
    assert error.endswith("(case 'c')")


def test_tools_and_the_form_of_the_answer_reach_the_request(tmp_path: Path) -> None:
    text = HEAD + (
        "tools:\n  - {name: find, description: Finds., parameters: {type: object}, strict: true}\n"
        "tool_choice: find\nresponse_format: {schema_file: s.json, name: out, strict: true}\n"
    ) + CASES  # fmt: skip
    [body] = bodies(load(tmp_path, text, files={"s.json": '{"type": "object"}'}))
    inline = text.replace("schema_file: s.json", "schema: {type: object}")
    assert bodies(load(tmp_path, inline)) == [body]
    assert body["tool_choice"] == "find"
    assert '"Finds."' in json.dumps(body["tools"])
    assert json.dumps(body["response_format"]).count("object") == 1
    as_json = load(tmp_path, HEAD + "response_format: json\n" + CASES)
    assert bodies(as_json)[0]["response_format"] != body["response_format"]


@pytest.mark.parametrize(
    ("schema", "part"),
    [
        ('{"a": 1,\n}', "s.json:2: not valid JSON"),
        ('{"a": 1,\n "a": 2}', "s.json:2: the key 'a' is given twice"),
        ("[1]", "a.prompt.yaml:3: the file 's.json' holds no JSON Schema"),
    ],
)
def test_a_schema_file_that_cannot_be_used_is_an_error(
    tmp_path: Path, schema: str, part: str
) -> None:
    text = HEAD + "response_format: {schema_file: s.json}\n" + CASES
    [error] = errors_of(tmp_path, text, files={"s.json": schema})
    assert error.startswith(part)


def test_without_templates_braces_are_text(tmp_path: Path) -> None:
    text = "models: fake:a\ntemplate: none\nprompt: 'Say {{ word }} {% x'\n" + CASES
    assert turns(load(tmp_path, text)) == [[("user", "Say {{ word }} {% x")]]


def test_a_template_cannot_change_the_values_of_a_case(tmp_path: Path) -> None:
    text = "models: fake:a\nprompt: '{{ l.append(1) }}'\ncases: [{id: a, vars: {l: [1]}}]\n"
    [error] = errors_of(tmp_path, text)
    assert "the sandbox forbids this" in error


def test_variables_that_no_prompt_uses_are_allowed(tmp_path: Path) -> None:
    text = HEAD + CASES.replace("hello}", "hello, wort: for a python model}")
    assert load(tmp_path, text).cases[0].variables["wort"] == "for a python model"


def test_cases_without_ids_get_stable_ones(tmp_path: Path) -> None:
    one, two = "  - vars: {word: I was charged twice for order 7}\n", "  - vars: {word: x}\n"
    first, second = load(tmp_path, HEAD + "cases:\n" + one + two).cases
    assert first.id.startswith("i-was-charged-twice-for-")
    swapped = (
        HEAD + "cases:\n  - vars: {word: x}\n  - vars: {word: I was charged twice for order 7}\n"
    )
    assert [case.id for case in load(tmp_path, swapped).cases] == [second.id, first.id]


def test_ids_may_be_whole_numbers(tmp_path: Path) -> None:
    assert load(tmp_path, HEAD + CASES.replace("one", "17")).cases[0].id == "17"
    [error] = errors_of(tmp_path, HEAD + CASES.replace("one", "1.5"))
    assert "'id' must be text, found the number 1.5" in error


def test_equal_cases_without_ids_name_both_lines(tmp_path: Path) -> None:
    text = HEAD + "cases:\n  - vars: {word: x}\n  - vars: {word: x}\n    expected: y\n"
    [error] = errors_of(tmp_path, text)
    assert error.startswith("a.prompt.yaml:5: this case is given twice, first at a.prompt.yaml:4")


def test_lines_of_keys_after_the_cases_are_found(tmp_path: Path) -> None:
    text = CASES + "models: fake:a\nprompt: |\n  Say\n  {{ wrd }}\n"
    [error] = errors_of(tmp_path, text)
    assert error.startswith("a.prompt.yaml:7: the prompt: the variable 'wrd'")
