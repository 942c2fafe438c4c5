"""The text of a recording file: from bytes to checked JSON, and what is wrong at which line.

It reads one text that it is given; which files there are and what is done with them is not its
business.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from pytest_promptdrift._errors import StoreError, Where

from .fields import FILE, FORMAT, RECORDING, FieldError, check

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def parse(data: bytes, path: str, *, strict: bool = False) -> dict[str, Any]:
    """Return the document of a recording file, its entries checked but their samples not yet.

    Raises StoreError with file and line for anything else.
    """
    text = _decoded(data, path)
    try:
        document = (_decode_strictly if strict else _decode)(text)
    except json.JSONDecodeError as error:
        raise _not_json(error, text, path) from error
    except FieldError as error:
        line = _line(text, max(text.rfind(str(error.path[0])), 0))
        raise broken(error.message, path, line) from error
    except RecursionError as error:
        raise broken("values are nested too deeply", path, 1) from error
    except ValueError as error:  # Python refuses to read an integer of more than 4300 digits
        found = _LONG_NUMBER.search(text)
        line = _line(text, found.start() if found else 0)
        raise broken(f"a number is too long: {error}", path, line) from error
    # the format number first: in another format everything else may look different
    number = document.get("format") if isinstance(document, dict) else None
    if type(number) is int and number != FORMAT:
        raise _other_format(number, text, path)
    try:
        return _checked(document)
    except FieldError as error:
        raise at_field(error, text, path) from error


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise broken("the file is not UTF-8 text", path, line) from error


def _checked(document: object) -> dict[str, Any]:
    found = check(document, FILE, ())
    ids: dict[str, int] = {}
    for n, entry in enumerate(found["recordings"]):
        recording_id = check(entry, RECORDING, ("recordings", n))["id"]
        if ids.setdefault(recording_id, n) != n:
            message = f"recording {recording_id!r} is there twice: merge their samples into one"
            raise FieldError(("recordings", n, "id"), message)
    return found


def _other_format(number: int, text: str, path: str) -> StoreError:
    return StoreError(
        f"recording format {number} is not known, this version reads format {FORMAT}",
        where=Where(path=path, line=line_of(text, ("format",))),
        hint="a newer version wrote it: python -m pip install --upgrade pytest-promptdrift",
    )


def _not_json(error: json.JSONDecodeError, text: str, path: str) -> StoreError:
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        return StoreError(
            "git conflict markers: two branches recorded for this case",
            where=Where(path=path, line=_line(text, conflict.start())),
            hint=(
                "keep the recordings and samples of both sides and delete the markers,"
                f" or take one side: git checkout --theirs -- {path}"
            ),
        )
    if not text.strip():
        return broken("the file is empty", path, 1)
    # an unexpected end is reported at the last line that has something in it
    line = min(error.lineno, text.rstrip().count("\n") + 1)
    return broken(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", path, line)


def broken(message: str, path: str, line: int | None) -> StoreError:
    """Return the error for a file that cannot be used as it is."""
    return StoreError(
        message,
        where=Where(path=path, line=line),
        hint=f"restore it: git checkout -- {path}  or delete it and record again: {RECORD}",
    )


def at_field(error: FieldError, text: str, path: str) -> StoreError:
    """Return the error for a wrong field, with the line on which that field begins."""
    return broken(error.message, path, line_of(text, error.path))


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
