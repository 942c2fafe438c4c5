from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.recorded import LABEL, a_request, a_sample, a_store

from pytest_promptdrift._errors import StoreError
from pytest_promptdrift.store import disk

if TYPE_CHECKING:
    from pathlib import Path


def test_a_recording_is_found_by_its_id_whatever_it_answers(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    first = store.append("c", a_request(), label=LABEL, sample=a_sample("old"))
    store.append("c", a_request("new"), label=LABEL, sample=a_sample("new"))
    second = store.append("c", a_request(), label=LABEL, series="s1", sample=a_sample("again"))

    for appended, text in ((first, "old"), (second, "again")):
        found = store.by_id("c", appended.recording_id)
        assert found is not None
        assert found.id == appended.recording_id
        assert [sample.response.text for sample in found.samples] == [text]


def test_an_unknown_id_is_no_recording(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    recording_id = store.append("c", a_request(), label=LABEL, sample=a_sample()).recording_id

    assert store.by_id("c", "000000000000") is None
    assert store.by_id("other", recording_id) is None


def test_an_edited_recording_is_an_error_by_its_id_too(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    recording_id = store.append("c", a_request(), label=LABEL, sample=a_sample()).recording_id
    path = store.path("c")
    path.write_text(path.read_text().replace("gpt-5-mini", "gpt-5-nano"))

    with pytest.raises(StoreError, match="is not the one it was recorded for"):
        store.by_id("c", recording_id)


def test_a_recording_that_was_just_found_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_store(tmp_path)
    recording_id = store.append("c", a_request(), label=LABEL, sample=a_sample()).recording_id
    found = store.find("c", a_request().digest)
    monkeypatch.setattr(disk.os, "open", None)

    assert store.by_id("c", recording_id) is found
