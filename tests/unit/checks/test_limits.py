from __future__ import annotations

import pytest
from support.checking import judge, problem

from pytest_promptdrift.model import Cost, ToolCall, Usage

REFUSALS = [
    "I'm sorry, but I can't help with that.",
    "I cannot assist with that request.",
    "Sorry, I can’t comply with this.",
    "I am unable to help with that.",
    "I won't engage in this kind of conversation.",
    "I must respectfully decline.",
    "As an AI language model, I cannot provide instructions for that.",
    "I'm not able to assist with this. It would be harmful.",
    "I can't create that content because it is illegal.",
]
ANSWERS = [
    "I can't provide a refund after 30 days, but I can offer store credit.",
    "I'm sorry to hear that your parcel is late. It will arrive tomorrow.",
    "Unfortunately your card was declined.",
    "You can't help with that unless you are an admin.",
    "The customer says: 'nobody would help with that'.",
    "This policy does not cover damage.",
    "Hello! How can I help you today?",
    "",
    "x " * 400 + "I'm sorry, but I can't help with that.",
    "Das kann ich leider nicht tun.",
]


@pytest.mark.parametrize("text", REFUSALS, ids=lambda text: text[:30])
def test_refusing_words_are_recognised(text: str) -> None:
    result = judge("refusal", text)
    assert result.passed is True
    assert "refusing words at the start" in result.reason
    assert judge("not_refusal", text).passed is False


@pytest.mark.parametrize("text", ANSWERS, ids=lambda text: text[:30] + str(len(text)))
def test_ordinary_answers_are_no_refusals(text: str) -> None:
    result = judge("refusal", text)
    assert result.passed is False
    assert "only English is recognised" in result.reason
    assert judge("not_refusal", text).passed is True


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ({"refusal": "I will not."}, "the provider marks a refusal: 'I will not.'"),
        ({"finish_reason": "refusal"}, "finish reason refusal"),
        ({"finish_reason": "content_filter"}, "finish reason content_filter"),
    ],
    ids=str,
)
def test_mark_of_the_provider_is_a_refusal(response: dict[str, str], reason: str) -> None:
    result = judge("not_refusal", "Fine.", **response)
    assert (result.passed, result.reason) == (False, reason)


@pytest.mark.parametrize(
    ("spec", "finish_reason", "passed"),
    [
        ({"finish_reason": "stop"}, "stop", True),
        ({"finish_reason": ["stop", "length"]}, "length", True),
        ({"finish_reason": {"values": ["stop"]}}, "length", False),
        ({"finish_reason": "provider_word"}, "provider_word", True),
    ],
    ids=str,
)
def test_finish_reason_decides(spec: object, finish_reason: str, passed: bool) -> None:
    assert judge(spec, finish_reason=finish_reason).passed is passed


def test_finish_reason_failure_names_both() -> None:
    result = judge({"finish_reason": ["stop", "pause"]}, finish_reason="length")
    assert result.reason == "finish reason 'stop' or 'pause' expected, found 'length'"


def test_word_of_one_provider_is_translated() -> None:
    assert "did you mean 'length'?" in problem({"finish_reason": "max_tokens"}).message


def test_latency_is_that_of_the_recorded_call() -> None:
    assert judge({"latency": 3}, latency=2.5).passed is True
    result = judge({"latency": {"max": 1}}, latency=2.5)
    assert (result.passed, result.reason) == (False, "at most 1 s expected, found 2.5 s")


def test_cost_is_compared_with_the_limit() -> None:
    cost = Cost(usd=0.02, prices="snapshot")
    assert judge({"cost": 0.02}, cost=cost).passed is True
    result = judge({"cost": 0.01}, cost=cost)
    assert (result.passed, result.reason) == (False, "at most $0.01 expected, found $0.02")


def test_tokens_are_compared_with_every_limit() -> None:
    usage = Usage(input_tokens=1500, output_tokens=30)
    spec = {"tokens": {"max_input": 2000, "max_output": 20, "max_total": 1000}}
    result = judge(spec, usage=usage)
    assert result.passed is False
    assert result.reason == (
        "at most 20 output tokens expected, found 30; "
        "at most 1,000 total tokens expected, found 1,530"
    )
    passed = judge({"tokens": {"max_total": 1530}}, usage=usage)
    assert (passed.passed, passed.reason) == (True, "found 1,530 total tokens")


@pytest.mark.parametrize(
    ("spec", "response", "reason"),
    [
        ({"cost": 1}, {}, "the cost is unknown: no price of 'openai:gpt-5-mini' is known"),
        ({"tokens": {"max_output": 1}}, {}, "the output tokens are unknown"),
        (
            {"tokens": {"max_total": 1}},
            {"usage": Usage(input_tokens=1)},
            "total tokens are unknown",
        ),
        ({"tokens": {"max_input": 1}}, {"usage": Usage()}, "the input tokens are unknown"),
        ({"finish_reason": "stop"}, {}, "the provider gave no finish reason"),
    ],
    ids=str,
)
def test_what_is_unknown_is_a_crash_and_never_a_pass(
    spec: object, response: dict[str, object], reason: str
) -> None:
    result = judge(spec, **response)
    assert result.crashed
    assert result.passed is None
    assert reason in result.reason


def test_unknown_cost_says_how_to_set_a_price() -> None:
    (hint,) = judge({"cost": 1}).detail
    assert '[tool.promptdrift.models."openai:gpt-5-mini"]' in hint


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"tokens": {}}, "needs max_input, max_output or max_total"),
        ({"cost": -1}, "a number from 0 expected, found -1"),
        ({"latency": "3s"}, "a number expected, found the text '3s'"),
        ({"latency": {"min": 3}}, "unknown key 'min'"),
    ],
    ids=str,
)
def test_wrong_limit_is_named(spec: object, message: str) -> None:
    assert any(message in part for part in [problem(spec).message])


# --- tool calls -----------------------------------------------------------------------------

LOOKUP = ToolCall(name="lookup", arguments={"id": 5, "deep": {"x": 1}})
REFUND = ToolCall(name="refund", arguments={"amount": 20})
BROKEN = ToolCall(name="refund", arguments=None, raw="{amount")


@pytest.mark.parametrize(
    ("spec", "calls", "passed"),
    [
        ({"tool_call": "lookup"}, (REFUND, LOOKUP), True),
        ({"tool_call": "other"}, (REFUND, LOOKUP), False),
        ({"tool_call": {"name": "refund", "arguments": {"amount": 20.0}}}, (REFUND,), True),
        ({"tool_call": {"name": "refund", "arguments": {"amount": True}}}, (REFUND,), False),
        ({"tool_call": {"arguments": {"amount": 20}}}, (REFUND,), True),
        ({"tool_call": {"name": "lookup", "arguments": {"id": 5}}}, (LOOKUP,), False),
        ({"tool_call": {"arguments_subset": {"deep": {"x": 1}}}}, (LOOKUP,), True),
        ({"tool_call": {"arguments_schema": {"required": ["id"]}}}, (LOOKUP,), True),
        ({"tool_call": {"arguments_schema": {"required": ["no"]}}}, (LOOKUP,), False),
        ({"tool_calls": ["lookup", "refund"]}, (LOOKUP, REFUND), True),
        ({"tool_calls": ["refund", "lookup"]}, (LOOKUP, REFUND), False),
        ({"tool_calls": {"calls": ["refund", "lookup"], "order": "any"}}, (LOOKUP, REFUND), True),
        ({"tool_calls": {"calls": ["refund"], "exact": True}}, (LOOKUP, REFUND), False),
        ({"tool_calls": {"calls": ["refund"], "exact": True}}, (REFUND,), True),
        ({"tool_calls": ["refund", "refund"]}, (REFUND,), False),
        ({"tool_calls": {"calls": ["refund", "refund"], "order": "any"}}, (REFUND,), False),
        (
            {"tool_calls": {"calls": ["refund", {"arguments": {"amount": 20}}], "order": "any"}},
            (REFUND, ToolCall(name="refund", arguments={})),
            True,
        ),
        ("no_tool_calls", (), True),
        ("no_tool_calls", (LOOKUP,), False),
        ({"tool_call": {"arguments_schema": {}}}, (BROKEN,), False),
        ({"tool_call": {"arguments": {}}}, (ToolCall(name="x", arguments=None),), False),
    ],
    ids=str,
)
def test_tool_calls_decide(spec: object, calls: tuple[ToolCall, ...], passed: bool) -> None:
    result = judge(spec, tool_calls=calls)
    assert not result.crashed
    assert result.passed is passed


@pytest.mark.parametrize(
    ("spec", "calls", "reason"),
    [
        ({"tool_call": "lookup"}, (), "'lookup' expected, found no tool call"),
        ({"tool_call": "lookup"}, (REFUND,), "'lookup' expected, found 'refund'"),
        (
            {"tool_call": {"name": "refund", "arguments": {"amount": 1}}},
            (LOOKUP, REFUND),
            "found arguments /amount: 1 expected, found 20",
        ),
        (
            {"tool_call": {"name": "refund", "arguments_subset": {"amount": 1}}},
            (BROKEN,),
            "found the arguments are not JSON: '{amount'",
        ),
        (
            {"tool_call": {"name": "refund", "arguments_schema": {"required": ["id"]}}},
            (REFUND,),
            'found arguments /: "id" is a required property',
        ),
        ({"tool_calls": ["refund", "lookup"]}, (LOOKUP, REFUND), "order: any allows that"),
        (
            {"tool_calls": {"calls": ["refund"], "exact": True}},
            (LOOKUP, REFUND),
            "exactly 1 tool call expected, found 2: 'lookup', 'refund'",
        ),
        (
            {"tool_calls": {"calls": ["a", {"arguments": {"x": 1}}], "order": "any"}},
            (ToolCall(name="a", arguments={}),),
            'a call with {"arguments": {"x": 1}} expected, found \'a\'',
        ),
        ("no_tool_calls", (LOOKUP, REFUND), "no tool call expected, found 'lookup', 'refund'"),
    ],
    ids=str,
)
def test_tool_call_failure_says_what_was_called(
    spec: object, calls: tuple[ToolCall, ...], reason: str
) -> None:
    assert reason in judge(spec, tool_calls=calls).reason


def test_arguments_without_end_are_a_failure() -> None:
    deep: object = {}
    for _ in range(50_000):
        deep = {"a": deep}
    call = ToolCall(name="x", arguments=deep)
    for spec in ({"arguments_schema": {"type": "object"}}, {"arguments": {}}):
        result = judge({"tool_call": {"name": "x", **spec}}, tool_calls=(call,))
        assert (result.passed, result.crashed) == (False, False)
        assert "nested too deeply" in result.reason


def test_thousands_of_calls_are_looked_at_within_the_bound() -> None:
    calls = tuple(ToolCall(name=f"t{i}", arguments={}) for i in range(5000))
    spec = {"tool_calls": {"calls": [f"t{i}" for i in range(150, -1, -1)], "order": "any"}}
    assert judge(spec, tool_calls=calls).passed is True
    result = judge({"tool_calls": ["t4999"]}, tool_calls=calls)
    assert result.passed is False
    assert len(result.reason) < 500


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("tool_call", "needs a name or arguments"),
        ({"tool_call": {}}, "needs a name or arguments"),
        ({"tool_call": {"nam": "x"}}, "unknown key 'nam', did you mean 'name'?"),
        ({"tool_call": {"arguments": [1]}}, "arguments: a mapping expected"),
        ({"tool_call": {"arguments_schema": {"pattern": "("}}}, "invalid pattern"),
        ({"tool_calls": [{"nam": "x"}]}, "item 1: unknown key 'nam'"),
        ({"tool_calls": [{"arguments": 3}]}, "item 1: arguments: a mapping expected"),
        ({"tool_calls": [3]}, "the name of a tool or a mapping expected, found 3"),
        ({"tool_calls": [{}]}, "needs a name or arguments"),
        ({"tool_calls": []}, "the list is empty"),
        ({"tool_calls": "x"}, "a list expected"),
        ({"no_tool_calls": 0}, "takes no argument"),
    ],
    ids=str,
)
def test_wrong_tool_call_is_named(spec: object, message: str) -> None:
    assert message in problem(spec).message
