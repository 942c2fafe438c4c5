from __future__ import annotations

import pytest

from pytest_promptdrift.drift.words import stem


@pytest.mark.parametrize(
    "forms",
    [
        "modify modifies modified modifying",
        "party parties",
        "family families",
        "supply supplies supplied",
        "find found finding",
        "pay paid pays payment",
        "replace replaced replacing replaceable",
        "access accessible",
        "responsible responsibility",
        "exchange exchanges exchanged exchanging",
        "cancel cancelled",
        "refund reimbursement",
    ],
)
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(word) for word in forms.split()}) == 1


@pytest.mark.parametrize(
    "words", ["supply supper", "response responsible", "price prince", "able table"]
)
def test_other_words_have_other_stems(words: str) -> None:
    one, other = words.split()
    assert stem(one) != stem(other)
