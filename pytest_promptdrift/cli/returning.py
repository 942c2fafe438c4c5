"""Back to a recording that was accepted earlier: the same samples, decided anew."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError
from pytest_promptdrift.store import answers_digest

from .batch import decide_chosen, report
from .deciding import Decided, reason_for
from .misuse import MisuseError
from .past import find_past
from .selecting import select

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pytest_promptdrift.model import Decision

    from .console import Console
    from .desk import Desk, Waiting
    from .past import Past


def go_back(arguments: argparse.Namespace, desk: Desk, console: Console) -> int:
    """Make an earlier recording the baseline again; one that waits is accepted as usual."""
    if arguments.all or arguments.expression is not None or len(arguments.names) != 1:
        msg = "--recording is about one case: name it, without -k and --all"
        raise MisuseError(msg, hint="pytest-promptdrift accept CASE --recording ID")
    wanted = arguments.recording
    waiting = [one for one in _waiting(arguments, desk) if one.entry.recording_id == wanted]
    # an entry that is out of date says nothing against what was accepted once
    if any(one.stale is None for one in waiting):
        return decide_chosen(waiting, arguments, desk, console, accepted=True)
    past = _the_one(find_past(desk, arguments.names), wanted)
    decision = next(
        one for one in reversed(past.decisions) if one.accepted and one.recording_id == wanted
    )
    if past.current == decision:
        console.say(f"{wanted} is the baseline of {past.node} already")
        return 0
    _still_there(desk, past, decision)
    asks = console.interactive and not arguments.json
    why = reason_for(console, arguments.reason, asks=asks, accepted=True)
    again = replace(decision, at=console.time(), why=why)
    baselines = desk.baselines(past.case_file)
    path = baselines.path(past.case_id)
    baselines.decide([(past.case_id, past.label, again)])
    done = Decided(node=past.node, case_id=past.case_id, decision=again, path=path, first=False)
    report([done], desk, console, accepted=True, as_data=arguments.json)
    return 0


def _waiting(arguments: argparse.Namespace, desk: Desk) -> list[Waiting]:
    """Return what waits under this name; nothing, when it is known only from earlier decisions."""
    try:
        return select(arguments, desk)
    except PromptDriftError:
        return []


def _the_one(places: Sequence[Past], wanted: str) -> Past:
    """Return the case that this recording was accepted for; raises PromptDriftError."""
    found = [past for past in places if wanted in past.accepted_ids()]
    if len(found) == 1:
        return found[0]
    if found:
        nodes = ", ".join(past.node for past in found)
        msg = f"recording {wanted!r} was accepted for several, write which: {nodes}"
        raise PromptDriftError(msg)
    lines = [f"recording {wanted!r} was never accepted here; these were:"]
    for past in places:
        lines += [f"  {past.node}: {', '.join(past.accepted_ids()) or 'none'}"]
    raise PromptDriftError("\n".join(lines), hint="pytest-promptdrift history CASE shows them")


def _still_there(desk: Desk, past: Past, decision: Decision) -> None:
    """Raise PromptDriftError unless the samples are those that were accepted."""
    recordings = desk.recordings(past.case_file)
    found = recordings.by_id(past.case_id, decision.recording_id)
    samples = found.samples[: decision.samples] if found is not None else ()
    if len(samples) == decision.samples and answers_digest(samples) == decision.answers:
        return
    what = "is gone" if found is None else "was edited since it was accepted"
    path = desk.project.shown(recordings.path(past.case_id))
    raise PromptDriftError(
        f"recording {decision.recording_id} of {past.node} {what}",
        hint=f"bring it back from git: git log --oneline -- {shlex.quote(path)}",
    )
