"""From checked JSON to the nouns of a prompt: messages, tools, response formats, attachments.

Everything here relies on the tables of ``fields``: a wrong type has been noted before. What is
left to find are files, and what two keys say together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pytest_promptdrift._errors import CaseFileError, Where, did_you_mean
from pytest_promptdrift.model import Message, Part, PromptToolCall, ResponseFormat, Tool

from .attachments import AttachmentProblemError, Attachments
from .compiling import Templates
from .prompts import PromptText, TextPlace, Turn, fault_error, make_turn
from .source import read_source, read_text, unreadable
from .templates import TemplateFault

if TYPE_CHECKING:
    from pathlib import Path

    from .problems import Keys, Problems

# JSON whose shape the tables have checked; typing it again would check it twice.
Checked = Any
TOOL_CHOICES = ("auto", "none", "required")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What everybody who reads a part of one case file works with."""

    root: Path
    folder: Path
    problems: Problems
    templates: Templates = field(default_factory=Templates)
    attachments: Attachments

    def shown(self, path: Path) -> str:
        """Return a path as messages name it: from the project's folder, with ``/``."""
        return shown_path(path, self.root)


def shown_path(path: Path, root: Path) -> str:
    """Return a path as messages name it: from ``root`` when it is inside, with ``/``."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()


def trimmed(text: str) -> str:
    """Drop the line end that a block of YAML and most files end with."""
    return text[:-1] if text.endswith("\n") else text


def prompt_text(
    desk: Desk, text: str, at: Keys, what: str, *, is_template: bool
) -> PromptText | None:
    """Return a text of the case file as a template; a syntax error is noted."""
    place = TextPlace(
        where=desk.problems.where(at), what=what, first_line=desk.problems.block_line(at)
    )
    return _compiled(desk, text, place, at, is_template=is_template)


def prompt_from_file(
    desk: Desk, name: str, at: Keys, what: str, *, is_template: bool
) -> PromptText | None:
    """Return the text of another file as a template; whatever is wrong is noted."""
    path = desk.folder / name
    shown = desk.shown(path)
    if reason := unreadable(path):
        desk.problems.add(at, reason)
        return None
    try:
        text = read_text(path, shown)
    except CaseFileError as error:
        desk.problems.mark(at)
        desk.problems.add_error(error)
        return None
    if not text.strip():
        desk.problems.add(at, f"the file {name!r} is empty")
        return None
    place = TextPlace(where=Where(path=shown, line=1), what=what, first_line=1)
    return _compiled(desk, text, place, at, is_template=is_template)


def _compiled(
    desk: Desk, text: str, place: TextPlace, at: Keys, *, is_template: bool
) -> PromptText | None:
    try:
        template = desk.templates.get(trimmed(text), is_template=is_template)
    except TemplateFault as fault:
        desk.problems.mark(at)
        desk.problems.add_error(fault_error(fault, place))
        return None
    return PromptText(template=template, place=place)


def read_turns(desk: Desk, value: Checked, at: Keys, *, is_template: bool) -> tuple[Turn, ...]:
    """Return checked messages as turns; what cannot be used is noted and left out."""
    turns = []
    for index, message in enumerate(value):
        content = message.get("content", [])
        parts = _parts(desk, content, (*at, index), is_template=is_template)
        calls = tuple(
            PromptToolCall(id=call["id"], name=call["name"], arguments=call["arguments"])
            for call in message.get("tool_calls", ())
        )
        turns.append(make_turn(message["role"], parts, calls, message.get("tool_call_id")))
    return tuple(turns)


def read_messages(desk: Desk, value: Checked, at: Keys) -> tuple[Message, ...]:
    """Return checked messages that are no templates."""
    turns = read_turns(desk, value, at, is_template=False)
    return tuple([turn.fixed for turn in turns if turn.fixed is not None])


def _parts(
    desk: Desk, content: Checked, at: Keys, *, is_template: bool
) -> tuple[PromptText | Part, ...]:
    what = f"message {int(at[-1]) + 1}"
    if isinstance(content, str):
        text = prompt_text(desk, content, (*at, "content"), what, is_template=is_template)
        return (text,) if text else ()
    parts: list[PromptText | Part | None] = []
    for number, item in enumerate(content):
        place = (*at, "content", number)
        if "text" in item:
            parts.append(prompt_text(desk, item["text"], place, what, is_template=is_template))
        else:
            parts.append(_attached(desk, item, place))
    return tuple([part for part in parts if part is not None])


def _attached(desk: Desk, item: dict[str, str], at: Keys) -> Part | None:
    use: Literal["image", "file"] = "image" if "image" in item else "file"
    return _part(desk, item[use], use, (*at, use))


def _part(desk: Desk, name: str, use: Literal["image", "file"] | None, at: Keys) -> Part | None:
    try:
        return desk.attachments.part(name, use)
    except AttachmentProblemError as error:
        desk.problems.add(at, str(error))
        return None


def read_attachments(desk: Desk, value: Checked, at: Keys) -> tuple[Part, ...]:
    """Return checked attachments; a file that cannot be used is noted."""
    parts = [
        _part(desk, item, None, (*at, index))
        if isinstance(item, str)
        else _attached(desk, item, (*at, index))
        for index, item in enumerate(value)
    ]
    return tuple([part for part in parts if part is not None])


def read_tools(desk: Desk, value: Checked, at: Keys) -> tuple[Tool, ...]:
    """Return checked tools; a name that is there twice is noted."""
    tools: dict[str, Tool] = {}
    for index, tool in enumerate(value):
        if tool["name"] in tools:
            desk.problems.add((*at, index), f"the tool {tool['name']!r} is there twice")
        tools[tool["name"]] = Tool(
            name=tool["name"],
            description=tool.get("description"),
            parameters=tool.get("parameters", {}),
            strict=tool.get("strict"),
        )
    return tuple(tools.values())


def read_tool_choice(desk: Desk, value: str, at: Keys, tools: tuple[Tool, ...]) -> str:
    """Return the choice; one that names no tool is noted."""
    names = [tool.name for tool in tools]
    if not names:
        desk.problems.add(at, "'tool_choice' needs 'tools'")
    elif value not in TOOL_CHOICES and value not in names:
        known = did_you_mean(value, (*TOOL_CHOICES, *names))
        desk.problems.add(at, f"no tool is called {value!r}{known}")
    return value


def read_response_format(desk: Desk, value: Checked, at: Keys) -> ResponseFormat | None:
    """Return the checked form of the answer; a schema that cannot be read is noted."""
    if value == "json":
        return ResponseFormat()
    schema = value.get("schema")
    if schema is None:
        schema = _schema_from_file(desk, value["schema_file"], (*at, "schema_file"))
        if schema is None:
            return None
    return ResponseFormat(
        schema=schema, name=value.get("name", "answer"), strict=value.get("strict")
    )


def _schema_from_file(desk: Desk, name: str, at: Keys) -> Checked:
    path = desk.folder / name
    if reason := unreadable(path):
        desk.problems.add(at, reason)
        return None
    try:
        source = read_source(path, desk.shown(path))
    except CaseFileError as error:
        desk.problems.mark(at)
        desk.problems.add_error(error)
        return None
    for noted in source.errors():
        desk.problems.mark(at)
        desk.problems.add_error(noted)
    if not isinstance(source.parsed.value, dict):
        desk.problems.add(at, f"the file {name!r} holds no JSON Schema (a mapping)")
        return None
    return source.parsed.value
