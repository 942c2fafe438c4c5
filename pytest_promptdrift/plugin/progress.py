"""What a person sees while calls are under way: a live line on a terminal, plain lines in CI."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pytest_promptdrift._text import duration, money, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress, TaskID

    from pytest_promptdrift.engine.observer import Estimate

# Plain lines are for logs: often enough to see that it lives, rarely enough to stay readable.
_PLAIN_SECONDS = 15.0
_FIRST = 3


def announce(estimate: Estimate) -> str:
    """Say in one line what is about to be called and what it may cost."""
    calls = f"{plural(estimate.calls, 'call')} for {plural(estimate.cases, 'case')}"
    line = f"promptdrift: {calls} to {', '.join(estimate.models)}"
    if estimate.expected_usd is not None:
        line += f", about {money(estimate.expected_usd)}"
        if estimate.worst_usd is not None:
            line += f", at most {money(estimate.worst_usd)}"
    else:
        line += f", price of {', '.join(estimate.unpriced)} unknown"
    if estimate.limit is not None:
        line += f"; budget {money(estimate.limit)}"
    return line


class Counter:
    """Counts calls as they end; shared by both kinds of display."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.total = self.done = self.failed = 0
        self.usd = 0.0
        self.unknown = False
        self.began = clock()
        self._lock = threading.Lock()

    def start(self, total: int) -> None:
        """Begin to count towards ``total`` calls."""
        self.total, self.done, self.failed, self.usd = total, 0, 0, 0.0
        self.began = self.clock()

    def one(self, *, failed: bool, usd: float | None) -> None:
        """Count one call that ended."""
        with self._lock:
            self.done += 1
            self.failed += failed
            self.usd += usd or 0.0
            self.unknown = self.unknown or usd is None

    def line(self) -> str:
        """Say how far it is: done, failed, spent, time left."""
        parts = [f"{self.done} of {plural(self.total, 'call')}"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.usd or not self.unknown:
            parts.append(f"{money(self.usd)} spent")
        # the first answers of many calls under way at once say little about the rest
        if max(_FIRST, self.total // 20) <= self.done < self.total:
            left = (self.clock() - self.began) / self.done * (self.total - self.done)
            parts.append(f"{duration(left)} left")
        elif self.done == self.total:
            parts.append(f"took {duration(self.clock() - self.began)}")
        return ", ".join(parts)


class PlainProgress:
    """Writes a line now and then, for CI and for output that is not a terminal."""

    def __init__(self, write_line: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._write_line = write_line
        self._counter = Counter(clock)
        self._spoke = 0.0

    def started(self, estimate: Estimate) -> None:
        """Announce the batch."""
        self._counter.start(estimate.calls)
        self._spoke = self._counter.clock()
        self._write_line(announce(estimate))

    def finished_one(self, *, failed: bool, usd: float | None) -> None:
        """Count, and write a line when the last one is long ago."""
        self._counter.one(failed=failed, usd=usd)
        now = self._counter.clock()
        if now - self._spoke >= _PLAIN_SECONDS:
            self._spoke = now
            self._write_line(f"promptdrift: {self._counter.line()}")

    def ended(self) -> None:
        """Write the last line."""
        self._write_line(f"promptdrift: {self._counter.line()}")


class LiveProgress:
    """Draws one line that moves, on a terminal."""

    def __init__(self, write_line: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._write_line = write_line
        self._counter = Counter(clock)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def started(self, estimate: Estimate) -> None:
        """Announce the batch and begin to draw."""
        # rich takes a tenth of a second to load, which only a run that waits for calls can afford
        from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

        self._counter.start(estimate.calls)
        self._write_line(announce(estimate))
        self._bar = Progress(
            TextColumn("promptdrift:"),
            BarColumn(),
            TextColumn("{task.description}"),
            transient=True,
        )
        self._task = self._bar.add_task(self._counter.line(), total=estimate.calls)
        self._bar.start()

    def finished_one(self, *, failed: bool, usd: float | None) -> None:
        """Count and redraw."""
        self._counter.one(failed=failed, usd=usd)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=1, description=self._counter.line())

    def ended(self) -> None:
        """Stop drawing and leave the last line."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self._write_line(f"promptdrift: {self._counter.line()}")
