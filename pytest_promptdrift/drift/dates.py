"""Dates and times of day in one form, whatever way they are written.

03/04/2026 is two dates; it agrees with either. Years and months may be missing on one side.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MONTH_NAMES: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTHS: Final = {
    name: number
    for number, full in enumerate(_MONTH_NAMES, 1)
    for name in {full, full[:3], *(["sept"] if full == "september" else [])}
}
_WEEKDAYS: Final = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_DAY_OF: Final = {name: full for full in _WEEKDAYS for name in (full, full[:3], full + "s")} | {
    "tues": "tuesday",
    "thur": "thursday",
    "thurs": "thursday",
}
_M: Final = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_D: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_PATTERN: Final = rf"""(?:
      (?P<iso>(?P<iy>\d{{4}})[-/](?P<im>\d{{1,2}})[-/](?P<id>\d{{1,2}}))(?![\d/-])
          (?:T(?P<ih>\d\d):(?P<imin>\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?
    | (?P<num>(?P<n1>\d{{1,2}})(?P<sep>[/.-])(?P<n2>\d{{1,2}})(?P=sep)(?P<ny>\d{{4}}))(?![\d/-])
    | (?P<dm>(?P<d1>{_D})(?:st|nd|rd|th)?(?:[ ]of)?[ -](?P<m1>{_M})(?:,?[ -](?P<y1>\d{{4}}))?)(?!\d)
    | (?P<md>(?P<m2>{_M})[ ](?P<d2>{_D})(?:st|nd|rd|th)?\b(?![:.]\d)(?:,?[ ](?P<y2>\d{{4}})\b)?)
    | (?P<my>(?P<m3>{_M}),?[ ](?P<y3>(?:19|20)\d\d)\b)
    | (?P<clock>(?P<h1>[01]?\d|2[0-3]):(?P<min1>[0-5]\d)(?::[0-5]\d)?
          (?:[ ]?(?P<ap1>[ap]\.?m\b\.?))?)
    | (?P<hour>(?P<h2>1[0-2]|0?[1-9])(?:\.(?P<min2>[0-5]\d))?[ ]?(?P<ap2>[ap]\.?m\b\.?))
    | (?P<word>(?:noon|midnight|midday)\b)
    | (?P<weekday>(?:{"|".join(sorted(_DAY_OF, key=len, reverse=True))})\b\.?)
    | (?P<relative>(?:today|tomorrow|yesterday)\b)
    | (?P<quarter>Q(?P<q>[1-4])\b(?:[ ]?/?(?P<qy>\d{{4}}))?)
    | (?P<half>H(?P<hh>[12])[ ]\d{{4}})
    | (?P<monthname>(?:{"|".join(n for n in _MONTH_NAMES if n not in {"may", "march"})})\b)
    )"""
_ANYWHERE = re.compile(rf"(?<![\w/.-]){_PATTERN}", re.VERBOSE | re.IGNORECASE)
# the same where no date begins with a word: much faster
_AT_DIGITS = re.compile(rf"(?=[\dqh])(?<![\w/.-]){_PATTERN}", re.VERBOSE | re.IGNORECASE)
# Without a digit and without one of these a text has no date.
DATE_WORDS: Final = frozenset(
    ("today", "tomorrow", "yesterday", "noon", "midnight", "midday", *_MONTH_NAMES, *_DAY_OF)
)
_AMBIGUOUS: Final = frozenset(("sat", "sun", "mon", "wed", "sat.", "sun.", "mon.", "wed."))


def dates(text: str, *, words: bool = True) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and key of the dates and times in a text.

    A key is ``date:YYYY-MM-DD`` with ``*`` for what is not said and ``|`` between readings, or
    begins with ``time:``, ``weekday:``, ``relative:`` or ``quarter:``. ``words`` is False for a
    text without any of DATE_WORDS.
    """
    for match in (_ANYWHERE if words else _AT_DIGITS).finditer(text):
        key = _key(match)
        if key is None:
            continue
        yield match.start(), match.end(), key
        if match["ih"]:
            yield match.end(), match.end(), f"time:{match['ih']}:{match['imin']}"


def _key(match: re.Match[str]) -> str | None:
    kind = next(name for name in _READERS if match[name])
    return _READERS[kind](match)


def _date(year: str | None, month: int | None, day: str | int | None) -> str | None:
    if (month is not None and not 1 <= month <= 12) or (
        day is not None and not 1 <= int(day) <= 31
    ):
        return None
    shown_month = f"{month:02}" if month else "*"
    return f"date:{year or '*'}-{shown_month}-{f'{int(day):02}' if day else '*'}"


def _month(name: str) -> int:
    return _MONTHS[name.casefold().rstrip(".")]


def _numeric(match: re.Match[str]) -> str | None:
    first, second, year = int(match["n1"]), int(match["n2"]), match["ny"]
    day_first, month_first = _date(year, second, first), _date(year, first, second)
    if match["sep"] == "." or first == second:
        return day_first
    readings = [key for key in (day_first, month_first) if key]
    return "|".join(readings) or None


def _time(hour: str, minute: str | None, half: str | None) -> str:
    value = int(hour)
    if half:
        value = value % 12 + (12 if half[0] in "pP" else 0)
    return f"time:{value:02}:{minute or '00'}"


def _weekday(match: re.Match[str]) -> str | None:
    name = match["weekday"]
    if name.casefold() in _AMBIGUOUS and not name[0].isupper():
        return None
    return f"weekday:{_DAY_OF[name.casefold().rstrip('.')]}"


_READERS: Final[dict[str, Callable[[re.Match[str]], str | None]]] = {
    "iso": lambda m: _date(m["iy"], int(m["im"]), m["id"]),
    "num": _numeric,
    "dm": lambda m: _date(m["y1"], _month(m["m1"]), m["d1"]),
    "md": lambda m: _date(m["y2"], _month(m["m2"]), m["d2"]),
    "my": lambda m: _date(m["y3"], _month(m["m3"]), None),
    "clock": lambda m: _time(m["h1"], m["min1"], m["ap1"]),
    "hour": lambda m: _time(m["h2"], m["min2"], m["ap2"]),
    "word": lambda m: f"time:{'00' if m[0].casefold() == 'midnight' else '12'}:00",
    "weekday": _weekday,
    "relative": lambda m: f"relative:{m[0].casefold()}",
    "quarter": lambda m: f"quarter:{m['q']}",
    "half": lambda m: f"half:{m['hh']}",
    "monthname": lambda m: _date(None, _month(m[0]), None),
}


def same_date(left: str, right: str) -> bool:
    """Tell whether two keys can mean the same: what one leaves open, the other may say."""
    return any(_agree(a, b) for a in left.split("|") for b in right.split("|"))


def _agree(left: str, right: str) -> bool:
    if left == right:
        return True
    if not (left.startswith("date:") and right.startswith("date:")):
        return False
    pairs = zip(left[5:].split("-"), right[5:].split("-"), strict=True)
    return all(a == b or "*" in {a, b} for a, b in pairs)
