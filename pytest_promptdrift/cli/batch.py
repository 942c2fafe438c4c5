"""Decides about everything that was selected, at once: what ``accept`` and ``reject`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError
from pytest_promptdrift._text import plural

from .deciding import (
    ObstacleError,
    as_json,
    decide,
    reason_for,
    require,
    say_after_rejecting,
    say_decided,
    say_where,
)
from .jsonout import say_json
from .misuse import MisuseError
from .selecting import select

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from .console import Console
    from .deciding import Decided
    from .desk import Desk, Waiting

# Raised when a field changes its meaning or goes away; new fields leave it as it is.
JSON_FORMAT = 1
_LISTED = 20


def need_a_choice(arguments: argparse.Namespace) -> None:
    """Raise MisuseError unless it was said, in one way, what is meant."""
    chosen = bool(arguments.names) or arguments.expression is not None
    if not chosen and not arguments.all:
        hint = "name cases or files, give -k, or say --all; pytest-promptdrift pending lists them"
        raise MisuseError("nothing was chosen", hint=hint)
    if chosen and arguments.all:
        msg = "--all means everything that waits, so nothing else can be named with it"
        raise MisuseError(msg)


def decide_selected(
    arguments: argparse.Namespace, desk: Desk, console: Console, *, accepted: bool
) -> int:
    """Decide about everything that waits and was selected; returns the exit code."""
    chosen = select(arguments, desk)
    if not chosen:
        return _nothing(arguments, console, accepted=accepted)
    return decide_chosen(chosen, arguments, desk, console, accepted=accepted)


def decide_chosen(
    chosen: Sequence[Waiting],
    arguments: argparse.Namespace,
    desk: Desk,
    console: Console,
    *,
    accepted: bool,
) -> int:
    """Check all, ask for the reason, write, and show what was written; returns the exit code."""
    try:
        require(chosen, accepted=accepted)
    except ObstacleError as error:
        if arguments.json:
            _say_json([], error.refused, console)
            return 1
        raise
    asks = console.interactive and not arguments.json
    if asks and arguments.reason is None:
        _announce(chosen, console, accepted=accepted)
    why = reason_for(console, arguments.reason, asks=asks, accepted=accepted)
    done: list[Decided] = []
    try:
        for some in decide(desk, chosen, accepted=accepted, why=why, at=console.time()):
            done += some
    finally:
        # also when a disk failed half-way: what was written is shown
        report(done, desk, console, accepted=accepted, as_data=arguments.json)
    return 0


def _nothing(arguments: argparse.Namespace, console: Console, *, accepted: bool) -> int:
    if arguments.json:
        _say_json([], (), console)
    if not arguments.all:
        verb = "accepted" if accepted else "rejected"
        msg = f"nothing was {verb}: nothing that was named waits for a decision"
        hint = "a run finds what waits: pytest --promptdrift; see it: pytest-promptdrift pending"
        raise PromptDriftError(msg, hint=hint)
    if not arguments.json:
        console.say("nothing waits for a decision")
    return 0


def _announce(chosen: Sequence[Waiting], console: Console, *, accepted: bool) -> None:
    console.say(f"{'accept' if accepted else 'reject'} {plural(len(chosen), 'case')}:")
    for one in chosen[:_LISTED]:
        console.say(one.node, indent=2)
    if len(chosen) > _LISTED:
        console.say(f"and {len(chosen) - _LISTED} more", indent=2)


def report(
    done: Sequence[Decided], desk: Desk, console: Console, *, accepted: bool, as_data: bool
) -> None:
    """Show decisions that were written, and what to do next."""
    if as_data:
        _say_json(done, (), console)
        return
    for one in done:
        say_decided(one, console)
    if not done:
        return
    console.say()
    say_where(done, desk, console)
    if not accepted:
        say_after_rejecting(done, console)
    left = desk.undecided()
    if left:
        verb = "waits" if left == 1 else "wait"
        console.say(f"{plural(left, 'case')} still {verb}: pytest-promptdrift pending")


def _say_json(
    done: Sequence[Decided], refused: Sequence[tuple[str, str]], console: Console
) -> None:
    document = {
        "format": JSON_FORMAT,
        "decided": [as_json(one) for one in done],
        "refused": [{"node": node, "reason": why} for node, why in refused],
    }
    say_json(document, console)
