from __future__ import annotations

import inspect

import pytest
from anthropic.resources.beta.messages import Messages as BetaMessages
from anthropic.resources.messages import Messages
from anthropic.types.message_create_params import MessageCreateParamsBase
from openai.resources.chat.completions import Completions
from openai.resources.responses import Responses
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from openai.types.responses.response_create_params import ResponseCreateParamsBase
from support.prompts import a_model, ask

from pytest_promptdrift.providers import ParamsError, build_request, check_params, known_params
from pytest_promptdrift.providers.tables import CHAT, MESSAGES, RESPONSES, TABLES

# What every method of the SDKs takes and what is no field of a body.
_PLUMBING = {"self", "extra_headers", "extra_query", "extra_body", "timeout"}
_SIGNATURES = {
    "openai": (Completions.create, CompletionCreateParamsBase, CHAT),
    "openai:responses": (Responses.create, ResponseCreateParamsBase, RESPONSES),
    "anthropic": (Messages.create, MessageCreateParamsBase, MESSAGES),
}


def _fields(provider: str) -> set[str]:
    method, typed, _ = _SIGNATURES[provider]
    return (set(inspect.signature(method).parameters) | set(typed.__annotations__)) - _PLUMBING


def _digest(provider: str, params: dict[str, object]) -> str:
    limited = (TABLES[provider].limits | {"max_output_tokens"}) & params.keys()
    needed = {"max_output_tokens": 5} if provider == "anthropic" and not limited else {}
    prompt = ask(params={**needed, **params})
    return build_request(prompt, a_model(provider), environ={}).digest


def _values(name: str) -> tuple[object, object]:
    if name in {"max_tokens", "max_output_tokens", "max_completion_tokens"}:
        return 10, 11
    return {"a": 1}, {"a": 2}


@pytest.mark.parametrize("provider", _SIGNATURES)
def test_every_parameter_of_the_installed_sdk_is_taken_owned_or_explained(provider: str) -> None:
    table = TABLES[provider]
    explained = table.takes | table.owned.keys() | table.advice.keys()
    assert _fields(provider) <= explained


@pytest.mark.parametrize("provider", _SIGNATURES)
def test_nothing_is_taken_that_the_installed_sdk_does_not_have(provider: str) -> None:
    assert TABLES[provider].takes <= _fields(provider)


def test_beta_parameters_are_those_of_the_beta_method() -> None:
    extra = set(inspect.signature(BetaMessages.create).parameters) - set(
        inspect.signature(Messages.create).parameters
    )
    assert MESSAGES.beta | {"betas"} == extra


@pytest.mark.parametrize("provider", _SIGNATURES)
def test_no_name_is_in_two_lists(provider: str) -> None:
    table = TABLES[provider]
    lists = [table.takes, table.beta, table.special, table.owned.keys(), table.advice.keys()]
    assert sum(map(len, lists)) == len(set().union(*lists))


@pytest.mark.parametrize(
    ("provider", "name"),
    [(provider, name) for provider, table in TABLES.items() for name in sorted(table.takes)],
)
def test_every_parameter_that_is_taken_changes_the_digest(provider: str, name: str) -> None:
    first, second = _values(name)
    without = _digest(provider, {})
    assert len({without, _digest(provider, {name: first}), _digest(provider, {name: second})}) == 3


@pytest.mark.parametrize("provider", TABLES)
def test_an_unknown_field_of_extra_body_changes_the_digest(provider: str) -> None:
    first = _digest(provider, {"extra_body": {"brand_new": 1}})
    second = _digest(provider, {"extra_body": {"brand_new": 2}})
    assert len({_digest(provider, {}), first, second}) == 3


@pytest.mark.parametrize(
    ("provider", "name"),
    [(p, name) for p, table in TABLES.items() for name in sorted({*table.owned, *table.advice})],
)
def test_what_is_said_elsewhere_is_refused_with_the_way_out(provider: str, name: str) -> None:
    table = TABLES[provider]
    with pytest.raises(ParamsError) as caught:
        _digest(provider, {name: 1})
    (problem,) = caught.value.problems
    assert problem.path == f"params.{name}"
    assert problem.message == (table.owned.get(name) or table.advice.get(name))


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k"])
def test_anthropic_sampling_is_refused_and_extra_body_reaches_older_models(name: str) -> None:
    with pytest.raises(ParamsError, match=f"dropped it; .* `extra_body: {{{name}: …}}`"):
        _digest("anthropic", {name: 0})
    prompt = ask(params={"max_tokens": 5, "extra_body": {name: 0}})
    assert build_request(prompt, a_model("anthropic"), environ={}).body[name] == 0


def test_anthropic_without_an_output_limit_is_told_what_to_add() -> None:
    with pytest.raises(ParamsError, match="add `max_output_tokens: 1024` to params"):
        build_request(ask(params={}), a_model("anthropic"), environ={})


def test_anthropic_takes_the_output_limit_from_extra_body_too() -> None:
    prompt = ask(params={"extra_body": {"max_tokens": 7}})
    assert build_request(prompt, a_model("anthropic"), environ={}).body["max_tokens"] == 7


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("openai", "max_completion_tokens"),
        ("openai:responses", "max_output_tokens"),
        ("anthropic", "max_tokens"),
    ],
)
def test_the_neutral_output_limit_gets_the_name_of_the_api(provider: str, name: str) -> None:
    request = build_request(ask(params={"max_output_tokens": 7}), a_model(provider), environ={})
    assert request.body[name] == 7


def test_a_chat_server_that_wants_the_old_name_of_the_limit_gets_it() -> None:
    model = a_model(max_tokens_parameter="max_tokens")
    body = build_request(ask(params={"max_output_tokens": 7}), model, environ={}).body
    assert body["max_tokens"] == 7
    assert "max_completion_tokens" not in body


def test_a_limit_of_the_case_replaces_that_of_the_model_whatever_it_is_called() -> None:
    model = a_model(params={"max_tokens": 100})
    body = build_request(ask(params={"max_output_tokens": 7}), model, environ={}).body
    assert body["max_completion_tokens"] == 7
    assert "max_tokens" not in body


def test_two_names_for_the_limit_at_once_are_refused() -> None:
    with pytest.raises(ParamsError, match="says the same as 'max_tokens'"):
        _digest("openai", {"max_output_tokens": 5, "max_tokens": 5})


@pytest.mark.parametrize("value", [0, -1, True, "10", 1.5, [1]])
def test_a_limit_that_is_no_number_of_tokens_is_refused(value: object) -> None:
    with pytest.raises(ParamsError, match="is a number of tokens, at least 1"):
        _digest("openai", {"max_output_tokens": value})


def test_the_case_wins_over_the_model_and_null_takes_a_parameter_away() -> None:
    model = a_model(params={"temperature": 1, "seed": 3, "extra_body": {"a": 1, "b": 1}})
    prompt = ask(params={"temperature": 0, "seed": None, "extra_body": {"b": 2, "c": None}})
    body = build_request(prompt, model, environ={}).body
    assert body["temperature"] == 0
    assert "seed" not in body
    assert (body["a"], body["b"]) == (1, 2)
    assert "c" not in body


@pytest.mark.parametrize("provider", ["openai", "openai:responses", "anthropic", "fake"])
def test_nothing_is_sent_that_nobody_asked_for(provider: str) -> None:
    body = build_request(ask(), a_model(provider), environ={}).body
    limits = {"max_completion_tokens", "max_output_tokens", "max_tokens", "params"}
    assert body.keys() - limits <= {"model", "messages", "input"}


def test_all_problems_come_at_once() -> None:
    prompt = ask(params={"temprature": 0, "n": 2, "stream": True, "top_k": 1}, tool_choice="find")
    with pytest.raises(ParamsError) as caught:
        build_request(prompt, a_model(), environ={})
    paths = [problem.path for problem in caught.value.problems]
    assert paths == [
        "tool_choice",
        "params.temprature",
        "params.n",
        "params.stream",
        "params.top_k",
    ]
    assert "did you mean 'temperature'?" in str(caught.value)


def test_checking_parameters_alone_gives_the_same_problems() -> None:
    problems = check_params({"n": 2}, a_model(params={"stop_sequences": ["x"]}))
    assert [problem.path for problem in problems] == ["params.stop_sequences", "params.n"]
    assert check_params({"whatever": 1}, a_model("fake")) == ()


def test_known_parameters_are_listed_for_apis_and_open_for_the_rest() -> None:
    known = known_params("anthropic")
    assert known is not None
    assert {"max_tokens", "max_output_tokens", "extra_body", "betas", "thinking"} <= known
    assert known_params("python") is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "a number that JSON does not have"),
        ({"a": float("inf")}, "a number that JSON does not have"),
        ({"day": object()}, "is not JSON"),
        ({"$attachment": "abc"}, "stands for attached files"),
        ({"a": [{"$attachment": 1}]}, "stands for attached files"),
    ],
)
@pytest.mark.parametrize("provider", ["openai", "fake"])
def test_values_that_cannot_be_sent_are_refused(provider: str, value: object, reason: str) -> None:
    with pytest.raises(ParamsError, match=reason):
        build_request(ask(params={"metadata": value}), a_model(provider), environ={})


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: dict[str, object] = {}
    loop["again"] = loop
    with pytest.raises(ParamsError, match="contains itself"):
        _digest("openai", {"metadata": loop})


def test_a_value_that_is_nested_too_deeply_is_refused() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ParamsError, match="nested too deeply"):
        _digest("openai", {"metadata": deep})


def test_text_that_merely_mentions_the_marker_is_welcome() -> None:
    assert _digest("openai", {"metadata": {"note": '"$attachment"'}})


def test_numbers_as_keys_become_text_as_on_the_wire() -> None:
    prompt = ask(params={"logit_bias": {50256: -100}})
    body = build_request(prompt, a_model(), environ={}).body
    assert body["logit_bias"] == {"50256": -100}


@pytest.mark.parametrize("name", ["stream", "n", "background"])
def test_extra_body_cannot_ask_for_answers_that_cannot_be_read(name: str) -> None:
    with pytest.raises(ParamsError, match=f"params.extra_body.{name}"):
        _digest("openai", {"extra_body": {name: 2}})


def test_extra_body_replaces_nothing_that_the_case_says() -> None:
    with pytest.raises(ParamsError, match=r"extra_body\.messages: would replace"):
        _digest("openai", {"extra_body": {"messages": []}})
    with pytest.raises(ParamsError, match=r"extra_body\.seed: is also in params\.seed"):
        _digest("openai", {"seed": 1, "extra_body": {"seed": 2}})


def test_extra_body_is_a_mapping() -> None:
    with pytest.raises(ParamsError, match="is a mapping of fields"):
        _digest("openai", {"extra_body": [1]})


def test_betas_go_beside_the_body_and_change_the_digest() -> None:
    prompt = ask(params={"max_tokens": 5, "betas": ["b-2", "a-1"], "mcp_servers": []})
    request = build_request(prompt, a_model("anthropic"), environ={})
    assert request.betas == ("b-2", "a-1")
    assert "betas" not in request.body
    assert request.body["mcp_servers"] == []
    plain = build_request(ask(params={"max_tokens": 5}), a_model("anthropic"), environ={})
    assert plain.digest != request.digest


def test_one_beta_may_be_written_as_text() -> None:
    prompt = ask(params={"max_tokens": 5, "betas": "a-1"})
    assert build_request(prompt, a_model("anthropic"), environ={}).betas == ("a-1",)


@pytest.mark.parametrize("value", [5, ["a\nb"], [1], ["ä"], ["a,"]])
def test_betas_that_are_no_names_are_refused(value: object) -> None:
    with pytest.raises(ParamsError, match="is a list of names of betas"):
        _digest("anthropic", {"betas": value})


def test_a_beta_parameter_without_a_beta_is_told_to_add_one() -> None:
    with pytest.raises(ParamsError, match="needs a beta of the API"):
        _digest("anthropic", {"mcp_servers": []})
