"""OpenAI's responses API: request body and answer.

Pure: no SDK, no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift.model import Request, Response

from . import reading
from .attachments import AUDIO_FORMATS, marker
from .hosts import OPENAI, host
from .neutral import CHOICES, arguments_text, check_prompt, merge_extra, plain_text, put
from .params import ParamProblem, ParamsError, read_params
from .tables import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_promptdrift._canonical import JsonObject, JsonValue
    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Attachment, Message, Part, Prompt, ResponseFormat, Tool

API = RESPONSES.api
PATH = "/responses"


def build(prompt: Prompt, model: ModelConfig, *, environ: Mapping[str, str], root: Path) -> Request:
    """Return the request; raises ParamsError with everything that is wrong with it."""
    del root
    problems: list[ParamProblem] = []
    check_prompt(prompt, problems)
    params = read_params(prompt.params, model, RESPONSES, problems)
    items: list[JsonValue] = []
    for index, message in enumerate(prompt.messages):
        items += _items(message, f"messages[{index}]", problems)
    body: dict[str, JsonValue] = {"model": model.model, "input": items}
    put(body, instructions=prompt.system)
    if prompt.tools:
        body["tools"] = [_tool(tool) for tool in prompt.tools]
    put(body, tool_choice=_choice(prompt.tool_choice))
    body.update(params.body)
    _put_format(body, prompt.response_format, problems)
    merge_extra(body, params.extra, problems)
    if problems:
        raise ParamsError(problems, model=model.name)
    return Request(api=API, body=body, host=host(model, OPENAI, environ))


def _items(message: Message, path: str, problems: list[ParamProblem]) -> list[JsonValue]:
    text = plain_text(message)
    content: JsonValue = text
    if text is None:
        content = [_part(part, message.role, path, problems) for part in message.parts]
    if message.role == "tool":
        return [
            {"type": "function_call_output", "call_id": message.tool_call_id, "output": content}
        ]
    items: list[JsonValue] = []
    if message.parts or not message.tool_calls:
        items.append({"role": message.role, "content": content})
    items += [
        {
            "type": "function_call",
            "call_id": call.id,
            "name": call.name,
            "arguments": arguments_text(call),
        }
        for call in message.tool_calls
    ]
    return items


def _part(part: Part, role: str, path: str, problems: list[ParamProblem]) -> JsonObject:
    if part.text is not None:
        return {"type": "output_text" if role == "assistant" else "input_text", "text": part.text}
    if role not in {"user", "tool"}:
        message = "this API takes images and files in user and tool turns only"
        problems.append(ParamProblem(path=path, message=message))
    if part.image is not None:
        return {"type": "input_image", "image_url": marker(part.image, "data_url")}
    if part.file is not None:
        return _file(part.file)
    raise AssertionError("unreachable: a part is text, an image or a file")


def _file(file: Attachment) -> JsonObject:
    audio = AUDIO_FORMATS.get(file.media_type)
    if audio is not None:
        data: JsonObject = {"data": marker(file, "base64"), "format": audio}
        return {"type": "input_audio", "input_audio": data}
    return {"type": "input_file", "filename": file.name, "file_data": marker(file, "data_url")}


def _tool(tool: Tool) -> JsonObject:
    made: dict[str, JsonValue] = {"type": "function", "name": tool.name}
    put(made, description=tool.description, strict=tool.strict)
    made["parameters"] = tool.parameters or {"type": "object", "properties": {}}
    return made


def _choice(choice: str | None) -> JsonValue:
    if choice is None or choice in CHOICES:
        return choice
    return {"type": "function", "name": choice}


def _put_format(
    body: dict[str, JsonValue], form: ResponseFormat | None, problems: list[ParamProblem]
) -> None:
    """Put the form of the answer beside what `params.text` says."""
    text = body.get("text")
    if isinstance(text, dict) and "format" in text:
        message = "belongs to the case: write `response_format` there"
        problems.append(ParamProblem(path="params.text.format", message=message))
    if form is None:
        return
    made: dict[str, JsonValue] = {"type": "json_object"}
    if form.schema is not None:
        made = {"type": "json_schema", "name": form.name, "schema": form.schema}
        put(made, strict=form.strict)
    body["text"] = {**(text if isinstance(text, dict) else {}), "format": made}


_INCOMPLETE = {"max_output_tokens": "length"}


def parse(answer: JsonObject) -> Response:
    """Read an answer; raises UnreadableError when it is not one of this protocol."""
    output = answer.get("output")
    if not isinstance(output, list):
        raise reading.UnreadableError("the answer holds no output")
    status = reading.text_or_none(answer.get("status"))
    items = [reading.loose(item) for item in output]
    calls = tuple(made for item in items if (made := _tool_call(item)) is not None)
    parts = [reading.loose(part) for item in items for part in _parts(item)]
    refusals = [part["refusal"] for part in parts if isinstance(part.get("refusal"), str)]
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    finish = _finish(status, answer, has_calls=bool(calls), refused=bool(refusals))
    if not texts and not refusals and not calls and finish == "stop":
        raise reading.UnreadableError("the answer holds no message and no tool call")
    return Response(
        text="".join(str(text) for text in texts),
        tool_calls=calls,
        finish_reason=finish,
        refusal="".join(str(text) for text in refusals) or None,
        served_model=reading.text_or_none(answer.get("model")),
        response_id=reading.text_or_none(answer.get("id")),
        usage=_usage(answer.get("usage")),
    )


def _finish(
    status: str | None, answer: JsonObject, *, has_calls: bool, refused: bool
) -> str | None:
    if status == "incomplete":
        details = reading.loose(answer.get("incomplete_details"))
        reason = reading.text_or_none(details.get("reason"))
        return _INCOMPLETE.get(reason or "", reason or status)
    if refused:
        return "refusal"
    if has_calls:
        return "tool_calls"
    return "stop" if status in {"completed", None} else status


def _parts(item: JsonObject) -> list[JsonValue]:
    content = item.get("content")
    is_message = item.get("type") == "message"
    return list(content) if is_message and isinstance(content, list) else []


def _tool_call(item: JsonObject) -> reading.ToolCall | None:
    kind = item.get("type")
    if kind == "function_call":
        return reading.tool_call(item.get("name"), item.get("arguments"), item.get("call_id"))
    if kind == "custom_tool_call":
        return reading.free_call(item.get("name"), item.get("input"), item.get("call_id"))
    return None


def _usage(usage: JsonValue) -> reading.Usage | None:
    held = reading.loose(usage)
    taken = reading.loose(held.get("input_tokens_details"))
    given = reading.loose(held.get("output_tokens_details"))
    return reading.usage(
        taken=held.get("input_tokens"),
        given=held.get("output_tokens"),
        cached=taken.get("cached_tokens"),
        written=taken.get("cache_write_tokens"),
        reasoning=given.get("reasoning_tokens"),
    )
