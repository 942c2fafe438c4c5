"""One pending case as a page: what is asked, what was answered before and now, and what was found.

Everything on it may come from a model or from a file that anybody may have edited, so it is made
safe before it is compared, cut or wrapped.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift._text import cut, duration, money, plural, signed
from pytest_promptdrift.engine.judge import shown, spent
from pytest_promptdrift.model import FieldChange
from pytest_promptdrift.report.changes import field_lines
from pytest_promptdrift.report.phrases import (
    blame,
    distance_text,
    finding_text,
    instrument_of,
    score_text,
)
from pytest_promptdrift.store import diff_requests

from .columns import Sheet
from .jsonout import redacted
from .judged import read_judged
from .pairing import EMPTY, Answers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pytest_promptdrift.model import Decision, Sample

    from .console import Console
    from .desk import Waiting
    from .judged import Judged

_INDENT = " " * 15
_LONGEST = 400
_FINDINGS, _FIELDS = 8, 5
_SEVERITIES = ("fail", "warn", "note")
_FULL = 2  # the verbosity at which a report of ours cuts nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Writes pages; with ``full`` nothing is cut."""

    console: Console
    full: bool = False

    def show(self, waiting: Waiting, *, position: str) -> None:
        """Write the page of one case, which has a recording that still is as it was judged."""
        entry = waiting.entry
        self.console.title(f"({position}) {entry.node}")
        self._text(entry.headline or entry.status)
        self.console.line("")
        self._sides(waiting)
        self._request(waiting)
        self._answers(waiting)
        judged = read_judged(entry.data)
        self._found(judged)
        self._spent(waiting)
        self._why(judged, waiting)
        for note in judged.notes:
            if note not in entry.headline:
                self._row("note", note)
        if waiting.obstacle is not None:
            self._row("obstacle", f"cannot be accepted: {waiting.obstacle}")

    def _sides(self, waiting: Waiting) -> None:
        current, entry = waiting.current, waiting.entry
        if current is not None:
            self._row("baseline", _told(current))
            if waiting.accepted is None:
                self._row("", "its recording is gone: its answers cannot be shown")
        elif waiting.entry.status != "new":  # whose headline says it
            self._row("baseline", "nothing is accepted for this case yet")
        if waiting.more_of_the_same:
            since = plural(len(waiting.after), "more sample")
            more = f"{since} of the same recording" if waiting.after else "the same recording"
            self._row("fresh", more)
        else:
            day = min(sample.recorded_at for sample in waiting.after)[:10]
            count = plural(entry.samples, "sample")
            self._row("fresh", f"{entry.recording_id}, {count}, recorded {day}")
        if waiting.rejected is not None:
            self._row("rejected", _told(waiting.rejected))

    def _request(self, waiting: Waiting) -> None:
        accepted, fresh = waiting.accepted, waiting.recording
        if accepted is None or fresh is None:
            return
        safe = self.console.safe
        changes = [
            FieldChange(path=safe(c.path), old=redacted(c.old, safe), new=redacted(c.new, safe))
            for c in diff_requests(accepted.request, fresh.request)
        ]
        if not changes:
            self._row("request", "the same")
            return
        self._row("request", f"{plural(len(changes), 'field')} changed")
        verbosity = _FULL if self.full else 0
        for line in field_lines(changes, verbosity, most=_FIELDS):
            self.console.say(line.replace("(-vv shows)", "").rstrip())

    def _answers(self, waiting: Waiting) -> None:
        old, new = self._shown(waiting.before), self._shown(waiting.after)
        sheet = Sheet(width=self.console.width, colour=self.console.colour)
        rows, hidden = Answers(accepted=old, fresh=new, full=self.full).rows()
        self.console.line("")
        for line in sheet.lay_out((f"accepted ({len(old)})", f"fresh ({len(new)})"), rows):
            self.console.line(line)
        if hidden:
            self.console.line(f"  and {plural(hidden, 'other answer')}")
        self.console.line("")

    def _shown(self, samples: Iterable[Sample]) -> list[str]:
        return [self.console.safe(shown(sample.response)) or EMPTY for sample in samples]

    def _found(self, judged: Judged) -> None:
        for check in judged.checks:
            reason = f": {check.reason}" if check.reason else ""
            self._row("check", f"{check.name} held in {check.held} of {check.total}{reason}")
        found = sorted(judged.findings, key=lambda finding: _SEVERITIES.index(finding.severity))
        for finding in found if self.full else found[:_FINDINGS]:
            weight = "" if finding.severity == "fail" else f" ({finding.severity})"
            self._row(instrument_of(finding), f"{finding_text(finding)}{weight}")
        if len(found) > _FINDINGS and not self.full:
            self._row("", f"and {plural(len(found) - _FINDINGS, 'more finding')}")
        for score in judged.scores:
            # what stayed as it was is no reason for or against
            if score.accepted != score.fresh or self.full:
                # that of one case is seldom beyond chance: "fine" would be no word for a drop
                answer = f" ({score.answer})" if score.answer != "fine" else ""
                self._row("score", f"{score_text(score)}{answer}")
        if judged.ratio is not None:
            self._row("answers", distance_text(judged.ratio, judged.p))

    def _spent(self, waiting: Waiting) -> None:
        sides = [side for side in (waiting.before, waiting.after) if side]
        totals = [(spent(side), len(side)) for side in sides]
        costs = [None if total.usd is None else total.usd / n for total, n in totals]
        if any(costs):
            self._row("cost", _moved(costs, money))
        times = [total.seconds / n for total, n in totals]
        if any(times):
            self._row("latency", _moved(times, duration))

    def _why(self, judged: Judged, waiting: Waiting) -> None:
        attribution = judged.attribution
        if attribution is None:
            return
        label = "why"
        for cause in attribution.causes:
            self._row(label, cause.message)
            label = ""
        failing = any(finding.severity == "fail" for finding in judged.findings)
        drifted = failing or waiting.entry.status == "drifted"
        # one sample on a side never tells a change from chance
        told = min(len(waiting.before), len(waiting.after)) > 1
        blamed = blame(attribution, sure=drifted and told)
        if blamed is not None:
            self._row(label, blamed)
        if attribution.experiment:
            self._row("", f"to tell them apart: {attribution.experiment}")

    def _row(self, label: str, text: str) -> None:
        """Write a text under its label, wrapped beside it."""
        start = f"  {label:<12} "
        text = self.console.safe(text)
        for line in (text if self.full else cut(text, 2 * _LONGEST)).splitlines() or [""]:
            self.console.line(self._laid_out(line, start))
            start = _INDENT

    def _text(self, text: str) -> None:
        self.console.say(text if self.full else cut(self.console.safe(text), _LONGEST))

    def _laid_out(self, line: str, start: str) -> str:
        width = self.console.width
        if width is None or len(start) + len(line) <= width:
            return f"{start}{line}".rstrip()
        return textwrap.fill(
            line, width, initial_indent=start, subsequent_indent=_INDENT, break_on_hyphens=False
        )


def _told(decision: Decision) -> str:
    verb = "accepted" if decision.accepted else "rejected"
    why = f": {decision.why}" if decision.why else ""
    count = plural(decision.samples, "sample")
    return f"{decision.recording_id}, {count}, {verb} on {decision.at[:10]}{why}"


def _moved(values: Sequence[float | None], unit: Callable[[float], str]) -> str:
    """Say what a sample took on each side, and how much more or less that is."""
    told = [unit(value) if value is not None else "unknown" for value in values]
    text = f"{' → '.join(told)} a sample"
    if len(values) < 2 or not values[0] or values[1] is None:
        return text
    change = round(100 * (values[1] / values[0] - 1))
    return f"{text}, {signed(change, 0)} %" if change else text
