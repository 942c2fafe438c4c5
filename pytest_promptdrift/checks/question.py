"""Tells by a short digest what a check asks, so that a changed check is seen beside an answer.

Equal questions have equal digests on every machine: no path of the machine enters one.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from contextlib import suppress
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
    # an option that is off is as good as not written
    bar = {key: value for key, value in options.items() if value is not False} if options else None
    # No part can hold a line break, so that no two questions make the same text. Baselines hold
    # these digests: another form would make every check look changed.
    asked = f"{name}\n{text_of(given)}\n{text_of(bar) if bar else ''}\n{' '.join(reads)}"
    return digest_text(asked)[:_LENGTH]


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


def source_digests(made_by: object, module: object, known: dict[str, str]) -> list[str]:
    """Return the digests of the Python files that a function comes from.

    ``module`` is the one that it was named in, or None; the function may be written in another.
    What is not written in Python has none. ``known`` keeps what was read, by file.
    """
    while isinstance(made_by, functools.partial):
        made_by = made_by.func
    function = inspect.unwrap(cast("Callable[..., object]", made_by))
    written_in = sys.modules.get(getattr(function, "__module__", None) or "")
    files = {getattr(place, "__file__", None) for place in (module, written_in)}
    digests = {_source_digest(file, known) for file in files if isinstance(file, str)}
    return sorted(digests - {""})


def _source_digest(file: str, known: dict[str, str]) -> str:
    """Return the digest of a Python file, empty for what cannot be read as one."""
    digest = known.get(file)
    if digest is None:
        text = ""
        # a compiled module is another one on every platform
        if file.endswith(".py"):
            with suppress(OSError):
                # a checkout may have other line ends than the one next door
                data = Path(file).read_bytes().replace(b"\r\n", b"\n")
                text = data.decode("utf-8", "surrogateescape")
        digest = known[file] = digest_text(text)[:16] if text else ""
    return digest
