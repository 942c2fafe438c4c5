from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.prompts import PIXEL, a_model, ask, attach

from pytest_promptdrift.config.settings import PriceOverride
from pytest_promptdrift.model import Message, Part, Prompt, Tool, Usage
from pytest_promptdrift.providers import (
    build_request,
    expected_cost,
    output_limit,
    price,
    worst_case,
    worst_case_cost,
)

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 23, tzinfo=UTC)
LIST = f"genai-prices {genai_prices.__version__}"
OWN = PriceOverride(input=2.0, output=10.0, cached_input=0.5)


def used(taken: int | None = 1000, given: int | None = 100, **more: Any) -> Usage:
    return Usage(input_tokens=taken, output_tokens=given, **more)


def bound(prompt: Prompt, **model: Any) -> Any:
    made = a_model(**model)
    return worst_case(build_request(prompt, made, environ={}), made, at=AT)


def test_the_price_list_is_used_and_named() -> None:
    cost = price(a_model(), "gpt-5-mini-2025-08-07", used(), AT)
    assert cost is not None
    assert cost.usd == pytest.approx((1000 * 0.25 + 100 * 2) / 1e6)
    assert cost.prices == LIST


def test_cached_input_is_cheaper_and_written_input_dearer() -> None:
    model = a_model("anthropic")
    plain, cached, written = (
        price(model, None, usage, AT)
        for usage in (used(), used(cached_input_tokens=800), used(cache_write_tokens=800))
    )
    assert cached is not None
    assert plain is not None
    assert written is not None
    assert cached.usd < plain.usd < written.usd


def test_counts_that_contradict_each_other_do_no_harm() -> None:
    odd = used(10, 1, cached_input_tokens=50, cache_write_tokens=50)
    assert price(a_model("anthropic"), None, odd, AT) is not None


def test_the_requested_model_has_the_price_when_the_served_one_is_unknown() -> None:
    assert price(a_model(), "somebody-elses-name", used(), AT) == price(a_model(), None, used(), AT)


@pytest.mark.parametrize("usage", [None, used(None), used(10, None)])
def test_without_usage_there_is_no_cost(usage: Usage | None) -> None:
    assert price(a_model(), None, usage, AT) is None
    assert price(a_model(prices=OWN), None, usage, AT) is None


def test_an_unknown_model_has_no_price_rather_than_none_at_all() -> None:
    assert price(a_model(model="local-model"), "local-model", used(), AT) is None
    assert price(a_model("python", model="a:b"), None, used(), AT) is None
    assert price(a_model(model="omni-moderation-latest"), None, used(), AT) is None


def test_a_server_of_ones_own_has_no_price_of_the_provider() -> None:
    local = a_model(base_url="http://127.0.0.1:8091/v1")
    assert price(local, "gpt-5-mini", used(), AT) is None


def test_a_known_server_has_its_own_price() -> None:
    model = a_model(base_url="https://api.groq.com/openai/v1", model="openai/gpt-oss-20b")
    cost = price(model, None, used(), AT)
    assert cost is not None
    assert cost.prices == LIST


def test_configured_prices_win() -> None:
    cost = price(a_model(prices=OWN), "gpt-5-mini", used(cached_input_tokens=400), AT)
    assert cost is not None
    assert cost.usd == pytest.approx((600 * 2 + 400 * 0.5 + 100 * 10) / 1e6)
    assert cost.prices == "configured"


def test_configured_prices_without_a_cached_price_use_the_full_one() -> None:
    own = PriceOverride(input=2.0, output=10.0)
    cost = price(a_model(prices=own), None, used(cached_input_tokens=400), AT)
    assert cost is not None
    assert cost.usd == pytest.approx((1000 * 2 + 100 * 10) / 1e6)


def test_a_tier_that_the_request_asks_for_has_its_price() -> None:
    model = a_model()
    plain = price(model, None, used(), AT)
    fast = price(model, None, used(), AT, body={"service_tier": "priority"})
    assert plain is not None
    assert fast is not None
    assert fast.usd > plain.usd


def test_prices_never_use_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert price(a_model("anthropic"), None, used(), AT) is not None


def test_an_updated_price_list_says_when(monkeypatch: pytest.MonkeyPatch) -> None:
    from genai_prices import data_snapshot

    bundled = data_snapshot.get_snapshot()
    newer = data_snapshot.DataSnapshot(
        providers=bundled.providers, from_auto_update=True, timestamp=AT
    )
    monkeypatch.setattr(data_snapshot, "_custom_snapshot", newer)
    cost = price(a_model(), None, used(), AT)
    assert cost is not None
    assert cost.prices == f"{LIST} (updated 2026-11-23)"


@pytest.mark.parametrize("provider", ["openai", "openai:responses", "anthropic"])
@given(text=st.text(max_size=200), taken=st.floats(0, 1), given_=st.floats(0, 1))
def test_no_answer_costs_more_than_the_worst_case(
    provider: str, text: str, taken: float, given_: float
) -> None:
    model = a_model(provider)
    request = build_request(ask(text, params={"max_output_tokens": 500}), model, environ={})
    most = worst_case_cost(request, model, at=AT)
    # No tokenizer makes more tokens than bytes.
    usage = used(int(taken * len(text.encode("utf-8", "replace"))), int(given_ * 500))
    cost = price(model, None, usage, AT)
    assert most is not None
    assert cost is not None
    assert cost.usd <= most


@pytest.mark.parametrize(
    ("provider", "name"),
    [("anthropic", "claude-sonnet-4-5"), ("anthropic", "claude-opus-5"), ("openai", "gpt-5-mini")],
)
def test_the_worst_case_covers_the_dearest_tier_and_long_prompts(provider: str, name: str) -> None:
    usage = used(250_000, 500, cache_write_tokens=250_000)
    model = a_model(provider, model=name)
    prompt = ask("x" * 250_000, params={"max_output_tokens": 500})
    most = bound(prompt, provider=provider, model=name).usd
    for body in ({}, {"speed": "fast"}, {"service_tier": "priority"}):
        cost = price(model, None, usage, AT, body=body)
        assert cost is not None
        assert cost.usd <= most


def test_the_worst_case_with_configured_prices() -> None:
    dear = PriceOverride(input=1.0, output=10.0, cached_input=3.0)
    found = bound(ask("hi", params={"max_output_tokens": 100}), prices=dear)
    assert 100 * 10 / 1e6 < found.usd < (100 * 10 + 300 * 3) / 1e6


def test_images_are_counted_generously(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.png", PIXEL, "image/png")
    seen = ask(messages=(Message(role="user", parts=(Part(image=held),)),))
    assert bound(seen, prices=OWN).usd - bound(ask(""), prices=OWN).usd > 50_000 * 2 / 1e6


def test_text_files_are_counted_by_their_size(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.txt", b"x" * 5000, "text/plain")
    prompt = ask(messages=(Message(role="user", parts=(Part(file=held),)),))
    found = bound(prompt, provider="anthropic", prices=OWN)
    assert 5000 * 2 / 1e6 < found.usd < 6000 * 2 / 1e6


def test_a_document_is_as_long_as_the_model_can_read(tmp_path: Path) -> None:
    held = attach(tmp_path / "a.pdf", b"%PDF", "application/pdf")
    prompt = ask(messages=(Message(role="user", parts=(Part(file=held),)),))
    assert bound(prompt).usd > 400_000 * 0.25 / 1e6
    found = bound(prompt, prices=OWN)
    assert found.usd is None
    assert found.reason == "how many tokens an attached file has cannot be said"


@pytest.mark.parametrize(
    ("prompt", "model", "reason"),
    [
        (ask(params={}), {}, "the output has no limit: add `max_output_tokens` to params"),
        (ask(), {"model": "local-model"}, "no price is known for 'local-model': add `prices`"),
        (
            ask(params={"max_output_tokens": 5, "web_search_options": {}}),
            {},
            "the hosted tool 'web_search' is billed apart",
        ),
        (
            ask(params={"max_output_tokens": 5, "betas": ["x"], "mcp_servers": [{"url": "u"}]}),
            {"provider": "anthropic"},
            "the hosted tool 'mcp' is billed apart",
        ),
        (
            ask(params={"max_tokens": 5, "extra_body": {"tools": [{"type": "web_search_1"}]}}),
            {"provider": "anthropic"},
            "the hosted tool 'web_search_1' is billed apart",
        ),
    ],
)
def test_without_a_bound_the_reason_is_given(
    prompt: Prompt, model: dict[str, Any], reason: str
) -> None:
    found = bound(prompt, **model)
    assert found.usd is None
    assert found.reason is not None
    assert found.reason.startswith(reason)


def test_functions_in_the_prompt_are_bounded() -> None:
    assert bound(ask(tools=(Tool(name="f"),))).usd > bound(ask()).usd
    assert bound(ask(tools=(Tool(name="f"),)), provider="anthropic").usd is not None


def test_what_a_python_function_costs_is_not_known(tmp_path: Path) -> None:
    model = a_model("python", model="json:loads", options={"sources": []})
    request = build_request(ask(params={}), model, environ={}, root=tmp_path)
    assert (
        worst_case(request, model).reason
        == "what the Python function json:loads costs is not known"
    )
    assert expected_cost(request, model) is None


def test_the_output_limit_is_found_under_every_name() -> None:
    model = a_model(max_tokens_parameter="max_new_tokens")
    request = build_request(ask(params={"max_output_tokens": 9}), model, environ={})
    assert output_limit(request, model) == 9
    assert output_limit(build_request(ask(params={}), model, environ={}), model) is None


def test_an_expected_cost_follows_an_earlier_answer() -> None:
    model = a_model()
    request = build_request(ask(), model, environ={})
    known = price(model, None, used(), AT)
    assert known is not None
    assert expected_cost(request, model, used(), at=AT) == known.usd


def test_an_expected_cost_without_an_earlier_answer_is_a_guess_below_the_worst_case() -> None:
    model = a_model()
    request = build_request(ask("hello " * 100), model, environ={})
    guess, most = expected_cost(request, model, at=AT), worst_case_cost(request, model, at=AT)
    assert guess is not None
    assert most is not None
    assert 0 < guess < most
    assert expected_cost(request, model, used(None), at=AT) == guess
    unlimited = build_request(ask(params={}), model, environ={})
    assert expected_cost(unlimited, model, at=AT) is not None


def test_a_script_costs_nothing() -> None:
    model = a_model("fake")
    assert expected_cost(build_request(ask(), model), model) == 0.0
