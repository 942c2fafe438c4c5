from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift.drift import covered, describe_trait, kind_of, trait_finding

if TYPE_CHECKING:
    from pytest_promptdrift.model import Finding, Trait

FOURTEEN: Trait = ("number", "1209600 time", "time")
THIRTY: Trait = ("number", "2592000 time", "time")
FIELD: Trait = ("field_gone", "$.total", "$.total")
VALUE: Trait = ("json_value", "4", "$.total")
TEXT: Trait = ("type_changed", "string", "$.total")
JSON: Trait = ("json_broken", "JSON", "$")
SHOWN = {FOURTEEN: "14 days", THIRTY: "30 days", FIELD: "$.total", VALUE: "4", TEXT: "string"}


def finding(gone: Trait | None, come: Trait | None, **counts: int) -> Finding:
    given = {"accepted": 5, "accepted_of": 5, "fresh": 0, "fresh_of": 5, **counts}
    return trait_finding(
        gone,
        come,
        SHOWN,
        accepted=given["accepted"],
        accepted_of=given["accepted_of"],
        fresh=given["fresh"],
        fresh_of=given["fresh_of"],
    )


def test_what_went_is_told_with_counts_and_with_what_came_in_its_place() -> None:
    made = finding(FOURTEEN, THIRTY)
    assert made.message == '"14 days" in 5 of 5 accepted, 0 of 5 fresh; fresh say "30 days"'
    assert (made.kind, made.old, made.new, made.path) == ("number", "14 days", "30 days", None)
    assert (made.accepted, made.accepted_of, made.fresh, made.fresh_of) == (5, 5, 5, 5)
    assert made.traits == (FOURTEEN, THIRTY)


def test_what_only_came_counts_the_fresh_answers_that_have_it() -> None:
    made = finding(None, THIRTY, accepted=0, fresh=4)
    assert made.message == '"30 days" in 0 of 5 accepted, 4 of 5 fresh'
    assert (made.old, made.new, made.fresh) == (None, "30 days", 4)


@pytest.mark.parametrize(
    ("gone", "come", "kind"),
    [
        (FIELD, None, "field_gone"),
        (None, FIELD, "field_new"),
        (JSON, None, "json_broken"),
        (None, JSON, "json_value"),
        (("type_changed", "list", "$.a"), ("type_changed", "object", "$.a"), "list_to_object"),
        (("type_changed", "number", "$.a"), ("type_changed", "string", "$.a"), "type_changed"),
        (("tool_name", "search", ""), ("tool_name", "pay", ""), "tool_name"),
        (("tool_name", "search, pay", ""), ("tool_name", "pay, search", ""), "tool_order"),
        (("tool_name", "search, pay", ""), ("tool_name", "pay", ""), "tool_gone"),
        (("tool_name", "pay", ""), ("tool_name", "pay, pay", ""), "tool_new"),
        (("tool_name", "search", ""), None, "tool_gone"),
        (None, ("tool_name", "search", ""), "tool_new"),
    ],
)
def test_the_kind_depends_on_what_went_and_what_came(
    gone: Trait | None, come: Trait | None, kind: str
) -> None:
    assert finding(gone, come).kind == kind


def test_a_finding_in_json_says_where() -> None:
    made = finding(VALUE, ("json_value", "5", "$.total"))
    assert made.message == (
        "$.total: another value: 4 in 5 of 5 accepted, 0 of 5 fresh; fresh say 5"
    )
    assert made.path == "$.total"


def test_a_finding_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="went or came"):
        finding(None, None)


@pytest.mark.parametrize(
    ("trait", "said"),
    [
        (FOURTEEN, '"14 days"'),
        (FIELD, "field $.total"),
        (VALUE, "$.total 4"),
        (("tool_name", "search, pay", ""), "tool search, pay"),
        (("refusal", "refuses", ""), "refuses"),
        (("json_fence", "fence", "$"), "fence"),
        (("language", "de", ""), "de"),
    ],
)
def test_a_trait_is_described_in_a_few_words(trait: Trait, said: str) -> None:
    assert describe_trait(trait, SHOWN) == said


def test_a_trait_is_described_by_its_normal_form_where_no_answer_is_at_hand() -> None:
    assert describe_trait(FOURTEEN) == '"1209600 time"'


def test_a_trait_cannot_write_to_the_terminal() -> None:
    evil: Trait = ("entity", "\x1b[2J", "")
    assert "\x1b" not in finding(evil, None).message


@pytest.mark.parametrize(
    ("trait", "told"),
    [
        (VALUE, FIELD),
        (TEXT, FIELD),
        (("field_gone", "$.lines[].sku", "$.lines[].sku"), ("field_gone", "$.lines", "$.lines")),
        (("json_value", '"a"', "$.lines[].sku"), ("field_gone", "$.lines", "$.lines")),
        (VALUE, TEXT),
        (TEXT, ("newly_null", "null", "$.total")),
        (VALUE, ("format_changed", "date", "$.total")),
        (FIELD, JSON),
        (("json_value", '"x"', "search.query"), ("tool_name", "search", "")),
        (("field_gone", "search.query", "search.query"), ("tool_name", "search", "")),
        (("negation", "not ship", "ship"), ("language", "en", "")),
    ],
)
def test_what_only_repeats_a_stronger_trait_is_covered(trait: Trait, told: Trait) -> None:
    assert covered(trait, {trait, told})


@pytest.mark.parametrize(
    ("trait", "told"),
    [
        (FIELD, VALUE),
        (FIELD, FIELD),
        (VALUE, ("field_gone", "$.tot", "$.tot")),
        (VALUE, ("tool_name", "search", "")),
        (("json_value", '"x"', "search.query"), JSON),
        (("newly_null", "null", "$.total"), TEXT),
        (FOURTEEN, ("language", "en", "")),
        (("negation", "not ship", "ship"), FOURTEEN),
        (("json_fence", "fence", "$"), JSON),
    ],
)
def test_what_says_something_of_its_own_is_not_covered(trait: Trait, told: Trait) -> None:
    assert not covered(trait, {trait, told})


def test_a_kind_can_be_asked_for_without_a_pair() -> None:
    assert kind_of(FIELD, came=True) == "field_new"
    assert kind_of(FIELD, came=False) == "field_gone"
    assert kind_of(FOURTEEN, came=True) == "number"
