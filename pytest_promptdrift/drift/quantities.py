"""Numbers with their units, in one form: fourteen days, 14 d and two weeks are the same quantity.

Knows how amounts are written; must not know claims or what is compared with what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._numbers import number_matches, number_value

from .words import SCALES, TENS, UNITS_SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# word -> (family, factor to the base unit of the family)
_UNITS: Final[dict[str, tuple[str, float]]] = {}
for _names, _family, _factor in (
    ("ms millisecond milliseconds", "time", 0.001),
    ("s sec secs second seconds", "time", 1),
    ("min mins minute minutes", "time", _MINUTE),
    ("h hr hrs hour hours", "time", _HOUR),
    ("d day days", "time", _DAY),
    ("week weeks wk wks fortnight", "time", 7 * _DAY),
    ("month months mo", "months", 1),
    ("quarter quarters", "months", 3),
    ("year years yr yrs", "months", 12),
    ("workday workdays", "workdays", 1),
    ("% percent pct", "percent", 1),
    ("pp", "points", 1),
    ("€ euro euros eur", "EUR", 1),
    ("$ dollar dollars usd us$", "USD", 1),
    ("£ pound pounds gbp", "GBP", 1),
    ("¥ yen jpy", "JPY", 1),
    ("₹ rupee rupees inr", "INR", 1),
    ("chf franc francs", "CHF", 1),
    ("cent cents", "cent", 1),
    ("mm millimetre millimetres millimeter millimeters", "length", 0.001),
    ("cm centimetre centimetres centimeter centimeters", "length", 0.01),
    ("m metre metres meter meters", "length", 1),
    ("km kilometre kilometres kilometer kilometers", "length", 1000),
    ("mile miles", "mile", 1),
    ("inch inches", "inch", 1),
    ("foot feet ft", "foot", 1),
    ("mg milligram milligrams", "mass", 0.001),
    ("g gram grams", "mass", 1),
    ("kg kilo kilos kilogram kilograms", "mass", 1000),
    ("tonne tonnes ton tons", "mass", 1_000_000),
    ("lb lbs", "lb", 1),
    ("ml millilitre millilitres milliliter milliliters", "volume", 0.001),
    ("litre litres liter liters l", "volume", 1),
    ("kb kilobyte kilobytes", "bytes", 1000),
    ("mb megabyte megabytes", "bytes", 10**6),
    ("gb gigabyte gigabytes", "bytes", 10**9),
    ("tb terabyte terabytes", "bytes", 10**12),
    ("mbps mbit", "mbit", 1),
    ("kw kilowatt kilowatts", "watt", 1000),
    ("w watt watts", "watt", 1),
    ("kwh", "kwh", 1),
    ("°c celsius", "celsius", 1),
    ("°f fahrenheit", "fahrenheit", 1),
):
    _UNITS.update(dict.fromkeys(_names.split(), (_family, _factor)))

_SCALE: Final = r"(?:thousand|million|billion|mn|bn|(?-i:[kKM])(?!\w))"
_SCALE_OF: Final = {**SCALES, "k": 1000, "m": 10**6, "mn": 10**6, "bn": 10**9}
_NAMES: Final = "|".join(re.escape(n) for n in sorted(_UNITS, key=len, reverse=True) if n != "%")
_TAIL = re.compile(
    rf"(?:[ \u00a0-]?(?P<scale>{_SCALE})\b)?"
    r"(?:[ \u00a0-]?(?P<work>working|business|work)[ -](?:day|days)\b"
    r"|[ \u00a0]?(?P<points>percentage points?)\b"
    rf"|(?:[ \u00a0-]|\b|(?<=\d))(?P<unit>%|(?:{_NAMES})(?![\w$])))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:-|–|—|to|and|or)\s*$", re.IGNORECASE)
_SIGN: Final = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
_BEFORE = re.compile(r"\b(EUR|USD|GBP|CHF|JPY|INR)[ \u00a0]?$")
_SMALL: Final = "|".join(sorted([*UNITS_SMALL, *TENS], key=len, reverse=True))
_MORE: Final = (
    rf"(?:[ -](?:{_SMALL}|(?:hundred|thousand|dozen)(?:[ -]and(?=[ -](?:{_SMALL})\b))?)\b)*+"
)
_WORDS = re.compile(
    rf"\b(?:(?:an?|one)(?=[ -](?:{_NAMES}|hundred|thousand|million|billion|dozen"
    rf"|(?:working|business) day)\b)|(?!one\b)(?:{_SMALL})|dozen)\b{_MORE}",
    re.IGNORECASE,
)
_NUMBER_WORDS: Final = frozenset((*UNITS_SMALL, *TENS, *SCALES, "dozen")) - {"one"}
_ONE_OF: Final = frozenset(_UNITS) | {"working", "business"}
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+|\d+),(\d{1,2})(?![\d,]|\.\d)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount in the base unit of its family; ``bare`` is the family of a number alone.

    ``written`` is the number as it stands there.
    """

    value: float
    family: str
    written: float = 0.0

    @property
    def key(self) -> str:
        """The same text for the same amount."""
        return f"{self.value:.10g} {self.family}"


def plain_decimals(text: str, *, dots_group: bool = False) -> str:
    """Write decimal commas as points; ``dots_group`` where points separate thousands."""
    text = _DECIMAL_COMMA.sub(lambda m: f"{m[1].replace('.', '')}.{m[2]}", text)
    if dots_group:
        text = re.sub(
            r"(?<![\d.])\d{1,3}(?:\.\d{3})++(?![\d.]\d)", lambda m: m[0].replace(".", ""), text
        )
    return text


def spells_number(words: frozenset[str]) -> bool:
    """Tell whether a text of these words can have a number that is written as a word."""
    if not words.isdisjoint(_NUMBER_WORDS):
        return True
    # "one" and "a" count only before a unit
    return not words.isdisjoint({"a", "an", "one"}) and not words.isdisjoint(_ONE_OF)


def quantities(text: str, *, words: bool = True) -> Iterator[tuple[int, int, Quantity]]:
    """Yield start, end and amount of the numbers in a text, digits first, then words.

    ``words`` is False for a text whose words ``spells_number`` denies.
    """
    found = [*_digits(text), *(_spelled(text) if words else ())]
    for index, (start, end, amount) in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else None
        if amount.family == "bare" and following and _RANGE.fullmatch(text[end : following[0]]):
            # "3 to 5 days": the unit stands once, for both
            amount = _converted(amount.value, following[2])  # noqa: PLW2901  (the same amount)
        yield start, end, amount


def _converted(value: float, amount: Quantity) -> Quantity:
    if amount.family == "bare":
        return Quantity(value, "bare", value)
    factor = amount.value / amount.written if amount.written else 1.0
    return Quantity(value * factor, amount.family, value)


def _digits(text: str) -> Iterator[tuple[int, int, Quantity]]:
    for match in number_matches(text):
        value = float(number_value(match)) if len(match[0]) < 300 else float("inf")
        start, end = match.span()
        if match["unit"]:
            yield start, end, Quantity(value, "percent", value)
            continue
        money = next((_SIGN[c] for c in match[0] if c in _SIGN), None)
        before = None if money else _BEFORE.search(text, max(0, start - 5), start)
        end, amount = _with_unit(text, end, value)
        if money is None and before is not None:
            money, start = before[1], before.start()
        if money and text[:end].endswith("m") and amount.family == "length":
            amount = Quantity(value * 10**6, money, value)  # $5m
        elif money and amount.family in {"bare", money}:
            amount = Quantity(amount.value, money, amount.value)
        yield start, end, amount


def _spelled(text: str) -> Iterator[tuple[int, int, Quantity]]:
    for match in _WORDS.finditer(text):
        value = _value_of(match[0].casefold())
        end, amount = _with_unit(text, match.end(), value)
        yield match.start(), end, amount


def _value_of(words: str) -> float:
    total = part = 0
    for word in re.split(r"[ -]+", words):  # "and" adds nothing
        if word in {"a", "an"}:
            part = 1
        elif word in UNITS_SMALL or word in TENS:
            part += UNITS_SMALL.get(word, TENS.get(word, 0))
        elif word == "dozen":
            part = max(part, 1) * 12
        elif word == "hundred":
            part = max(part, 1) * 100
        elif word in SCALES:
            total, part = total + max(part, 1) * SCALES[word], 0
    return float(total + part)


def _with_unit(text: str, end: int, value: float) -> tuple[int, Quantity]:
    """Read what stands behind a number: a scale, a unit."""
    tail = _TAIL.match(text, end)
    if tail is None:
        return end, Quantity(value, "bare", value)
    if tail["scale"]:
        value *= _SCALE_OF[tail["scale"].casefold()]
    if tail["work"]:
        return tail.end(), Quantity(value, "workdays", value)
    if tail["points"]:
        return tail.end(), Quantity(value, "points", value)
    if not tail["unit"]:
        return (tail.end() if tail["scale"] else end), Quantity(value, "bare", value)
    family, factor = _UNITS[tail["unit"].casefold()]
    return tail.end(), Quantity(round(value * factor, 9), family, value)
