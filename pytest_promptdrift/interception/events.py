"""Event streams as lists of events, and whether a stream came to its own end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .layouts import layout_of, lossless, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_promptdrift._canonical import JsonObject, JsonValue

End = Literal["done", "failed", "open"]

_DONE = "[DONE]"
_FINISHED = frozenset({"message_stop", "response.completed", "response.incomplete"})
_FAILED = frozenset({"error", "response.failed", "response.cancelled"})


def read_events(text: str) -> tuple[list[JsonValue], str]:
    """Return the events of a stream and how their JSON was written.

    Comments are left out, and so is what follows the mark of the end or has no blank line after
    it. Data that is no JSON stands as ``text``.
    """
    raw = list(_raw_events(text))
    layout = layout_of(fields["data"] for fields in raw if "data" in fields)
    return [_event(fields) for fields in raw], layout


def write_events(events: Sequence[JsonValue], layout: str) -> str:
    """Return the text of a stream."""
    return "".join(_block(event, layout) for event in events if isinstance(event, dict))


def end_of(events: Sequence[JsonValue]) -> End:
    """Tell whether a stream says that it is over, that it failed, or nothing of both."""
    for event in events:
        if not isinstance(event, dict):
            continue
        if str(event.get("text", "")).startswith(_DONE):
            return "done"
        data = event.get("data")
        named = {event.get("event"), data.get("type") if isinstance(data, dict) else None}
        if named & _FAILED or (isinstance(data, dict) and data.get("error")):
            return "failed"
        if named & _FINISHED:
            return "done"
    return "open"


def has_finish_reason(events: Sequence[JsonValue]) -> bool:
    """Tell whether a stream of chat completions gave a reason for its end.

    Some servers do not send the mark of the end; one of theirs ends when the body does.
    """
    return any(
        isinstance(choice, dict) and choice.get("finish_reason")
        for event in events
        for choice in _choices(event)
    )


def _choices(event: JsonValue) -> Iterable[JsonValue]:
    data = event.get("data") if isinstance(event, dict) else None
    choices = data.get("choices") if isinstance(data, dict) else None
    return choices if isinstance(choices, list) else ()


def _raw_events(text: str) -> Iterator[Mapping[str, str]]:
    blocks = text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n")
    # What stands behind the last blank line did not arrive whole.
    for block in blocks[:-1]:
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            if not name:
                continue
            value = value.removeprefix(" ")
            both = name == "data" and name in fields
            fields[name] = f"{fields[name]}\n{value}" if both else value
        if fields:
            yield fields
        if fields.get("data", "").startswith(_DONE):
            return


def _event(fields: Mapping[str, str]) -> JsonObject:
    event: dict[str, JsonValue] = {k: v for k, v in fields.items() if k not in {"data", "text"}}
    if "data" in fields:
        parsed = lossless(fields["data"])
        if parsed is None:
            event["text"] = fields["data"]
        else:
            event["data"] = parsed.value
    return event


def _block(event: JsonObject, layout: str) -> str:
    lines = [f"{name}: {value}" for name, value in event.items() if name not in {"data", "text"}]
    if "data" in event or "text" in event:
        data = written(event["data"], layout) if "data" in event else str(event["text"])
        lines += [f"data: {line}" for line in data.split("\n")]
    return "\n".join(lines) + "\n\n"
