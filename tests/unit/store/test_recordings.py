from __future__ import annotations

import dataclasses
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.recorded import LABEL, a_full_sample, a_request, a_sample, a_store

from pytest_promptdrift._errors import SecretFoundError, StoreError
from pytest_promptdrift.model import Cost, Recording, Request, Response, Sample, ToolCall, Usage
from pytest_promptdrift.store import Redactor, choose, recording_id, series_name, verify
from pytest_promptdrift.store import fields as tables

if TYPE_CHECKING:
    from pathlib import Path

any_text = st.text(st.characters(exclude_categories=()), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
maybe_text = st.none() | any_text
counts = st.none() | st.integers(0, 10**9)
amounts = st.floats(0, 1e6)
samples = st.builds(
    Sample,
    response=st.builds(
        Response,
        text=any_text,
        tool_calls=st.lists(
            st.builds(
                ToolCall, name=any_text, arguments=json_values, id=maybe_text, raw=maybe_text
            ),
            max_size=2,
        ).map(tuple),
        finish_reason=maybe_text,
        refusal=maybe_text,
        served_model=maybe_text,
        fingerprint=maybe_text,
        response_id=maybe_text,
        usage=st.none() | st.builds(Usage, input_tokens=counts, reasoning_tokens=counts),
        cost=st.none() | st.builds(Cost, usd=amounts, prices=any_text),
        latency=amounts,
        attempts=st.integers(1, 9),
    ),
    recorded_at=any_text,
    sdk=any_text,
)
requests = st.builds(
    Request,
    api=any_text,
    body=st.dictionaries(any_text, json_values, max_size=3),
    host=maybe_text,
    betas=st.lists(any_text, max_size=2).map(tuple),
)


@given(requests, samples)
def test_whatever_is_recorded_comes_back_unchanged(
    tmp_path_factory: pytest.TempPathFactory, request_: Request, sample: Sample
) -> None:
    folder = tmp_path_factory.mktemp("suite")
    a_store(folder).append("case", request_, label=LABEL, sample=sample)

    found = a_store(folder).find("case", request_.digest)
    assert found is not None
    assert found.samples == (sample,)
    assert found.request == request_.canonical()
    assert verify(found)


def test_a_recording_file_reads_well(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    request = a_request(temperature=0.5)
    store.append("double-charge", request, label=LABEL, sample=a_full_sample())

    path = tmp_path / "__promptdrift__" / "triage" / "recordings" / "double-charge.json"
    assert store.path("double-charge") == path
    assert path.read_text(encoding="utf-8") == EXPECTED_FILE.replace(
        "DIGEST", request.digest
    ).replace("ID", recording_id(request.digest, ""))


EXPECTED_FILE = """\
{
 "format": 1,
 "case": "double-charge",
 "recordings": [
  {
   "id": "ID",
   "digest": "DIGEST",
   "series": "",
   "label": "openai:gpt-5-mini",
   "request": {
    "k": 1,
    "api": "openai.chat",
    "host": null,
    "betas": [],
    "body": {
     "model": "gpt-5-mini",
     "messages": [
      {
       "role": "system",
       "content": "You triage the messages of a shop."
      },
      {
       "role": "user",
       "content": {
        "$lines": [
         "I was charged twice.",
         "Please help."
        ]
       }
      }
     ],
     "temperature": 0.5
    }
   },
   "samples": [
    {
     "recorded_at": "2026-11-23T09:00:00Z",
     "sdk": "openai 3.54.0",
     "served_model": "gpt-5-mini-2026-08-07",
     "fingerprint": "fp_1",
     "response_id": "chatcmpl-1",
     "finish_reason": "tool_calls",
     "latency": 0.8125,
     "attempts": 2,
     "usage": {
      "input_tokens": 10,
      "output_tokens": 4,
      "cached_input_tokens": 0
     },
     "cost": {
      "usd": 0.00021,
      "prices": "genai-prices 0.2.3"
     },
     "refusal": {
      "$lines": [
       "no",
       "way"
      ]
     },
     "tool_calls": [
      {
       "name": "refund",
       "arguments": {
        "order": 88231,
        "note": {
         "$lines": [
          "a",
          "b"
         ]
        }
       },
       "id": "call_1"
      },
      {
       "name": "refund",
       "raw": "{\\"order\\": "
      }
     ],
     "text": {
      "$lines": [
       "billing",
       "because of the charge\\r",
       ""
      ]
     }
    }
   ]
  }
 ]
}
"""


@pytest.mark.parametrize(
    ("noun", "table", "elsewhere"),
    [
        (Response, "_SAMPLE", set()),
        (Sample, "_SAMPLE", {"response"}),
        (Usage, "_USAGE", set()),
        (Cost, "_COST", set()),
        (ToolCall, "_TOOL_CALL", set()),
        (Recording, "RECORDING", set()),
    ],
)
def test_every_field_of_a_noun_is_stored(noun: type, table: str, elsewhere: set[str]) -> None:
    names = {field.name for field in dataclasses.fields(noun)}

    assert names - elsewhere <= set(getattr(tables, table))


def test_a_case_without_a_file_has_no_recordings(tmp_path: Path) -> None:
    store = a_store(tmp_path)

    assert list(store.load("none")) == []
    assert store.find("none", a_request().digest) is None
    assert store.load("none").get("0" * 12) is None
    assert not tmp_path.joinpath("locks").exists()


def test_samples_follow_each_other_in_their_recording(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    done = [
        store.append("c", a_request(), label=LABEL, sample=a_sample(text))
        for text in ("one", "two", "two")
    ]

    found = store.find("c", a_request().digest)
    assert found is not None
    assert [sample.response.text for sample in found.samples] == ["one", "two", "two"]
    assert [(one.recording_id, one.index, one.stored) for one in done] == [
        (found.id, 0, True),
        (found.id, 1, True),
        (found.id, 2, True),
    ]


def test_requests_of_one_case_have_recordings_of_their_own(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    for text in ("a", "b"):
        store.append("c", a_request(text), label=f"label {text}", sample=a_sample(text.upper()))

    assert [(r.label, r.samples[0].response.text) for r in store.load("c")] == [
        ("label a", "A"),
        ("label b", "B"),
    ]
    assert len(store.load("c")) == 2
    assert store.find("c", a_request("c").digest) is None


def test_one_response_is_counted_once(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.append("c", a_request(), label=LABEL, sample=a_sample("a", "r1"))
    store.append("c", a_request(), label=LABEL, sample=a_sample("b", "r2"))
    again = store.append("c", a_request(), label=LABEL, sample=a_sample("b", "r2"))

    assert (again.index, again.stored) == (1, False)
    found = store.find("c", a_request().digest)
    assert found is not None
    assert len(found.samples) == 2


@pytest.mark.parametrize("response_id", [None, ""])
def test_responses_without_an_id_are_all_kept(tmp_path: Path, response_id: str | None) -> None:
    store = a_store(tmp_path)
    for _ in range(2):
        store.append("c", a_request(), label=LABEL, sample=a_sample("a", response_id))

    assert [head.samples for head in store.load("c").heads()] == [2]


def test_a_refresh_makes_a_recording_beside_the_first(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.append("c", a_request(), label=LABEL, sample=a_sample("old", "r1"))
    store.append("c", a_request(), label=LABEL, series="s1", sample=a_sample("new", "r1"))

    digest = a_request().digest
    first, second = store.load("c")
    assert (first.id, second.id) == (recording_id(digest, ""), recording_id(digest, "s1"))
    assert store.find("c", digest) == second
    assert store.find("c", digest, series="") == first
    assert store.find("c", digest, series="other") is None
    assert store.load("c").get(first.id) == first


def recording(series: str, count: int) -> Recording:
    return Recording(
        id=series, digest="d", series=series, label="", request={}, samples=(a_sample(),) * count
    )


@pytest.mark.parametrize(
    ("counts", "needed", "chosen"),
    [
        ({"": 5}, 1, ""),
        ({"": 5, "s1": 5}, 5, "s1"),
        ({"s1": 5, "": 5}, 5, "s1"),
        ({"": 5, "s1": 2}, 5, ""),
        ({"": 5, "s1": 2}, 2, "s1"),
        ({"": 1, "s1": 3, "s2": 2}, 5, "s1"),
        ({"": 2, "s1": 2}, 5, "s1"),
        ({"": 9, "s1": 5, "s2": 1}, 5, "s1"),
        ({"": 0}, 1, ""),
    ],
)
def test_the_newest_series_with_enough_samples_is_chosen(
    counts: dict[str, int], needed: int, chosen: str
) -> None:
    found = choose([recording(series, count) for series, count in counts.items()], needed)

    assert found is not None
    assert found.series == chosen


def test_nothing_is_chosen_from_nothing() -> None:
    assert choose([]) is None


def test_series_sort_by_time() -> None:
    early = series_name(datetime(2026, 11, 23, 9, 5, 1, tzinfo=UTC), "ffff")
    late = series_name(datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC), "0000")

    assert early == "20261123T090501Z-ffff"
    assert "" < early < late


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    store, other = a_store(tmp_path), a_store(tmp_path)
    store.append("c", a_request(), label=LABEL, sample=a_sample("a"))
    loaded = store.load("c")
    assert store.load("c") is loaded

    other.append("c", a_request(), label=LABEL, sample=a_sample("b"))
    assert [head.samples for head in store.load("c").heads()] == [2]
    store.path("c").unlink()
    assert len(store.load("c")) == 0


def test_a_replaced_file_of_the_same_size_and_time_is_noticed(tmp_path: Path) -> None:
    store, other = a_store(tmp_path), a_store(tmp_path / "other")
    store.append("c", a_request(), label=LABEL, sample=a_sample("a"))
    other.append("c", a_request(), label=LABEL, sample=a_sample("b"))
    store.load("c")
    at = store.path("c").stat().st_mtime_ns
    os.utime(other.path("c"), ns=(at, at))
    other.path("c").replace(store.path("c"))

    found = store.find("c", a_request().digest)
    assert found is not None
    assert found.samples[0].response.text == "b"


def test_few_files_are_kept_in_memory(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    for number in range(100):
        store.load(f"case-{number}")

    assert len(store._kept) == 64


def test_a_renamed_file_answers_for_the_renamed_case(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.append("old", a_request(), label=LABEL, sample=a_sample("a"))
    store.path("old").rename(store.path("new"))
    assert store.find("new", a_request().digest) is not None

    store.append("new", a_request(), label=LABEL, sample=a_sample("b"))
    assert json.loads(store.path("new").read_bytes())["case"] == "new"


def test_a_request_that_was_edited_by_hand_answers_nothing(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    request = a_request()
    store.append("c", request, label=LABEL, sample=a_sample("a"))
    edit(store.path("c"), "charged twice", "charged thrice")

    for use in (
        lambda: store.find("c", request.digest),
        lambda: list(store.load("c")),
        lambda: store.append("c", request, label=LABEL, sample=a_sample("b")),
        lambda: store.check_writable("c", request),
    ):
        with pytest.raises(StoreError, match="was edited") as caught:
            use()
        assert caught.value.where is not None
        assert caught.value.where.line == 10
        assert "git checkout -- " in str(caught.value)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("field", ["id", "digest", "series"])
def test_an_edited_address_answers_nothing(tmp_path: Path, field: str) -> None:
    store = a_store(tmp_path)
    request = a_request()
    store.append("c", request, label=LABEL, series="s1", sample=a_sample("a"))
    other = {"id": "0" * 12, "digest": a_request("other").digest, "series": "s2"}[field]
    document = json.loads(store.path("c").read_bytes())
    document["recordings"][0][field] = other
    store.path("c").write_text(json.dumps(document))

    wanted = other if field == "digest" else request.digest
    with pytest.raises(StoreError, match="was edited"):
        store.find("c", wanted)


def test_a_request_with_an_infinite_number_is_an_edited_one(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    request = a_request(temperature=0.25)
    store.append("c", request, label=LABEL, sample=a_sample("a"))
    edit(store.path("c"), "0.25", "1e999")

    with pytest.raises(StoreError, match="was edited"):
        store.find("c", request.digest)


def test_writing_needs_no_more_than_a_folder_that_can_be_made(tmp_path: Path) -> None:
    a_store(tmp_path).check_writable("c", a_request())

    assert list(tmp_path.iterdir()) == []


def test_missing_permission_is_known_before_anything_is_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: path != tmp_path)

    with pytest.raises(StoreError, match="no permission") as caught:
        a_store(tmp_path).check_writable("c")
    assert caught.value.hint == f"make it writable: chmod u+wx {tmp_path}"


def test_a_secret_in_the_request_is_known_before_anything_is_spent(tmp_path: Path) -> None:
    store = a_store(tmp_path, Redactor({"SHOP_TOKEN": "tulip-42-tulip"}))

    with pytest.raises(SecretFoundError) as caught:
        store.check_writable("c", a_request("my token is tulip-42-tulip"))
    assert caught.value.message == (
        "case 'c': request.body.messages[1].content holds the value of SHOP_TOKEN;"
        " nothing was written"
    )


@pytest.mark.parametrize(
    ("request_", "sample", "where"),
    [
        (a_request("tulip-42-tulip"), a_sample("fine"), "request.body.messages[1].content"),
        (a_request(), a_sample("so: tulip-42-tulip."), "answer.text"),
        (a_request(user={"tulip-42-tulip": 1}), a_sample("fine"), "a key of case 'c'.request"),
    ],
)
def test_a_secret_is_never_written(
    tmp_path: Path, request_: Request, sample: Sample, where: str
) -> None:
    store = a_store(tmp_path, Redactor({"SHOP_TOKEN": "tulip-42-tulip"}))
    store.append("c", a_request("before"), label=LABEL, sample=a_sample("fine"))
    before = store.path("c").read_bytes()

    with pytest.raises(SecretFoundError) as caught:
        store.append("c", request_, label=LABEL, sample=sample)

    assert where in str(caught.value)
    assert "SHOP_TOKEN" in str(caught.value)
    assert "tulip" not in str(caught.value)
    assert store.path("c").read_bytes() == before


def nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value


def calling(arguments: object) -> Sample:
    call = ToolCall(name="f", arguments=arguments)
    return dataclasses.replace(a_sample(), response=Response(text="", tool_calls=(call,)))


@pytest.mark.parametrize(
    "arguments", [float("nan"), [float("inf")], nested(145), nested(400), nested(900), [10**5000]]
)
def test_an_answer_that_json_cannot_hold_is_refused_and_harms_nothing(
    tmp_path: Path, arguments: object
) -> None:
    store = a_store(tmp_path)
    store.append("c", a_request(), label=LABEL, sample=a_sample("fine"))
    before = store.path("c").read_bytes()

    with pytest.raises(StoreError, match="cannot be stored as JSON"):
        store.append("c", a_request(), label=LABEL, sample=calling(arguments))
    assert store.path("c").read_bytes() == before


def test_the_deepest_answer_that_is_written_can_be_read(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.append("c", a_request(), label=LABEL, sample=calling(nested(140)))

    found = store.find("c", a_request().digest)
    assert found is not None
    assert found.samples[0].response.tool_calls[0].arguments == nested(140)
