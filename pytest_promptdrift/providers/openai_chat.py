"""OpenAI's chat completions, which most other servers speak too: request body and answer.

Pure: no SDK, no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift.model import Request, Response

from . import reading
from .attachments import AUDIO_FORMATS, marker
from .hosts import OPENAI, host
from .neutral import (
    CHOICES,
    arguments_text,
    check_prompt,
    merge_extra,
    plain_text,
    put,
)
from .params import ParamProblem, ParamsError, read_params
from .tables import CHAT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_promptdrift._canonical import JsonObject, JsonValue
    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Attachment, Message, Part, Prompt, ResponseFormat, Tool

API = CHAT.api
PATH = "/chat/completions"


def build(prompt: Prompt, model: ModelConfig, *, environ: Mapping[str, str], root: Path) -> Request:
    """Return the request; raises ParamsError with everything that is wrong with it."""
    del root
    problems: list[ParamProblem] = []
    check_prompt(prompt, problems)
    params = read_params(prompt.params, model, CHAT, problems)
    messages: list[JsonValue] = []
    if prompt.system is not None:
        messages.append({"role": "system", "content": prompt.system})
    for index, message in enumerate(prompt.messages):
        messages.append(_message(message, f"messages[{index}]", problems))
    body: dict[str, JsonValue] = {"model": model.model, "messages": messages}
    if prompt.tools:
        body["tools"] = [_tool(tool) for tool in prompt.tools]
    put(body, tool_choice=_choice(prompt.tool_choice))
    if prompt.response_format is not None:
        body["response_format"] = _format(prompt.response_format)
    body.update(params.body)
    merge_extra(body, params.extra, problems)
    if problems:
        raise ParamsError(problems, model=model.name)
    return Request(api=API, body=body, host=host(model, OPENAI, environ))


def _message(message: Message, path: str, problems: list[ParamProblem]) -> JsonObject:
    made: dict[str, JsonValue] = {"role": message.role}
    text = plain_text(message)
    if message.tool_calls and not message.parts:
        made["content"] = None
    elif text is not None:
        made["content"] = text
    else:
        only_text = message.role != "user"
        made["content"] = [_part(part, path, problems, only_text) for part in message.parts]
    if message.tool_calls:
        made["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": arguments_text(call)},
            }
            for call in message.tool_calls
        ]
    put(made, tool_call_id=message.tool_call_id)
    return made


def _part(
    part: Part,
    path: str,
    problems: list[ParamProblem],
    only_text: bool,
) -> JsonObject:
    if part.text is not None:
        return {"type": "text", "text": part.text}
    if only_text:
        message = "this API takes images and files in user turns only"
        problems.append(ParamProblem(path=path, message=message))
    if part.image is not None:
        return {"type": "image_url", "image_url": {"url": marker(part.image, "data_url")}}
    if part.file is not None:
        return _file(part.file)
    raise AssertionError("unreachable: a part is text, an image or a file")


def _file(file: Attachment) -> JsonObject:
    audio = AUDIO_FORMATS.get(file.media_type)
    if audio is not None:
        data: JsonObject = {"data": marker(file, "base64"), "format": audio}
        return {"type": "input_audio", "input_audio": data}
    held: JsonObject = {"filename": file.name, "file_data": marker(file, "data_url")}
    return {"type": "file", "file": held}


def _tool(tool: Tool) -> JsonObject:
    function: dict[str, JsonValue] = {"name": tool.name}
    put(function, description=tool.description, strict=tool.strict)
    if tool.parameters:
        function["parameters"] = tool.parameters
    return {"type": "function", "function": function}


def _choice(choice: str | None) -> JsonValue:
    if choice is None or choice in CHOICES:
        return choice
    return {"type": "function", "function": {"name": choice}}


def _format(form: ResponseFormat) -> JsonObject:
    if form.schema is None:
        return {"type": "json_object"}
    named: dict[str, JsonValue] = {"name": form.name, "schema": form.schema}
    put(named, strict=form.strict)
    return {"type": "json_schema", "json_schema": named}


_FINISH = {"function_call": "tool_calls"}


def parse(answer: JsonObject) -> Response:
    """Read an answer; raises UnreadableError when it is not one of this protocol."""
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        raise reading.UnreadableError("the answer holds no choices")
    choice = reading.as_object(choices[0], "choices[0]")
    message = reading.as_object(choice.get("message"), "choices[0].message")
    calls = _tool_calls(message)
    refusal = reading.text_or_none(message.get("refusal"))
    finish = reading.text_or_none(choice.get("finish_reason"))
    text = _content(message.get("content"))
    if text is None and not calls and refusal is None and finish in {None, "stop"}:
        raise reading.UnreadableError("the answer holds no content (null) and no tool call")
    return Response(
        text=text or "",
        tool_calls=calls,
        finish_reason="refusal" if refusal else _FINISH.get(finish or "", finish),
        refusal=refusal,
        served_model=reading.text_or_none(answer.get("model")),
        fingerprint=reading.text_or_none(answer.get("system_fingerprint")),
        response_id=reading.text_or_none(answer.get("id")),
        usage=_usage(answer.get("usage")),
    )


def _content(content: JsonValue) -> str | None:
    """Join the text of an answer; some servers answer with a list of parts."""
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise reading.UnreadableError("choices[0].message.content is neither text nor a list")
    pieces = [reading.loose(part).get("text") for part in content]
    return "".join(piece for piece in pieces if isinstance(piece, str))


def _tool_calls(message: JsonObject) -> tuple[reading.ToolCall, ...]:
    raw = message.get("tool_calls")
    listed = raw if isinstance(raw, list) else []
    made = []
    for index, item in enumerate(listed):
        call = reading.as_object(item, f"tool_calls[{index}]")
        custom = reading.loose(call.get("custom"))
        if custom:
            name, arguments = custom.get("name"), custom.get("input")
            made.append(reading.free_call(name, arguments, call.get("id")))
            continue
        function = reading.as_object(call.get("function"), f"tool_calls[{index}].function")
        made.append(
            reading.tool_call(function.get("name"), function.get("arguments"), call.get("id"))
        )
    legacy = reading.loose(message.get("function_call"))
    if legacy and not made:
        made.append(reading.tool_call(legacy.get("name"), legacy.get("arguments"), None))
    return tuple(made)


def _usage(usage: JsonValue) -> reading.Usage | None:
    held = reading.loose(usage)
    taken = reading.loose(held.get("prompt_tokens_details"))
    given = reading.loose(held.get("completion_tokens_details"))
    return reading.usage(
        taken=held.get("prompt_tokens"),
        given=held.get("completion_tokens"),
        cached=taken.get("cached_tokens"),
        written=taken.get("cache_write_tokens"),
        reasoning=given.get("reasoning_tokens"),
    )
