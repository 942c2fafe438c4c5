"""The fields of a baseline file: decisions by label, between plain JSON and the noun.

It says which field is wrong, as a path; it knows neither files nor lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_promptdrift.model import Decision

from .fields import FieldError, check, kind_of
from .source import FileKind
from .text_lines import from_lines, to_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .fields import Path

FORMAT = 1
REVIEW = "pytest-promptdrift review"

_FILE = {"format": (int,), "case": (str,), "decisions": (dict,)}
# In the order in which they are written.
_DECISION: dict[str, tuple[type, ...]] = {
    "accepted": (str,),
    "rejected": (str,),
    "samples": (int,),
    "answers": (str,),
    "at": (str,),
    "why": (str,),
    "checks": (dict,),
}
_NEEDS = frozenset({"samples", "answers", "at"})
_ID = re.compile(r"[0-9a-f]{12}")
_ANSWERS = re.compile(r"[0-9a-f]{16}")
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)")


def decisions_from(document: Any) -> dict[str, Any]:
    """Return the document with the nouns in place of their JSON; raises FieldError."""
    found = check(document, _FILE, ())
    by_label = found["decisions"]
    for label, entries in by_label.items():
        path = ("decisions", label)
        if type(entries) is not list or not entries:
            kind = "an empty one" if entries == [] else kind_of(entries)
            message = f"expected a list of decisions for {label!r}, found {kind}"
            raise FieldError(path, message)
        by_label[label] = tuple(
            [_decision_from(entry, (*path, n)) for n, entry in enumerate(entries)]
        )
    return found


def _decision_from(value: object, path: Path) -> Decision:
    if type(value) is dict and type(value.get("why")) is dict:
        value = {**value, "why": from_lines(value["why"])}
    raw = check(value, _DECISION, path, _NEEDS)
    get = raw.get
    accepted = "accepted" in raw
    if accepted is ("rejected" in raw):
        both = "both" if accepted else "neither"
        message = f"{both} of 'accepted' and 'rejected' found, a decision is exactly one of them"
        raise FieldError(path, message)
    decision = Decision(
        recording_id=raw["accepted" if accepted else "rejected"],
        accepted=accepted,
        samples=raw["samples"],
        answers=raw["answers"],
        at=raw["at"],
        why=get("why", ""),
        checks=get("checks", {}),
    )
    examine(decision, path)
    return decision


def examine(decision: Decision, path: Path) -> None:
    """Raise FieldError when a value of a decision cannot be what it stands for."""
    found: tuple[str, object, str] | None = None
    if not _ID.fullmatch(decision.recording_id):
        name = "accepted" if decision.accepted else "rejected"
        found = (name, decision.recording_id, "the id of a recording, 12 hexadecimal characters")
    elif decision.samples < 1:
        found = ("samples", decision.samples, "1 or more")
    elif not _ANSWERS.fullmatch(decision.answers):
        found = ("answers", decision.answers, "16 hexadecimal characters")
    elif not _AT.fullmatch(decision.at):
        found = ("at", decision.at, "a time in UTC like '2026-11-24T00:50:00+00:00'")
    if found is not None:
        name, value, expected = found
        raise FieldError((*path, name), f"{name!r} has to be {expected}, found {value!r}")
    for name, value in decision.checks.items():
        if type(value) is not str:
            message = f"the digest of check {name!r} has to be text, found {value!r}"
            raise FieldError((*path, "checks", name), message)


def decision_to(decision: Decision) -> dict[str, object]:
    """Return a decision as a JSON object, in the order of the file, nothing that is empty."""
    verb = "accepted" if decision.accepted else "rejected"
    values: dict[str, object] = {
        verb: decision.recording_id,
        "samples": decision.samples,
        "answers": decision.answers,
        "at": decision.at,
        "why": to_lines(decision.why),
        "checks": {name: decision.checks[name] for name in sorted(decision.checks)},
    }
    return {key: value for key, value in values.items() if value not in ("", {})}


def document_to(case_id: str, decisions: Mapping[str, Iterable[Decision]]) -> dict[str, object]:
    """Return the document of a file, the labels sorted."""
    return {
        "format": FORMAT,
        "case": case_id,
        "decisions": {
            label: [decision_to(decision) for decision in decisions[label]]
            for label in sorted(decisions)
        },
    }


BASELINES = FileKind(
    name="baseline",
    format=FORMAT,
    check=decisions_from,
    remedy=f"restore it: git checkout -- {{path}}  or delete it and decide again: {REVIEW}",
    conflict="two branches decided about this case",
    merge="keep the decisions of both sides and delete the markers",
)
