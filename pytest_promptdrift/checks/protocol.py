"""The seams of the room: what a check is, and what it is given when it is made.

This module must not know any particular check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from .arguments import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jsonschema_rs import Validator

    from pytest_promptdrift._errors import Where
    from pytest_promptdrift.model import CheckContext, CheckResult

    from .arguments import AnyField, Arguments
    from .embedding import Embedder


class Check(Protocol):
    """Judges one response; may raise, a crash becomes a result."""

    def __call__(self, context: CheckContext, /) -> CheckResult:
        """Return what the check says about the response of ``context``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all plans of one registry share: an embedder by name, and compiled schemas by digest.

    ``referred`` has, by the same digest, the digests of the files that a schema refers to;
    ``sources`` the digests of Python files.
    """

    get_embedder: Callable[[str], Embedder]
    validators: dict[tuple[str, str, bool], Validator] = field(default_factory=dict)
    referred: dict[tuple[str, str, bool], tuple[str, ...]] = field(default_factory=dict)
    embedders: dict[str, Embedder] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckScope:
    """Everything a check may know when it is made: its place and the case it is made for.

    ``name`` is the name it goes by in results; paths are relative to ``folder``; ``expected`` is
    the case's expected answer or UNSET; ``embedder`` is the configured default. ``reads`` takes the
    digests of what the check reads beside its arguments, in a settled order.
    """

    name: str
    where: Where
    folder: Path
    shared: Shared
    expected: object = UNSET
    embedder: str = "static"
    reads: list[str] = field(default_factory=list)


Outcome: TypeAlias = "bool | float | str | CheckResult | tuple[bool | float | str, str]"
# What an extension registers: the argument (None when there is none) and, if it takes two, the
# scope make a function that judges. An exception is reported as a mistake in the case file.
Judge: TypeAlias = "Callable[[CheckContext], Outcome]"
CheckFactory: TypeAlias = "Callable[[object, CheckScope], Judge] | Callable[[object], Judge]"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckType:
    """A kind of check: its name, what it takes and how it is made.

    ``main`` names the argument that ``{name: argument}`` sets and that the case's expected answer
    fills when ``takes_expected``; the arguments ``instead`` make it unnecessary. ``literal`` means
    that a mapping may be the main argument itself, unless it has one of the keys ``keyed_by``.
    ``uses_expected`` means that it looks at the expected answer by itself. ``display`` gives the
    name in results, where it is not ``name``.
    """

    name: str
    summary: str
    build: Callable[[Arguments, CheckScope], Check]
    fields: tuple[AnyField, ...] = ()
    main: str | None = None
    takes_expected: bool = False
    instead: frozenset[str] = frozenset()
    literal: bool = False
    keyed_by: frozenset[str] = frozenset()
    uses_expected: bool = False
    display: Callable[[Arguments], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPlan:
    """A check as a case file asks for it, ready to run and shared by all cases that ask alike.

    ``needed`` is how many samples must hold, None for all of them; a ``score_only`` check measures
    and never fails a case by itself. ``uses_expected`` tells that it looks at the case's expected
    answer, so that no implied check is needed. ``digest`` tells what the check asks: equal
    questions have equal digests on every machine, and a change of what is asked changes it.
    """

    name: str
    evaluate: Check
    where: Where
    digest: str
    needed: int | None = None
    score_only: bool = False
    uses_expected: bool = False
