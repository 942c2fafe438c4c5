"""Finds checks by name: the built-in ones, those a project registers, those of other packages.

State lives in the registry, never in the module: a test run may start another one inside itself.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from pytest_promptdrift._errors import ConfigError

from .protocol import CheckFactory, CheckType, Shared
from .wording import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.metadata import EntryPoint

    from .embedding import Embedder
    from .protocol import CheckPlan

GROUP: Final = "pytest_promptdrift.checks"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# A family is imported when one of its checks is met: compiling the patterns of all of them would
# cost every run as much as a hundred cases.
_FAMILIES: Final = MappingProxyType(
    {
        "text": "equals contains icontains starts_with ends_with one_of",
        "pattern": "regex length",
        "structure": "json json_equals json_subset",
        "schema": "json_schema",
        "tools": "tool_call tool_calls no_tool_calls",
        "number": "number",
        "refusal": "refusal",
        "limits": "finish_reason latency tokens cost",
        "similar": "similar",
        "custom": "python",
    }
)
_NEGATED = frozenset({"text", "pattern", "refusal"})
_HOMES: Final = MappingProxyType(
    {
        form: family
        for family, names in _FAMILIES.items()
        for name in names.split()
        for form in ((name, f"not_{name}") if family in _NEGATED else (name,))
    }
)


@cache
def built_in(name: str) -> CheckType | None:
    """Return the built-in check called ``name``, or None."""
    if name not in _HOMES:
        return None
    family = import_module(f".{_HOMES[name]}", __package__)
    checks = cast("tuple[CheckType, ...]", family.CHECKS)
    return next(check for check in checks if check.name == name)


def is_built_in(name: str) -> bool:
    """Tell whether a built-in check is called ``name``; nothing is imported for it."""
    return name in _HOMES


def check_names() -> tuple[str, ...]:
    """Return the names of the built-in checks, sorted."""
    return tuple(sorted(_HOMES))


def _installed() -> Iterable[EntryPoint]:
    from importlib.metadata import entry_points  # noqa: PLC0415  (only for an unknown name)

    return entry_points(group=GROUP)


def load_embedder(name: str) -> Embedder:
    """Return the embedder called ``name``; what computes its vectors is imported here."""
    from .embedding import get_embedder  # noqa: PLC0415  (numpy, and only for similar)

    return get_embedder(name)


class CheckRegistry:
    """The checks of one run, with all that their plans share.

    ``installed`` gives the entry points of other packages; it is asked only when a name is
    unknown, because reading all installed packages costs time.
    """

    def __init__(
        self,
        *,
        installed: Callable[[], Iterable[EntryPoint]] = _installed,
        get_embedder: Callable[[str], Embedder] = load_embedder,
    ) -> None:
        self._installed = installed
        self._own: dict[str, CheckFactory | CheckType] = {}
        self._points: dict[str, EntryPoint] | None = None
        self.shared = Shared(get_embedder=get_embedder)
        self.plans: dict[object, CheckPlan] = {}
        # The specification is kept with its key, so that its identity cannot be given anew.
        self.keys: dict[int, tuple[object, str]] = {}

    def forget(self) -> None:
        """Let go of the plans that were kept to be shared; whoever has one, keeps it."""
        self.plans.clear()
        self.keys.clear()

    def register_check(self, name: str, factory: CheckFactory | CheckType) -> None:
        """Add a check; raises ConfigError for a name that is taken or cannot be written."""
        if not _NAME.fullmatch(name):
            msg = f"a check is named with small letters, digits and _, found {quote(name)}"
            raise ConfigError(msg)
        if name in _HOMES or name in self._own:
            msg = f"the check {quote(name)} exists already"
            raise ConfigError(msg)
        self._own[name] = _usable(name, factory)

    def find(self, name: str) -> CheckFactory | CheckType | None:
        """Return the check called ``name``; ConfigError when its package cannot be loaded."""
        known = self._own.get(name)
        if known is not None:
            return known
        made = built_in(name)
        if made is not None:
            self._own[name] = made
            return made
        point = self._entry_points().get(name)
        if point is None:
            return None
        try:
            factory = point.load()
        except Exception as error:
            msg = f"the check {quote(name)} of {point.value} cannot be loaded: {error}"
            raise ConfigError(msg) from error
        self._own[name] = found = _usable(name, factory)
        return found

    def names(self) -> tuple[str, ...]:
        """Return every name that ``find`` knows, sorted."""
        return tuple(sorted({*_HOMES, *self._own, *self._entry_points()}))

    def _entry_points(self) -> dict[str, EntryPoint]:
        if self._points is None:
            self._points = {point.name: point for point in self._installed()}
        return self._points


def _usable(name: str, factory: object) -> CheckFactory | CheckType:
    if isinstance(factory, CheckType):
        return factory
    if callable(factory):
        return cast("CheckFactory", factory)
    msg = f"the check {quote(name)} needs a factory, found a {type(factory).__name__}"
    raise ConfigError(msg)
