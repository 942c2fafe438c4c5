"""Where a command writes and whom it may ask; knows nothing of what is written.

Text from outside (answers of models, values from the environment) passes through ``redact``, and
loses the control characters that could rewrite a terminal.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pytest_promptdrift._text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_NARROWEST = 40
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def _unchanged(text: str) -> str:
    return text


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Console:
    """Output, input, environment and folder of a command, so that tests can bring their own.

    ``width`` is None where lines are not to be wrapped (a pipe, a file); ``clock`` tells the time.
    """

    out: TextIO
    err: TextIO
    into: TextIO
    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    width: int | None = None
    colour: bool = False
    interactive: bool = False
    redact: Callable[[str], str] = _unchanged
    clock: Callable[[], datetime] = _now

    @classmethod
    def of_process(cls) -> Console:
        """Return the console of this process: plain unless a person is looking."""
        person = sys.stdout.isatty()
        if hasattr(sys.stdout, "reconfigure"):
            # a pipe of Windows is not UTF-8; a character nobody can show is no reason to crash
            sys.stdout.reconfigure(errors="backslashreplace")
        if hasattr(sys.stdin, "reconfigure"):
            # nor is what a person types
            sys.stdin.reconfigure(errors="replace")
        return cls(
            out=sys.stdout,
            err=sys.stderr,
            into=sys.stdin,
            folder=Path.cwd(),
            environ=os.environ,
            width=max(_NARROWEST, shutil.get_terminal_size().columns) if person else None,
            colour=person and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
            interactive=person and sys.stdin.isatty(),
        )

    def safe(self, text: str) -> str:
        """Return text from outside as it may be shown, to be laid out before it is."""
        return visible(self.redact(text))

    def line(self, text: str) -> None:
        """Write a line that is laid out already, from text that is safe."""
        self.out.write(f"{text}\n")

    def say(self, text: str = "", *, indent: int = 0) -> None:
        """Write a line, wrapped under its own start when the screen is narrower."""
        for line in visible(self.redact(text)).splitlines() or [""]:
            self.out.write(f"{self._laid_out(line, indent)}\n")

    def title(self, text: str) -> None:
        """Write a heading."""
        text = visible(self.redact(text))
        self.out.write(f"\n{_BOLD}{text}{_PLAIN}\n" if self.colour else f"\n{text}\n")

    def table(self, rows: Iterable[tuple[str, ...]], *, indent: int = 2) -> None:
        """Write rows with aligned columns; the last column is as long as it is."""
        lines = list(rows)
        if not lines:
            return
        widths = [max(len(row[column]) for row in lines) for column in range(len(lines[0]) - 1)]
        for row in lines:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self.say("  ".join([*cells, row[-1]]).rstrip(), indent=indent)

    def error(self, message: str, *, hint: str | None = None) -> None:
        """Write what went wrong to the error stream, and what to do."""
        self.out.flush()
        self.err.write(f"{visible(self.redact(message))}\n")
        if hint:
            self.err.write(f"  {visible(self.redact(hint))}\n")

    def confirm(self, question: str) -> bool:
        """Ask a person; anything but a yes is a no."""
        self.out.write(f"{question} [y/N] ")
        self.out.flush()
        return self.into.readline().strip().casefold() in {"y", "yes"}

    def ask(self, question: str) -> str | None:
        """Ask a person for a line; None when there is no more of them (Ctrl-D)."""
        self.out.write(question)
        self.out.flush()
        answer = self.into.readline()
        if not answer:
            self.out.write("\n")
            return None
        return answer.strip()

    def time(self) -> str:
        """Return the time as it is stored: ISO 8601 in UTC, to the second."""
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")

    def reader_left(self) -> int:
        """Close the output after its reader went away (``| head``), without a traceback."""
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, self.out.fileno())
        os.close(devnull)
        return 1

    def _laid_out(self, line: str, indent: int) -> str:
        start = " " * indent
        if self.width is None or len(line) + indent <= self.width:
            return f"{start}{line}".rstrip()
        deeper = start + " " * (len(line) - len(line.lstrip()) + 2)
        return textwrap.fill(
            line,
            self.width,
            initial_indent=start,
            subsequent_indent=deeper,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )
