from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.cases import yaml_source
from pytest_promptdrift.cases.yaml_source import UnreadableError, parse_yaml, yaml_places


def notes(text: str) -> list[tuple[int, str]]:
    return [(note.line, note.message) for note in parse_yaml(text).notes]


def refusal(text: str) -> tuple[int, str]:
    with pytest.raises(UnreadableError) as caught:
        parse_yaml(text)
    return caught.value.note.line, caught.value.note.message


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(_JSON)
def test_whatever_a_yaml_writer_writes_is_read_back(value: object) -> None:
    text = yaml.safe_dump({"value": value}, allow_unicode=False)
    parsed = parse_yaml(text)
    assert parsed.value == {"value": value}


def test_words_that_are_plain_json_have_their_values() -> None:
    text = "[1, -2, 0.5, 1.0e+3, .5, 0x1F, true, False, null, ~, , plain text, 1.2.3]"
    assert parse_yaml(text.replace(" ,", "")).value == [
        1, -2, 0.5, 1000.0, 0.5, 31, True, False, None, None, "plain text", "1.2.3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "word",
    [
        *("yes", "No", "ON", "off"),
        *("2024-01-31", "2024-1-1 10:00:00", "2001-12-14t21:59:43.10-05:00"),
        *("1_000", "1_0.5", "0755", "00", "0o17", "0b11", "12:30", "1:02:03.5"),
        *("+49", "+.5", ".nan", "-.inf", "1.0e+999", "1e3", "12e45", "1.5E3", "1" * 500),
    ],
)
def test_a_word_that_yaml_would_change_is_noted_and_stays_text(word: str) -> None:
    parsed = parse_yaml(f"a: x\nb: {word}\n")
    assert parsed.value == {"a": "x", "b": word}
    [note] = parsed.notes
    assert note.line == 2
    assert word[:40] in note.message
    assert f'write "{word[:40]}" in quotes' in str(note.hint)


@pytest.mark.parametrize("word", ["yes", "2024-01-31", "0755", "12:30", "1_000", ".nan"])
def test_the_same_word_in_quotes_is_simply_text(word: str) -> None:
    parsed = parse_yaml(f"a: '{word}'\nb: !!str {word}\n")
    assert parsed.value == {"a": word, "b": word}
    assert parsed.notes == []


@pytest.mark.parametrize("word", ["y", "n", "nope", "09:30", ".", "1.2.3", "=", "Yesterday"])
def test_words_that_only_look_odd_are_text(word: str) -> None:
    assert parse_yaml(f"a: {word}\n").value == {"a": word}
    assert notes(f"a: {word}\n") == []


def test_a_key_that_is_given_twice_is_noted_at_the_second() -> None:
    assert notes("a: 1\nb:\n  c: 1\n  c: 2\na: 2\n") == [
        (4, "the key 'c' is given twice in the same mapping"),
        (5, "the key 'a' is given twice in the same mapping"),
    ]


def test_keys_that_are_no_text_are_noted() -> None:
    found = notes("1: a\n? [x]\n: b\n~: c\non: d\ntrue: e\n")
    assert found == [
        (1, "keys must be text, found '1'"),
        (2, "keys must be text, found a list or mapping"),
        (4, "keys must be text, found '~'"),
        (5, "'on' without quotes is true for YAML 1.1 and text for YAML 1.2"),
        (6, "keys must be text, found 'true'"),
    ]


def test_a_key_that_is_empty_is_noted() -> None:
    assert notes("a: 1\n?\n: 2\n") == [(2, "keys must be text, found nothing")]


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!!set", "!!binary", "!!timestamp", "!mine"]
)
def test_a_tag_beyond_json_is_noted(tag: str) -> None:
    [(line, message)] = notes(f"a: 1\nb: {tag} {{x: y}}\n")
    assert line == 2
    assert tag.split(":", maxsplit=1)[0] in message
    [(line, _)] = notes(f"a: 1\nb: {tag} x\n")
    assert line == 2


def test_tags_of_json_types_are_understood() -> None:
    parsed = parse_yaml("[!!int 3, !!float 2.5, !!bool true, !!seq [1], !!map {a: b}  ]")
    assert parsed.value == [3, 2.5, True, [1], {"a": "b"}]


def test_anchors_aliases_and_merges_work() -> None:
    text = "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: {<<: [{a: 9}, *x], c: 4}\nn: &n 5\nm: *n\n"
    parsed = parse_yaml(text)
    assert parsed.value == {
        "x": {"a": 1, "b": 2},
        "y": {"a": 1, "b": 3},
        "z": {"a": 9, "b": 2, "c": 4},
        "n": 5,
        "m": 5,
    }


def test_a_merge_of_anything_but_mappings_is_noted() -> None:
    [(_, message)] = notes("a: {<<: [1], b: 2}\n")
    assert message == "<< takes a mapping or a list of mappings"


def test_an_alias_inside_its_own_anchor_is_refused() -> None:
    line, message = refusal("a: 1\nb: &b [*b]\n")
    assert line == 2
    assert message == "the alias *b has no finished anchor &b above it"


def test_aliases_that_explode_are_refused_at_once() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n" for i in range(1, 30)
    )
    assert "expand to" in refusal(bomb)[1]


def test_aliases_that_nest_without_end_are_refused() -> None:
    deep = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 3000))
    assert "levels of nesting" in refusal(deep)[1]
    assert "levels of nesting" in refusal(deep[: deep.index("a200:")])[1]


def test_a_list_that_many_cases_share_is_no_bomb() -> None:
    labels = "x-labels: &l [" + ", ".join(["label"] * 30) + "]\n"
    text = labels + "cases:\n" + "  - vars: {labels: *l}\n" * 1000
    assert len(parse_yaml(text).case_lines) == 1000


@pytest.mark.parametrize("start", ["[", "- ", "? ", "{a: "])
def test_endless_nesting_is_refused_and_not_a_crash(start: str) -> None:
    assert "levels of nesting" in refusal(start * 5000)[1]


def test_ordinary_nesting_is_fine() -> None:
    parse_yaml("[" * 90 + "]" * 90)


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 1, "the file is empty"),
        ("# only a comment\n", 1, "the file is empty"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a: 1\n\tb: 2\n", 2, "not valid YAML"),
        ("a: [1, 2\nb: 3\n", 2, "not valid YAML"),
        ("a: 1\nb: [\n", 2, "not valid YAML"),
        ("a: 1\nb: *nope\n", 2, "*nope"),
        ("a: 1\nb: \x00\n", 2, "U+0000"),
        ("a: 'x\n", 1, "not valid YAML"),
        ("%YAML 9.9\n---\na: 1\n", 1, "not valid YAML"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, line: int, part: str) -> None:
    found, message = refusal(text)
    assert found == line
    assert part in message


def test_a_tab_at_the_start_of_a_line_is_pointed_out() -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_yaml("a:\n  b: 1\n\tc: 2\n")
    assert "begins with a tab" in str(caught.value.note.hint)


def test_a_colon_in_plain_text_is_pointed_out() -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_yaml("a: say: hello: world\n")
    assert "colon" in str(caught.value.note.hint)


def test_a_template_without_quotes_is_pointed_out() -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_yaml("prompt: {{ a }} b\n")
    assert "must stand in quotes" in str(caught.value.note.hint)


def test_the_lines_of_cases_are_known_in_every_style() -> None:
    text = "x: &c {id: z}\ncases:\n\n  - id: a\n    vars:\n      b: c\n  - {id: d}\n  - *c\n  - 5\n"
    assert parse_yaml(text).case_lines == [4, 7, 8, 9]


def test_places_know_the_line_of_every_key() -> None:
    text = "a:\n  b:\n    - c\n    - d: |\n        text\n      e: *x\n"
    text = "x: &x 1\n" + text
    root = yaml_places(text)
    assert isinstance(root.children, dict)
    inner = root.children["a"].children
    assert isinstance(inner, dict)
    items = inner["b"].children
    assert isinstance(items, list)
    assert [item.line for item in items] == [4, 5]
    assert isinstance(items[1].children, dict)
    assert items[1].children["e"].line == 7


def test_the_pure_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: [1, x, {b: c}]\ncases:\n  - id: one\n"
    fast = parse_yaml(text)
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert not yaml_source.has_fast_parser()
    slow = parse_yaml(text)
    assert (slow.value, slow.case_lines) == (fast.value, fast.case_lines)


def test_the_pure_parser_refuses_characters_with_their_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert refusal("a: 1\nb: \x07\n") == (2, "the character U+0007 is not allowed in a YAML file")
