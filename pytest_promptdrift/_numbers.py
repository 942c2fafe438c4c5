"""Finds numbers among words: the only place that knows how numbers are written.

Only the number itself counts here: ``$1,234.50`` is 1234.5 and ``45 %`` is 45. This module must not
know units, checks or drift.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

CURRENCY = "$€£¥₹"
_LONGEST = 400  # digits; nobody means more, and Python does not turn more than 4300 into text


def _pattern(point: str) -> re.Pattern[str]:
    """Return the pattern of a number with ``point`` as its decimal mark.

    A number inside a word (A4, gpt-5) is a name, and so is 1.2.3. The sign counts when no word
    touches it. Thousands are groups of three, or the Indian twos; a plain space is no separator,
    because it stands between the numbers of a list too. Possessive quantifiers keep it linear.
    """
    gaps = r"[,\u00a0\u202f\u2009'’]" if point == "." else r"[.\u00a0\u202f\u2009'’]"
    mark = re.escape(point)
    name = r"(?P<name>\d++(?:\.\d++){2,}+)|" if point == "." else ""
    bare = r"|\.(?P<bare>\d++)" if point == "." else ""
    return re.compile(
        rf"""(?<!\w)(?<![^\W\d_]-)(?<!\d\.)(?:{name}
        (?P<sign>[-+−](?=[\d.{CURRENCY}]))?(?:[{CURRENCY}][ ]?)?(?P<late>-(?=\d))?
        (?:(?P<whole>\d{{1,3}}(?P<gap>{gaps})\d{{3}}(?:(?P=gap)\d{{3}})*+(?!\d|(?P=gap)\d)
            |\d{{1,2}}(?:,\d{{2}}){{1,4}},\d{{3}}(?!\d|,\d)
            |\d++)(?:{mark}(?P<part>\d++))?{bare})
        (?:[eE](?P<power>[-+]?\d{{1,3}}+)(?!\w))?(?P<unit>[ \u00a0]?%)?)""",
        re.VERBOSE,
    )


_PATTERNS: Final = {".": _pattern("."), ",": _pattern(",")}


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: its value, and the text as it stands there."""

    value: float
    text: str


def find_numbers(text: str, point: str = ".") -> Iterator[Number]:
    """Yield the numbers of a text in order; ``point`` is the decimal mark."""
    return (Number(number_value(match), match[0].strip()) for match in number_matches(text, point))


def number_matches(text: str, point: str = ".") -> Iterator[re.Match[str]]:
    """Yield where the numbers stand; ``number_value`` reads one."""
    return (match for match in _PATTERNS[point].finditer(text) if match.lastgroup != "name")


def number_value(match: re.Match[str]) -> float:
    """Return the value of a match of ``number_matches``."""
    groups = match.groupdict()
    whole = "".join(filter(str.isdigit, groups["whole"] or "0"))
    part, power = groups["part"] or groups.get("bare"), groups["power"]
    value: float
    if part is None and power is None and len(whole) <= _LONGEST:
        value = int(whole)
    else:
        value = float(f"{whole}.{part or 0}e{power or 0}")
    return -value if groups["late"] or groups["sign"] in {"-", "−"} else value
