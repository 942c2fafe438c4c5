from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.cli.keyword import parse
from pytest_promptdrift.cli.misuse import MisuseError

NAMES = ["prompts/triage.prompt.yaml::refund[demo]", "money", "german"]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("refund", True),
        ("REFUND", True),
        ("fund", True),
        ("double", False),
        ("not double", True),
        ("not not refund", True),
        ("refund and money", True),
        ("refund and shipping", False),
        ("shipping or money", True),
        ("not refund or money", True),
        ("not (refund or money)", False),
        ("shipping and double or money", True),
        ("shipping and (double or money)", False),
        ("(refund)and(money)", True),
        ("refund[demo]", True),
        ("triage.prompt.yaml::refund", True),
        ("order", False),
    ],
)
def test_names_are_combined_as_in_pytest(text: str, fits: bool) -> None:
    assert parse(text)(NAMES) is fits


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "-k needs a name to look for, found nothing"),
        ("  ", "-k needs a name to look for, found nothing"),
        ("a b", "-k 'a b': expected 'and', 'or' or the end at column 3, found 'b'"),
        ("a and", "-k 'a and': expected a name, 'not' or '(' at the end"),
        ("and a", "-k 'and a': expected a name, 'not' or '(' at column 1, found 'and'"),
        ("(a", "-k '(a': expected ')' at the end"),
        ("a)", "-k 'a)': expected 'and', 'or' or the end at column 2, found ')'"),
        ("()", "-k '()': expected a name, 'not' or '(' at column 2, found ')'"),
        ("a AND b", "('and' is written in lower case) at column 3, found 'AND'"),
        ("(" * 60 + "a", "more than 50 levels deep at column 51, found '('"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(MisuseError) as found:
        parse(text)
    assert found.value.message.endswith(problem)
    assert "for example" in (found.value.hint or "")


EXPRESSIONS = st.recursive(
    st.sampled_from(["refund", "money", "double"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join),
        inner.map("not {}".format),
        inner.map("({})".format),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS)
def test_it_means_what_python_means(text: str) -> None:
    known = {"refund": True, "money": True, "double": False}
    assert parse(text)(NAMES) is eval(text, {}, known)
