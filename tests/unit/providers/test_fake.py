from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from support.prompts import a_model, ask, run, say

from pytest_promptdrift._errors import ProviderError, ProviderErrorKind
from pytest_promptdrift.model import Cost, Message, Response, ToolCall, Usage
from pytest_promptdrift.providers import (
    CallSettings,
    ParamsError,
    build_request,
    client_key,
    open_client,
    worst_case_cost,
)

Kind = ProviderErrorKind


def answers(times: int, prompt: Any = None, settings: Any = None, **options: Any) -> list[Response]:
    model = a_model("fake", options=options)
    request = build_request(prompt or ask("I want a refund"), model)
    client = open_client(model, settings or CallSettings())

    async def calls() -> list[Response]:
        made = [await client.complete(request, {}) for _ in range(times)]
        await client.aclose()
        return made

    return run(calls())


def one(prompt: Any = None, **options: Any) -> Response:
    return answers(1, prompt, **options)[0]


def test_without_a_script_it_repeats_the_last_user_turn() -> None:
    prompt = ask(messages=(say("user", "one"), say("assistant", "two"), say("user", "3", "4")))
    assert one(prompt).text == "3\n4"
    assert one(ask(messages=(say("assistant", "two"),))).text == ""


def test_an_answer_is_complete_without_network_and_cost() -> None:
    answer = one(ask("a b c", system="be brief"))
    assert answer.served_model == "fake"
    assert answer.usage == Usage(input_tokens=5, output_tokens=3)
    assert answer.finish_reason == "stop"
    assert answer.latency == 0
    assert answer.cost == Cost(usd=0.0, prices="fake")
    model = a_model("fake")
    assert worst_case_cost(build_request(ask(), model), model) == 0.0


def test_answers_are_drawn_the_same_way_every_time() -> None:
    script = ["billing", "technical", "account"]
    first = [answer.text for answer in answers(60, answers=script)]
    assert first == [answer.text for answer in answers(60, answers=script)]
    assert min(Counter(first)[text] for text in script) >= 8


def test_answers_of_other_requests_are_drawn_otherwise() -> None:
    script = ["a", "b", "c", "d"]
    first = [answer.text for answer in answers(20, answers=script)]
    assert first != [answer.text for answer in answers(20, ask("other"), answers=script)]


def test_scripted_answers_claim_no_id_so_that_a_second_run_is_not_taken_for_a_repetition() -> None:
    assert {answer.response_id for answer in answers(5)} == {None}


def test_the_first_rule_that_matches_answers() -> None:
    rules = [{"match": "refund|charge", "answer": "billing"}, {"answer": {"label": "other"}}]
    assert one(rules=rules).text == "billing"
    assert one(ask("hello"), rules=rules).text == '{"label": "other"}'
    assert one(ask("x", system="refund everything"), rules=rules).text == "billing"


def test_where_no_rule_matches_the_answers_answer() -> None:
    assert one(ask("hi"), rules=[{"match": "refund", "answer": "x"}], answers=["y"]).text == "y"


def test_a_rule_draws_from_answers_of_its_own() -> None:
    drawn = {a.text for a in answers(20, rules=[{"match": "refund", "answers": ["x", "y"]}])}
    assert drawn == {"x", "y"}


def test_a_rule_calls_a_tool() -> None:
    rule = {"match": "refund", "tool_call": {"name": "find", "arguments": {"q": 1}}}
    answer = one(rules=[rule])
    assert answer.tool_calls == (ToolCall(name="find", arguments={"q": 1}, id="call_0"),)
    assert answer.finish_reason == "tool_calls"


def test_a_rule_refuses() -> None:
    answer = one(rules=[{"refusal": "no"}])
    assert (answer.text, answer.refusal, answer.finish_reason) == ("", "no", "refusal")


@pytest.mark.parametrize(
    ("word", "kind", "status"),
    [
        ("429", Kind.RATE_LIMIT, 429),
        (500, Kind.SERVER, 500),
        ("401", Kind.AUTHENTICATION, 401),
        ("timeout", Kind.TIMEOUT, None),
        ("cut stream", Kind.CUT_STREAM, None),
        ("whatever", Kind.SERVER, None),
    ],
)
def test_a_rule_fails(word: object, kind: ProviderErrorKind, status: int | None) -> None:
    with pytest.raises(ProviderError, match="fake:demo") as caught:
        one(rules=[{"error": word}])
    assert (caught.value.kind, caught.value.status) == (kind, status)


def test_latency_is_waited_for_and_reported_exactly() -> None:
    started = time.perf_counter()
    assert one(latency=0.02).latency == 0.02
    assert one(latency=9, rules=[{"answer": "x", "latency": 0.01}]).latency == 0.01
    assert time.perf_counter() - started >= 0.03


def test_latency_beyond_the_deadline_is_a_timeout() -> None:
    with pytest.raises(ProviderError, match=r"no whole answer within 0\.01 s") as caught:
        answers(1, settings=CallSettings(timeout=0.01), latency=60)
    assert caught.value.kind is Kind.TIMEOUT


def test_the_script_is_no_part_of_the_request_and_the_prompt_is() -> None:
    plain = build_request(ask(), a_model("fake"))
    assert build_request(ask(), a_model("fake", options={"answers": ["x"]})).digest == plain.digest
    assert build_request(ask("x"), a_model("fake")).digest != plain.digest
    assert build_request(ask(params={"a": 1}), a_model("fake")).body["params"] == {"a": 1}


def test_models_with_scripts_of_their_own_share_no_client() -> None:
    assert client_key(a_model("fake", name="a")) != client_key(a_model("fake", name="b"))


def test_a_turn_without_text_is_no_obstacle() -> None:
    assert one(ask(messages=(Message(role="user", parts=()),))).text == ""


@pytest.mark.parametrize(
    ("options", "path", "message"),
    [
        ({"answer": "x"}, "options", "no option 'answer', did you mean 'answers'?"),
        ({"answers": []}, "options.answers", "at least one answer"),
        ({"answers": "x"}, "options.answers", "is a list"),
        ({"answers": [float("nan")]}, "options.answers", "JSON does not have"),
        ({"latency": -1}, "options.latency", "is a number of seconds; found -1"),
        ({"latency": True}, "options.latency", "is a number of seconds"),
        ({"rules": {}}, "options.rules", "is a list of"),
        ({"rules": ["x"]}, "options.rules[0]", "is a mapping"),
        ({"rules": [{}]}, "options.rules[0]", "needs exactly one of answer, answers"),
        ({"rules": [{"answer": 1, "error": "500"}]}, "options.rules[0]", "exactly one"),
        ({"rules": [{"answer": 1, "mach": "x"}]}, "options.rules[0]", "did you mean 'match'?"),
        ({"rules": [{"answer": 1, "match": "("}]}, "options.rules[0].match", "no regular expr"),
        ({"rules": [{"answer": 1, "match": 5}]}, "options.rules[0].match", "found 5"),
        ({"rules": [{"tool_call": "x"}]}, "options.rules[0].tool_call", "name and arguments"),
        ({"rules": [{"tool_call": {}}]}, "options.rules[0].tool_call", "name and arguments"),
    ],
)
def test_a_script_with_a_mistake_is_explained(
    options: dict[str, Any], path: str, message: str
) -> None:
    with pytest.raises(ParamsError) as caught:
        build_request(ask(), a_model("fake", options=options))
    (problem,) = caught.value.problems
    assert problem.path == path
    assert message in problem.message


def test_the_name_of_its_sdk_says_what_it_is() -> None:
    assert open_client(a_model("fake"), CallSettings()).sdk == "fake"
