from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.drift import traits_of
from pytest_promptdrift.drift.kinds import KINDS
from pytest_promptdrift.drift.traits import MOST_TRAITS
from pytest_promptdrift.model import Response, ToolCall

SENTENCE = "Opened software cannot be returned after 14 days, says Karl Lindqvist of Quantis."


def traits(text: str) -> set[tuple[str, str, str]]:
    return set(traits_of(Response(text=text)))


def of_kind(kind: str, text: str) -> list[str]:
    return sorted(shown for (k, _, _), shown in traits_of(Response(text=text)).items() if k == kind)


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("number", SENTENCE, ["14 days"]),
        ("date", "We open on 3 March 2026 at 9 am.", ["3 March 2026", "9 am"]),
        ("entity", SENTENCE, ["Karl", "Lindqvist", "Quantis"]),
        ("entity", "Write to help@example.org about order A-1042.", ["A-1042", "help@example.org"]),
        ("negation", "We ship to Spain. We do not ship to Norway.", ["We do not ship to Norway."]),
        ("antonym", "The fee is mandatory.", ["mandatory"]),
        ("antonym", "The invoice is sent monthly.", ["monthly"]),
        ("polarity", "Yes, you can return it.", ["yes"]),
        ("label", "Billing.", ["Billing."]),
        ("language", "Ihre Bestellung wurde versandt und kommt morgen an.", ["de"]),
        ("truncation", "You can return it. The refund is paid to the", None),
        ("refusal", "I'm sorry, but I can't help with that.", None),
        ("operator", "Shipping is free if total >= 50 euros.", [">="]),
        (
            "operator",
            "SELECT a FROM t WHERE b > 5 AND c = 1",
            ["and", "b > 5", "c = 1", "select", "where"],
        ),
        ("number", "SELECT a FROM t LIMIT 10", ["limit 10"]),
        ("entity", "SELECT a FROM t WHERE city IN ('Bonn')", ["'Bonn'"]),
        ("json_value", '{"total": 4, "lines": [{"sku": "A"}]}', ['"a"', "4"]),
        (
            "field_gone",
            '{"total": 4, "lines": [{"sku": "A"}]}',
            ["$.lines", "$.lines[].sku", "$.total"],
        ),
        ("newly_null", '{"total": null}', ["null"]),
        ("format_changed", '{"due": "2026-03-03"}', ["date"]),
        ("json_fence", '```json\n{"a": 1}\n```', None),
        ("json_preamble", 'Here it is: {"a": 1}', None),
        ("json_broken", '{"a": 1}', ["JSON that parses"]),
    ],
)
def test_an_answer_shows_what_it_says_and_is(kind: str, text: str, shown: list[str] | None) -> None:
    found = of_kind(kind, text)
    assert found if shown is None else found == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Return it within 14 days.", "You may return it within two weeks."),
        ("Please pay by 3 March 2026.", "Please pay by 2026-03-03."),
        ("The price is 4.90 euros.", "The price is €4.90."),
        ('{"a": 1, "b": [1, 2]}', '{"b": [2, 1], "a": 1.0}'),
        ("billing", "Label: **Billing**."),
    ],
)
def test_the_same_fact_in_another_form_is_the_same_trait(one: str, other: str) -> None:
    kinds = {"number", "date", "json_value", "label"}
    left, right = ({t for t in traits(text) if t[0] in kinds} for text in (one, other))
    assert left
    assert left == right


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Return it within 14 days.", "Return it within 30 days."),
        ("We ship to Norway.", "We do not ship to Norway."),
        ("The fee is mandatory.", "The fee is optional."),
        ("The office is in Berlin.", "The office is in Munich."),
        ('{"a": 1}', '{"a": "1"}'),
        ('{"a": null}', '{"a": 1}'),
        ('{"a": []}', '{"a": {}}'),
        ('{"a": 1}', '{"a": 1, "b": 2}'),
        ('{"a": 1}', '```json\n{"a": 1}\n```'),
        ("SELECT a FROM t ORDER BY b", "SELECT a FROM t ORDER BY b DESC"),
        ("return price * quantity - discount", "return price * quantity + discount"),
    ],
)
def test_another_fact_is_another_trait(one: str, other: str) -> None:
    assert traits(one) != traits(other)


def test_a_prose_answer_has_no_traits_of_json() -> None:
    assert not {k for k, _, _ in traits(SENTENCE) if KINDS[k].group == "schema"}


def test_what_is_known_in_english_only_is_not_looked_for_in_another_language() -> None:
    german = "Die Ware ist nicht offline und der Versand kostet heute 14 Euro für Kunden in Bonn."
    assert {k for k, _, _ in traits(german)} == {"language", "number", "date"} - {"date"}


def test_tool_calls_show_their_sequence_and_their_arguments() -> None:
    calls = (
        ToolCall(name="search", arguments={"query": "shoes"}),
        ToolCall(name="pay", arguments=None, raw="{oops"),
    )
    found = traits_of(Response(text="", tool_calls=calls))
    assert found["tool_name", "search, pay", ""] == "search, pay"
    assert found["json_value", '"shoes"', "search.query"] == '"shoes"'
    assert found["tool_arguments", "no JSON", "pay"] == "{oops"
    # a tool without arguments is asked for nothing
    quiet = ToolCall(name="now", arguments=None)
    assert ("newly_null", "null", "now") in traits_of(Response(text="", tool_calls=(quiet,)))


def test_the_order_of_a_long_answer_does_not_decide_which_traits_are_kept() -> None:
    fields = {f"field_{n}": n for n in range(400)}
    forwards = traits(json.dumps(fields))
    backwards = traits(json.dumps(dict(reversed(fields.items()))))
    assert len(forwards) == MOST_TRAITS
    assert forwards == backwards
    # one field more pushes out few others, and never what the answer is as a whole
    more = traits(json.dumps({**fields, "new": 1}))
    assert len(forwards & more) >= MOST_TRAITS - 3
    assert ("json_broken", "JSON", "$") in more


@pytest.mark.parametrize(
    "text",
    [
        "x " * 500_000,
        "14 days, not 3.5 EUR on 3 March 2026; " * 26_000,
        "(" * 1_000_000,
        "a@" * 500_000,
        "no " * 330_000,
        '[{"a": ' * 140_000,
        json.dumps([{"id": n, "text": "not before 3 May"} for n in range(25_000)]),
        "Aa, " * 250_000,
    ],
    ids=["words", "facts", "brackets", "mails", "negations", "nested", "rows", "names"],
)
def test_a_hostile_megabyte_is_read_within_a_second(text: str) -> None:
    started = time.process_time()
    found = traits_of(Response(text=text))
    assert time.process_time() - started < 8
    assert len(found) <= MOST_TRAITS


WORDS = "not May { } null ``` SELECT a > Berlin must Yes . Mr. unlike non-smoking 1, \n"
PIECES = st.sampled_from([*WORDS.split(" "), '"a":', "14 days", "no later than", "No. 5"])


@given(st.text(max_size=200) | st.lists(PIECES, max_size=30).map(" ".join))
def test_every_trait_of_any_text_has_a_known_kind(text: str) -> None:
    response = Response(text=text)
    found = traits_of(response)
    assert {kind for kind, _, _ in found} <= set(KINDS)
    assert found == traits_of(response)
    assert len(found) <= MOST_TRAITS


def test_only_another_language_than_english_is_a_trait() -> None:
    german = Response(text="Sie können die Ware innerhalb von 14 Tagen nach der Lieferung senden.")
    english = Response(text="You can send the goods back within 14 days of the delivery.")
    short = Response(text="Return it to us.")
    assert ("language", "de", "") in traits_of(german)
    assert not any(kind == "language" for kind, _, _ in (*traits_of(english), *traits_of(short)))
