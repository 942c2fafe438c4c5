"""Compares which tools are called, in what order, and what their arguments look like."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from pytest_promptdrift._text import cut, plural
from pytest_promptdrift.model import Finding

from .json_shape import infer_shape
from .shape_diff import compare_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_promptdrift.model import Response, Severity

_Names: TypeAlias = tuple[str, ...]


def tool_findings(accepted: Sequence[Response], fresh: Sequence[Response]) -> Iterator[Finding]:
    """Yield changed names, order and arguments of tool calls."""
    before, after = _sequences(accepted), _sequences(fresh)
    if not any(before) and not any(after):
        return
    usual = before.most_common(1)[0][0]
    for names, count in after.items():
        if names in before:
            continue
        kind, text, severity = _change(names, before)
        yield Finding(
            kind=kind,
            message=f"{text}: {_shown(usual)} → {_shown(names)}"
            f" ({count} of {plural(len(fresh), 'fresh answer')})",
            severity=severity,
            old=_shown(usual),
            new=_shown(names),
            accepted=before[usual],
            accepted_of=len(accepted),
            fresh=count,
            fresh_of=len(fresh),
        )
    yield from _arguments(accepted, fresh)


def _sequences(responses: Sequence[Response]) -> Counter[_Names]:
    return Counter(tuple(call.name for call in r.tool_calls) for r in responses)


def _change(names: _Names, before: Counter[_Names]) -> tuple[str, str, Severity]:
    """Name the difference from the accepted sequence that is nearest."""
    known = Counter(names)
    if any(Counter(other) == known for other in before):
        # calls of one answer run side by side: their order seldom matters
        return "tool_order", "tools called in another order", "warn"
    if not names:
        return "tool_gone", "no tool is called any more", "fail"
    if any(len(other) == len(names) for other in before):
        return "tool_name", "another tool is called", "fail"
    fewer = any(Counter(other) > known for other in before)
    if fewer:
        return "tool_gone", "a tool is no longer called", "fail"
    return "tool_new", "a tool is called that was not", "fail"


def _arguments(accepted: Sequence[Response], fresh: Sequence[Response]) -> Iterator[Finding]:
    for name in sorted({c.name for r in accepted for c in r.tool_calls}):
        old = [c for r in accepted for c in r.tool_calls if c.name == name]
        new = [c for r in fresh for c in r.tool_calls if c.name == name]
        broken = [c for c in new if c.raw is not None and c.arguments is None]
        if broken and not any(c.raw is not None and c.arguments is None for c in old):
            yield Finding(
                kind="tool_arguments",
                message=f"{name}: the arguments are no JSON",
                severity="fail",
                new=cut(broken[0].raw or "", 120),
                path=name,
                accepted=len(old),
                accepted_of=len(old),
                fresh=len(broken),
                fresh_of=len(new),
            )
        elif new:
            shapes = (infer_shape(c.arguments for c in old), infer_shape(c.arguments for c in new))
            yield from compare_shapes(*shapes, prefix=name)


def _shown(names: _Names) -> str:
    return cut(", ".join(names), 120) if names else "no tool"
