from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from support.loopback import (
    Loopback,
    Reply,
    content_filter,
    document,
    failure,
    garbage,
    html,
    overloaded,
    refusal,
    server_error,
    tool_call,
)
from support.prompts import PIXEL, a_model, ask, attach, run, say

from pytest_promptdrift._canonical import json_equal
from pytest_promptdrift._errors import ProviderError, ProviderErrorKind
from pytest_promptdrift.model import (
    Message,
    Part,
    Prompt,
    PromptToolCall,
    Request,
    Response,
    ResponseFormat,
    Tool,
    ToolCall,
    Usage,
)
from pytest_promptdrift.providers import (
    CallSettings,
    build_request,
    client_key,
    materialise,
    open_client,
)
from pytest_promptdrift.providers.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Kind = ProviderErrorKind
PATHS = {
    "openai": "/v1/chat/completions",
    "openai:responses": "/v1/responses",
    "anthropic": "/v1/messages",
}


def complete(
    provider: str,
    environ: Mapping[str, str],
    request: Request | None = None,
    files: Mapping[str, Path] | None = None,
    settings: CallSettings | None = None,
    **model: Any,
) -> Response:
    made = a_model(provider, **model)
    asked = request or build_request(ask(), made, environ=environ)

    async def call() -> Response:
        client = open_client(made, settings or CallSettings(timeout=20), environ)
        try:
            return await client.complete(asked, files or {})
        finally:
            await client.aclose()

    return run(call())


def failed(provider: str, environ: Mapping[str, str], **more: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        complete(provider, environ, **more)
    return caught.value


def _full_prompt(provider: str, tmp_path: Path) -> tuple[Prompt, dict[str, Path]]:
    held = attach(tmp_path / "a.png", PIXEL, "image/png")
    table = TABLES[provider]
    params: dict[str, Any] = {
        name: {"of": name, "t": [0.5, 1.0, "ä\ud800"]} for name in table.takes
    }
    params = {name: value for name, value in params.items() if name not in table.limits}
    params |= {"max_output_tokens": 77, "extra_body": {"brand_new": {"x": 1}}}
    if provider == "anthropic":
        params |= {"betas": ["b-1"], **{name: [name] for name in table.beta}}
    turns = (
        say("user", "ünïcode \U0001f600 \ud83d"),
        Message(
            role="assistant",
            parts=(),
            tool_calls=(PromptToolCall(id="c1", name="find", arguments={"q": 1}),),
        ),
        say("tool", "found", tool_call_id="c1"),
        Message(role="user", parts=(Part(text="and this?"), Part(image=held))),
    )
    prompt = ask(
        messages=turns,
        system="be brief",
        tools=(Tool(name="find", description="d", parameters={"type": "object"}, strict=True),),
        tool_choice="find",
        response_format=ResponseFormat(schema={"type": "object"}),
        params=params,
    )
    return prompt, {held.sha256: tmp_path / "a.png"}


def test_what_is_sent_is_what_is_digested_for_every_field(
    server: Loopback, environ: dict[str, str], provider: str, tmp_path: Path
) -> None:
    prompt, files = _full_prompt(provider, tmp_path)
    request = build_request(prompt, a_model(provider), environ=environ)
    complete(provider, environ, request, files)
    (call,) = server.calls
    sent = json.loads(call.raw)
    assert call.path == PATHS[provider]
    assert sent.keys() == request.body.keys()
    assert json_equal(sent, materialise(request.body, files))
    assert call.headers.get("anthropic-beta") == ("b-1" if provider == "anthropic" else None)


def test_a_plain_request_is_sent_as_it_is(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    request = build_request(ask("hi"), a_model(provider), environ=environ)
    complete(provider, environ, request)
    assert json.loads(server.calls[0].raw) == request.body
    assert server.calls[0].headers["content-type"] == "application/json"


def test_an_answer_comes_back_whole(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = Reply(text="bill\ting\n\U0001f600", usage=(20, 9, 5, 3, 4))
    answer = complete(provider, environ)
    assert answer.text == "bill\ting\n\U0001f600"
    assert answer.finish_reason == "stop"
    assert answer.served_model == f"{a_model(provider).model}-2026-09-01"
    assert answer.fingerprint == ("fp_loopback" if provider == "openai" else None)
    assert answer.response_id is not None
    assert answer.usage == Usage(
        input_tokens=20,
        output_tokens=9,
        cached_input_tokens=5,
        cache_write_tokens=3,
        reasoning_tokens=4,
    )
    assert answer.cost is not None
    assert answer.cost.usd > 0
    assert answer.attempts == 1
    assert 0 < answer.latency < 20


def test_latency_is_that_of_the_answer(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = Reply(text="x", delay=0.05)
    assert complete(provider, environ).latency >= 0.05


def test_tool_calls_come_back(server: Loopback, environ: dict[str, str], provider: str) -> None:
    server.answer = tool_call("find", {"q": "ä"})
    answer = complete(provider, environ)
    (call,) = answer.tool_calls
    assert (call.name, call.arguments, call.raw) == ("find", {"q": "ä"}, None)
    assert answer.finish_reason == "tool_calls"


def test_tool_calls_that_are_no_json_come_back_raw(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = tool_call("find", '{"q": ')
    (call,) = complete(provider, environ).tool_calls
    assert call == ToolCall(name="find", arguments=None, id=call.id, raw='{"q": ')


def test_a_refusal_is_an_answer(server: Loopback, environ: dict[str, str], provider: str) -> None:
    server.answer = refusal("I must not.")
    answer = complete(provider, environ)
    assert (answer.finish_reason, answer.refusal) == ("refusal", "I must not.")


def test_a_filtered_answer_is_an_answer(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = content_filter()
    expected = "refusal" if provider == "anthropic" else "content_filter"
    assert complete(provider, environ).finish_reason == expected


def test_an_answer_that_was_cut_off_says_so(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = Reply(text="half", finish="length")
    assert complete(provider, environ).finish_reason == "length"


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (garbage(b""), "the answer is empty"),
        (garbage(b'{"choices": ['), "breaks off or is damaged"),
        (garbage(b"ok"), "is not JSON"),
        (html(), "is a web page"),
        (document([]), "no object"),
        (document({}), "the answer holds no"),
        (document({"choices": [], "output": {}, "content": None}), "the answer holds no"),
    ],
)
def test_unreadable_answers_are_errors_that_quote_a_little(
    server: Loopback, environ: dict[str, str], provider: str, reply: Reply, message: str
) -> None:
    server.answer = reply
    error = failed(provider, environ)
    assert error.kind is Kind.GARBAGE
    assert message in error.message
    assert error.message.startswith(f"127.0.0.1:{server.port} answered with something unreadable")
    assert server.hits == 1


def test_a_long_unreadable_answer_is_cut(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = garbage(b"x" * 100_000)
    assert len(failed(provider, environ).message) < 500


_STATUSES: list[tuple[int, str, str | None, str, ProviderErrorKind, str]] = [
    (400, "invalid_request_error", None, "bad", Kind.BAD_REQUEST, "refused the request (400)"),
    (
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "x",
        Kind.BAD_REQUEST,
        "the prompt is too long for the model",
    ),
    (
        400,
        "invalid_request_error",
        None,
        "This model's maximum context length is 9",
        Kind.BAD_REQUEST,
        "the prompt is too long for the model",
    ),
    (401, "authentication_error", None, "bad", Kind.AUTHENTICATION, "did not accept the key"),
    (402, "billing_error", None, "pay", Kind.AUTHENTICATION, "wants to be paid first (402)"),
    (403, "permission_error", None, "no", Kind.AUTHENTICATION, "does not allow this (403)"),
    (404, "not_found_error", None, "m", Kind.NOT_FOUND, "does not know this model or address"),
    (413, "request_too_large", None, "big", Kind.BAD_REQUEST, "the request is too large for"),
    (422, "x", None, "hm", Kind.BAD_REQUEST, "refused the request (422): hm"),
    (429, "rate_limit_error", None, "slow", Kind.RATE_LIMIT, "limits the rate (429)"),
    (429, "x", "insufficient_quota", "pay", Kind.RATE_LIMIT, "says the quota is used up"),
    (500, "api_error", None, "oops", Kind.SERVER, "failed (500)"),
    (503, "x", None, "busy", Kind.SERVER, "is overloaded (503)"),
    (529, "overloaded_error", None, "busy", Kind.SERVER, "is overloaded (529)"),
    (408, "x", None, "late", Kind.TIMEOUT, "gave up waiting (408)"),
]


@pytest.mark.parametrize("row", _STATUSES, ids=[f"{row[0]}-{i}" for i, row in enumerate(_STATUSES)])
def test_every_status_has_a_kind_and_a_sentence(
    server: Loopback, environ: dict[str, str], provider: str, row: tuple[Any, ...]
) -> None:
    status, error_type, code, said, kind, message = row
    server.answer = failure(status, error_type, said, code)
    if code and provider == "anthropic":
        server.answer = failure(status, code, said)
    error = failed(provider, environ, settings=CallSettings(timeout=20, retries=0))
    assert error.kind is kind
    assert message in error.message
    assert f"127.0.0.1:{server.port}" in error.message
    assert error.status == status
    assert error.hint


def test_the_code_of_an_error_is_trusted_more_than_its_type(
    server: Loopback, environ: dict[str, str]
) -> None:
    server.answer = failure(400, "api_error", "no such model", "model_not_found")
    assert failed("openai", environ).kind is Kind.NOT_FOUND


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"error": "plain words"}, "plain words"),
        ({"error": "code", "error_description": "in words"}, "in words"),
        ({"message": "at the top"}, "at the top"),
        ({"detail": "of fastapi"}, "of fastapi"),
        ({"detail": [{"loc": ["body", "n"]}]}, '[{"loc": ["body", "n"]}]'),
        ({"error": {"message": None, "code": 1234}}, "(422)"),
        ("words", "words"),
        (None, "(422)"),
    ],
)
def test_errors_of_other_servers_are_understood(
    server: Loopback, environ: dict[str, str], provider: str, value: Any, said: str
) -> None:
    server.answer = document(value, status=422)
    assert failed(provider, environ).message.endswith(said)


def test_an_error_page_is_named_and_not_printed(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = html(404)
    assert failed(provider, environ).message.endswith("(404): a web page")


@pytest.mark.parametrize(
    ("code", "kind"),
    [("rate_limit_exceeded", Kind.RATE_LIMIT), ("invalid_prompt", Kind.BAD_REQUEST)],
)
def test_a_failed_response_with_a_good_status_is_an_error(
    server: Loopback, environ: dict[str, str], code: str, kind: ProviderErrorKind
) -> None:
    value = {"status": "failed", "output": [], "error": {"code": code, "message": "so it is"}}
    server.answer = document(value)
    error = failed("openai:responses", environ)
    assert error.kind is kind
    assert error.message.endswith("so it is")


def test_an_error_with_a_good_status_is_an_error(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = document({"error": {"type": "overloaded_error", "message": "later"}})
    error = failed(provider, environ)
    assert (error.kind, error.status) == (Kind.SERVER, None)


@pytest.mark.parametrize(
    "row",
    [
        (300, {}, "redirects elsewhere (300)"),
        (307, {"location": "/v1/messages"}, "redirects in a circle"),
    ],
)
def test_redirects_that_lead_nowhere_are_errors(
    server: Loopback, environ: dict[str, str], provider: str, row: tuple[int, Any, str]
) -> None:
    status, headers, message = row
    server.answer = Reply(status=status, raw=b"", headers=headers)
    error = failed(provider, environ, settings=CallSettings(timeout=20, retries=0))
    assert error.kind is Kind.GARBAGE
    assert message in error.message


def test_an_answer_whose_compression_is_damaged_is_an_error(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = Reply(raw=b"no gzip at all", headers={"content-encoding": "gzip"})
    error = failed(provider, environ, settings=CallSettings(timeout=20, retries=0))
    assert error.kind is Kind.GARBAGE


def test_a_server_that_is_not_there_is_asked_for(environ: dict[str, str], provider: str) -> None:
    settings = CallSettings(timeout=20, retries=0)
    error = failed(provider, environ, base_url="http://127.0.0.1:1/v1", settings=settings)
    assert error.kind is Kind.CONNECTION
    assert error.message == "127.0.0.1:1 refuses connections"
    assert error.hint == "is the server running?"


def test_a_name_that_nobody_knows_is_named(environ: dict[str, str], provider: str) -> None:
    settings = CallSettings(timeout=20, retries=0)
    error = failed(provider, environ, base_url="http://nowhere.invalid/v1", settings=settings)
    assert error.kind is Kind.CONNECTION
    assert error.message == "the name nowhere.invalid cannot be resolved (DNS)"


def test_a_server_without_tls_is_told_apart(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    settings = CallSettings(timeout=20, retries=0)
    url = f"https://127.0.0.1:{server.port}/v1"
    error = failed(provider, environ, base_url=url, settings=settings)
    assert error.kind is Kind.CONNECTION
    assert "no safe connection to 127.0.0.1" in error.message


def test_an_address_without_a_scheme_is_explained(environ: dict[str, str], provider: str) -> None:
    settings = CallSettings(timeout=20, retries=0)
    error = failed(provider, environ, base_url="localhost:1/v1", settings=settings)
    assert error.kind is Kind.CONNECTION
    assert "https://host/path" in (error.hint or "")


def test_a_missing_file_is_an_error_before_anything_is_sent(
    server: Loopback, environ: dict[str, str], provider: str, tmp_path: Path
) -> None:
    prompt, _ = _full_prompt(provider, tmp_path)
    request = build_request(prompt, a_model(provider), environ=environ)
    error = failed(provider, environ, request=request)
    assert error.kind is Kind.BAD_REQUEST
    assert server.hits == 0


def test_errors_keep_no_trace_of_the_sdk(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    for reply in (server_error(), garbage(), overloaded()):
        server.answer = reply
        error = failed(provider, environ, settings=CallSettings(timeout=20, retries=0))
        assert error.__cause__ is None
        assert error.__context__ is None


def test_one_client_serves_many_calls_at_once(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    gate = threading.Barrier(4, timeout=10)

    def together(_: Any) -> str:
        gate.wait()
        return "x"

    server.answer = together
    model = a_model(provider)
    request = build_request(ask(), model, environ=environ)

    async def calls() -> None:
        client = open_client(model, CallSettings(timeout=20, concurrency=4), environ)
        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(client.complete(request, {}))
        await client.aclose()

    run(calls())
    assert server.max_in_flight == 4


def test_no_more_calls_are_under_way_than_allowed(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = Reply(text="x", delay=0.01)
    model = a_model(provider)
    request = build_request(ask(), model, environ=environ)

    async def calls() -> None:
        client = open_client(model, CallSettings(timeout=20, concurrency=2), environ)
        async with asyncio.TaskGroup() as group:
            for _ in range(6):
                group.create_task(client.complete(request, {}))
        await client.aclose()

    run(calls())
    assert (server.hits, server.max_in_flight) == (6, 2)


def test_models_that_share_a_client_have_prices_of_their_own(
    server: Loopback, environ: dict[str, str]
) -> None:
    server.answer = Reply(text="x", model="a-name-without-a-price")
    small, large = a_model(model="gpt-5-mini"), a_model(model="gpt-5")
    assert client_key(small) == client_key(large)

    async def costs() -> list[float]:
        client = open_client(small, CallSettings(timeout=20), environ)
        requests = [build_request(ask(), model, environ=environ) for model in (small, large)]
        answers = [await client.complete(request, {}) for request in requests]
        await client.aclose()
        return [answer.cost.usd for answer in answers if answer.cost]

    cheap, dear = run(costs())
    assert cheap < dear


def test_the_client_names_the_sdk_and_its_version(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    import anthropic
    import openai

    async def sdk() -> str:
        client = open_client(a_model(provider), CallSettings(), environ)
        await client.aclose()
        return client.sdk

    versions = {"anthropic": f"anthropic {anthropic.__version__}"}
    assert run(sdk()) == versions.get(provider, f"openai {openai.__version__}")
