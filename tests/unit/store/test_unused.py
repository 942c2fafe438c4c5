from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from support.recorded import LABEL, a_request, a_sample, a_store

from pytest_promptdrift._errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_promptdrift.store import RecordingStore

OLD, NEW = a_request("old"), a_request("new")


@pytest.fixture
def store(tmp_path: Path) -> RecordingStore:
    store = a_store(tmp_path)
    for request in (OLD, NEW):
        store.append("kept", request, label=LABEL, sample=a_sample("x"))
    store.append("kept", NEW, label=LABEL, series="s1", sample=a_sample("y"))
    store.append("gone", OLD, label=LABEL, sample=a_sample("z"))
    return store


def test_recordings_that_no_case_addresses_are_unused(store: RecordingStore) -> None:
    gone, kept = store.unused({"kept": {NEW.digest}})

    assert (gone.case_id, gone.whole_file, gone.path) == ("gone", True, store.path("gone"))
    assert (kept.case_id, kept.whole_file) == ("kept", False)
    assert [(head.digest, head.label, head.samples) for head in kept.recordings] == [
        (OLD.digest, LABEL, 1)
    ]


def test_nothing_is_unused_when_everything_is_addressed(store: RecordingStore) -> None:
    assert store.unused({"kept": [NEW.digest, OLD.digest], "gone": {OLD.digest}}) == []


def test_what_a_run_has_read_is_not_read_again(
    store: RecordingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.find("kept", NEW.digest)
    store.find("gone", OLD.digest)
    monkeypatch.setattr("pytest_promptdrift.store.recordings.read", None)

    assert store.unused({"kept": [NEW.digest, OLD.digest], "gone": {OLD.digest}}) == []


def test_a_file_that_changed_since_it_was_read_is_read_again(
    store: RecordingStore, tmp_path: Path
) -> None:
    store.find("kept", NEW.digest)
    store.find("gone", OLD.digest)
    a_store(tmp_path).append("gone", NEW, label=LABEL, sample=a_sample("fresh"))
    (unused,) = store.unused({"kept": [NEW.digest, OLD.digest], "gone": {OLD.digest}})

    assert [head.digest for head in unused.recordings] == [NEW.digest]


def test_a_suite_that_never_recorded_has_nothing_unused(tmp_path: Path) -> None:
    assert a_store(tmp_path).unused({"c": {"d"}}) == []


def test_removing_takes_the_recordings_and_empty_files(store: RecordingStore) -> None:
    removed = [store.remove(unused) for unused in store.unused({"kept": {NEW.digest}})]

    assert removed == [1, 1]
    assert not store.path("gone").exists()
    assert [(r.digest, r.series) for r in store.load("kept")] == [
        (NEW.digest, ""),
        (NEW.digest, "s1"),
    ]
    assert store.unused({"kept": {NEW.digest}}) == []


def test_what_was_recorded_meanwhile_is_kept(store: RecordingStore) -> None:
    unused = store.unused({"kept": {NEW.digest, OLD.digest}})
    store.append("gone", NEW, label=LABEL, sample=a_sample("fresh"))

    assert [store.remove(one) for one in unused] == [1]
    assert [r.digest for r in store.load("gone")] == [NEW.digest]
    assert [store.remove(one) for one in unused] == [0]


def test_a_file_that_is_gone_already_is_no_error(store: RecordingStore) -> None:
    (unused,) = store.unused({"kept": {NEW.digest, OLD.digest}})
    store.path("gone").unlink()

    assert store.remove(unused) == 0


def test_a_file_without_recordings_is_unused(store: RecordingStore) -> None:
    store.path("none").write_text('{"format": 1, "case": "none", "recordings": []}')
    (unused,) = store.unused({"kept": {NEW.digest, OLD.digest}, "gone": {OLD.digest}})

    assert (unused.case_id, unused.whole_file, unused.recordings) == ("none", True, ())
    assert store.remove(unused) == 0
    assert not store.path("none").exists()


def test_a_damaged_file_stops_the_question(store: RecordingStore) -> None:
    (unused,) = store.unused({"kept": {NEW.digest, OLD.digest}})
    store.path("gone").write_text("{")

    with pytest.raises(StoreError, match="not JSON"):
        store.unused({})
    with pytest.raises(StoreError, match="not JSON"):
        store.remove(unused)
    assert store.path("gone").exists()


def test_a_name_that_the_disk_decomposed_is_still_the_case(store: RecordingStore) -> None:
    store.append("rücksendung", OLD, label=LABEL, sample=a_sample("x"))
    path = store.path("rücksendung")
    path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))

    known = {"kept": {NEW.digest, OLD.digest}, "gone": {OLD.digest}, "rücksendung": {OLD.digest}}
    assert store.unused(known) == []


def test_what_is_to_be_kept_is_in_use(store: RecordingStore) -> None:
    kept, gone = (store.load(case_id).heads() for case_id in ("kept", "gone"))
    keep = {"kept": [kept[0].id], "gone": {gone[0].id}}

    assert store.unused({"kept": {NEW.digest}}, keep) == []
    (found,) = store.unused({"kept": ()}, keep)
    assert found.recordings == tuple(kept[1:])
    assert not found.whole_file


def test_what_is_to_be_kept_is_asked_only_where_something_is_unused(
    store: RecordingStore,
) -> None:
    asked: list[str] = []

    class Keep(dict[str, list[str]]):
        def get(self, case_id: str, default: object = None) -> object:  # type: ignore[override]
            asked.append(case_id)
            return default

    known = {"kept": [NEW.digest, OLD.digest]}
    assert [one.case_id for one in store.unused(known, Keep())] == ["gone"]
    assert asked == ["gone"]
