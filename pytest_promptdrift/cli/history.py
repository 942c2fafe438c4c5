"""``history``: what was accepted and rejected for a case over time, and the way back."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift._text import cut, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_promptdrift.model import Decision, FieldChange, Recording

    from .console import Console
    from .desk import Desk
    from .past import Past

_EPILOG = """\
CASE is a case id, or a node id as pytest prints it; a case file or a folder means all of its cases.
Decisions are listed from the oldest to the newest. Each is compared with the one that was the
baseline before it.
"""
# Raised when a field changes its meaning or goes away; new fields leave it as it is.
JSON_FORMAT = 1
_ANSWER, _FIELDS = 100, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A decision with its recording, None when that is gone.

    ``changes`` are those of the request since the baseline before it, None when they are unknown.
    """

    decision: Decision
    current: bool
    recording: Recording | None
    changes: Sequence[FieldChange] | None

    @property
    def answer(self) -> str | None:
        """The first line of the first answer."""
        from pytest_promptdrift.engine.judge import shown  # noqa: PLC0415  (not for --help)

        if self.recording is None or not self.recording.samples:
            return None
        lines = (line.strip() for line in shown(self.recording.samples[0].response).splitlines())
        return next((line for line in lines if line), "")


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("names", nargs="+", metavar="CASE", help="which cases")
    parser.add_argument("--json", action="store_true", help="print it for machines")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Show the decisions; 0 also when a recording is gone."""
    from .desk import Desk  # noqa: PLC0415  (not for --help)
    from .jsonout import say_json  # noqa: PLC0415  (the same)
    from .past import find_past  # noqa: PLC0415  (the same)
    from .project import open_project  # noqa: PLC0415  (the same)

    desk = Desk.of(open_project(console), console)
    found = find_past(desk, arguments.names)
    if arguments.json:
        cases = [_as_json(past, list(_entries(past, desk))) for past in found]
        say_json({"format": JSON_FORMAT, "cases": cases}, console)
        return 0
    for past in found:
        _say(past, list(_entries(past, desk)), console)
    if not found:
        console.say("nothing was decided there yet")
    return 0


def _entries(past: Past, desk: Desk) -> Iterator[_Entry]:
    from pytest_promptdrift.store import diff_requests  # noqa: PLC0415  (not for --help)

    recordings = desk.recordings(past.case_file)
    before: Recording | None = None
    for decision in past.decisions:
        recording = recordings.by_id(past.case_id, decision.recording_id)
        changes = None
        if before is not None and recording is not None:
            changes = diff_requests(before.request, recording.request)
        yield _Entry(
            decision=decision,
            current=decision is past.current,
            recording=recording,
            changes=changes,
        )
        if decision.accepted:
            before = recording


def _say(past: Past, entries: Sequence[_Entry], console: Console) -> None:
    console.title(past.node)
    for entry in entries:
        decision = entry.decision
        verb = "accepted" if decision.accepted else "rejected"
        mark = ", the baseline" if entry.current else ""
        when = decision.at[:16].replace("T", " ")
        count = plural(decision.samples, "sample")
        console.say(f"{when}  {verb}  {decision.recording_id}  {count}{mark}", indent=2)
        for line in _details(entry):
            console.say(line, indent=6)
    way = _way_back(past, entries)
    if way is not None:
        console.say(f"go back: {way}", indent=2)


def _details(entry: _Entry) -> Iterator[str]:
    if entry.decision.why:
        yield f"reason: {entry.decision.why}"
    if entry.changes:
        fields = ", ".join(change.path for change in entry.changes[:_FIELDS])
        more = f" and {len(entry.changes) - _FIELDS} more" * (len(entry.changes) > _FIELDS)
        yield f"request: {fields}{more} changed"
    elif entry.changes is not None:
        yield "request: the same"
    if entry.recording is None:
        yield "its recording is gone"
    else:
        yield f"answer: {cut(entry.answer or '(no text)', _ANSWER)}"


def _way_back(past: Past, entries: Sequence[_Entry]) -> str | None:
    """Return the command for the newest other recording that was accepted and is still there."""
    current = past.current
    for entry in reversed(entries):
        decision = entry.decision
        other = current is not None and decision.recording_id != current.recording_id
        if decision.accepted and other and entry.recording is not None:
            command = ["pytest-promptdrift", "accept", past.node, "--recording"]
            return f"{shlex.join([*command, decision.recording_id])} --reason '…'"
    return None


def _as_json(past: Past, entries: Sequence[_Entry]) -> dict[str, object]:
    return {
        "node": past.node,
        "case_file": past.case_file,
        "case": past.case_id,
        "label": past.label,
        "decisions": [
            {
                "decision": "accepted" if entry.decision.accepted else "rejected",
                "recording": entry.decision.recording_id,
                "at": entry.decision.at,
                "samples": entry.decision.samples,
                "reason": entry.decision.why,
                "checks": dict(entry.decision.checks),
                "current": entry.current,
                "recorded": entry.recording is not None,
                "answer": entry.answer,
                "changed": None if entry.changes is None else [c.path for c in entry.changes],
            }
            for entry in entries
        ],
    }
