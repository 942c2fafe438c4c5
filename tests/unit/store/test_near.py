from __future__ import annotations

from typing import TYPE_CHECKING

from support.recorded import LABEL, a_request, a_sample, a_store

from pytest_promptdrift.model import Request
from pytest_promptdrift.store import near

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from pytest_promptdrift.store import RecordingStore

CHARGED = "I was charged twice for order 88231, please refund the second payment."
PARCEL = "My parcel never arrived although the tracking page says that it did."
CHARGED_AGAIN = "I was charged twice for order 99417, please refund the second payment."


def record(store: RecordingStore, case_id: str, *requests: Request, series: str = "") -> None:
    for request in requests:
        store.append(case_id, request, label=LABEL, sample=a_sample("x"), series=series)


def test_the_nearest_recording_of_the_case_comes_first(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    record(store, "c", a_request(PARCEL), a_request(CHARGED))

    first, second = store.nearest(a_request(CHARGED_AGAIN), "c")
    assert first.recording.request == a_request(CHARGED).canonical()
    assert second.recording.request == a_request(PARCEL).canonical()
    assert first.case_id == "c"
    assert 1 > first.similarity > second.similarity > 0
    assert not first.exact


def test_a_renamed_case_is_recognised_by_its_request(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    record(store, "old", a_request(CHARGED), a_request(PARCEL))
    record(store, "new", a_request(CHARGED_AGAIN))

    (found,) = store.nearest(a_request(CHARGED), "new")
    assert (found.case_id, found.exact, found.similarity) == ("old", True, 1.0)


def test_other_cases_are_looked_at_when_the_case_has_nothing(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    record(store, "parcel", a_request(PARCEL))
    record(store, "charged", a_request(CHARGED))

    found = store.nearest(a_request(CHARGED_AGAIN), "c")
    assert [one.case_id for one in found] == ["charged", "parcel"]


def test_other_cases_are_no_news_when_the_case_has_something(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    record(store, "charged", a_request(CHARGED))
    record(store, "c", a_request(PARCEL))

    found = store.nearest(a_request(CHARGED_AGAIN), "c")
    assert [one.case_id for one in found] == ["c"]


def test_the_same_model_counts_more_than_a_few_words(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    wanted = a_request(CHARGED_AGAIN)
    other_model = Request(api=wanted.api, body={**wanted.body, "model": "other"})
    reworded = CHARGED.replace("charged", "billed").replace("order", "purchase")
    record(store, "c", other_model, a_request(reworded))

    found = store.nearest(wanted, "c")
    assert [one.recording.request["body"]["model"] for one in found] == ["gpt-5-mini", "other"]
    assert found[1].similarity > found[0].similarity


def test_the_same_protocol_counts(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    body = {"prompt": CHARGED}
    record(store, "c", Request(api="a", body=body), Request(api="b", body=body))

    found = store.nearest(Request(api="b", body={"prompt": CHARGED_AGAIN}), "c")
    assert [one.recording.request["api"] for one in found] == ["b", "a"]


def test_of_several_series_only_the_chosen_one_is_offered(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    record(store, "c", a_request(CHARGED))
    record(store, "c", a_request(CHARGED), series="s1")

    assert [one.recording.series for one in store.nearest(a_request(PARCEL), "c")] == ["s1"]
    assert [one.recording.series for one in store.nearest(a_request(PARCEL), "other")] == ["s1"]


def test_at_most_as_many_as_asked_for(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    record(store, "c", *(a_request(f"{CHARGED} {n}") for n in range(6)))

    for case_id in ("c", "other"):
        assert len(store.nearest(a_request(PARCEL), case_id)) == 3
        assert len(store.nearest(a_request(PARCEL), case_id, limit=1)) == 1


def test_an_empty_suite_has_nothing_near(tmp_path: Path) -> None:
    assert a_store(tmp_path).nearest(a_request(), "c") == []


def test_damaged_files_of_other_cases_are_passed_over(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    record(store, "good", a_request(CHARGED))
    record(store, "bad", a_request(CHARGED))
    record(store, "edited", a_request(CHARGED))
    store.path("bad").write_text("{")
    edited = store.path("edited").read_text().replace("88231", "1")
    store.path("edited").write_text(edited)

    assert [one.case_id for one in store.nearest(a_request(PARCEL), "c")] == ["good"]


def test_an_edited_recording_of_the_case_is_not_offered(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    record(store, "c", a_request(CHARGED), a_request(PARCEL))
    store.path("c").write_text(store.path("c").read_text().replace("88231", "1"))

    (found,) = store.nearest(a_request(CHARGED_AGAIN), "c")
    assert found.recording.digest == a_request(PARCEL).digest


def test_a_difference_far_behind_in_a_long_text_still_counts(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    preamble = "You follow the rules of this long handbook. " * 2_000
    record(store, "parcel", a_request(preamble + PARCEL))
    record(store, "charged", a_request(preamble + CHARGED))

    assert store.nearest(a_request(preamble + CHARGED_AGAIN), "c")[0].case_id == "charged"


def test_scripts_without_spaces_are_compared_too(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    record(store, "parcel", a_request("荷物がまだ届いていません。"))
    record(store, "charged", a_request("二重に請求されました。返金してください。"))

    found = store.nearest(a_request("二重に請求されたようです。返金を希望します。"), "c")
    assert found[0].case_id == "charged"


def test_every_file_is_read_once_for_many_misses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_store(tmp_path)
    for number in range(30):
        record(store, f"case-{number}", a_request(f"{CHARGED} {number}"))
    opened: list[str] = []
    real = near.read
    monkeypatch.setattr(near, "read", lambda path: (opened.append(path), real(path))[1])

    store.nearest(a_request(PARCEL), "x")
    assert len(opened) == 30 + near._MAX_COMPARED
    store.nearest(a_request(PARCEL), "y")
    assert len(opened) == 30 + 2 * near._MAX_COMPARED
    store.nearest(a_request(PARCEL), "case-1")
    assert len(opened) == 30 + 2 * near._MAX_COMPARED


def test_a_recording_made_meanwhile_is_found(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    record(store, "parcel", a_request(PARCEL))
    assert not store.nearest(a_request(CHARGED), "c")[0].exact

    record(store, "charged", a_request(CHARGED))
    assert store.nearest(a_request(CHARGED), "c")[0].exact
