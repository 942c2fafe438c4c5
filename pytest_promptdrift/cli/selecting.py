"""Which of the pending cases a command is about: what was typed, and an expression after ``-k``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .desk import Desk, Waiting

_WHAT = """\
What can be named:
  triage.prompt.yaml::refund[openai:gpt-5-mini]   one case on one model, as pytest prints it
  triage.prompt.yaml::refund                      a case with all of its variants and models
  refund                                          the same, when only one file has a case refund
  triage.prompt.yaml or prompts/                  everything in a file or a folder
  triage.prompt.yaml::family[openai:gpt-5-mini]   everything in a file on one model
  -k 'refund and not german'                      names and tags, combined as in pytest -k
"""
_LIST = (
    "see what waits: pytest-promptdrift pending"
    "; what was decided about a case: pytest-promptdrift history CASE"
)


def declare_selection(parser: argparse.ArgumentParser, *, epilog: str, default: str = "") -> None:
    """Add the arguments that select pending cases; ``default`` says what is meant without."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"{_WHAT}\n{epilog}"
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NODE|CASE|PATH",
        help=f"what is meant: node ids, case ids, case files or folders{default}",
    )
    parser.add_argument(
        "-k",
        dest="expression",
        metavar="EXPR",
        help="only cases whose node id or tags fit, e.g. 'refund and not (german or draft)'",
    )


def select(arguments: argparse.Namespace, desk: Desk, *, rejected: bool = False) -> list[Waiting]:
    """Return what waits and was selected; raises PromptDriftError for a name that means nothing.

    What was rejected before waits no longer, and what passed against its baseline never did: they
    are meant only when their case is named, or with ``rejected``.
    """
    from .choosing import Chooser  # noqa: PLC0415  (not for --help)
    from .keyword import parse  # noqa: PLC0415  (the same)

    expression = arguments.expression
    # a mistake in it is found before files are read
    fits = None if expression is None else parse(expression)
    waiting: Sequence[Waiting] = desk.waiting()

    def meant(one: Waiting) -> bool:
        return rejected or one.waits

    if not arguments.names:
        waiting = [one for one in waiting if meant(one)]
    elif waiting:
        chooser = Chooser(
            root=desk.root,
            folder=desk.project.folder,
            what="waits for a decision",
            hint=_LIST,
        )
        waiting = chooser.choose(arguments.names, waiting, of_a_path=meant)
    if fits is None:
        return list(waiting)
    return [one for one in waiting if fits(_names(one, desk))]


def _names(waiting: Waiting, desk: Desk) -> list[str]:
    tags = desk.tags(waiting.case_file, waiting.case_id)
    return [name.casefold() for name in (waiting.node, *tags)]
