"""``prune``: shows recordings that no case uses any more, and removes exactly those on request."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import CaseFileErrors, PromptDriftError, StoreError
from pytest_promptdrift._text import cut, money, plural

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pytest_promptdrift.model import Recording
    from pytest_promptdrift.store import RecordingStore, Unused

    from .console import Console
    from .project import Project

_ANSWER_CUT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Unused recordings of one file of one suite, and why they are unused."""

    store: RecordingStore
    unused: Unused
    why: str

    @property
    def count(self) -> int:
        return len(self.unused.recordings)


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
    found, kept = _look(project, arguments.paths)
    if not found:
        console.say(f"nothing to prune: {_all_used(kept)}")
        return 0
    for one in found:
        _show(one, project, console)
    total = sum(one.count for one in found)
    if not arguments.yes:
        if not console.interactive:
            console.say(f"\n{plural(total, 'unused recording')}; nothing was removed")
            console.say("remove them: pytest-promptdrift prune --yes")
            return 1
        if not console.confirm(f"\nremove {plural(total, 'recording')}?"):
            console.say("nothing was removed")
            return 1
    return _remove(found, kept, console)


def _all_used(kept: int) -> str:
    return f"{plural(kept, 'recording')}, all in use" if kept else "there are no recordings"


def _look(project: Project, paths: list[Path]) -> tuple[list[_Found], int]:
    """Return what is unused, and how many recordings are in use.

    Raises PromptDriftError when a case file has mistakes: its requests are then not known.
    """
    from .project import find_case_files  # noqa: PLC0415  (not for --help)
    from .suites import orphaned_suites, read_suites, stored  # noqa: PLC0415  (the same)

    suites = read_suites(project, find_case_files(project, paths))
    if suites.errors:
        msg = "a case file has mistakes, so nothing can be called unused; nothing was removed"
        raise PromptDriftError(f"{msg}\n{CaseFileErrors(suites.errors)}")
    found: list[_Found] = []
    total = 0
    for suite, known in suites.known.items():
        store = project.store(suite)
        total += stored(store)
        for unused in store.unused(known):
            why = "the request changed" if unused.case_id in known else "the case is gone"
            found.append(_Found(store=store, unused=unused, why=why))
    for suite in orphaned_suites(project, paths):
        store = project.store(suite)
        total += stored(store)
        why = "the case file is gone (when it was renamed, rename this folder)"
        found += [_Found(store=store, unused=unused, why=why) for unused in store.unused({})]
    return found, total - sum(one.count for one in found)


def _show(found: _Found, project: Project, console: Console) -> None:
    unused = found.unused
    console.title(f"{project.shown(unused.path)}: case {unused.case_id!r}, {found.why}")
    doomed = {head.id for head in unused.recordings}
    for loaded in found.store.cases():
        if isinstance(loaded, StoreError) or Path(loaded.path) != unused.path:
            continue
        for recording in loaded:
            if recording.id in doomed:
                for line in _lines(recording):
                    console.say(line, indent=2)


def _lines(recording: Recording) -> Iterator[str]:
    samples = recording.samples
    days = sorted({sample.recorded_at[:10] for sample in samples})
    when = "" if not days else f", recorded {days[0]}"
    until = f" to {days[-1]}" if len(days) > 1 else ""
    costs = [sample.response.cost for sample in samples]
    known = [cost.usd for cost in costs if cost is not None]
    paid = f", paid {money(sum(known))}" if known and len(known) == len(costs) else ""
    count = plural(len(samples), "sample")
    yield f"{recording.id}  {recording.label}  {count}{when}{until}{paid}"
    if samples:
        yield f"  {cut(_first_line(samples[0].response.text), _ANSWER_CUT) or '(no text)'}"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _remove(found: list[_Found], kept: int, console: Console) -> int:
    removed = sum(one.store.remove(one.unused) for one in found)
    total = sum(one.count for one in found)
    console.say(f"\nremoved {plural(removed, 'recording')}; kept {_in_use(kept)}")
    if removed < total:
        gone = total - removed
        verb = "was" if gone == 1 else "were"
        console.say(f"{plural(gone, 'recording')} {verb} already gone")
    console.say("see what changed: git status")
    return 0


def _in_use(kept: int) -> str:
    return f"{plural(kept, 'recording')} that cases use" if kept else "none, no other was there"
