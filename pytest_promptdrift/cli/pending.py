"""``pending``: what waits for a decision, and what keeps it from being accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._text import cut, plural

from .selecting import declare_selection

if TYPE_CHECKING:
    import argparse

    from .console import Console
    from .desk import Waiting

_EPILOG = """\
A case waits when a run found no baseline for it, or answers that differ from it. The exit code is 1
when something waits, 0 when nothing does.
"""
# Raised when a field changes its meaning or goes away; new fields leave it as it is.
JSON_FORMAT = 1
_HEADLINE = 300


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    declare_selection(parser, epilog=_EPILOG, default=" (default: everything)")
    parser.add_argument("--json", action="store_true", help="print it for machines")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """List it; 1 when something waits."""
    from .desk import Desk  # noqa: PLC0415  (not for --help)
    from .jsonout import say_json  # noqa: PLC0415  (the same)
    from .project import open_project  # noqa: PLC0415  (the same)
    from .selecting import select  # noqa: PLC0415  (the same)

    desk = Desk.of(open_project(console), console)
    listed = select(arguments, desk, rejected=True)
    if arguments.json:
        entries = [_as_json(one) for one in listed]
        say_json({"format": JSON_FORMAT, "pending": entries}, console)
    else:
        named = bool(arguments.names) or arguments.expression is not None
        _say(listed, console, everything=named)
    return 1 if any(one.waits for one in listed) else 0


def _say(listed: list[Waiting], console: Console, *, everything: bool) -> None:
    # a refresh of a large suite leaves a thousand that nobody has to look at
    standing = [] if everything else [one for one in listed if one.stands]
    for one in listed:
        if one not in standing:
            _say_one(one, console)
    waiting = [one for one in listed if one.waits]
    if len(listed) > len(standing):
        console.say()
    if standing:
        verb = "passes" if len(standing) == 1 else "pass"
        console.say(f"{plural(len(standing), 'case')} made anew {verb} beside the baseline")
        console.say("to see or accept them all the same, name them")
    if not waiting:
        console.say("nothing waits for a decision")
        return
    ready = sum(one.obstacle is None for one in waiting)
    acceptable = "" if ready == len(waiting) else f", {ready} of them can be accepted"
    verb = "waits" if len(waiting) == 1 else "wait"
    console.say(f"{plural(len(waiting), 'case')} {verb} for a decision{acceptable}")
    console.say("look at them one by one: pytest-promptdrift review")
    if ready:
        console.say("accept without a look: pytest-promptdrift accept NODE --reason '…'")


def _say_one(one: Waiting, console: Console) -> None:
    console.say(one.node)
    if one.rejected is None:
        console.say(cut(console.safe(headline(one)), _HEADLINE), indent=4)
        if one.obstacle is not None:
            console.say(f"cannot be accepted: {one.obstacle}", indent=4)
        elif not one.waits:
            console.say("passes beside its baseline; accept it by its name", indent=4)
        return
    why = f": {one.rejected.why}" if one.rejected.why else ""
    console.say(f"rejected on {one.rejected.at[:10]}{why}", indent=4)
    after_all = one.obstacle or "name it to accept it after all"
    console.say(f"no longer waits; {after_all}", indent=4)


def headline(waiting: Waiting) -> str:
    """Return what a run said about a case, beginning with its status."""
    entry = waiting.entry
    if entry.headline.startswith(entry.status):
        return entry.headline
    return f"{entry.status}: {entry.headline}" if entry.headline else entry.status


def _as_json(waiting: Waiting) -> dict[str, object]:
    entry, rejected = waiting.entry, waiting.rejected
    return {
        "node": entry.node,
        "case_file": entry.case_file,
        "case": entry.case_id,
        "label": entry.label,
        "status": entry.status,
        "headline": entry.headline,
        "judged_at": entry.judged_at,
        "recording": entry.recording_id,
        "samples": entry.samples,
        "accepted": entry.accepted_id,
        "acceptable": waiting.obstacle is None,
        "obstacle": waiting.obstacle,
        "out_of_date": waiting.stale,
        "refused": entry.refused,
        "rejected": None if rejected is None else {"at": rejected.at, "reason": rejected.why},
        "verdict": entry.data,
    }
