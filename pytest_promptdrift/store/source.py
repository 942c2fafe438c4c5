"""The text of a stored file: from bytes to checked JSON, and what is wrong at which line.

It reads one text that it is given; which files there are and what is done with them is not its
business, and what a kind of file holds is told to it.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from pytest_promptdrift._errors import StoreError, Where

from .fields import FILE, FORMAT, RECORDING, FieldError, check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_CONFLICT = re.compile(r"^(?:<<<<<<<|=======|>>>>>>>)(?: .*)?$", re.MULTILINE)
_LONG_NUMBER = re.compile(r"[0-9]{1000}")
_SPACE = re.compile(r"[ \t\n\r]*")
RECORD = "pytest --promptdrift --promptdrift-mode=record"
_DECODER = json.JSONDecoder()


def _refuse_constant(name: str) -> NoReturn:
    raise FieldError((name,), f"{name} is not JSON")


def _refuse_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FieldError((f'"{twice}"',), f"the field {twice!r} is there twice in one object")
    return found


# Built once. The strict one also finds a field that is there twice, which a merge may leave behind
# and the next write would lose; it is slower and used before every write.
_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
_decode_strictly = json.JSONDecoder(
    parse_constant=_refuse_constant, object_pairs_hook=_refuse_twice
).decode


class FileKind(NamedTuple):
    """What sets one kind of stored file apart.

    ``check`` returns the document when it is sound and raises FieldError. The rest is what a person
    is told: ``remedy`` for a file that cannot be used, ``conflict`` and ``merge`` when two branches
    changed it; ``{path}`` stands for the file.
    """

    name: str
    format: int
    check: Callable[[Any], Any]
    remedy: str
    conflict: str
    merge: str


def parse(
    data: bytes, path: str, *, strict: bool = False, kind: FileKind | None = None
) -> dict[str, Any]:
    """Return the document of a stored file, a recording file unless another ``kind`` is given.

    The entries of a recording file are checked, but their samples not yet. Raises StoreError with
    file and line for anything else.
    """
    kind = kind or RECORDINGS
    text = _decoded(data, path, kind)
    try:
        document = (_decode_strictly if strict else _decode)(text)
    except json.JSONDecodeError as error:
        raise _not_json(error, text, path, kind) from error
    except FieldError as error:
        line = _line(text, max(text.rfind(str(error.path[0])), 0))
        raise broken(error.message, path, line, kind) from error
    except RecursionError as error:
        raise broken("values are nested too deeply", path, 1, kind) from error
    except ValueError as error:  # Python refuses to read an integer of more than 4300 digits
        found = _LONG_NUMBER.search(text)
        line = _line(text, found.start() if found else 0)
        raise broken(f"a number is too long: {error}", path, line, kind) from error
    # the format number first: in another format everything else may look different
    number = document.get("format") if isinstance(document, dict) else None
    if type(number) is int and number != kind.format:
        raise _other_format(number, text, path, kind)
    try:
        checked: dict[str, Any] = kind.check(document)
    except FieldError as error:
        raise at_field(error, text, path, kind) from error
    return checked


def _decoded(data: bytes, path: str, kind: FileKind) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise broken("the file is not UTF-8 text", path, line, kind) from error


def _checked(document: object) -> dict[str, Any]:
    found = check(document, FILE, ())
    ids: dict[str, int] = {}
    for n, entry in enumerate(found["recordings"]):
        recording_id = check(entry, RECORDING, ("recordings", n))["id"]
        if ids.setdefault(recording_id, n) != n:
            message = f"recording {recording_id!r} is there twice: merge their samples into one"
            raise FieldError(("recordings", n, "id"), message)
    return found


RECORDINGS = FileKind(
    name="recording",
    format=FORMAT,
    check=_checked,
    remedy=f"restore it: git checkout -- {{path}}  or delete it and record again: {RECORD}",
    conflict="two branches recorded for this case",
    merge="keep the recordings and samples of both sides and delete the markers",
)


def _other_format(number: int, text: str, path: str, kind: FileKind) -> StoreError:
    return StoreError(
        f"{kind.name} format {number} is not known, this version reads format {kind.format}",
        where=Where(path=path, line=line_of(text, ("format",))),
        hint="a newer version wrote it: python -m pip install --upgrade pytest-promptdrift",
    )


def _not_json(error: json.JSONDecodeError, text: str, path: str, kind: FileKind) -> StoreError:
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        return StoreError(
            f"git conflict markers: {kind.conflict}",
            where=Where(path=path, line=_line(text, conflict.start())),
            hint=f"{kind.merge}, or take one side: git checkout --theirs -- {path}",
        )
    if not text.strip():
        return broken("the file is empty", path, 1, kind)
    # an unexpected end is reported at the last line that has something in it
    line = min(error.lineno, text.rstrip().count("\n") + 1)
    return broken(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", path, line, kind)


def broken(message: str, path: str, line: int | None, kind: FileKind = RECORDINGS) -> StoreError:
    """Return the error for a file that cannot be used as it is."""
    hint = kind.remedy.replace("{path}", path)
    return StoreError(message, where=Where(path=path, line=line), hint=hint)


def at_field(error: FieldError, text: str, path: str, kind: FileKind = RECORDINGS) -> StoreError:
    """Return the error for a wrong field, with the line on which that field begins."""
    return broken(error.message, path, line_of(text, error.path), kind)


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


def line_of(text: str, path: Sequence[str | int]) -> int:
    """Return the line of the value at ``path`` in JSON text, or of the nearest value around it."""
    index = _space(text, 0)
    with suppress(RecursionError):  # the nesting may be what is wrong
        for step in path:
            inner = _child(text, index, step)
            if inner is None:
                break
            index = inner
    return _line(text, index)


def _space(text: str, index: int) -> int:
    found = _SPACE.match(text, index)
    return index if found is None else found.end()


def _child(text: str, index: int, step: str | int) -> int | None:
    """Return where the member ``step`` of the container at ``index`` begins, None without one."""
    start = text[index : index + 1]
    if start not in ("{", "["):
        return None
    index, n, found = _space(text, index + 1), 0, None
    while text[index : index + 1] not in ("}", "]", ""):
        key: str | int = n
        if start == "{":
            key, index = _DECODER.raw_decode(text, index)
            index = _space(text, _space(text, index) + 1)
        if key == step:
            found = index  # the last one of a name is the one that counts
        _, index = _DECODER.raw_decode(text, index)
        index = _space(text, index)
        if text[index : index + 1] == ",":
            index = _space(text, index + 1)
        n += 1
    return found
