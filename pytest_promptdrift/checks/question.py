"""Tells by a short digest what a check asks, so that a changed check is seen beside an answer.

Equal questions have equal digests on every machine: no path of the machine enters one.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pytest_promptdrift._canonical import NotJsonError, canonical_json, digest_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LENGTH = 8
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


def question_digest(
    name: str, given: object, options: Mapping[str, object], reads: Sequence[str] = ()
) -> str:
    """Return the digest of a check: its name, what it is given, how many must hold, what it reads.

    ``given`` are the arguments by name, without defaults, so that a new argument of a check changes
    no digest. ``reads`` are digests of files and sources outside the case file.
    """
    # no part can hold a line break, so that no two questions make the same text
    bar = text_of(options) if options else ""
    return digest_text(f"{name}\n{text_of(given)}\n{bar}\n{' '.join(reads)}")[:_LENGTH]


def with_expected(digest: str, expected: object) -> str:
    """Return the digest of a check that looks at the case's expected answer by itself."""
    return digest_text(f"{digest}\n{text_of(expected)}")[:_LENGTH]


def text_of(value: object) -> str:
    """Return the canonical text of an argument, also of one that JSON cannot hold."""
    try:
        return canonical_json(value)
    except NotJsonError:
        # a date, or an object of a registered check: told by its words, not by its address
        return canonical_json(_ADDRESS.sub("", repr(value)))


def source_digests(made_by: object, file: Path | None, known: dict[str, str]) -> list[str]:
    """Return the digests of the Python files that a function comes from.

    ``file`` is the module that it was named in, where that is another one than it is written in.
    What is not written in Python has none. ``known`` keeps what was read, by file.
    """
    files = [place for place in (file, _file_of(made_by)) if place is not None]
    return sorted({found for place in files if (found := _source_digest(place, known))})


def _file_of(made_by: object) -> Path | None:
    while isinstance(made_by, functools.partial):
        made_by = made_by.func
    function = inspect.unwrap(cast("Callable[..., object]", made_by))
    return module_file(getattr(function, "__module__", None))


def module_file(name: str | None) -> Path | None:
    """Return the file of an imported module, or None when it has none."""
    file = getattr(sys.modules.get(name or ""), "__file__", None)
    return Path(file) if isinstance(file, str) else None


def _source_digest(file: Path, known: dict[str, str]) -> str:
    if file.suffix != ".py":
        return ""  # a compiled module is another one on every platform
    place = str(file)
    if place not in known:
        try:
            # a checkout may have other line ends than the one next door
            text = file.read_bytes().replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")
        except OSError:
            text = ""
        known[place] = digest_text(text)[:16] if text else ""
    return known[place]
