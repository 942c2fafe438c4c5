"""What the builders of every API share: parts of messages, tools and what is wrong with them.

Knows no API.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import did_you_mean

from .attachments import marker, why_not_json
from .params import ParamProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift._canonical import JsonObject, JsonValue
    from pytest_promptdrift.model import Attachment, Message, Part, Prompt, PromptToolCall

CHOICES = ("auto", "none", "required")


def plain_text(message: Message) -> str | None:
    """Return the text of a message of one text part (or none at all), else None.

    Many compatible servers take text but choke on a list of parts.
    """
    if not message.parts:
        return ""
    return message.parts[0].text if len(message.parts) == 1 else None


def attachment_of(part: Part) -> Attachment | None:
    """Return the file of a part that is not text."""
    return part.image if part.image is not None else part.file


def arguments_text(call: PromptToolCall) -> str:
    """Return the arguments of an earlier tool call as the JSON text that it was."""
    return json.dumps(call.arguments, ensure_ascii=False)


def put(body: dict[str, JsonValue], **fields: JsonValue) -> None:
    """Add the fields that are set; null means not sent."""
    body.update({name: value for name, value in fields.items() if value is not None})


def merge_extra(
    body: dict[str, JsonValue], extra: Mapping[str, JsonValue], problems: list[ParamProblem]
) -> None:
    """Add ``extra_body``; a field that the case already fills is refused, not replaced."""
    for name, value in extra.items():
        if name in body:
            message = "would replace what the case or the model says"
            problems.append(ParamProblem(path=f"params.extra_body.{name}", message=message))
        else:
            body[name] = value


def check_prompt(prompt: Prompt, problems: list[ParamProblem]) -> None:
    """Find what no API could take: values that are not JSON, a choice of no tool."""
    for tool in prompt.tools:
        _check_json(tool.parameters, f"tools.{tool.name}.parameters", problems)
    if prompt.response_format is not None and prompt.response_format.schema is not None:
        _check_json(prompt.response_format.schema, "response_format.schema", problems)
    for index, message in enumerate(prompt.messages):
        for call in message.tool_calls:
            _check_json(call.arguments, f"messages[{index}].tool_calls.{call.name}", problems)
    choice = prompt.tool_choice
    names = [tool.name for tool in prompt.tools]
    if choice is not None and choice not in CHOICES and choice not in names:
        known = did_you_mean(choice, [*CHOICES, *names])
        problems.append(
            ParamProblem(path="tool_choice", message=f"no tool is named {choice!r}{known}")
        )


def _check_json(value: object, path: str, problems: list[ParamProblem]) -> None:
    reason = why_not_json(value)
    if reason is not None:
        problems.append(ParamProblem(path=path, message=reason))


def neutral_body(prompt: Prompt) -> dict[str, JsonValue]:
    """Return a prompt as plain JSON, for models that have no protocol of their own."""
    body: dict[str, JsonValue] = {}
    put(body, system=prompt.system)
    body["messages"] = [_neutral_message(message) for message in prompt.messages]
    if prompt.tools:
        body["tools"] = [
            {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                "strict": tool.strict,
            }
            for tool in prompt.tools
        ]
    put(body, tool_choice=prompt.tool_choice)
    form = prompt.response_format
    if form is not None:
        body["response_format"] = (
            "json"
            if form.schema is None
            else {"name": form.name, "schema": form.schema, "strict": form.strict}
        )
    return body


def _neutral_message(message: Message) -> JsonObject:
    text = plain_text(message)
    made: dict[str, JsonValue] = {
        "role": message.role,
        "content": text if text is not None else [_neutral_part(part) for part in message.parts],
    }
    if message.tool_calls:
        made["tool_calls"] = [
            {"id": call.id, "name": call.name, "arguments": call.arguments}
            for call in message.tool_calls
        ]
    put(made, tool_call_id=message.tool_call_id)
    return made


def _neutral_part(part: Part) -> JsonObject:
    if part.text is not None:
        return {"text": part.text}
    if part.image is not None:
        return {"image": marker(part.image, "base64")}
    if part.file is not None:
        return {"file": marker(part.file, "base64")}
    raise AssertionError("unreachable: a part is text, an image or a file")
