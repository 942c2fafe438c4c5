"""From what a person types (node ids, case ids, files, folders) to the cases that are meant.

It knows neither what waits nor what was decided: it chooses among things that have a case file, a
case and a label.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TypeVar

from pytest_promptdrift._errors import PromptDriftError, did_you_mean
from pytest_promptdrift._text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

_LISTED = 12


class Place(Protocol):
    """One case × variant × model; ``case_file`` is its path from the project's folder."""

    @property
    def case_file(self) -> str:
        """The path of the case file, with ``/``."""

    @property
    def case_id(self) -> str:
        """The case."""

    @property
    def label(self) -> str:
        """Variant and model."""

    @property
    def node(self) -> str:
        """The node id."""


T = TypeVar("T", bound=Place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chooser:
    """How words are understood: paths start from ``folder``, node ids also from ``root``.

    ``what`` says in a message what is chosen from, like ``"waits for a decision"``.
    """

    root: Path
    folder: Path
    what: str
    hint: str

    def choose(
        self,
        words: Iterable[str],
        places: Sequence[T],
        *,
        of_a_path: Callable[[T], bool] = lambda _: True,
    ) -> list[T]:
        """Return what the words mean, in the order of ``places``.

        A file or a folder means only those that ``of_a_path`` tells. Raises PromptDriftError that
        lists every word that means nothing, or cases of several files.
        """
        meant: set[str] = set()
        problems: list[str] = []
        for word in words:
            try:
                meant.update(place.node for place in self._meant(word, places, of_a_path))
            except PromptDriftError as error:
                problems.append(error.message)
        if problems:
            raise PromptDriftError("\n".join(problems), hint=self.hint)
        return [place for place in places if place.node in meant]

    def _meant(self, word: str, places: Sequence[T], of_a_path: Callable[[T], bool]) -> list[T]:
        found = self._by_id(word, places)
        path = self.folder / word
        if not os.path.exists(path):  # noqa: PTH110  (a Path raises for a name that is too long)
            return found or self._nothing(word, places)
        inside = [place for place in self._under(path, places) if of_a_path(place)]
        if not found:
            return inside
        if inside and {place.node for place in inside} != {place.node for place in found}:
            msg = f"{word!r} is a case and a path: write ./{word} for the path, or for the case"
            raise PromptDriftError(f"{msg} {found[0].case_file}::{word}")
        return found

    def _by_id(self, word: str, places: Sequence[T]) -> list[T]:
        path, separator, rest = word.partition("::")
        if not separator:
            found = [place for place in places if _named(place, word)]
            files = sorted({place.case_file for place in found})
            if len(files) > 1:
                listed = ", ".join(f"{file}::{word}" for file in files[:_LISTED])
                msg = f"{word!r} is in {plural(len(files), 'case file')}, write which: {listed}"
                raise PromptDriftError(msg)
            return found
        of_file = self._of_file(path, places)
        found = [place for place in of_file if _named(place, rest)]
        # the item of a family stands for all of its cases
        return found or [place for place in of_file if rest == f"family[{place.label}]"]

    def _of_file(self, path: str, places: Sequence[T]) -> list[T]:
        wanted = os.path.realpath(self.folder / path)
        tries: tuple[Callable[[T], bool], ...] = (
            lambda place: _real(self.root, place.case_file) == wanted,
            lambda place: place.case_file == path,
            lambda place: place.case_file.endswith(f"/{path}"),
        )
        for fits in tries:
            found = [place for place in places if fits(place)]
            files = {place.case_file for place in found}
            if len(files) == 1:
                return found
        return []

    def _under(self, path: Path, places: Sequence[T]) -> list[T]:
        wanted = os.path.realpath(path)
        inside = wanted.rstrip(os.sep) + os.sep
        real = ((place, _real(self.root, place.case_file)) for place in places)
        return [place for place, file in real if file == wanted or file.startswith(inside)]

    def _nothing(self, word: str, places: Sequence[T]) -> list[T]:
        if "::" in word or "[" in word:
            names = {place.node for place in places}
            names |= {f"{place.case_id}[{place.label}]" for place in places if "::" not in word}
        elif "/" in word:
            names = {place.case_file for place in places}
        else:
            names = {place.case_id for place in places}
        msg = f"nothing that {self.what} is called {word!r}{did_you_mean(word, names)}"
        raise PromptDriftError(msg)


@lru_cache(maxsize=1024)
def _real(root: Path, case_file: str) -> str:
    return os.path.realpath(root / case_file)


def _named(place: Place, name: str) -> bool:
    return name in (place.case_id, f"{place.case_id}[{place.label}]")
