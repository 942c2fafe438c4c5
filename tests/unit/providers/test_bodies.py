from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.prompts import PIXEL, a_model, ask, attach, say

from pytest_promptdrift.model import (
    Attachment,
    Message,
    Part,
    Prompt,
    PromptToolCall,
    ResponseFormat,
    Tool,
)
from pytest_promptdrift.providers import ParamsError, build_request

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = {"type": "object", "properties": {"label": {"type": "string"}}}
FIND = Tool(name="find", description="Finds orders.", parameters=SCHEMA)
REMOTE = ("openai", "openai:responses", "anthropic")
ALL = (*REMOTE, "fake")


def body(provider: str, prompt: Prompt) -> dict[str, Any]:
    return dict(build_request(prompt, a_model(provider), environ={}).body)


def digest(provider: str, prompt: Prompt) -> str:
    return build_request(prompt, a_model(provider), environ={}).digest


def mark(held: Attachment, form: str) -> dict[str, object]:
    return {
        "$attachment": held.sha256,
        "media_type": held.media_type,
        "bytes": held.size,
        "as": form,
    }


CONVERSATION = (
    say("user", "where is my order?"),
    Message(
        role="assistant",
        parts=(),
        tool_calls=(
            PromptToolCall(id="c1", name="find", arguments={"order": "ä1"}),
            PromptToolCall(id="c2", name="find", arguments={}),
        ),
    ),
    say("tool", "shipped", tool_call_id="c1"),
    say("tool", "unknown", tool_call_id="c2"),
    say("assistant", "It is under way."),
    say("user", "thanks"),
)


def test_chat_puts_system_first_and_text_as_plain_text() -> None:
    made = body("openai", ask("hi", system="be brief"))
    assert made["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "hi"},
    ]
    assert made["model"] == "gpt-5-mini"


def test_responses_puts_system_into_instructions() -> None:
    made = body("openai:responses", ask("hi", system="be brief"))
    assert made["instructions"] == "be brief"
    assert made["input"] == [{"role": "user", "content": "hi"}]


def test_anthropic_puts_system_beside_the_messages() -> None:
    made = body("anthropic", ask("hi", system="be brief"))
    assert made["system"] == "be brief"
    assert made["messages"] == [{"role": "user", "content": "hi"}]


def test_chat_conversation_with_tools() -> None:
    made = body("openai", ask(messages=CONVERSATION))["messages"]
    assert made[1] == {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "find", "arguments": '{"order": "ä1"}'},
            },
            {"id": "c2", "type": "function", "function": {"name": "find", "arguments": "{}"}},
        ],
    }
    assert made[2] == {"role": "tool", "content": "shipped", "tool_call_id": "c1"}
    assert made[4] == {"role": "assistant", "content": "It is under way."}


def test_responses_conversation_with_tools() -> None:
    made = body("openai:responses", ask(messages=CONVERSATION))["input"]
    assert made[1:4] == [
        {
            "type": "function_call",
            "call_id": "c1",
            "name": "find",
            "arguments": '{"order": "ä1"}',
        },
        {"type": "function_call", "call_id": "c2", "name": "find", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "shipped"},
    ]
    assert made[5] == {"role": "assistant", "content": "It is under way."}


def test_anthropic_conversation_puts_results_of_several_tools_into_one_turn() -> None:
    made = body("anthropic", ask(messages=CONVERSATION))["messages"]
    assert [turn["role"] for turn in made] == ["user", "assistant", "user", "assistant", "user"]
    assert made[1]["content"] == [
        {"type": "tool_use", "id": "c1", "name": "find", "input": {"order": "ä1"}},
        {"type": "tool_use", "id": "c2", "name": "find", "input": {}},
    ]
    assert made[2]["content"] == [
        {"type": "tool_result", "tool_use_id": "c1", "content": "shipped"},
        {"type": "tool_result", "tool_use_id": "c2", "content": "unknown"},
    ]


def test_text_beside_tool_calls_is_kept() -> None:
    turn = Message(
        role="assistant",
        parts=(Part(text="let me look"),),
        tool_calls=(PromptToolCall(id="c1", name="find", arguments={}),),
    )
    prompt = ask(messages=(say("user", "hi"), turn, say("tool", "x", tool_call_id="c1")))
    assert body("openai", prompt)["messages"][1]["content"] == "let me look"
    assert body("openai:responses", prompt)["input"][1]["content"] == "let me look"
    assert body("anthropic", prompt)["messages"][1]["content"][0]["text"] == "let me look"


def test_several_text_parts_stay_parts() -> None:
    turn, reply = say("user", "a", "b"), say("assistant", "c", "d")
    prompt = ask(messages=(turn, reply, say("user", "e")))
    assert body("openai", prompt)["messages"][0]["content"] == [
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b"},
    ]
    assert body("openai:responses", prompt)["input"][0]["content"][1]["type"] == "input_text"
    assert body("openai:responses", prompt)["input"][1]["content"][1]["type"] == "output_text"
    assert body("anthropic", prompt)["messages"][0]["content"][1] == {"type": "text", "text": "b"}
    assert body("fake", prompt)["messages"][0]["content"] == [{"text": "a"}, {"text": "b"}]


def test_a_turn_without_parts_is_empty_text() -> None:
    assert body("openai", ask(messages=(Message(role="user", parts=()),)))["messages"] == [
        {"role": "user", "content": ""}
    ]


def test_tools_in_the_form_of_each_api() -> None:
    prompt = ask(tools=(FIND, Tool(name="ping", strict=True)))
    assert body("openai", prompt)["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "find",
                "description": "Finds orders.",
                "parameters": SCHEMA,
            },
        },
        {"type": "function", "function": {"name": "ping", "strict": True}},
    ]
    assert body("openai:responses", prompt)["tools"] == [
        {
            "type": "function",
            "name": "find",
            "description": "Finds orders.",
            "parameters": SCHEMA,
        },
        {
            "type": "function",
            "name": "ping",
            "strict": True,
            "parameters": {"type": "object", "properties": {}},
        },
    ]
    assert body("anthropic", prompt)["tools"] == [
        {"name": "find", "description": "Finds orders.", "input_schema": SCHEMA},
        {"name": "ping", "strict": True, "input_schema": {"type": "object", "properties": {}}},
    ]


@pytest.mark.parametrize(
    ("choice", "chat", "responses", "messages"),
    [
        ("auto", "auto", "auto", {"type": "auto"}),
        ("none", "none", "none", {"type": "none"}),
        ("required", "required", "required", {"type": "any"}),
        (
            "find",
            {"type": "function", "function": {"name": "find"}},
            {"type": "function", "name": "find"},
            {"type": "tool", "name": "find"},
        ),
    ],
)
def test_tool_choice_in_the_form_of_each_api(
    choice: str, chat: object, responses: object, messages: object
) -> None:
    prompt = ask(tools=(FIND,), tool_choice=choice)
    assert [body(provider, prompt)["tool_choice"] for provider in REMOTE] == [
        chat,
        responses,
        messages,
    ]


def test_a_choice_of_a_tool_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(ParamsError, match="no tool is named 'fnd', did you mean 'find'"):
        body("openai", ask(tools=(FIND,), tool_choice="fnd"))


def test_response_format_with_a_schema() -> None:
    prompt = ask(response_format=ResponseFormat(schema=SCHEMA, name="label", strict=True))
    assert body("openai", prompt)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "label", "schema": SCHEMA, "strict": True},
    }
    assert body("openai:responses", prompt)["text"] == {
        "format": {"type": "json_schema", "name": "label", "schema": SCHEMA, "strict": True}
    }
    assert body("anthropic", prompt)["output_config"] == {
        "format": {"type": "json_schema", "schema": SCHEMA}
    }
    assert body("fake", prompt)["response_format"]["schema"] == SCHEMA


def test_response_format_json_without_a_schema() -> None:
    prompt = ask(response_format=ResponseFormat())
    assert body("openai", prompt)["response_format"] == {"type": "json_object"}
    assert body("openai:responses", prompt)["text"] == {"format": {"type": "json_object"}}
    assert body("fake", prompt)["response_format"] == "json"
    with pytest.raises(ParamsError, match="has no free JSON form: give a schema"):
        body("anthropic", prompt)


def test_response_format_joins_what_params_say_about_the_answer() -> None:
    form = ResponseFormat(schema=SCHEMA)
    text = ask(response_format=form, params={"text": {"verbosity": "low"}})
    assert body("openai:responses", text)["text"].keys() == {"verbosity", "format"}
    config = ask(response_format=form, params={"max_tokens": 9, "output_config": {"effort": "low"}})
    assert body("anthropic", config)["output_config"].keys() == {"effort", "format"}


@pytest.mark.parametrize(
    ("provider", "name"), [("openai:responses", "text"), ("anthropic", "output_config")]
)
def test_a_form_hidden_in_params_is_sent_to_the_case(provider: str, name: str) -> None:
    params = {"max_output_tokens": 5, name: {"format": {"type": "json_object"}}}
    with pytest.raises(ParamsError, match=rf"params.{name}.format: belongs to the case"):
        body(provider, ask(params=params))


def test_images_in_the_form_of_each_api(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.png", PIXEL, "image/png")
    prompt = ask(messages=(Message(role="user", parts=(Part(text="see"), Part(image=held))),))
    assert body("openai", prompt)["messages"][0]["content"][1] == {
        "type": "image_url",
        "image_url": {"url": mark(held, "data_url")},
    }
    assert body("openai:responses", prompt)["input"][0]["content"][1] == {
        "type": "input_image",
        "image_url": mark(held, "data_url"),
    }
    assert body("anthropic", prompt)["messages"][0]["content"][1] == {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": mark(held, "base64")},
    }
    assert body("fake", prompt)["messages"][0]["content"][1] == {"image": mark(held, "base64")}


def test_pdf_files_in_the_form_of_each_api(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.pdf", b"%PDF-1.7", "application/pdf")
    prompt = ask(messages=(Message(role="user", parts=(Part(file=held),)),))
    data_url = mark(held, "data_url")
    assert body("openai", prompt)["messages"][0]["content"] == [
        {"type": "file", "file": {"filename": "a.pdf", "file_data": data_url}}
    ]
    assert body("openai:responses", prompt)["input"][0]["content"] == [
        {"type": "input_file", "filename": "a.pdf", "file_data": data_url}
    ]
    assert body("anthropic", prompt)["messages"][0]["content"] == [
        {
            "type": "document",
            "source": {
                "type": "base64",
                "media_type": "application/pdf",
                "data": mark(held, "base64"),
            },
        }
    ]
    assert body("fake", prompt)["messages"][0]["content"] == [{"file": mark(held, "base64")}]


@pytest.mark.parametrize("media_type", ["text/csv", "application/json", "application/ld+json"])
def test_anthropic_takes_text_files_as_text(tmp_path: Path, media_type: str) -> None:
    held = attach(tmp_path / "a.txt", b"hello", media_type)
    prompt = ask(messages=(Message(role="user", parts=(Part(file=held),)),))
    assert body("anthropic", prompt)["messages"][0]["content"][0]["source"] == {
        "type": "text",
        "media_type": "text/plain",
        "data": mark(held, "text"),
    }


def test_openai_takes_sound_as_sound(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.mp3", b"ID3", "audio/mpeg")
    prompt = ask(messages=(Message(role="user", parts=(Part(file=held),)),))
    sound = {
        "type": "input_audio",
        "input_audio": {"data": mark(held, "base64"), "format": "mp3"},
    }
    assert body("openai", prompt)["messages"][0]["content"] == [sound]
    assert body("openai:responses", prompt)["input"][0]["content"] == [sound]


@pytest.mark.parametrize(
    ("media_type", "kind", "message"),
    [
        ("image/tiff", "image", "takes images of image/gif, image/jpeg"),
        ("application/zip", "file", "takes PDF and text files; a.bin is application/zip"),
    ],
)
def test_anthropic_refuses_files_it_does_not_take(
    tmp_path: Path, media_type: str, kind: str, message: str
) -> None:
    part = Part(**{kind: attach(tmp_path / "a.bin", b"x", media_type)})
    with pytest.raises(ParamsError, match=message):
        body("anthropic", ask(messages=(Message(role="user", parts=(part,)),)))


@pytest.mark.parametrize("provider", REMOTE)
def test_images_in_assistant_turns_are_refused(tmp_path: Path, provider: str) -> None:
    held = attach(tmp_path / "a.png", PIXEL, "image/png")
    turn = Message(role="assistant", parts=(Part(image=held), Part(text="x")))
    with pytest.raises(ParamsError, match=r"messages\[1\]: this API takes images"):
        body(provider, ask(messages=(say("user", "hi"), turn)))


def test_tool_results_may_hold_images_where_the_api_takes_them(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.png", PIXEL, "image/png")
    turn = Message(role="tool", parts=(Part(text="x"), Part(image=held)), tool_call_id="c1")
    prompt = ask(messages=(*CONVERSATION[:2], turn))
    assert body("anthropic", prompt)["messages"][2]["content"][0]["content"][1]["type"] == "image"
    output = body("openai:responses", prompt)["input"][3]["output"]
    assert [part["type"] for part in output] == ["input_text", "input_image"]
    with pytest.raises(ParamsError, match=r"messages\[2\]"):
        body("openai", prompt)


def test_values_of_the_prompt_that_are_no_json_are_found_wherever_they_are() -> None:
    bad = {"x": float("nan")}
    prompt = ask(
        tools=(Tool(name="find", parameters=bad),),
        response_format=ResponseFormat(schema=bad),
        messages=(
            Message(
                role="assistant",
                parts=(),
                tool_calls=(PromptToolCall(id="c", name="find", arguments=bad),),
            ),
        ),
    )
    with pytest.raises(ParamsError) as caught:
        body("openai", prompt)
    assert [problem.path for problem in caught.value.problems] == [
        "tools.find.parameters",
        "response_format.schema",
        "messages[0].tool_calls.find",
    ]


def _variants(tmp_path: Path) -> dict[str, Prompt]:
    one = attach(tmp_path / "1.png", PIXEL, "image/png")
    two = attach(tmp_path / "2.png", PIXEL[:-1] + b"\x83", "image/png")

    def seeing(held: Attachment) -> Prompt:
        return ask(messages=(Message(role="user", parts=(Part(image=held),)),))

    return {
        "plain": ask("hi"),
        "text": ask("hi "),
        "system": ask("hi", system="be brief"),
        "empty system": ask("hi", system=""),
        "tool": ask("hi", tools=(FIND,)),
        "description": ask("hi", tools=(Tool(name="find", description="x", parameters=SCHEMA),)),
        "choice": ask("hi", tools=(FIND,), tool_choice="auto"),
        "format": ask("hi", response_format=ResponseFormat(schema=SCHEMA)),
        "other format": ask("hi", response_format=ResponseFormat(schema={"type": "object"})),
        "turn": ask("hi", messages=(say("user", "hi"), say("assistant", "yes"), say("user", "?"))),
        "image": seeing(one),
        "other image": seeing(two),
        "limit": ask("hi", params={"max_output_tokens": 65}),
    }


@pytest.mark.parametrize("provider", ALL)
def test_every_part_of_a_prompt_changes_the_digest(tmp_path: Path, provider: str) -> None:
    prompts = _variants(tmp_path)
    digests = {digest(provider, prompt) for prompt in prompts.values()}
    assert len(digests) == len(prompts)


@pytest.mark.parametrize("provider", REMOTE)
def test_model_and_server_change_the_digest_and_the_key_does_not(provider: str) -> None:
    prompt = ask()

    def made(environ: dict[str, str], **more: Any) -> str:
        return build_request(prompt, a_model(provider, **more), environ=environ).digest

    plain = made({})
    assert made({}, model="other") != plain
    assert made({}, base_url="http://127.0.0.1:8091/v1") != plain
    url = {"OPENAI_BASE_URL": "http://a/v1", "ANTHROPIC_BASE_URL": "http://a/v1"}
    assert made(url) != plain
    assert made({"OPENAI_API_KEY": "x", "ANTHROPIC_API_KEY": "y"}) == plain
    assert made({}, key_variable="MY_KEY", concurrency=3, name="other") == plain
