"""Anthropic's messages API: request body and answer.

Pure: no SDK, no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift.model import Request, Response

from . import reading
from .attachments import is_text, marker
from .hosts import ANTHROPIC, host
from .neutral import attachment_of, check_prompt, merge_extra, plain_text, put
from .params import ParamProblem, ParamsError, read_params
from .tables import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_promptdrift._canonical import JsonObject, JsonValue
    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Attachment, Message, Part, Prompt, ResponseFormat, Tool

API = MESSAGES.api
PATH = "/v1/messages"

_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


def build(prompt: Prompt, model: ModelConfig, *, environ: Mapping[str, str], root: Path) -> Request:
    """Return the request; raises ParamsError with everything that is wrong with it."""
    del root
    problems: list[ParamProblem] = []
    check_prompt(prompt, problems)
    params = read_params(prompt.params, model, MESSAGES, problems)
    body: dict[str, JsonValue] = {"model": model.model}
    put(body, system=prompt.system)
    body["messages"] = _messages(prompt.messages, problems)
    if prompt.tools:
        body["tools"] = [_tool(tool) for tool in prompt.tools]
    put(body, tool_choice=_choice(prompt.tool_choice))
    body.update(params.body)
    _put_format(body, prompt.response_format, problems)
    merge_extra(body, params.extra, problems)
    if problems:
        raise ParamsError(problems, model=model.name)
    return Request(api=API, body=body, host=host(model, ANTHROPIC, environ), betas=params.betas)


def _messages(messages: tuple[Message, ...], problems: list[ParamProblem]) -> list[JsonValue]:
    """Return the turns; results of several tools that follow each other make one user turn."""
    made: list[JsonValue] = []
    results: list[JsonValue] = []
    for index, message in enumerate(messages):
        path = f"messages[{index}]"
        if message.role == "tool":
            if not results:
                made.append({"role": "user", "content": results})
            results.append(_result(message, path, problems))
            continue
        results = []
        made.append(_message(message, path, problems))
    return made


def _message(message: Message, path: str, problems: list[ParamProblem]) -> JsonObject:
    text = plain_text(message)
    if text is not None and not message.tool_calls:
        return {"role": message.role, "content": text}
    blocks: list[JsonValue] = [_part(part, message.role, path, problems) for part in message.parts]
    blocks += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}
        for call in message.tool_calls
    ]
    return {"role": message.role, "content": blocks}


def _result(message: Message, path: str, problems: list[ParamProblem]) -> JsonObject:
    content: JsonValue = plain_text(message)
    if content is None:
        content = [_part(part, "user", path, problems) for part in message.parts]
    return {"type": "tool_result", "tool_use_id": message.tool_call_id, "content": content}


def _part(part: Part, role: str, path: str, problems: list[ParamProblem]) -> JsonObject:
    if part.text is not None:
        return {"type": "text", "text": part.text}
    held = attachment_of(part)
    if held is None:
        raise AssertionError("unreachable: a part is text, an image or a file")
    if role != "user":
        message = "this API takes images and files in user and tool turns only"
        problems.append(ParamProblem(path=path, message=message))
    if part.image is not None:
        if held.media_type not in _IMAGES:
            kinds = ", ".join(sorted(_IMAGES))
            message = f"this API takes images of {kinds}; {held.name} is {held.media_type}"
            problems.append(ParamProblem(path=path, message=message))
        return {"type": "image", "source": _base64(held)}
    return {"type": "document", "source": _document(held, path, problems)}


def _base64(held: Attachment) -> JsonObject:
    return {"type": "base64", "media_type": held.media_type, "data": marker(held, "base64")}


def _document(held: Attachment, path: str, problems: list[ParamProblem]) -> JsonObject:
    if is_text(held):
        return {"type": "text", "media_type": "text/plain", "data": marker(held, "text")}
    if held.media_type != "application/pdf":
        message = f"this API takes PDF and text files; {held.name} is {held.media_type}"
        problems.append(ParamProblem(path=path, message=message))
    return _base64(held)


def _tool(tool: Tool) -> JsonObject:
    made: dict[str, JsonValue] = {"name": tool.name}
    put(made, description=tool.description, strict=tool.strict)
    made["input_schema"] = tool.parameters or {"type": "object", "properties": {}}
    return made


def _choice(choice: str | None) -> JsonValue:
    if choice is None:
        return None
    known = {"auto": "auto", "none": "none", "required": "any"}
    return {"type": known[choice]} if choice in known else {"type": "tool", "name": choice}


def _put_format(
    body: dict[str, JsonValue], form: ResponseFormat | None, problems: list[ParamProblem]
) -> None:
    """Put the form of the answer beside what `params.output_config` says."""
    config = body.get("output_config")
    if isinstance(config, dict) and "format" in config:
        message = "belongs to the case: write `response_format` there"
        problems.append(ParamProblem(path="params.output_config.format", message=message))
    if form is None:
        return
    if form.schema is None:
        message = "this API has no free JSON form: give a schema, or ask for JSON in the prompt"
        problems.append(ParamProblem(path="response_format", message=message))
        return
    made: JsonObject = {"type": "json_schema", "schema": form.schema}
    body["output_config"] = {**(config if isinstance(config, dict) else {}), "format": made}


_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "pause_turn": "pause",
}


def parse(answer: JsonObject) -> Response:
    """Read an answer; raises UnreadableError when it is not one of this protocol."""
    content = answer.get("content")
    if not isinstance(content, list):
        raise reading.UnreadableError("the answer holds no content")
    blocks = [reading.loose(block) for block in content]
    texts = [block["text"] for block in blocks if block.get("type") == "text" and "text" in block]
    if not all(isinstance(text, str) for text in texts):
        raise reading.UnreadableError("a text block of the answer holds no text")
    finish = reading.text_or_none(answer.get("stop_reason"))
    text = "".join(str(text) for text in texts)
    return Response(
        text=text,
        tool_calls=tuple(
            reading.tool_call(block.get("name"), block.get("input"), block.get("id"))
            for block in blocks
            if block.get("type") == "tool_use"
        ),
        finish_reason=_FINISH.get(finish or "", finish),
        refusal=_refusal(answer, text) if finish == "refusal" else None,
        served_model=reading.text_or_none(answer.get("model")),
        response_id=reading.text_or_none(answer.get("id")),
        usage=_usage(answer.get("usage")),
    )


def _refusal(answer: JsonObject, text: str) -> str:
    details = reading.loose(answer.get("stop_details"))
    reasons = [details.get("explanation"), text, details.get("category")]
    return next((reason for reason in reasons if isinstance(reason, str) and reason), "refused")


def _usage(usage: JsonValue) -> reading.Usage | None:
    """Return the counts; this API counts cached input apart, so it is added back."""
    held = reading.loose(usage)
    cached, written = held.get("cache_read_input_tokens"), held.get("cache_creation_input_tokens")
    fresh = held.get("input_tokens")
    counted = [reading.count(part) for part in (fresh, cached, written)]
    return reading.usage(
        taken=None if counted[0] is None else sum(part or 0 for part in counted),
        given=held.get("output_tokens"),
        cached=cached,
        written=written,
        reasoning=reading.loose(held.get("output_tokens_details")).get("thinking_tokens"),
    )
