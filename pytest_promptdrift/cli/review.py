"""``review``: walks through what waits, one page a case, and writes each decision when it is made.

Without a terminal it prints the same pages and decides nothing.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pytest_promptdrift._text import plural

from .misuse import MisuseError
from .selecting import declare_selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .console import Console
    from .desk import Waiting

_EPILOG = """\
Each decision is written at once, so that leaving loses nothing that was decided. Without a terminal
and in CI the pages are printed and nothing is asked; decide with accept and reject. The exit code
is 1 when something still waits.
"""


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    declare_selection(parser, epilog=_EPILOG, default=" (default: everything)")
    parser.add_argument("--full", action="store_true", help="cut nothing")
    # what people and programs try that know another tool
    parser.add_argument(
        "--accept", "--accept-all", "--yes", action="store_true", help=argparse.SUPPRESS
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Show every case that can be decided, and ask; 1 when something still waits."""
    from .deciding import in_ci  # noqa: PLC0415  (not for --help)
    from .desk import Desk  # noqa: PLC0415  (the same)
    from .page import Page  # noqa: PLC0415  (the same)
    from .project import open_project  # noqa: PLC0415  (the same)
    from .selecting import select  # noqa: PLC0415  (the same)
    from .walk import Walk  # noqa: PLC0415  (the same)

    if arguments.accept:
        hint = "pytest-promptdrift accept --all --reason '…', or name cases"
        raise MisuseError("review asks a person about each case", hint=hint)
    desk = Desk.of(open_project(console), console)
    waiting = select(arguments, desk)
    if not waiting:
        console.say("nothing waits for a decision")
        if arguments.names:
            # what was typed may come from a run on another machine
            console.say("a run finds what does: pytest --promptdrift")
        return 0
    # of a family whose cases all pass alone, those that are nearest to drift come first
    shown = sorted((one for one in waiting if one.rejectable), key=_passes)
    if console.interactive and not in_ci(console.environ):
        left = Walk(desk=desk, console=console, queue=shown, full=arguments.full).go()
        _say_undecidable(waiting, console)
        return 1 if left or len(shown) < len(waiting) else 0
    page = Page(console=console, full=arguments.full)
    for number, one in enumerate(shown, 1):
        page.show(one, position=f"{number}/{len(shown)}")
    _say_undecidable(waiting, console)
    _say_how(shown, console)
    return 1


def _passes(one: Waiting) -> bool:
    return one.entry.status == "passed"


def _say_undecidable(waiting: Sequence[Waiting], console: Console) -> None:
    """Name what has no page, because there is nothing to decide about."""
    for one in waiting:
        if not one.rejectable:
            console.say(f"\nnot shown: {one.node}")
            console.say(one.obstacle or "", indent=2)


def _say_how(shown: Sequence[Waiting], console: Console) -> None:
    if not shown:
        return
    verb = "waits" if len(shown) == 1 else "wait"
    console.say(f"\n{plural(len(shown), 'case')} {verb} for a decision; without a terminal:")
    console.say("pytest-promptdrift accept NODE --reason '…'", indent=2)
    console.say("pytest-promptdrift reject NODE --reason '…'", indent=2)
