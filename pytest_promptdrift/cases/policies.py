"""What differences from the accepted answers do, as the project, a file and its cases say it.

Ten thousand cases that say the same hold one mapping.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_promptdrift.model.kinds import KINDS, resolved

from .matrix import NO_POLICIES

if TYPE_CHECKING:
    from collections.abc import Mapping


class Policies:
    """The policies of one case file: ``common`` are those of file and project."""

    def __init__(self, project: Mapping[str, str], own: Mapping[str, str]) -> None:
        self._made: dict[frozenset[tuple[str, str]], Mapping[str, str]] = {}
        self._known: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
        self.common = self._shared(resolved(project, own))

    def of_case(self, own: Mapping[str, str] | None) -> Mapping[str, str]:
        """Return the policies of a case: by kind, and only those that are not the default."""
        if not own:
            return self.common
        said = tuple(own.items())
        known = self._known.get(said)
        if known is None:
            known = self._known[said] = self._shared(resolved(self.common, own))
        return known

    def _shared(self, policies: Mapping[str, str]) -> Mapping[str, str]:
        told = {kind: said for kind, said in policies.items() if KINDS[kind].policy != said}
        if not told:
            return NO_POLICIES
        return self._made.setdefault(frozenset(told.items()), MappingProxyType(told))
