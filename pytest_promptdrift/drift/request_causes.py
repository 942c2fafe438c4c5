"""Sorts the changed fields of a request into causes: prompt, parameters, tools, schema, and so on.

It knows how the bodies of the supported APIs are built; a field that it does not know is a
parameter.
"""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from pytest_promptdrift._text import cut, plural, visible
from pytest_promptdrift.model import ATTACHMENT, MISSING
from pytest_promptdrift.model.comparison import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_promptdrift.model import FieldChange
    from pytest_promptdrift.model.comparison import CauseKind

# In the order in which they explain other answers best.
_ORDER: Final[tuple[CauseKind, ...]] = (
    "model",
    "host",
    "prompt",
    "attachment",
    "tools",
    "schema",
    "parameters",
)
_FIELDS: Final[dict[str, CauseKind]] = {
    **dict.fromkeys(("messages", "system", "input", "instructions", "prompt"), "prompt"),
    **dict.fromkeys(("variables",), "prompt"),
    **dict.fromkeys(("tools", "tool_choice", "parallel_tool_calls"), "tools"),
    **dict.fromkeys(("functions", "function_call"), "tools"),
    "response_format": "schema",
    **dict.fromkeys(("model", "function", "sources"), "model"),
}
_SCHEMA: Final = ("text.format", "output_config.format", "output_format")
_FIRST = re.compile(r"[^.\[]+")
_MOST_NAMED = 3
_MOST_LINES = 2000


def request_causes(changes: Sequence[FieldChange]) -> list[Cause]:
    """Return one cause for each part of the request that changed."""
    files = {c.path.rpartition(f".{ATTACHMENT}")[0] for c in changes if _is_digest(c)}
    groups: dict[CauseKind, list[FieldChange]] = {}
    for change in changes:
        groups.setdefault(_kind_of(change, files), []).append(change)
    return [
        Cause(kind=kind, message=_MESSAGES[kind](groups[kind]), ours=True, changes=(*groups[kind],))
        for kind in _ORDER
        if kind in groups
    ]


def _is_digest(change: FieldChange) -> bool:
    return change.path.endswith(f".{ATTACHMENT}")


def _kind_of(change: FieldChange, files: set[str]) -> CauseKind:
    path = change.path
    if path in {"host", "api"}:
        return "host"
    if not path.startswith("body."):
        return "parameters"
    inner = path.removeprefix("body.")
    first = _FIRST.match(inner)
    kind = _FIELDS.get(first[0] if first else "", "parameters")
    if inner.startswith(_SCHEMA):
        return "schema"
    if kind != "prompt":
        return kind
    parent = path.rpartition(".")[0]
    if parent in files or path.endswith(".filename") or _only_file(change):
        return "attachment"
    return "prompt"


def _only_file(change: FieldChange) -> bool:
    """Tell whether what came or went, or both, is a file and no text."""
    sides = [side for side in (change.old, change.new) if side is not MISSING]
    return all(_holds_file(side) and not any(_texts(side)) for side in sides)


def _holds_file(value: object) -> bool:
    if isinstance(value, dict):
        return ATTACHMENT in value or any(_holds_file(inner) for inner in value.values())
    return isinstance(value, list | tuple) and any(_holds_file(inner) for inner in value)


def _texts(value: object) -> Iterator[str]:
    """Yield the text of messages and their parts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, dict):
        for name in ("content", "text", "output", "arguments", "input"):
            if name in value:
                yield from _texts(value[name])


def _prompt(changes: list[FieldChange]) -> str:
    turns = [c for c in changes if c.path.endswith("]") and MISSING in (c.old, c.new)]
    if len(turns) == len(changes):
        done = {"added" if c.old is MISSING else "removed" for c in turns}
        return f"prompt: {plural(len(turns), 'message')} {' or '.join(sorted(done))}"
    lines = sum(changed_lines(*("\n".join(_texts(s)) for s in (c.old, c.new))) for c in changes)
    return f"prompt: {plural(max(1, lines), 'line')} changed"


def changed_lines(old: str, new: str) -> int:
    """Count the lines that were changed, added or removed."""
    left, right = old.splitlines(), new.splitlines()
    if max(len(left), len(right)) > _MOST_LINES:
        return max(1, abs(len(left) - len(right)))
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return sum(max(b - a, d - c) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal")


def _attachment(changes: list[FieldChange]) -> str:
    other = [c for c in changes if _is_digest(c)]
    moved = [c for c in changes if MISSING in (c.old, c.new)]
    if other:
        return f"attachment: {plural(len(other), 'file')} changed"
    if moved:
        what = "added" if moved[0].old is MISSING else "removed"
        return f"attachment: {plural(len(moved), 'file')} {what}"
    return "attachment: another name"


def _tools(changes: list[FieldChange]) -> str:
    said = []
    for change in changes:
        name = _tool_name(change.new) or _tool_name(change.old)
        if name and change.old is MISSING:
            said.append(f"{name} added")
        elif name and change.new is MISSING:
            said.append(f"{name} removed")
        else:
            said.append(_field(change.path))
    return f"tools: {_named(said)}"


def _tool_name(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    inner = value.get("function")
    name = inner.get("name") if isinstance(inner, dict) else value.get("name")
    return _shown(name) if isinstance(name, str) else None


def _values(title: str) -> Callable[[list[FieldChange]], str]:
    def message(changes: list[FieldChange]) -> str:
        said = [f"{_field(c.path)} {_shown(c.old)} → {_shown(c.new)}" for c in changes]
        return f"{title}: {_named(said)}"

    return message


def _schema(changes: list[FieldChange]) -> str:
    return f"response format: {_named([_field(c.path) for c in changes])}"


def _model(changes: list[FieldChange]) -> str:
    named = next((c for c in changes if c.path in {"body.model", "body.function"}), None)
    if named is None:
        return f"source of the function: {_named([_field(c.path) for c in changes])}"
    title = "requested model" if named.path == "body.model" else "function"
    return f"{title} {_shown(named.old)} → {_shown(named.new)}"


def _host(changes: list[FieldChange]) -> str:
    said = [f"{c.path} {_place(c.old)} → {_place(c.new)}" for c in changes]
    return ", ".join(said)


def _place(value: object) -> str:
    return "the provider's own" if value is None else _shown(value)


_MESSAGES: Final[dict[CauseKind, Callable[[list[FieldChange]], str]]] = {
    "model": _model,
    "host": _host,
    "prompt": _prompt,
    "attachment": _attachment,
    "tools": _tools,
    "schema": _schema,
    "parameters": _values("parameters"),
}


def _field(path: str) -> str:
    return cut(visible(path.removeprefix("body.")), 80)


def _named(said: list[str]) -> str:
    more = len(said) - _MOST_NAMED
    return ", ".join(said[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _shown(value: object) -> str:
    if value is MISSING:
        return "not sent"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return cut(visible(" ".join(text.split())), 60)
