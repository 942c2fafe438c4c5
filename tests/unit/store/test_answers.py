from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from support.recorded import LABEL, a_full_sample, a_request, a_sample, a_store

from pytest_promptdrift.model import Cost, Response, Sample, ToolCall, Usage
from pytest_promptdrift.store import answers_digest

from .test_recordings import samples

FULL = a_full_sample()
RESPONSE = FULL.response
CALLS = RESPONSE.tool_calls


def edited(**changes: object) -> Sample:
    return replace(FULL, response=replace(RESPONSE, **changes))  # type: ignore[arg-type]


def test_the_digest_never_changes_between_versions() -> None:
    # it is in the baseline files of every project: a new digest here asks everyone to accept anew
    assert answers_digest([]) == "4f53cda18c2baa0c"
    assert answers_digest([a_sample()]) == "06da616d8c7d7d7a"
    assert answers_digest([a_sample("größe\n\ud800"), FULL]) == "fa44b43e91bbc154"


@given(samples, samples)
def test_samples_have_the_digest_of_what_comes_back_from_the_disk(
    tmp_path_factory: pytest.TempPathFactory, first: Sample, second: Sample
) -> None:
    store = a_store(tmp_path_factory.mktemp("suite"))
    for sample in (first, second):
        store.append("c", a_request(), label=LABEL, sample=sample)
    found = store.find("c", a_request().digest)

    assert found is not None
    expected = [first, second][: len(found.samples)]  # one response, by its id, is stored once
    assert answers_digest(found.samples) == answers_digest(expected)


@pytest.mark.parametrize(
    "other",
    [
        edited(text="billing\nbecause of the charge\n"),
        edited(tool_calls=()),
        edited(tool_calls=CALLS[:1]),
        edited(tool_calls=CALLS[::-1]),
        edited(tool_calls=(replace(CALLS[0], name="refunds"), CALLS[1])),
        edited(tool_calls=(replace(CALLS[0], arguments={"order": 88232, "note": "a\nb"}),)),
        edited(tool_calls=(CALLS[0], replace(CALLS[1], raw="{"))),
        edited(tool_calls=(replace(CALLS[0], id=None), CALLS[1])),
        edited(finish_reason="stop"),
        edited(finish_reason=None),
        edited(refusal=None),
        edited(refusal=""),
        edited(served_model="gpt-5-mini"),
        edited(fingerprint="fp_2"),
        edited(response_id="chatcmpl-2"),
        edited(usage=None),
        edited(usage=Usage(input_tokens=10, output_tokens=4)),
        edited(cost=None),
        edited(cost=Cost(usd=0.00022, prices="genai-prices 0.2.3")),
        edited(latency=0.8),
        edited(attempts=1),
        replace(FULL, recorded_at="2026-11-23T09:00:01Z"),
        replace(FULL, sdk="openai 3.54.1"),
    ],
)
def test_every_edit_of_a_sample_changes_the_digest(other: Sample) -> None:
    assert answers_digest([other]) != answers_digest([FULL])
    assert answers_digest([a_sample(), other]) != answers_digest([a_sample(), FULL])


def test_number_and_order_of_samples_count() -> None:
    found = {
        answers_digest(some)
        for some in ([], [FULL], [FULL, FULL], [FULL, a_sample()], [a_sample(), FULL])
    }

    assert len(found) == 5


def test_texts_do_not_run_into_each_other() -> None:
    def both(text: str, refusal: str) -> str:
        response = Response(text=text, refusal=refusal)
        return answers_digest([Sample(response=response, recorded_at="", sdk="")])

    assert both('a","b', "") != both("a", "b")
    assert both("a", "") != both("", "a")


def test_how_the_arguments_of_a_tool_are_written_does_not_count() -> None:
    def asked(arguments: dict[str, object]) -> str:
        return answers_digest([edited(tool_calls=(ToolCall(name="t", arguments=arguments),))])

    assert asked({"a": 1, "b": 2}) == asked({"b": 2.0, "a": 1})
    assert asked({"a": 1}) != asked({"a": True})


def test_what_cannot_be_stored_has_no_digest() -> None:
    endless = ToolCall(name="t", arguments={"at": float("nan")})

    assert answers_digest([FULL, edited(tool_calls=(endless,))]) == ""
