"""The documents and streams of the three protocols, as the providers write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .loopback import Call, Reply

CREATED = 1_790_000_000


def last_user(body: Any) -> str:
    """Return the text of the last user turn of any of the three bodies."""
    if not isinstance(body, dict):
        return ""
    turns = body.get("messages", body.get("input", []))
    if isinstance(turns, str):
        return turns
    for turn in reversed(turns):
        if turn.get("role") == "user":
            content = turn.get("content")
            if isinstance(content, str):
                return content
            return "\n".join(part["text"] for part in content if "text" in part)
    return ""


def payload(call: Call, reply: Reply) -> tuple[bytes, str]:
    """Return the body of the answer and its content type."""
    if reply.raw is not None:
        return reply.raw, reply.content_type
    if reply.status >= 400:
        return _dump(_error(call, reply)), "application/json"
    if reply.document is not None:
        return _dump(reply.document), "application/json"
    make, stream = _PROTOCOLS[call.api]
    made = make(call, reply)
    if isinstance(call.body, dict) and call.body.get("stream"):
        return b"".join(stream(made, call)), "text/event-stream"
    return _dump(made), "application/json"


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _error(call: Call, reply: Reply) -> dict[str, Any]:
    key = call.headers.get("authorization", call.headers.get("x-api-key", ""))
    message = reply.error_message.replace("{key}", key.removeprefix("Bearer "))
    if call.api == "messages":
        error = {"type": reply.error_type or "api_error", "message": message}
        return {"type": "error", "error": error, "request_id": "req_loopback"}
    kind = reply.error_type or "server_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": reply.error_code}}


def _parsed(raw: str) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return raw


def _model(call: Call, reply: Reply) -> str:
    asked = call.body.get("model", "") if isinstance(call.body, dict) else ""
    return reply.model or f"{asked}-2026-09-01"


def _chat(call: Call, reply: Reply) -> dict[str, Any]:
    finish = {"refusal": "stop"}.get(reply.finish or "stop", reply.finish or "stop")
    message: dict[str, Any] = {
        "role": "assistant",
        "content": reply.text,
        "refusal": reply.refusal,
        "annotations": [],
    }
    if reply.tools:
        message["tool_calls"] = [
            {
                "id": f"call_{call.number}_{i}",
                "type": "function",
                "function": {"name": name, "arguments": raw},
            }
            for i, (name, raw) in enumerate(reply.tools)
        ]
    taken, given, cached, written, reasoning = reply.usage
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    return {
        "id": f"chatcmpl-{call.number}",
        "object": "chat.completion",
        "created": CREATED,
        "model": _model(call, reply),
        "choices": [choice],
        "usage": {
            "prompt_tokens": taken,
            "completion_tokens": given,
            "total_tokens": taken + given,
            "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_loopback",
    }


def _responses(call: Call, reply: Reply) -> dict[str, Any]:
    output: list[dict[str, Any]] = [{"type": "reasoning", "id": "rs_0", "summary": []}]
    content: list[dict[str, Any]] = []
    if reply.text is not None:
        content.append({"type": "output_text", "text": reply.text, "annotations": []})
    if reply.refusal is not None:
        content.append({"type": "refusal", "refusal": reply.refusal})
    if content:
        output.append(
            {
                "type": "message",
                "id": f"msg_{call.number}",
                "status": "completed",
                "role": "assistant",
                "content": content,
            }
        )
    for i, (name, raw) in enumerate(reply.tools):
        output.append(
            {
                "type": "function_call",
                "id": f"fc_{call.number}_{i}",
                "call_id": f"call_{call.number}_{i}",
                "name": name,
                "arguments": raw,
                "status": "completed",
            }
        )
    reasons = {"length": "max_output_tokens", "content_filter": "content_filter"}
    incomplete = reasons.get(reply.finish or "")
    taken, given, cached, written, reasoning = reply.usage
    return {
        "id": f"resp_{call.number}",
        "object": "response",
        "created_at": CREATED,
        "status": "incomplete" if incomplete else "completed",
        "error": None,
        "incomplete_details": {"reason": incomplete} if incomplete else None,
        "model": _model(call, reply),
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": taken,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
            "output_tokens": given,
            "output_tokens_details": {"reasoning_tokens": reasoning},
            "total_tokens": taken + given,
        },
    }


def _messages(call: Call, reply: Reply) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    text = reply.refusal if reply.refusal is not None else reply.text
    if text is not None:
        content.append({"type": "text", "text": text})
    for i, (name, raw) in enumerate(reply.tools):
        made = {"type": "tool_use", "id": f"toolu_{call.number}_{i}", "name": name}
        content.append({**made, "input": _parsed(raw)})
    reasons = {
        "length": "max_tokens",
        "tool_calls": "tool_use",
        "content_filter": "refusal",
        "pause": "pause_turn",
        "stop": "end_turn",
    }
    finish = reply.finish or "stop"
    taken, given, cached, written, reasoning = reply.usage
    return {
        "id": f"msg_{call.number}",
        "type": "message",
        "role": "assistant",
        "model": _model(call, reply),
        "content": content,
        "stop_reason": reasons.get(finish, finish),
        "stop_sequence": None,
        "usage": {
            "input_tokens": taken - cached - written,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": cached,
            "output_tokens": given,
            "output_tokens_details": {"thinking_tokens": reasoning},
            "service_tier": "standard",
        },
    }


def _pieces(text: str) -> list[str]:
    return [text[at : at + 5] for at in range(0, len(text), 5)]


def _event(name: str | None, data: object) -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def _chat_stream(made: dict[str, Any], call: Call) -> Iterator[bytes]:
    choice, usage = made["choices"][0], made["usage"]
    base = {key: value for key, value in made.items() if key not in {"choices", "usage"}}
    base["object"] = "chat.completion.chunk"

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        part = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event(None, {**base, "choices": [part]})

    yield chunk({"role": "assistant", "content": ""})
    for piece in _pieces(choice["message"]["content"] or ""):
        yield chunk({"content": piece})
    for i, tool in enumerate(choice["message"].get("tool_calls", [])):
        yield chunk({"tool_calls": [{"index": i, **tool}]})
    if choice["message"]["refusal"] is not None:
        yield chunk({"refusal": choice["message"]["refusal"]})
    yield chunk({}, choice["finish_reason"])
    if (call.body.get("stream_options") or {}).get("include_usage"):
        yield _event(None, {**base, "choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def _responses_stream(made: dict[str, Any], _: Call) -> Iterator[bytes]:
    begun = {**made, "status": "in_progress", "output": [], "usage": None}
    events: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": begun}),
        ("response.in_progress", {"response": begun}),
    ]
    for at, item in enumerate(made["output"]):
        events.append(("response.output_item.added", {"output_index": at, "item": _begun(item)}))
        events += _item_events(at, item)
        events.append(("response.output_item.done", {"output_index": at, "item": item}))
    last = "response.incomplete" if made["status"] == "incomplete" else "response.completed"
    events.append((last, {"response": made}))
    for number, (name, data) in enumerate(events):
        yield _event(name, {"type": name, "sequence_number": number, **data})


def _begun(item: dict[str, Any]) -> dict[str, Any]:
    if item["type"] == "message":
        return {**item, "status": "in_progress", "content": []}
    if item["type"] == "function_call":
        return {**item, "status": "in_progress", "arguments": ""}
    return item


def _item_events(at: int, item: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    place = {"output_index": at, "item_id": item["id"]}
    if item["type"] == "function_call":
        arguments = item["arguments"]
        yield "response.function_call_arguments.delta", {**place, "delta": arguments}
        yield (
            "response.function_call_arguments.done",
            {**place, "arguments": arguments, "name": item["name"]},
        )
    for number, part in enumerate(item.get("content", [])):
        here = {**place, "content_index": number}
        kind, key = ("output_text", "text") if "text" in part else ("refusal", "refusal")
        yield "response.content_part.added", {**here, "part": {**part, key: ""}}
        for piece in _pieces(part[key]):
            yield f"response.{kind}.delta", {**here, "delta": piece, "logprobs": []}
        yield f"response.{kind}.done", {**here, key: part[key], "logprobs": []}
        yield "response.content_part.done", {**here, "part": part}


def _messages_stream(made: dict[str, Any], _: Call) -> Iterator[bytes]:
    begun = {**made, "content": [], "stop_reason": None}
    begun["usage"] = {**made["usage"], "output_tokens": 1}
    yield _event("message_start", {"type": "message_start", "message": begun})
    yield _event("ping", {"type": "ping"})
    for at, block in enumerate(made["content"]):
        text = block["type"] == "text"
        empty = {**block, **({"text": ""} if text else {"input": {}})}
        start = {"type": "content_block_start", "index": at, "content_block": empty}
        yield _event("content_block_start", start)
        key, kind = ("text", "text_delta") if text else ("partial_json", "input_json_delta")
        for piece in _pieces(block["text"] if text else json.dumps(block["input"])):
            delta = {"type": kind, key: piece}
            data = {"type": "content_block_delta", "index": at, "delta": delta}
            yield _event("content_block_delta", data)
        yield _event("content_block_stop", {"type": "content_block_stop", "index": at})
    delta = {"stop_reason": made["stop_reason"], "stop_sequence": None}
    usage = {"output_tokens": made["usage"]["output_tokens"]}
    yield _event("message_delta", {"type": "message_delta", "delta": delta, "usage": usage})
    yield _event("message_stop", {"type": "message_stop"})


_PROTOCOLS = {
    "chat": (_chat, _chat_stream),
    "responses": (_responses, _responses_stream),
    "messages": (_messages, _messages_stream),
}
