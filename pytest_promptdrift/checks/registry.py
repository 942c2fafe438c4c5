"""Finds checks by name: the built-in ones, those a project registers, those of other packages.

State lives in the registry, never in the module: a test run may start another one inside itself.
"""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from pytest_promptdrift._errors import ConfigError

from . import custom, limits, number, pattern, refusal, schema, similar, structure, text, tools
from .protocol import CheckFactory, CheckType, Shared
from .wording import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .embedding import Embedder
    from .protocol import CheckPlan

GROUP: Final = "pytest_promptdrift.checks"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FAMILIES = (text, pattern, structure, schema, tools, number, refusal, limits, similar, custom)
BUILT_IN: Final = MappingProxyType(
    {check.name: check for family in _FAMILIES for check in family.CHECKS}
)


def _installed() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


def _get_embedder(name: str) -> Embedder:
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
        get_embedder: Callable[[str], Embedder] = _get_embedder,
    ) -> None:
        self._installed = installed
        self._own: dict[str, CheckFactory | CheckType] = {}
        self._points: dict[str, EntryPoint] | None = None
        self.shared = Shared(get_embedder=get_embedder)
        self.plans: dict[object, CheckPlan] = {}
        # The specification is kept with its key, so that its identity cannot be given anew.
        self.keys: dict[int, tuple[object, str]] = {}

    def register_check(self, name: str, factory: CheckFactory | CheckType) -> None:
        """Add a check; raises ConfigError for a name that is taken or cannot be written."""
        if not _NAME.fullmatch(name):
            msg = f"a check is named with small letters, digits and _, found {quote(name)}"
            raise ConfigError(msg)
        if name in BUILT_IN or name in self._own:
            msg = f"the check {quote(name)} exists already"
            raise ConfigError(msg)
        self._own[name] = _usable(name, factory)

    def find(self, name: str) -> CheckFactory | CheckType | None:
        """Return the check called ``name``; ConfigError when its package cannot be loaded."""
        known = BUILT_IN.get(name) or self._own.get(name)
        if known is not None:
            return known
        point = self._entry_points().get(name)
        if point is None:
            return None
        try:
            factory = point.load()
        except Exception as error:
            msg = f"the check {quote(name)} of {point.value} cannot be loaded: {error}"
            raise ConfigError(msg) from error
        self._own[name] = made = _usable(name, factory)
        return made

    def names(self) -> tuple[str, ...]:
        """Return every name that ``find`` knows, sorted."""
        return tuple(sorted({*BUILT_IN, *self._own, *self._entry_points()}))

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


def check_names() -> tuple[str, ...]:
    """Return the names of the built-in checks, sorted."""
    return tuple(sorted(BUILT_IN))
