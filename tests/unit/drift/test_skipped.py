from __future__ import annotations

import pytest

from pytest_promptdrift.drift import skipped
from pytest_promptdrift.drift.language import _COMMON, _SCRIPTS
from pytest_promptdrift.drift.reading import MOST_TEXT
from pytest_promptdrift.drift.skipped import _LANGUAGES
from pytest_promptdrift.model import Response

ENGLISH = "You can return the item within 14 days of delivery."
GERMAN = "Sie können die Ware innerhalb von 14 Tagen nach der Lieferung zurückgeben."
RUSSIAN = "Вы можете вернуть товар в течение четырнадцати дней."


def of(accepted: str, fresh: str) -> tuple[str, ...]:
    return skipped([Response(text=accepted)], [Response(text=fresh)])


def test_nothing_is_skipped_in_english_answers() -> None:
    assert of(ENGLISH, ENGLISH.replace("14", "30")) == ()


def test_what_is_known_in_english_only_is_named_with_the_language() -> None:
    (said,) = of(GERMAN, GERMAN.replace("14", "30"))
    assert said.startswith("negations, opposites, names")
    assert said.endswith("known in English only, and this is German")


def test_two_languages_are_both_named() -> None:
    (said,) = of(GERMAN, RUSSIAN)
    assert said.endswith("this is German and a language in Cyrillic script")


@pytest.mark.parametrize(
    "text",
    ['{"antwort": "Sie können die Ware nicht zurückgeben."}', "Rückgabe", "SELECT größe FROM t;"],
)
def test_json_labels_and_code_have_no_language(text: str) -> None:
    assert of(text, text) == ()


def test_prose_in_an_unknown_language_is_said_to_be_one() -> None:
    (said,) = of("Þetta er ekki það sem við báðum um í gær.", ENGLISH)
    assert said.endswith("this is a language it could not tell")


def test_text_beyond_the_limit_is_said_not_to_be_looked_at() -> None:
    long = f"{ENGLISH} " * (MOST_TEXT // len(ENGLISH) + 1)
    (said,) = of(long, ENGLISH)
    assert said == "what stands beyond 60,000 characters of an answer"


def test_every_language_that_can_be_told_has_a_name() -> None:
    told = {*_COMMON, "not en", *(name for name, _ in _SCRIPTS)} - {"en"}
    assert told <= set(_LANGUAGES)
