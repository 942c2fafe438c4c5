"""Finds the command and hands over; imports nothing but what that command needs.

Every command is a module with ``declare(parser)`` and ``run(arguments, console) -> int``.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from pytest_promptdrift._errors import PromptDriftError, did_you_mean

from .console import Console
from .misuse import MisuseError

if TYPE_CHECKING:
    from collections.abc import Sequence

OK, FOUND, MISUSE = 0, 1, 2
INTERRUPTED = 130

COMMANDS = {
    "init": "write a small case file that works at once, without a key",
    "pending": "list what waits for a decision: cases that are new, or differ from their baseline",
    "review": "walk through what waits and accept or reject it, one by one",
    "accept": "make recordings the baseline that later ones are held against",
    "reject": "say that recordings are wrong, and why",
    "history": "show what was accepted and rejected for a case, and how to go back",
    "doctor": "show settings, case files, recordings and baselines, and what is wrong",
    "prune": "show recordings that no case uses any more, and remove them",
    "schema": "print the JSON Schema of case files, for editors, or of the run report",
    "import": "turn another tool's configuration into a case file",
}
_HELP = "run: pytest-promptdrift --help"
_EPILOG = "Models are only ever called by pytest: pytest --promptdrift --promptdrift-mode record"


class Command(Protocol):
    """What a module of this room offers."""

    def declare(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own arguments."""

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        """Do it, and return the exit code."""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints look like every other message of ours."""

    # the command that was chosen, whose help says more than that of all
    chosen: str | None = None

    def error(self, message: str) -> None:  # type: ignore[override]  # it never returns
        raise MisuseError(message, hint=f"run: {self.chosen or self.prog} --help")


def main(argv: Sequence[str] | None = None, console: Console | None = None) -> int:
    """Run a command; returns 0 for fine, 1 for something found or left to do, 2 for misuse."""
    words = list(sys.argv[1:] if argv is None else argv)
    console = console or Console.of_process()
    try:
        return _dispatch(words, console)
    except MisuseError as error:
        console.error(error.message, hint=error.hint)
        return MISUSE
    except PromptDriftError as error:
        console.error(str(error))
        return FOUND
    except BrokenPipeError:
        return console.reader_left()
    except KeyboardInterrupt:
        console.error("interrupted")
        return INTERRUPTED


def _dispatch(words: Sequence[str], console: Console) -> int:
    name = next((word for word in words if not word.startswith("-")), None)
    if name is not None and name not in COMMANDS:
        msg = f"unknown command {name!r}{did_you_mean(name, COMMANDS)}"
        raise MisuseError(msg, hint=_HELP)
    command = _load(name) if name else None
    try:
        arguments = _parser(name, command).parse_args(words)
    except SystemExit as stop:
        # --help and --version end this way
        return int(stop.code or OK)
    if command is None:
        msg = "no command given"
        raise MisuseError(msg, hint=_HELP)
    code = command.run(arguments, console)
    # a reader that left (| head) is noticed here, not at the end of the process
    console.out.flush()
    return code


def _load(name: str) -> Command:
    module = "import_" if name == "import" else name
    return cast("Command", import_module(f".{module}", __package__))


def _parser(name: str | None, command: Command | None) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="pytest-promptdrift",
        description="Golden prompt cases: look after files, recordings and baselines, offline.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for each, summary in COMMANDS.items():
        inner = commands.add_parser(
            each,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            allow_abbrev=False,
        )
        if each == name and command is not None:
            command.declare(inner)
            parser.chosen = inner.prog
    return parser


class _Version(argparse.Action):
    """Looks the version up only when it is asked for: reading metadata is slow."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415  (slow, and rarely asked for)

        sys.stdout.write(f"pytest-promptdrift {version('pytest-promptdrift')}\n")
        parser.exit()
