"""``prune``: shows recordings and baselines that no case uses, and on request removes just those.

The accepted recording of a case is in use, whatever the case asks today.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import CaseFileErrors, PromptDriftError, StoreError
from pytest_promptdrift._text import cut, money, plural

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping

    from pytest_promptdrift.model import Decision, Recording
    from pytest_promptdrift.store import BaselineStore, Obsolete, RecordingStore, Unused

    from .console import Console
    from .project import Project

_ANSWER_CUT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recordings:
    """Unused recordings of one file of one suite, and why they are unused."""

    store: RecordingStore
    baselines: BaselineStore
    unused: Unused
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Baseline:
    """Decisions about what is in no case file any more."""

    store: BaselineStore
    obsolete: Obsolete
    why: str


@dataclass(slots=True, kw_only=True)
class _Found:
    """All that can go, and the number of recordings that stay."""

    recordings: list[_Recordings] = field(default_factory=list)
    baselines: list[_Baseline] = field(default_factory=list)
    stored: int = 0

    @property
    def count(self) -> int:
        return sum(len(one.unused.recordings) for one in self.recordings)

    @property
    def kept(self) -> int:
        return self.stored - self.count

    def named(self, recording: str, baseline: str) -> str:
        """Return how many of both there are; the one that there is none of is left out."""
        parts = [plural(self.count, recording)] if self.recordings else []
        parts += [plural(len(self.baselines), baseline)] if self.baselines else []
        return " and ".join(parts)


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="case files or folders (default: here)"
    )
    parser.add_argument("--yes", action="store_true", help="remove without asking")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Show, ask, remove; 1 when unused recordings are left."""
    from .project import open_project  # noqa: PLC0415  (not for --help)

    project = open_project(console)
    if project.config.model_override:
        origin = project.config.origin("model_override").detail
        msg = f"{origin} replaces the models of every case file, so nothing can be called unused"
        raise PromptDriftError(msg, hint=f"unset {origin}")
    found = _look(project, arguments.paths)
    if not found.recordings and not found.baselines:
        console.say(f"nothing to prune: {_all_used(found.kept)}")
        return 0
    _show(found, project, console)
    if not arguments.yes:
        if not console.interactive:
            what = found.named("unused recording", "baseline without a case")
            console.say(f"\n{what}; nothing was removed")
            console.say("remove them: pytest-promptdrift prune --yes")
            return 1
        if not console.confirm(f"\nremove {found.named('recording', 'baseline')}?"):
            console.say("nothing was removed")
            return 1
    return _remove(found, console)


def _all_used(kept: int) -> str:
    return f"{plural(kept, 'recording')}, all in use" if kept else "there are no recordings"


def _look(project: Project, paths: list[Path]) -> _Found:
    """Return what is unused, and how many recordings are in use.

    Raises PromptDriftError when a case file has mistakes: its requests are then not known.
    """
    from .project import find_case_files  # noqa: PLC0415  (not for --help)
    from .suites import orphaned_suites, read_suites  # noqa: PLC0415  (the same)

    suites = read_suites(project, find_case_files(project, paths))
    if suites.errors:
        msg = "a case file has mistakes, so nothing can be called unused; nothing was removed"
        raise PromptDriftError(f"{msg}\n{CaseFileErrors(suites.errors)}")
    found = _Found()
    for suite, known in suites.known.items():
        _look_into(suite, known, suites.labels[suite], project, found)
    for suite in orphaned_suites(project, paths):
        _look_into(suite, None, {}, project, found)
    return found


def _look_into(
    suite: Path,
    known: Mapping[str, set[str]] | None,
    labels: Mapping[str, set[str]],
    project: Project,
    found: _Found,
) -> None:
    """Add what is unused in a suite; ``known`` is None when its case file is gone."""
    from .suites import baselines_of, stored  # noqa: PLC0415  (not for --help)

    store, baselines = project.store(suite), baselines_of(project, suite)
    found.stored += stored(store)
    for unused in store.unused(known or {}, baselines.accepted(labels)):
        why = "the request changed" if unused.case_id in labels else "the case is gone"
        if known is None:
            why = "the case file is gone (when it was renamed, rename this folder)"
        one = _Recordings(store=store, baselines=baselines, unused=unused, why=why)
        found.recordings.append(one)
    for obsolete in baselines.obsolete(labels):
        why = "baseline of a variant or model that is gone"
        if obsolete.case_gone:
            why = "baseline of a case that is gone (when it was renamed, rename its files)"
        if known is None:
            why = "baseline of a case file that is gone"
        found.baselines.append(_Baseline(store=baselines, obsolete=obsolete, why=why))


def _show(found: _Found, project: Project, console: Console) -> None:
    for one in found.recordings:
        unused = one.unused
        console.title(f"{project.shown(unused.path)}: case {unused.case_id!r}, {one.why}")
        doomed = {head.id for head in unused.recordings}
        history = one.baselines.history(unused.case_id)
        for recording in _recordings(one):
            if recording.id in doomed:
                console.say(_described(recording, _fate(recording.id, history.values())), indent=2)
                if recording.samples:
                    console.say(_answer(recording), indent=4)
    for old in found.baselines:
        obsolete = old.obsolete
        title = f"{project.shown(obsolete.path)}: case {obsolete.case_id!r}, {old.why}"
        console.title(title)
        console.say(obsolete.label, indent=2)
        for decision in obsolete.decisions:
            verb = "accepted" if decision.accepted else "rejected"
            console.say(f"{decision.recording_id}  {verb} {_on(decision)}", indent=4)


def _recordings(found: _Recordings) -> Iterable[Recording]:
    loaded = found.store.load(found.unused.case_id)
    if Path(loaded.path) == found.unused.path:
        return loaded
    # the file was renamed by hand and is not that of the case that it names
    every = [one for one in found.store.cases() if not isinstance(one, StoreError)]
    return next((one for one in every if Path(one.path) == found.unused.path), ())


def _fate(recording_id: str, history: Iterable[tuple[Decision, ...]]) -> str:
    """Return what was decided about a recording, empty when nothing was."""
    told: list[str] = []
    for decisions in history:
        about = [n for n, one in enumerate(decisions) if one.recording_id == recording_id]
        if not about:
            continue
        last = decisions[about[-1]]
        later = [one.at for one in decisions[about[-1] + 1 :] if one.accepted]
        if not last.accepted:
            told.append(f", rejected {_on(last)}")
        elif later:
            told.append(f", was accepted until {later[0][:10]}")
        else:
            told.append(f", accepted {_on(last)}")
    return "".join(dict.fromkeys(told))


def _on(decision: Decision) -> str:
    why = f": {cut(_first_line(decision.why), _ANSWER_CUT)}" if decision.why.strip() else ""
    return f"on {decision.at[:10]}{why}"


def _described(recording: Recording, fate: str) -> str:
    samples = recording.samples
    days = sorted({sample.recorded_at[:10] for sample in samples})
    when = "" if not days else f", recorded {days[0]}"
    until = f" to {days[-1]}" if len(days) > 1 else ""
    costs = [sample.response.cost for sample in samples]
    known = [cost.usd for cost in costs if cost is not None]
    paid = f", paid {money(sum(known))}" if known and len(known) == len(costs) else ""
    count = plural(len(samples), "sample")
    return f"{recording.id}  {recording.label}  {count}{when}{until}{paid}{fate}"


def _answer(recording: Recording) -> str:
    return cut(_first_line(recording.samples[0].response.text), _ANSWER_CUT) or "(no text)"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _remove(found: _Found, console: Console) -> int:
    # decisions first: a recording without one is only unused, a baseline without it is broken
    forgotten = [one.store.forget(one.obsolete) for one in found.baselines]
    removed = sum(one.store.remove(one.unused) for one in found.recordings)
    parts = [plural(removed, "recording")] if found.recordings else []
    parts += [plural(sum(forgotten), "baseline")] if found.baselines else []
    console.say(f"\nremoved {' and '.join(parts)}; kept {_in_use(found.kept)}")
    if removed < found.count:
        gone = found.count - removed
        console.say(f"{plural(gone, 'recording was', 'recordings were')} already gone")
    if not all(forgotten):
        left = forgotten.count(False)
        console.say(f"{plural(left, 'baseline was', 'baselines were')} changed or gone meanwhile")
    console.say("see what changed: git status")
    return 0


def _in_use(kept: int) -> str:
    return f"{plural(kept, 'recording')} that cases use" if kept else "none, no other was there"
