"""Compares two shapes of JSON values path by path: what is gone, new, or of another kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_promptdrift._text import cut, plural, visible
from pytest_promptdrift.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_promptdrift.model import Severity

    from .json_shape import PathShape, Shape


def compare_shapes(old: Shape, new: Shape, prefix: str = "$") -> list[Finding]:
    """Return the differences of two shapes; ``prefix`` replaces the ``$`` of the paths."""
    found: list[Finding] = []
    for path, was in old.paths.items():
        now = new.paths.get(path)
        if old.always(path) and not new.cut and path.rpartition(".")[0] in new.paths:
            found += _gone(path, was, old, new)
        if now is not None:
            found += _changed(path, was, now, (old, new))
    found += _added(old, new)
    return found if prefix == "$" else [_moved(finding, prefix) for finding in found]


def _added(old: Shape, new: Shape) -> Iterator[Finding]:
    for path, now in new.paths.items():
        parent = path.rpartition(".")[0]
        if path in old.paths or old.cut or not _is_key(path) or not _had_object(old, parent):
            continue
        yield _finding(
            "field_new",
            "a new field",
            path=path,
            change=(None, _types(now)),
            sides=(old, new),
            fresh=now.in_values,
            severity="warn",
        )


def _is_key(path: str) -> bool:
    return "." in path and not path.endswith(("[]", ".*"))


def _had_object(shape: Shape, parent: str) -> bool:
    return parent in shape.paths and bool(shape.paths[parent].types["object"])


def _gone(path: str, was: PathShape, old: Shape, new: Shape) -> Iterator[Finding]:
    owners = new.paths[path.rpartition(".")[0]].types["object"]
    have = new.paths[path].parents if path in new.paths else 0
    missing = owners - have
    if missing:
        yield _finding(
            "field_gone",
            f"a field is gone (missing in {missing} of {plural(owners, 'fresh object')})",
            path=path,
            change=(_types(was), None),
            sides=(old, new),
            fresh=missing,
        )


def _changed(
    path: str, was: PathShape, now: PathShape, sides: tuple[Shape, Shape]
) -> Iterator[Finding]:
    """Yield what changed in the values of a path that both sides have."""
    known, come = set(was.types), set(now.types) - set(was.types)
    if "null" in come:
        yield _finding(
            "newly_null",
            "null, which it never was",
            path=path,
            change=(_types(was), "null"),
            sides=sides,
            fresh=now.types["null"],
        )
        come.discard("null")
    if come and known != {"null"}:
        yield _finding(
            "list_to_object" if "list" in known and "object" in come else "type_changed",
            "another type",
            path=path,
            change=(_types(was), ", ".join(sorted(come))),
            sides=sides,
            fresh=sum(now.types[name] for name in come),
        )
    else:
        yield from _text_changed(path, was, now, sides)


def _text_changed(
    path: str, was: PathShape, now: PathShape, sides: tuple[Shape, Shape]
) -> Iterator[Finding]:
    other = now.types["string"] - now.formats[was.format] if was.format else 0
    if was.format and other:
        example = next((text for text in now.texts if text), "text without this format")
        yield _finding(
            "format_changed",
            f"no longer a {was.format}",
            path=path,
            change=(was.format, now.format or example),
            sides=sides,
            fresh=other,
        )
    choices = was.choices
    count = now.types["string"] - sum(now.texts[text] for text in choices or ())
    if choices is not None and count:
        left = next((text for text in now.texts if text not in choices), "a longer text")
        yield _finding(
            "enum_left",
            "a text outside the known choices",
            path=path,
            change=(", ".join(sorted(choices)), left),
            sides=sides,
            fresh=count,
        )


def _types(shape: PathShape) -> str:
    return " or ".join(sorted(shape.types))


def _finding(
    kind: str,
    text: str,
    *,
    path: str,
    change: tuple[str | None, str | None],
    sides: tuple[Shape, Shape],
    fresh: int,
    severity: Severity = "fail",
) -> Finding:
    shown, come = (one_line(text) if text else None for text in change)
    old, new = sides
    what = f"{shown} → {come}" if shown and come else shown or come
    return Finding(
        kind=kind,
        message=f"{one_line(path)}: {text}: {what}",
        severity=severity,
        old=shown,
        new=come,
        path=one_line(path),
        accepted=0 if kind == "field_new" else old.values,
        accepted_of=old.values,
        fresh=min(fresh, new.values),
        fresh_of=new.values,
    )


def _moved(finding: Finding, prefix: str) -> Finding:
    """Return the finding with a path that begins with the name of a tool."""
    path = f"{prefix}{(finding.path or '$')[1:]}"
    return replace(finding, message=f"{prefix}{finding.message[1:]}", path=path)


def one_line(text: str) -> str:
    """Return a fragment on one printable line."""
    return cut(visible(" ".join(text[:2000].split())), 120)
