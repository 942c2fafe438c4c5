"""The prompt of a variant as templates, and how it becomes the prompt of one case.

It renders; it does not read files and does not know the format of case files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pytest_promptdrift._errors import CaseFileError, Where, did_you_mean
from pytest_promptdrift.model import Message, Part

from .templates import TemplateFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift.model import PromptToolCall

    from .templates import Template

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlace:
    """Where a text of the prompt stands; ``what`` names it.

    ``first_line`` is the line of the file that the text's own first line stands on; None where the
    lines of the text are not lines of the file, as in a quoted text with escapes.
    """

    where: Where
    what: str
    first_line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptText:
    """A text of the prompt as a template."""

    template: Template
    place: TextPlace

    def render(self, variables: Mapping[str, object]) -> str:
        """Return the text for these values; raises CaseFileError with the line of the mistake."""
        try:
            return self.template.render(variables)
        except TemplateFault as fault:
            raise fault_error(fault, self.place, variables) from None


def fault_error(
    fault: TemplateFault, place: TextPlace, variables: Mapping[str, object] | None = None
) -> CaseFileError:
    """Return a fault of a template as an error of the file it stands in."""
    where, what = place.where, place.what
    if fault.line and place.first_line:
        where = Where(path=where.path, line=place.first_line + fault.line - 1)
    elif fault.line:
        what = f"{what}, line {fault.line}"
    if fault.name is None or variables is None:
        return CaseFileError(f"{what}: {fault.message}", where=where)
    known = did_you_mean(fault.name, variables)
    message = f"{what}: the variable {fault.name!r} is undefined{known}"
    return CaseFileError(message, where=where, hint=None if variables else "the case has no vars")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of the prompt; ``fixed`` is the message itself when it depends on nothing."""

    role: Role
    parts: tuple[PromptText | Part, ...]
    tool_calls: tuple[PromptToolCall, ...] = ()
    tool_call_id: str | None = None
    fixed: Message | None = None

    def render(self, variables: Mapping[str, object]) -> Message:
        """Return the message for these values; raises CaseFileError."""
        if self.fixed is not None:
            return self.fixed
        parts = tuple(
            part if isinstance(part, Part) else Part(text=part.render(variables))
            for part in self.parts
        )
        return Message(
            role=self.role,
            parts=parts,
            tool_calls=self.tool_calls,
            tool_call_id=self.tool_call_id,
        )


def make_turn(
    role: Role,
    parts: tuple[PromptText | Part, ...],
    tool_calls: tuple[PromptToolCall, ...] = (),
    tool_call_id: str | None = None,
) -> Turn:
    """Return a turn that already holds its message when no value can change it."""
    turn = Turn(role=role, parts=parts, tool_calls=tool_calls, tool_call_id=tool_call_id)
    texts = [part for part in parts if isinstance(part, PromptText)]
    if any(text.template.fixed is None for text in texts):
        return turn
    fixed = turn.render({})
    return Turn(
        role=role, parts=parts, tool_calls=tool_calls, tool_call_id=tool_call_id, fixed=fixed
    )


def with_attachments(messages: tuple[Message, ...], parts: tuple[Part, ...]) -> tuple[Message, ...]:
    """Return ``messages`` with ``parts`` at the end of the last user turn; there must be one."""
    index = max(i for i, message in enumerate(messages) if message.role == "user")
    last = messages[index]
    longer = Message(role="user", parts=(*last.parts, *parts))
    return (*messages[:index], longer, *messages[index + 1 :])
