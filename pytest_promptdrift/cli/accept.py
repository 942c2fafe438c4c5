"""``accept``: makes recordings the baseline, by a person's word, and goes back to earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .selecting import declare_selection

if TYPE_CHECKING:
    import argparse

    from .console import Console

_EPILOG = """\
Everything is checked before anything is written: a case with a failing check, with missing samples,
with an error, or whose recording, baseline or request changed since the run, is named, and then
nothing is accepted.

A reason is stored with the decision and stands in the diff that is reviewed. At a terminal it is
asked for and may be empty; elsewhere --reason is required. In CI nothing can be accepted, because
nobody is there to do it; whoever starts a job by hand for this sets CI=0 for the command.

To go back: --recording with an id that 'pytest-promptdrift history CASE' lists.
"""


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    declare_selection(parser, epilog=_EPILOG)
    parser.add_argument("--all", action="store_true", help="everything that waits")
    parser.add_argument("--reason", metavar="TEXT", help="why this is right, in a few words")
    parser.add_argument(
        "--recording", metavar="ID", help="go back to a recording that was accepted earlier"
    )
    parser.add_argument("--json", action="store_true", help="print what was done for machines")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Check, ask for the reason, write; 1 when something is in the way."""
    from .batch import decide_selected, need_a_choice  # noqa: PLC0415  (not for --help)
    from .deciding import refuse_in_ci  # noqa: PLC0415  (the same)
    from .desk import Desk  # noqa: PLC0415  (the same)
    from .project import open_project  # noqa: PLC0415  (the same)

    need_a_choice(arguments)
    project = open_project(console)
    refuse_in_ci(console.environ, "accepted")
    desk = Desk.of(project, console)
    if arguments.recording is not None:
        from .returning import go_back  # noqa: PLC0415  (the same)

        return go_back(arguments, desk, console)
    return decide_selected(arguments, desk, console, accepted=True)
