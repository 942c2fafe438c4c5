"""One tree of errors. Each carries what happened, where, and the next thing to type.

This module must not know anything else of the project.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in a file; ``line`` counts from 1, ``None`` means the file as a whole."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


class PromptDriftError(Exception):
    """Base of every error of this project."""

    def __init__(
        self, message: str, *, where: Where | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  {self.hint}" if self.hint else head


class ConfigError(PromptDriftError):
    """The configuration or the command line cannot be used; nothing was run."""


class CaseFileError(PromptDriftError):
    """One mistake in a case file or a dataset."""


class CaseFileErrors(PromptDriftError):  # noqa: N818  (it is many errors in one)
    """All mistakes found in the case files, reported together, sorted by place."""

    def __init__(self, errors: Sequence[CaseFileError]) -> None:
        ordered = sorted(
            errors,
            key=lambda e: (e.where.path if e.where else "", (e.where and e.where.line) or 0),
        )
        super().__init__("\n".join(str(error) for error in ordered))
        self.errors = tuple(ordered)


class StoreError(PromptDriftError):
    """A recording cannot be read or written; the file was left as it was."""


class SecretFoundError(StoreError):
    """A write was refused because the text holds a credential, which no message repeats."""


class BudgetError(PromptDriftError):
    """The budget does not allow the next call, or cannot be kept at all."""


class CheckCrashError(PromptDriftError):
    """A check could not give an answer, for a reason that is not the model's."""


class ProviderErrorKind(StrEnum):
    """What went wrong between us and a provider; none of these is ever drift."""

    RATE_LIMIT = "rate limit"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    AUTHENTICATION = "authentication"
    BAD_REQUEST = "bad request"
    NOT_FOUND = "not found"
    SERVER = "server"
    CUT_STREAM = "cut stream"
    GARBAGE = "unreadable answer"
    MISSING_KEY = "missing key"
    PYTHON = "python function"


class ProviderError(PromptDriftError):
    """A call that gave no answer."""

    def __init__(
        self,
        message: str,
        *,
        kind: ProviderErrorKind,
        status: int | None = None,
        attempts: int = 1,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.status = status
        self.attempts = attempts


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name most like ``word``, or ``None`` when none is close."""
    names = list(known)
    folded = {name.casefold(): name for name in names}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``", did you mean 'x'?"`` or a list of what is allowed, ready to append.

    Long lists are cut to twelve names so that a message stays readable.
    """
    names = sorted(known)
    close = nearest(word, names)
    if close is not None:
        return f", did you mean {close!r}?"
    if not names:
        return ""
    shown = ", ".join(names[:12])
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"; allowed: {shown}{more}"
