"""Collects everything that is wrong with a file, so that it is reported at once.

A problem is noted by the keys that lead to it; the line is looked up only when there is something
to report. This module knows nothing of what a case file means.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

from pytest_promptdrift._errors import CaseFileError, CaseFileErrors, Where

Keys: TypeAlias = tuple[str | int, ...]

# A dataset with ten thousand broken rows is one mistake; nobody reads more than this.
MOST_SHOWN = 100


class Lines(Protocol):
    """A file that can tell on which line a key stands."""

    @property
    def shown(self) -> str:
        """The path of the file as messages name it."""
        ...

    def line(self, keys: Keys) -> int:
        """Return the line of the place that ``keys`` lead to, or of the nearest one above it."""
        ...

    def block_line(self, keys: Keys) -> int | None:
        """Return the first line of a text that is written as lines of the file, else None."""
        ...


class Problems:
    """The problems of one case file and of the files it names."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._errors: dict[tuple[Where | None, str], CaseFileError] = {}
        self._cases: dict[tuple[Where | None, str], list[str]] = {}
        self._touched: set[Keys] = set()

    @property
    def shown(self) -> str:
        """The path of the file as messages name it."""
        return self._lines.shown

    def __bool__(self) -> bool:
        return bool(self._errors)

    def add(self, at: Keys, message: str, hint: str | None = None) -> None:
        """Note a problem at the place that ``at`` leads to."""
        self.mark(at)
        self.add_error(CaseFileError(message, where=self.where(at), hint=hint))

    def add_error(self, error: CaseFileError) -> None:
        """Note an error that knows its own place."""
        self._errors.setdefault((error.where, error.message), error)

    def add_for_case(self, error: CaseFileError, case_id: str) -> None:
        """Note an error that a case brings to light; many cases with the same one are told once."""
        self._cases.setdefault((error.where, error.message), []).append(case_id)
        self.add_error(error)

    def mark(self, at: Keys) -> None:
        """Mark a part of the file, and all that it is in, as unusable."""
        self._touched.update(at[:length] for length in range(len(at) + 1))

    def block_line(self, at: Keys) -> int | None:
        """Return the line where a text begins that is written as a block, else None."""
        return self._lines.block_line(at)

    def where(self, at: Keys) -> Where:
        """Return the place in the file that ``at`` leads to."""
        return Where(path=self._lines.shown, line=self._lines.line(at))

    def touch(self, at: Keys) -> bool:
        """Tell whether something at or below ``at`` is wrong."""
        return at in self._touched

    def clean(self, value: dict[str, object], at: Keys) -> dict[str, object]:
        """Return ``value`` without the keys that something is wrong with."""
        if at not in self._touched:
            return value
        return {key: item for key, item in value.items() if (*at, key) not in self._touched}

    def raise_if_any(self) -> None:
        """Raise CaseFileErrors when anything was noted."""
        if self._errors:
            raise CaseFileErrors(_readable([self._told(key) for key in self._errors]))

    def _told(self, key: tuple[Where | None, str]) -> CaseFileError:
        error, cases = self._errors[key], self._cases.get(key)
        if not cases:
            return error
        more = f" and {len(cases) - 1:,} more" if len(cases) > 1 else ""
        message = f"{error.message} (case {cases[0]!r}{more})"
        return CaseFileError(message, where=error.where, hint=error.hint)


def _readable(errors: list[CaseFileError]) -> list[CaseFileError]:
    """Keep what a person can read of ``errors``, and say how many are left out."""
    ordered = list(CaseFileErrors(errors).errors)
    if len(ordered) <= MOST_SHOWN:
        return ordered
    last = ordered[MOST_SHOWN - 1]
    left_out = len(ordered) - MOST_SHOWN
    msg = f"and {left_out:,} more problems after this one"
    return [*ordered[:MOST_SHOWN], CaseFileError(msg, where=last.where)]
