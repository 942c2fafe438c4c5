from __future__ import annotations

import re

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.cases.ids import Name, id_from_content, name_problem, slug

NAMES = jsonschema_rs.validator_for(Name().schema())


@pytest.mark.parametrize(
    "name", ["a", "double-charge", "Fall_7.b", "größe", "返金", "हिन्दी", "a:b", "1+1", "_x", "7"]
)
def test_letters_digits_and_a_few_signs_make_an_id(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "part", "hint"),
    [
        ("a b", "a space", "write a-b"),
        ("a/b", "'/'", "write a-b"),
        ("a[b]", "'[', ']'", "write a-b"),
        ("a::b", "'::'", "write a:b"),
        ("a\tb", "U+0009", "write a-b"),
        ("-a", "begins with '-'", "write a"),
        (".hidden", "begins with '.'", "write hidden"),
        ("x" * 121, "more than 120 characters", "write " + "x" * 120),
        ("", "is empty", None),
        ("  ", "is empty", None),
        ("//", "'/'", None),
        ("a\ud800", "U+D800", "write a"),
    ],
)
def test_anything_else_is_refused_with_a_name_that_is_right(
    name: str, part: str, hint: str | None
) -> None:
    problem = name_problem(name)
    assert problem is not None
    assert part in problem[0]
    assert problem[1] == hint


@given(st.text())
def test_the_name_that_is_suggested_is_always_right(name: str) -> None:
    problem = name_problem(name)
    if problem is not None and problem[1] is not None:
        assert name_problem(problem[1].removeprefix("write ")) is None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cn"]), max_size=12))
def test_the_schema_and_the_loader_agree_on_names(name: str) -> None:
    assert NAMES.is_valid(name) == (name_problem(name) is None)


def test_a_slug_is_a_few_readable_words() -> None:
    assert slug("I was charged TWICE for order 88231, again!") == "i-was-charged-twice-for"
    assert slug("<b>Ölpreis</b> — später") == "b-ölpreis-b-später"
    assert slug("a" * 100) == "a" * 40
    assert slug("?!") == ""
    assert len(slug("supercalifragilistic " * 5)) <= 40


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers(), max_size=4))
def test_an_id_from_content_is_allowed_and_stable(variables: dict[str, object]) -> None:
    first = next((v for v in variables.values() if isinstance(v, str)), None)
    made = id_from_content(variables, None, first)
    assert name_problem(made) is None
    assert made == id_from_content(dict(reversed(variables.items())), None, first)
    assert re.search(r"-[0-9a-f]{8}\Z", made)


def test_other_content_makes_another_id() -> None:
    made = {id_from_content({"a": 1}, more, "x") for more in (None, [], ["turn"])}
    made.add(id_from_content({"a": 2}, None, "x"))
    assert len(made) == 4
