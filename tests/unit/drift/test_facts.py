from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.drift import fact_findings
from pytest_promptdrift.model import Finding, Response, ToolCall

if TYPE_CHECKING:
    import random

PIECES = (
    "the",
    "14",
    "30",
    "days",
    "not",
    "allowed",
    "forbidden",
    "Berlin",
    "Munich",
    ".",
    ",",
    "Yes",
    "No",
    "{",
    "}",
    "[",
    "]",
    '"',
    "```",
    "$5",
    "5",
    "%",
    "March",
    "2026-03-03",
    "never",
    "before",
    "after",
    "SELECT",
    "WHERE",
    ">",
    ">=",
    "refund",
    "five",
    "to",
    "from",
    "pays",
    "\n",
    "- ",
)
TEXTS = st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)


def found(old: str | list[str], new: str | list[str]) -> tuple[Finding, ...]:
    sides = [[side] if isinstance(side, str) else side for side in (old, new)]
    return fact_findings(*[[Response(text=text) for text in side] for side in sides])


def failures(old: str | list[str], new: str | list[str]) -> list[str]:
    return [f.kind for f in found(old, new) if f.severity == "fail"]


CHANGED = [
    ("number", "The gate opens. Waiting takes 5 minutes.", "The gate opens. Expect 9 minutes."),
    ("number", "It takes 14 days.", "It takes 14 hours."),
    ("number", "It takes two hundred hours.", "It takes 300 hours."),
    ("date", "Results come in Q1.", "Results come in Q2."),
    ("entity", "The Lumira team found the bug.", "The Quantis team found the bug."),
    ("json_value", '{"a": "x", "l": [{"id": 1}]}', '{"a": "y", "l": [{"id": 1}]}'),
    ("number", "Return it within 14 days.", "Return it within thirty days."),
    ("number", "The fee is 3 percent.", "The fee is 3 dollars."),
    ("number", "Refunds take 5 working days.", "Your money is back in 10 working days."),
    (
        "number",
        "Returns within 14 days, repairs within 30 days.",
        "Returns within 30 days, repairs within 14 days.",
    ),
    ("number", "The fee is $5m.", "The fee is $5k."),
    ("date", "Please pay by 3 March 2026.", "Please pay by 2026-03-04."),
    ("date", "We open at 9 am.", "We open at 10:00."),
    ("date", "It arrives on Friday.", "It arrives on Monday."),
    ("negation", "The warranty covers water damage.", "The warranty does not cover water damage."),
    ("negation", "The update fixes the problem.", "The update doesn't fix the problem."),
    ("negation", "The script modifies the file.", "The script does not modify the file."),
    ("negation", "Guests were affected by the storm.", "Guests were unaffected by the storm."),
    ("negation", "You can swap the voucher here.", "Swapping the voucher here is not possible."),
    ("negation", "You may keep dogs in the flat.", "Keeping dogs in the flat is forbidden."),
    ("negation", "We found traces of oil.", "We did not find traces of oil."),
    ("negation", "You get a refund for the bag.", "The bag is non-refundable."),
    ("negation", "The study was conclusive.", "The study was inconclusive."),
    ("negation", "Helpers are insured here.", "Helpers are uninsured here."),
    ("negation", "The drug interacts with tea.", "There is no interaction between drug and tea."),
    ("negation", "Breakfast is part of the offer.", "Breakfast is not part of the offer."),
    ("negation", "Send it back if it fits.", "Send it back if it does not fit."),
    ("negation", "Both sides signed the deal.", "Neither side signed the deal."),
    ("antonym", "Revenue increased in May.", "Revenue fell in May."),
    ("antonym", "Cancel before the renewal date.", "Cancel after the renewal date."),
    ("antonym", "The invoice is paid monthly.", "The invoice is paid annually."),
    ("entity", "The office is in Berlin.", "The office is in Munich."),
    ("entity", "Write to help@example.org today.", "Write to info@example.org today."),
    ("entity", "Lumira signed the contract.", "The contract was signed by Quantis."),
    ("role", "The buyer pays the seller.", "The seller pays the buyer."),
    ("role", "The train goes from Lyon to Porto.", "The train goes from Porto to Lyon."),
    ("role", "The doctor called the patient.", "Today the patient called the doctor."),
    ("json_value", '{"a": 1, "b": [1, 2]}', '{"a": 2, "b": [2, 1]}'),
    ("json_value", '{"a": true}', '{"a": 1}'),
    (
        "json_value",
        '[{"id": 1, "n": "x"}, {"id": 2, "n": "y"}]',
        '[{"id": 2, "n": "z"}, {"id": 1, "n": "x"}]',
    ),
    ("json_value", "[1, 2]", "[1]"),
    ("label", "billing", "Shipping."),
    ("label", "billing", "This is about the parcel."),
    ("number", "42", "Label: 43"),
    ("polarity", "Yes, you can return it.", "No."),
    ("refusal", "Your parcel arrives on Friday.", "I'm sorry, but I can't help with that."),
    (
        "language",
        "Your order has been shipped and it arrives tomorrow.",
        "Ihre Bestellung wurde versandt und kommt morgen an.",
    ),
    (
        "truncation",
        "You can return it. The refund takes a week and is paid to your card.",
        "You can return it. The refund takes a week and is",
    ),
    ("operator", "SELECT name FROM t WHERE age > 5", "SELECT name FROM t WHERE age >= 5"),
    ("operator", "SELECT id FROM t WHERE x NOT IN (1, 2)", "SELECT id FROM t WHERE x IN (1, 2)"),
    (
        "operator",
        "Shipping is free if total >= 50 euros.",
        "Shipping is free if total <= 50 euros.",
    ),
    (
        "entity",
        "This afternoon in the main office Anna Berg called Tom Ray about the open order.",
        "This afternoon in the main office Eva Holt called Max Lind about the open order.",
    ),
    ("entity", "SELECT id FROM t WHERE city = 'Bonn'", "SELECT id FROM t WHERE city = 'Kiel'"),
    ("number", "SELECT id FROM t LIMIT 5", "SELECT id FROM t LIMIT 6"),
]

SAME = [
    ("The trial lasts 1 month.", "The trial lasts 30 days."),
    ("It was built in 2024.", "It was built in May 2024."),
    ("The plan has two thousand and fifty seats.", "The plan has 2,050 seats."),
    ("A dozen seats are left.", "12 seats are left."),
    ("The price is USD 99 today.", "The price is $99 today."),
    ("It grew by 2 percentage points.", "It grew by 2 pp."),
    ("The call begins 2026-03-03T10:00:00Z.", "The call begins 2026-03-03T10:00Z."),
    ("Results come in Q1 2026.", "Results come in Q1."),
    ("The first lesson is on 31/13/2026.", "The first lesson is on 31/13/2026!"),
    ("Return it within 14 days.", "You may return it within two weeks."),
    ("The price is 1,200.50 euros.", "The price is €1200.50."),
    ("It costs 4.90 euros.", "It costs 4,90 €."),
    ("Delivery takes 3-5 days.", "Delivery takes between three and five days."),
    ("Please pay by 3 March 2026.", "Please pay by March 3, 2026."),
    ("Please pay by 2026-03-03.", "Please pay by 03/03/2026."),
    ("Please pay by 3 April 2026.", "Please pay by 04/03/2026."),
    ("We open at 5 pm.", "We open at 17:00."),
    ("Smoking is not allowed here.", "Smoking is forbidden here."),
    ("The shop is not open on Sundays.", "On Sundays the shop is closed."),
    ("Swapping the voucher here is not possible.", "You cannot swap the voucher here."),
    ("Dogs are forbidden in the flat.", "You may not bring dogs to the flat."),
    ("The bag is not refundable.", "The bag is non-refundable."),
    ("Neither side signed the deal.", "The deal was not signed by either side."),
    ("It is important to check the fit, then send it.", "Send it back if it doesn't fit."),
    ("The drug interacts with tea.", "Tea interacts with the drug."),
    ("The plan comes with a free trial.", "A free trial comes with the plan."),
    ("Members have access to the vault.", "The vault is accessible to members."),
    ("The warehouse is full.", "There is no space left in the warehouse."),
    ("Do not return it after 5 May.", "Return it before 5 May."),
    ("The seller is paid by the buyer.", "The buyer pays the seller."),
    ("It ships to Austria and Poland.", "It ships to Poland and Austria."),
    ('{"a": 1, "b": [1, 2]}', '```json\n{"b": [2, 1], "a": 1.0}\n```'),
    ('{"due": "2026-03-03"}', '{"due": "3 March 2026"}'),
    ("billing", "**Billing**."),
    ("billing", "Label: billing"),
    ("billing", "The label of this message is billing."),
    ("Yes, you can return it.", "You can return it."),
    ("I can't help with that.", "I cannot assist with this request."),
    ("SELECT a FROM t WHERE b <> 1;", "```sql\nselect a from t\nwhere b != 1\n```"),
    (
        "SELECT a FROM t WHERE id = (SELECT b FROM u)",
        "SELECT a FROM t WHERE id IN (SELECT b FROM u)",
    ),
    ("Call 030 5557781.", "Call 030-555-7781."),
    ("Please come on Sat at noon.", "Please come on Saturday at 12:00."),
    ("We sat in the hall.", "In the hall we sat."),
    ("Mr. Haddad's lawyer called.", "The lawyer of Mr. Haddad called."),
    ("See No. 5 on the list.", "On the list, see No. 5."),
    ("SELECT a FROM t", "DELETE FROM orders WHERE total > 5 AND city = 'Bonn' OR x IN (1, 2)"),
    ("Anna and Tom agree.", "Tom and Anna agree."),
    ("The meeting is between Anna and Tom.", "The meeting is between Tom and Anna."),
    ("The UK office is open.", "The United Kingdom office is open."),
]


@pytest.mark.parametrize(("kind", "old", "new"), CHANGED)
def test_a_changed_fact_is_found_under_its_name(kind: str, old: str, new: str) -> None:
    assert kind in failures(old, new)


@pytest.mark.parametrize(("old", "new"), SAME)
def test_the_same_facts_in_other_words_are_no_failure(old: str, new: str) -> None:
    assert failures(old, new) == []


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        c
        for c in CHANGED
        if c[0]
        in {
            "number",
            "date",
            "negation",
            "antonym",
            "role",
            "polarity",
            "refusal",
            "language",
            "operator",
        }
    ],
)
def test_a_change_is_found_in_both_directions(kind: str, old: str, new: str) -> None:
    assert kind in failures(new, old)


def test_one_changed_word_is_only_a_warning() -> None:
    (finding,) = found("The red lamp is in the box.", "The round lamp is in the box.")
    assert (finding.kind, finding.severity) == ("word", "warn")
    assert (finding.old, finding.new) == ("red", "round")


def test_more_and_fewer_claims_are_warnings() -> None:
    short = "The parcel arrives on Friday."
    long = f"{short} Gift wrapping needs a separate form."
    assert [(f.kind, f.severity) for f in found(short, long)] == [("claim_added", "warn")]
    assert [(f.kind, f.severity) for f in found(long, short)] == [("claim_dropped", "warn")]


def test_an_offer_of_help_is_no_claim() -> None:
    assert (
        found("It arrives soon.", "It arrives soon. Let me know if you need anything else.") == ()
    )


def test_what_the_accepted_answers_vary_over_is_no_drift() -> None:
    accepted = ["Return it within 14 days.", "Return it within 30 days."]
    assert found(accepted, "Return it within 30 days.") == ()


def test_a_negation_that_an_accepted_answer_has_too_is_no_drift() -> None:
    accepted = ["The update fixes the problem."] * 2 + ["The update does not fix the problem."]
    assert failures(accepted, "The update does not fix this problem.") == []


def test_a_fact_carries_its_counts_on_both_sides() -> None:
    accepted = ["Return it within 14 days."] * 4 + ["You may return it."]
    fresh = ["Return it within 30 days."] * 3 + ["Return it within 14 days."] * 2
    (finding,) = found(accepted, fresh)
    assert (finding.accepted, finding.accepted_of) == (4, 5)
    assert (finding.fresh, finding.fresh_of) == (3, 5)
    assert finding.message == (
        "another number: '14 days' in 4 of 5 accepted answers; '30 days' in 3 of 5 fresh answers"
    )


def test_a_fact_that_few_accepted_answers_state_is_only_a_warning() -> None:
    accepted = [f"A ticket costs {n} euros." for n in (10, 12, 15, 18)]
    findings = found(accepted, "A ticket costs 20 euros.")
    assert findings
    assert {f.severity for f in findings} == {"warn"}


def test_one_against_one_says_old_and_new_without_counts() -> None:
    (finding,) = found("It takes 5 days.", "It takes 6 days.")
    assert finding.message == "another number: '5 days' → '6 days'"


def test_a_value_that_differs_from_draw_to_draw_is_only_a_warning() -> None:
    (finding,) = found('{"confidence": 0.91}', '{"confidence": 0.93}')
    assert (finding.severity, finding.path) == ("warn", "$.confidence")


def test_changed_arguments_of_a_tool_are_named_by_tool_and_field() -> None:
    old, new = (
        Response(text="", tool_calls=(ToolCall(name="order", arguments={"id": number}),))
        for number in ("1", "2")
    )
    (finding,) = fact_findings([old], [new])
    assert (finding.kind, finding.path, finding.old, finding.new) == (
        "json_value",
        "order.id",
        '"1"',
        '"2"',
    )


def test_a_refusal_that_the_provider_marks_needs_no_words() -> None:
    (finding,) = fact_findings(
        [Response(text="Here it is, as asked.")], [Response(text="", finish_reason="refusal")]
    )
    assert finding.kind == "refusal"


def test_the_length_limit_of_the_provider_is_a_truncation() -> None:
    text = "The order is on its way."
    (finding,) = fact_findings(
        [Response(text=text, finish_reason="stop")], [Response(text=text, finish_reason="length")]
    )
    assert finding.kind == "truncation"


def test_words_of_another_language_are_not_read_as_english() -> None:
    german = "Die Lampe wird mit der Post und nicht per Kurier an Sie geschickt"
    assert failures(f"{german} not.", f"{german}.") == []


def test_no_answers_on_a_side_give_nothing() -> None:
    assert fact_findings([], [Response(text="a")]) == fact_findings([Response(text="a")], []) == ()


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_answers_compared_with_themselves_give_nothing(texts: list[str]) -> None:
    assert found(texts, texts) == ()


@given(
    st.lists(TEXTS, min_size=1, max_size=4),
    st.lists(TEXTS, min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_samples_does_not_matter(
    old: list[str], new: list[str], chance: random.Random
) -> None:
    shuffled = [chance.sample(side, len(side)) for side in (old, new)]
    assert found(old, new) == found(*shuffled)


@given(TEXTS, TEXTS)
def test_no_text_makes_it_raise_and_counts_stay_in_bounds(old: str, new: str) -> None:
    for finding in found(old, new):
        assert 0 <= finding.accepted <= finding.accepted_of == 1
        assert 1 <= finding.fresh <= finding.fresh_of == 1
        assert finding.message.isprintable()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Item 5 costs 7 euros in Berlin. ", "Item 5 costs 7 dollars in Berlin. "),
        (" ", "\n"),
        ("A. ", "B! "),
        ("five ", "six-"),
        ("1-", "1."),
        ("> ", "# "),
        ("[", "{"),
        (". but ", "however "),
        ("http://", "a@b."),
    ],
)
def test_a_megabyte_of_anything_takes_little_time(old: str, new: str) -> None:
    began = time.process_time()
    found(old * (1_000_000 // len(old)), new * (1_000_000 // len(new)))
    assert time.process_time() - began < 15
