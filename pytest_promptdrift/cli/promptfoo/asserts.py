"""Assertions of the other tool as checks of ours.

Knows the names of our checks, not how they work: the converted file is loaded before it is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .source import file_reference

# Not "no value": a value of null is one.
_NOTHING = object()
_CHECKS_WITHOUT_COUNTERPART = {
    "javascript": "a program; write a check of your own in conftest.py",
    "python": "a program; write a check of your own in conftest.py",
    "ruby": "a program; write a check of your own in conftest.py",
    "webhook": "calls an address; write a check of your own in conftest.py",
}
_JUDGED = re.compile(
    r"llm-rubric|g-eval|factuality|model-graded|answer-relevance|context-|conversation-relevance"
    r"|agent-rubric|search-rubric|select-best|max-score|moderation|classifier|pi\Z|trajectory:goal"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A converted assertion: a check as the case file spells it, or why there is none."""

    spec: object = None
    reason: str | None = None


def convert_assertion(assertion: Mapping[str, object]) -> Check:
    """Return the check for one assertion whose templates are already filled."""
    kind = assertion.get("type")
    if not isinstance(kind, str):
        return Check(reason="this assertion has no type")
    plain = kind.removeprefix("not-")
    maker = _MAKERS.get(plain)
    why = _why_not(plain) if maker is None else _why_not_here(assertion)
    made = maker(assertion) if maker is not None and why is None else why
    if not isinstance(made, tuple):
        return Check(reason=f"{kind} {made}")
    name, argument = made
    if plain != kind:
        if name not in _NEGATABLE:
            return Check(reason=f"{kind} has no counterpart")
        name = f"not_{name}"
    return Check(spec=name if argument is _NOTHING else {name: argument})


def _why_not_here(assertion: Mapping[str, object]) -> str | None:
    if "transform" in assertion or "contextTransform" in assertion:
        return "with a transform, which is a program"
    return "with weight 0, which decides nothing" if assertion.get("weight") == 0 else None


def _why_not(plain: str) -> str:
    if plain in _CHECKS_WITHOUT_COUNTERPART:
        return f"is {_CHECKS_WITHOUT_COUNTERPART[plain]}"
    if _JUDGED.match(plain):
        return "asks a model for its judgement"
    return "has no counterpart"


_Made = tuple[str, object] | str
_Maker = Callable[[Mapping[str, object]], _Made]


def _text(name: str) -> _Maker:
    def make(assertion: Mapping[str, object]) -> _Made:
        value = assertion.get("value")
        if file_reference(value) is not None:
            return "with a value from a file"
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return "without a text to compare with"
        return (name, str(value)) if str(value) else "with an empty text"

    return make


def _several(name: str, key: str) -> _Maker:
    def make(assertion: Mapping[str, object]) -> _Made:
        value = assertion.get("value")
        if isinstance(value, str) and file_reference(value) is None:
            # the other tool splits at commas, and lets quotation marks protect them
            value = [part.strip().strip("\"'") for part in value.split(",")]
        if not isinstance(value, list) or not all(isinstance(v, str | int | float) for v in value):
            return "without a list of texts"
        return name, {key: [str(item) for item in value if str(item)]}

    return make


def _equals(assertion: Mapping[str, object]) -> _Made:
    value = assertion.get("value")
    if isinstance(value, dict | list):
        return "json_equals", value
    return _text("equals")(assertion)


def _json(assertion: Mapping[str, object]) -> _Made:
    value = assertion.get("value", _NOTHING)
    if value is _NOTHING or value is None:
        return "json", _NOTHING
    reference = file_reference(value)
    if reference is not None:
        return "json_schema", {"schema": reference}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return "with a schema that is text, but no JSON"
    return ("json_schema", {"schema": value}) if isinstance(value, dict) else "without a schema"


def _regex(assertion: Mapping[str, object]) -> _Made:
    value = assertion.get("value")
    if not isinstance(value, str) or not value:
        return "without a pattern"
    # JavaScript writes (?<name>…), Python (?P<name>…)
    pattern = re.sub(r"\(\?<(?![=!])", "(?P<", value)
    try:
        re.compile(pattern)
    except re.error as error:
        return f"with a pattern that Python cannot read: {error.msg}"
    return "regex", pattern


def _limit(name: str, factor: float) -> _Maker:
    def make(assertion: Mapping[str, object]) -> _Made:
        threshold = assertion.get("threshold")
        if isinstance(threshold, bool) or not isinstance(threshold, int | float):
            return "without a threshold"
        return name, {"max": threshold * factor}

    return make


def _similar(assertion: Mapping[str, object]) -> _Made:
    made = _text("similar")(assertion)
    if isinstance(made, str):
        return made
    return "similar", {"to": made[1]}


def _finish_reason(assertion: Mapping[str, object]) -> _Made:
    value = assertion.get("value")
    return ("finish_reason", value) if isinstance(value, str) else "without a reason"


def _refusal(_: Mapping[str, object]) -> _Made:
    return "refusal", _NOTHING


def _word_count(assertion: Mapping[str, object]) -> _Made:
    value = assertion.get("value")
    if isinstance(value, dict) and value and value.keys() <= {"min", "max"}:
        return "length", {**value, "unit": "words"}
    if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
        return "length", {"exact": int(value), "unit": "words"}
    return "without a number"


_MAKERS: dict[str, _Maker] = {
    "equals": _equals,
    "contains": _text("contains"),
    "icontains": _text("icontains"),
    "contains-all": _several("contains", "all"),
    "contains-any": _several("contains", "any"),
    "icontains-all": _several("icontains", "all"),
    "icontains-any": _several("icontains", "any"),
    "starts-with": _text("starts_with"),
    "regex": _regex,
    "is-json": _json,
    "latency": _limit("latency", 0.001),
    "cost": _limit("cost", 1),
    "similar": _similar,
    "is-refusal": _refusal,
    "word-count": _word_count,
    "finish-reason": _finish_reason,
}
_NEGATABLE = {"equals", "contains", "icontains", "starts_with", "regex", "refusal", "length"}
_SHORT = re.compile(
    r"(?P<kind>(?:not-)?[a-z][a-z-]*)(?:\((?P<threshold>[0-9.]+)\))?(?::(?P<value>.*))?\Z",
    re.DOTALL,
)
_PROGRAMS = ("javascript", "fn", "eval", "python", "file", "grade", "llm-rubric")


def from_column(text: str) -> dict[str, object]:
    """Return the assertion that an ``__expected`` column of a CSV file spells."""
    match = _SHORT.match(text)
    if match is None:
        return {"type": "equals", "value": text}
    kind = match["kind"]
    plain = kind.removeprefix("not-")
    if plain in {"fn", "eval"}:
        kind = "javascript"
    elif plain == "grade":
        kind = "llm-rubric"
    elif (plain not in _MAKERS and plain not in _PROGRAMS and not _JUDGED.match(plain)) or (
        match["value"] is None and plain != "is-json"
    ):
        return {"type": "equals", "value": text}
    found: dict[str, object] = {"type": kind}
    if match["value"]:
        found["value"] = match["value"].strip()
    if match["threshold"]:
        found["threshold"] = float(match["threshold"])
    if plain in {"latency", "cost"} and match["value"]:
        found["threshold"] = _number(match["value"])
    return found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
