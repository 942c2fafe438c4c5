"""The end of a run in a few lines: what was judged, what it cost or saved, what was left out."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_promptdrift._text import duration, money, plural
from pytest_promptdrift.model import Status

from .commands import in_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_LISTED = 10
# These pass where a person is about to look, and are decided by one.
_UNDECIDED = ("new", "pending", "inconclusive")
_WAITING = ("new", "pending", "drifted")
REVIEW = "pytest-promptdrift review"


@dataclass(slots=True, kw_only=True)
class Totals:
    """Sums over the verdicts of a run, wherever they were made."""

    mode: str = "replay"
    statuses: dict[str, int] = field(default_factory=dict)
    families: dict[str, int] = field(default_factory=dict)
    undecided: dict[str, list[str]] = field(default_factory=dict)
    drifted_families: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    replayed: int = 0
    called: int = 0
    saved_usd: float = 0.0
    unpriced: int = 0
    saved_tokens: int = 0
    saved_seconds: float = 0.0
    skipped: list[str] = field(default_factory=list)

    def add(self, data: Mapping[str, object], node: str, *, failed: bool = False) -> None:
        """Count one verdict, given as the data of ``report.data``.

        ``failed`` tells that pytest shows it as a failure, so that it need not be listed again.
        """
        status = str(data["status"])
        counts = self.families if data.get("kind") == "family" else self.statuses
        counts[status] = counts.get(status, 0) + 1
        if status in _UNDECIDED and not failed:
            self.undecided.setdefault(str(data["headline"]), []).append(node)
        if data.get("kind") == "family":
            if status == "drifted":
                self.drifted_families.append(node)
            return
        if status == "passed" and (data.get("notes") or data.get("comparison")):
            self.noted.append(f"{node}: {data['headline']}")
        samples, called = _int(data["samples"]), _int(data["called"])
        self.called += called
        if status == "skipped":
            self.skipped.append(node)
        if called or not samples:
            return
        self.replayed += samples
        self.saved_seconds += _float(data["seconds"])
        self.saved_tokens += _int(data["tokens"] or 0)
        if data["usd"] is None:
            self.unpriced += samples
        else:
            self.saved_usd += _float(data["usd"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What the calls of a run cost; ``unknown`` counts calls without a known price."""

    calls: int
    failed: int
    usd: float
    unknown: int
    limit: float | None
    kept: int = 0
    interrupted: bool = False


def summary_lines(
    totals: Totals,
    spending: Spending | None,
    unused: int,
    record: str,
    folder: str | None = None,
    *,
    project: str = "",
    verbosity: int = 0,
) -> Iterator[str]:
    """Yield the lines that close a run; zeros are silent.

    ``record`` is the command that records what is missing, ``folder`` where a live run left its
    answers, and ``project`` the folder that the console script has to be called in, if not here.
    """
    yield from _counted(totals.statuses, "case", "cases")
    yield from _counted(totals.families, "family", "families")
    yield from _noted_lines(totals, verbosity)
    # the answers of a live run are kept apart, and nobody can accept them
    if totals.mode != "live":
        yield from _waiting_lines(totals, project)
    if totals.replayed:
        yield f"replayed {plural(totals.replayed, 'recorded answer')}, no call made{_saved(totals)}"
    if spending is not None and (spending.calls or spending.failed or spending.interrupted):
        yield from _spending_lines(spending)
        if folder is not None and spending.kept:
            yield f"the answers are in {folder}"
    if totals.statuses.get("unrecorded"):
        yield f"record what is missing: {record}"
    if totals.skipped:
        yield f"not looked at, because of the budget: {plural(len(totals.skipped), 'case')}"
        yield from _listed(totals.skipped)
    # while a request waits to be recorded, the old answers are what it is compared with
    if unused and not totals.statuses.get("unrecorded"):
        verb = "are" if unused != 1 else "is"
        yield f"{plural(unused, 'recording')} {verb} unused: pytest-promptdrift prune shows them"


def _counted(statuses: Mapping[str, int], one: str, many: str) -> Iterator[str]:
    if statuses:
        # in one order, whichever worker was first
        known = [status.value for status in Status if status.value in statuses]
        parts = [f"{statuses[status]} {status}" for status in known]
        yield f"{plural(sum(statuses.values()), one, many)}: {', '.join(parts)}"


def _noted_lines(totals: Totals, verbosity: int) -> Iterator[str]:
    """Say what passed without being settled, and what with a note."""
    if totals.undecided:
        yield f"passed without being settled: {sum(map(len, totals.undecided.values()))}"
        yield from _listed(list(_undecided(totals.undecided, verbosity)))
    if totals.noted:
        yield f"passed with a note: {len(totals.noted)}{'' if verbosity > 0 else ' (-v shows)'}"
        if verbosity > 0:
            yield from _listed(totals.noted)


def _waiting_lines(totals: Totals, project: str) -> Iterator[str]:
    """Say what waits for a person."""
    waiting = sum(totals.statuses.get(status, 0) for status in _WAITING)
    if waiting:
        verb = "waits" if waiting == 1 else "wait"
        yield f"{waiting} {verb} for a decision: {in_folder(project, REVIEW)}"
    elif totals.drifted_families:
        # no case of theirs waits, so a review has to be told which are meant
        count = len(totals.drifted_families)
        named = plural(count, "family", "families")
        yield f"{named} drifted without a case that did; look at the cases together:"
        commands = [shlex.join([*REVIEW.split(), node]) for node in totals.drifted_families]
        yield from _listed([in_folder(project, command) for command in commands])


def _undecided(found: Mapping[str, Sequence[str]], verbosity: int) -> Iterator[str]:
    """Yield a line for each case, and only one for many of which the same is to be said."""
    for headline, nodes in found.items():
        if len(nodes) == 1 or verbosity > 0:
            yield from (f"{node}: {headline}" for node in nodes)
        else:
            yield f"{plural(len(nodes), 'case')}: {headline} (-v lists them)"


def _listed(nodes: Sequence[str]) -> Iterator[str]:
    yield from (f"  {node}" for node in nodes[:_LISTED])
    if len(nodes) > _LISTED:
        yield f"  and {len(nodes) - _LISTED} more"


def _saved(totals: Totals) -> str:
    saved = []
    if totals.saved_usd:
        some = " and some of unknown price" if totals.unpriced else ""
        saved.append(f"{money(totals.saved_usd)}{some}")
    if totals.saved_tokens:
        saved.append(plural(totals.saved_tokens, "token"))
    if totals.saved_seconds >= 0.05:
        saved.append(f"{duration(totals.saved_seconds)} of waiting")
    return f"; saved {', '.join(saved)}" if saved else ""


def _spending_lines(spending: Spending) -> Iterator[str]:
    cost = money(spending.usd)
    if spending.unknown:
        cost = f"at least {cost}, {plural(spending.unknown, 'call')} of unknown price"
        if spending.unknown == spending.calls:
            cost = "unknown price (give the model prices to know)"
    budget = f" of a budget of {money(spending.limit)}" if spending.limit is not None else ""
    failed = f", {spending.failed} failed" if spending.failed else ""
    yield f"called {plural(spending.calls, 'time')}{failed}; spent {cost}{budget}"
    if spending.interrupted:
        yield (
            f"interrupted: {plural(spending.kept, 'answer')} of this run "
            f"{'are' if spending.kept != 1 else 'is'} kept, a re-run asks only for the rest"
        )


def _int(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
