"""``reject``: says that recordings are not right, and why, so that a run repeats it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .selecting import declare_selection

if TYPE_CHECKING:
    import argparse

    from .console import Console

_EPILOG = """\
A rejection is stored beside the accepted recordings, with its reason. The baseline stays what it
was, and a run that meets this recording again fails and repeats the reason, until the prompt is
edited, or the case is refreshed, or the recording is accepted after all. In CI nothing can be
rejected, because nobody is there to do it.
"""


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    declare_selection(parser, epilog=_EPILOG)
    parser.add_argument("--all", action="store_true", help="everything that waits")
    parser.add_argument("--reason", metavar="TEXT", help="what is wrong, in a few words")
    parser.add_argument("--json", action="store_true", help="print what was done for machines")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Check, ask for the reason, write; 1 when something is in the way."""
    from .batch import decide_selected, need_a_choice  # noqa: PLC0415  (not for --help)
    from .deciding import refuse_in_ci  # noqa: PLC0415  (the same)
    from .desk import Desk  # noqa: PLC0415  (the same)
    from .project import open_project  # noqa: PLC0415  (the same)

    need_a_choice(arguments)
    project = open_project(console)
    refuse_in_ci(console.environ, "rejected")
    return decide_selected(arguments, Desk.of(project, console), console, accepted=False)
