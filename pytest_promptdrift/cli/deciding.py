"""Who may decide, what has to be said with it, and how decisions are written.

A decision is a person's word: nothing here decides by itself, and nothing is written before all of
it is known to be possible.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError
from pytest_promptdrift._text import plural
from pytest_promptdrift.model import Decision

from .misuse import MisuseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from .console import Console
    from .desk import Desk, Waiting

_NO = frozenset({"", "0", "false", "no", "off"})
_MOST_SUITES = 4
LOOK = "look at them: pytest-promptdrift review"


class ObstacleError(PromptDriftError):
    """Some of what was chosen cannot be decided; nothing was written."""

    def __init__(self, message: str, refused: Sequence[tuple[str, str]], hint: str) -> None:
        lines = [f"  {node}\n    {why}" for node, why in refused]
        super().__init__("\n".join([message, *lines]), hint=hint)
        self.refused = tuple(refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision that was written, the case it is about, and its place in the file."""

    node: str
    case_id: str
    decision: Decision
    path: Path
    first: bool


def in_ci(environ: Mapping[str, str]) -> bool:
    """Tell whether nobody is looking: every CI service sets the variable CI."""
    return environ.get("CI", "").strip().casefold() not in _NO


def refuse_in_ci(environ: Mapping[str, str], verb: str) -> None:
    """Raise PromptDriftError where nobody is there to decide."""
    if not in_ci(environ):
        return
    msg = (
        f"a baseline moves by a person's word, and CI={environ['CI']} says that nobody is here:"
        f" nothing was {verb}"
    )
    hint = (
        "decide where you work and commit the baseline"
        "; if you did start this yourself: CI=0 pytest-promptdrift …"
    )
    raise PromptDriftError(msg, hint=hint)


def one_line(reason: str) -> str:
    """Return a reason as it is stored: one line that every file and terminal can hold."""
    return " ".join(reason.encode("utf-8", "replace").decode().split())


def reason_for(console: Console, given: str | None, *, asks: bool, accepted: bool) -> str:
    """Return the reason that was given, or what a person says now.

    It may be empty only when a person accepts at a terminal. Raises MisuseError when there is none
    and nobody to ask.
    """
    if given is None and asks:
        question = "reason (may be empty): " if accepted else "reason: "
        answer = console.ask(question)
        if answer is None or not (accepted or answer):
            msg = f"nothing was {'accepted' if accepted else 'rejected'}"
            raise PromptDriftError(msg if answer is None else f"{msg}: a reason is needed")
        return one_line(answer)
    if given is None:
        msg = "--reason is needed where nobody can be asked"
        raise MisuseError(msg, hint="say in a few words why: --reason 'facts unchanged'")
    found = one_line(given)
    if not any(character.isalnum() for character in found):
        # the placeholder of a command that was pasted as it is says nothing to a reviewer
        what = f"says nothing: {found!r}" if found else "is empty"
        msg = f"--reason {what}"
        raise MisuseError(msg, hint="say in a few words why: --reason 'facts unchanged'")
    return found


def require(chosen: Sequence[Waiting], *, accepted: bool) -> None:
    """Raise ObstacleError with everything that is in the way of a decision about all of these."""
    verb = "accepted" if accepted else "rejected"
    refused = [(one.node, why) for one in chosen if (why := _obstacle(one, accepted))]
    if refused:
        rest = len(chosen) - len(refused)
        msg = f"{plural(len(refused), 'case')} cannot be {verb}, so nothing was {verb}"
        hint = f"choose only the other {rest}, or {LOOK}" if rest else LOOK
        raise ObstacleError(msg, refused, hint)


def _obstacle(waiting: Waiting, accepted: bool) -> str | None:
    if accepted or not waiting.rejectable:
        return waiting.obstacle
    return None


def decide(
    desk: Desk, chosen: Sequence[Waiting], *, accepted: bool, why: str, at: str
) -> Iterator[list[Decided]]:
    """Write decisions, suite by suite, and yield those that were written.

    Everything that could be refused was asked before; what remains is a disk that fails, and then
    what was yielded is what was written.
    """
    desk.project.redactor.guard(why, "the reason")
    suites: dict[Path, list[Waiting]] = {}
    for one in chosen:
        suites.setdefault(desk.suite(one.case_file), []).append(one)
    for members in suites.values():
        made = [_decided(desk, one, accepted=accepted, why=why, at=at) for one in members]
        baselines = desk.baselines(members[0].case_file)
        baselines.decide(
            [
                (one.case_id, one.label, each.decision)
                for one, each in zip(members, made, strict=True)
            ]
        )
        yield made
        desk.pending.discard([one.node for one in members])


def _decided(desk: Desk, waiting: Waiting, *, accepted: bool, why: str, at: str) -> Decided:
    entry = waiting.entry
    path = desk.baselines(entry.case_file).path(entry.case_id)
    decision = Decision(
        recording_id=entry.recording_id or "",
        accepted=accepted,
        samples=entry.samples,
        answers=entry.answers,
        at=at,
        why=why,
        checks=entry.checks,
    )
    return Decided(
        node=entry.node,
        case_id=entry.case_id,
        decision=decision,
        path=path,
        first=not path.exists(),
    )


def say_decided(decided: Decided, console: Console) -> None:
    """Show one decision."""
    decision = decided.decision
    verb = "accepted" if decision.accepted else "rejected"
    console.say(f"{verb} {decided.node}")
    why = f": {decision.why}" if decision.why else ""
    console.say(f"{decision.recording_id}, {plural(decision.samples, 'sample')}{why}", indent=2)


def say_where(decided: Sequence[Decided], desk: Desk, console: Console) -> None:
    """Say how to look at what was written, and that it is to be committed."""
    suites = dict.fromkeys(one.path.parent.parent for one in decided)
    if len(suites) > _MOST_SUITES:
        console.say("look at it: git status")
        return
    shown = shlex.join(desk.project.shown(suite) for suite in suites)
    # git diff says nothing of a file that git does not know yet
    what = "status" if any(one.first for one in decided) else "diff"
    # commands are copied, so they are never wrapped
    console.say("look at it, and commit it together with the recordings:")
    console.line(console.safe(f"  git {what} -- {shown}"))
    console.line(console.safe(f"  git add -- {shown}"))


def say_after_rejecting(decided: Sequence[Decided], console: Console) -> None:
    """Say what to do about recordings that are not right."""
    rejected = [one.node for one in decided if not one.decision.accepted]
    node = shlex.quote(rejected[0]) if len(rejected) == 1 else "NODE"
    console.say("next: edit the prompt and record, or ask the same again:")
    console.line(console.safe(f"  pytest --promptdrift-mode refresh {node}"))


def as_json(decided: Decided) -> dict[str, object]:
    """Return a decision for machines."""
    decision = decided.decision
    return {
        "node": decided.node,
        "decision": "accepted" if decision.accepted else "rejected",
        "recording": decision.recording_id,
        "samples": decision.samples,
        "at": decision.at,
        "reason": decision.why,
    }
