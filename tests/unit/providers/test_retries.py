from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from support.loopback import (
    Loopback,
    Reply,
    cut,
    failure,
    hang,
    overloaded,
    rate_limited,
    server_error,
)
from support.prompts import a_model, ask, run

from pytest_promptdrift._errors import BudgetError, ProviderError, ProviderErrorKind
from pytest_promptdrift.providers import CallSettings, build_request, open_client
from pytest_promptdrift.providers.transport import asked_pause

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift.model import Request, Response

SOON = rate_limited(milliseconds="1")
NO_PAUSE = {"retry-after-ms": "1"}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the SDKs make, which take no time here."""
    import anyio

    made: list[float] = []
    really = anyio.sleep

    async def note(seconds: float) -> None:
        made.append(seconds)
        await really(0)

    monkeypatch.setattr(anyio, "sleep", note)
    return made


def complete(provider: str, environ: Mapping[str, str], **settings: Any) -> Response:
    settings.setdefault("timeout", 20)
    model = a_model(provider)
    request = build_request(ask(), model, environ=environ)

    async def call() -> Response:
        client = open_client(model, CallSettings(**settings), environ)
        try:
            return await client.complete(request, {})
        finally:
            await client.aclose()

    return run(call())


@pytest.mark.parametrize("fault", [SOON, server_error(), server_error(503), overloaded()])
def test_a_passing_failure_is_tried_again_and_counted(
    server: Loopback, environ: dict[str, str], provider: str, fault: Reply
) -> None:
    server.script = [fault, fault, "billing"]
    answer = complete(provider, environ)
    assert (answer.text, answer.attempts) == ("billing", 3)
    assert server.calls[-1].headers["x-stainless-retry-count"] == str(answer.attempts - 1)


def test_a_cut_answer_is_tried_again(
    server: Loopback, environ: dict[str, str], provider: str, pauses: list[float]
) -> None:
    server.script = [cut(), cut(0), "billing"]
    assert complete(provider, environ).attempts == 3
    assert len(pauses) == 2


def test_a_cut_answer_is_never_an_answer(
    server: Loopback, environ: dict[str, str], provider: str, pauses: list[float]
) -> None:
    server.answer = cut()
    with pytest.raises(ProviderError, match="closed the connection before the answer") as caught:
        complete(provider, environ)
    assert caught.value.kind is ProviderErrorKind.CUT_STREAM
    assert caught.value.attempts == 3
    assert ", after 3 attempts" in caught.value.message


def test_a_refused_request_is_not_tried_again(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = failure(400, "invalid_request_error", "no")
    with pytest.raises(ProviderError) as caught:
        complete(provider, environ)
    assert (server.hits, caught.value.attempts) == (1, 1)


def test_the_number_of_retries_is_ours(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = SOON
    with pytest.raises(ProviderError):
        complete(provider, environ, retries=4)
    assert server.hits == 5


def test_a_pause_within_the_cap_is_made(
    server: Loopback, environ: dict[str, str], provider: str, pauses: list[float]
) -> None:
    server.script = [rate_limited("7"), "billing"]
    assert complete(provider, environ, retry_after_cap=8).text == "billing"
    assert pauses == [7.0]


@pytest.mark.parametrize("asked", ["9", "130", "100000", "inf", "1e999"])
def test_a_pause_beyond_the_cap_ends_the_call(
    server: Loopback, environ: dict[str, str], provider: str, pauses: list[float], asked: str
) -> None:
    server.answer = rate_limited(asked)
    with pytest.raises(ProviderError, match="asks for a pause of") as caught:
        complete(provider, environ, retry_after_cap=8)
    assert caught.value.kind is ProviderErrorKind.RATE_LIMIT
    assert (server.hits, pauses) == (1, [])


def test_a_pause_past_the_deadline_ends_the_call(
    server: Loopback, environ: dict[str, str], provider: str, pauses: list[float]
) -> None:
    server.answer = rate_limited("30")
    with pytest.raises(ProviderError, match="asks for a pause of 30 s"):
        complete(provider, environ, timeout=20, retry_after_cap=60)
    assert pauses == []


def test_a_pause_with_a_refusal_is_no_reason(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = failure(400, "invalid_request_error", "no", retry_after="500")
    with pytest.raises(ProviderError, match=r"refused the request \(400\): no"):
        complete(provider, environ)


def test_a_server_cannot_force_a_retry_after_an_endless_pause(
    server: Loopback, environ: dict[str, str], provider: str, pauses: list[float]
) -> None:
    headers = {"retry-after": "500", "x-should-retry": "true"}
    server.answer = Reply(status=503, error_type="x", headers=headers)
    with pytest.raises(ProviderError, match="asks for a pause of 500 s"):
        complete(provider, environ)
    assert server.hits == 1


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "99"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "3"}, 3.0),
        ({"retry-after": "Sat, 01 Jan 2000 00:01:00 GMT"}, 60.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sat, 01 Jan 99999999999999999999 00:01:00 GMT"}, None),
    ],
)
def test_pauses_are_read_as_the_sdks_read_them(
    headers: dict[str, str], pause: float | None
) -> None:
    assert asked_pause(httpx2.Headers(headers), now=946_684_800.0) == pause


def test_a_hanging_server_meets_the_deadline(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = hang()
    started = time.perf_counter()
    with pytest.raises(ProviderError, match=r"no whole answer within 0\.15 s") as caught:
        complete(provider, environ, timeout=0.15)
    assert caught.value.kind is ProviderErrorKind.TIMEOUT
    assert time.perf_counter() - started < 10


def test_the_deadline_covers_all_attempts_and_pauses(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    server.answer = rate_limited(milliseconds="100")
    with pytest.raises(ProviderError) as caught:
        complete(provider, environ, timeout=0.25, retries=1000)
    assert caught.value.kind in {ProviderErrorKind.TIMEOUT, ProviderErrorKind.RATE_LIMIT}
    assert caught.value.attempts <= 4


def _counting(seen: list[tuple[str, int]]) -> Any:
    def note(request: Request, attempt: int) -> None:
        seen.append((request.api, attempt))

    return note


@pytest.mark.parametrize(
    "row",
    [
        ([server_error(), overloaded()], [2, 3]),
        ([cut(), server_error()], [2, 3]),
        ([SOON, SOON], []),
        ([SOON, server_error()], [3]),
        ([failure(408, "x", "late", retry_after_ms="1"), SOON], [2]),
    ],
)
@pytest.mark.usefixtures("pauses")
def test_the_budget_is_asked_before_an_attempt_after_one_that_may_have_been_billed(
    server: Loopback,
    environ: dict[str, str],
    provider: str,
    row: tuple[list[Any], list[int]],
) -> None:
    script, asked = row
    seen: list[tuple[str, int]] = []
    server.script = [*script, "billing"]
    assert complete(provider, environ, before_attempt=_counting(seen)).attempts == 3
    assert [attempt for _, attempt in seen] == asked


def test_a_budget_that_refuses_ends_the_call_with_its_own_error(
    server: Loopback, environ: dict[str, str], provider: str
) -> None:
    def refuse(request: Request, attempt: int) -> None:
        raise BudgetError("the budget is used up")

    server.answer = server_error()
    with pytest.raises(BudgetError, match="the budget is used up"):
        complete(provider, environ, before_attempt=refuse)
    assert server.hits == 1


def test_a_refused_connection_was_not_billed(
    environ: dict[str, str], provider: str, pauses: list[float]
) -> None:
    seen: list[tuple[str, int]] = []
    nowhere = {**environ, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
    nowhere["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:1"
    with pytest.raises(ProviderError) as caught:
        complete(provider, nowhere, retries=1, before_attempt=_counting(seen), timeout=20)
    assert caught.value.attempts == 2
    assert seen == []
