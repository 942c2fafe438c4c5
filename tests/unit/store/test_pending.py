from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift._errors import StoreError
from pytest_promptdrift.model import Pending, Status
from pytest_promptdrift.store import PendingStore, Redactor, pending

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "pw-0123456789-planted"


def a_store(folder: Path, redactor: Redactor | None = None) -> PendingStore:
    return PendingStore(folder, lock_folder=folder / "locks", redactor=redactor or Redactor())


def an_entry(case_id: str = "first", **changes: object) -> Pending:
    entry = Pending(
        case_file="prompts/triage.prompt.yaml",
        case_id=case_id,
        label="openai:gpt-5-mini",
        status="drifted",
        headline="says 30 days, not 14",
        judged_at="2026-11-24T00:50:00+00:00",
        recording_id="ab12cd34ef56",
        samples=5,
        answers="0123456789abcdef",
        accepted_id="ffffffffffff",
        checks={"one_of": "1a2b3c4d"},
        data={"findings": [{"kind": "number", "p": 0.01, "old": None}], "notes": []},
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


FIRST, SECOND, THIRD = an_entry(), an_entry("second"), an_entry("third")


def stamps(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_nothing_waits_where_nothing_was_run(tmp_path: Path) -> None:
    assert a_store(tmp_path).read() == ()


@pytest.mark.parametrize(
    "entry",
    [
        FIRST,
        an_entry(recording_id=None, samples=0, answers="", accepted_id=None, checks={}, data={}),
        an_entry(refused="a check fails", headline="", label=""),
    ],
)
def test_an_entry_comes_back_unchanged(tmp_path: Path, entry: Pending) -> None:
    a_store(tmp_path).merge((), [entry])

    assert a_store(tmp_path).read() == (entry,)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(st.text(max_size=8), st.text(max_size=8), st.dictionaries(st.text(max_size=6), json_values))
def test_whatever_is_kept_comes_back_unchanged(
    tmp_path_factory: pytest.TempPathFactory, case_id: str, label: str, data: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("project")
    finite = json.loads(json.dumps(data).replace("-Infinity", "null").replace("Infinity", "null"))
    entry = an_entry(case_id, label=label, data=finite)
    a_store(folder).merge((), [entry])

    assert a_store(folder).read() == (entry,)


def test_what_is_not_settled_stays(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.merge((), [FIRST, SECOND])
    store.merge([FIRST.node, "unknown.prompt.yaml::x[y]"], [THIRD])

    assert store.read() == (SECOND, THIRD)


def test_a_newer_judgement_takes_the_place_of_the_older(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.merge((), [FIRST, SECOND])
    newer = an_entry(headline="says 60 days", judged_at="2026-11-25T00:00:00+00:00")
    store.merge((), [newer])

    assert store.read() == (newer, SECOND)


def test_an_entry_that_is_also_called_settled_waits(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.merge((), [FIRST, SECOND])
    before = stamps(tmp_path)
    later = an_entry(judged_at="2026-11-25T00:00:00+00:00")
    store.merge([FIRST.node, SECOND.node], [SECOND, later])

    assert store.read() == (FIRST, SECOND)
    assert stamps(tmp_path) == before


def test_the_same_judgement_again_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_store(tmp_path)
    store.merge((), [FIRST, SECOND])
    before = stamps(tmp_path)
    monkeypatch.setattr(pending, "locked", None)  # and takes no lock, which costs an import
    again = an_entry(judged_at="2026-11-25T00:00:00+00:00", data={**FIRST.data, "notes": ()})
    store.merge(["settled.prompt.yaml::x[y]"], [again])

    assert stamps(tmp_path) == before
    assert store.read() == (FIRST, SECOND)


def test_a_run_in_which_all_is_settled_leaves_no_trace(tmp_path: Path) -> None:
    a_store(tmp_path).merge([FIRST.node], [])
    a_store(tmp_path).discard([FIRST.node])

    assert list(tmp_path.iterdir()) == []


def test_the_last_decision_takes_the_file_along(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.merge((), [FIRST, SECOND])
    store.discard([FIRST.node])
    assert store.read() == (SECOND,)
    store.discard([SECOND.node])

    assert not store.path.exists()
    assert store.read() == ()


def test_what_another_process_found_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_store(tmp_path)
    locked = pending.locked

    def late(*args: Path) -> object:
        monkeypatch.setattr(pending, "locked", locked)
        a_store(tmp_path).merge((), [SECOND])
        return locked(*args)

    monkeypatch.setattr(pending, "locked", late)
    store.merge((), [FIRST])

    assert store.read() == (SECOND, FIRST)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_does_not_see_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    a_store(tmp_path).merge((), [FIRST])
    shutil.rmtree(tmp_path / "locks")
    status = ["git", "-C", str(tmp_path), "status", "--porcelain", "-uall"]

    assert subprocess.run(status, check=True, capture_output=True, text=True).stdout == ""
    assert (tmp_path / ".promptdrift" / ".gitignore").read_text() == "*\n"


def test_a_gitignore_of_ones_own_is_kept(tmp_path: Path) -> None:
    ignore = tmp_path / ".promptdrift" / ".gitignore"
    ignore.parent.mkdir()
    ignore.write_text("pending.json\n")
    a_store(tmp_path).merge((), [FIRST])

    assert ignore.read_text() == "pending.json\n"


def test_credentials_are_redacted(tmp_path: Path) -> None:
    store = a_store(tmp_path, Redactor({"DEPLOY_TOKEN": SECRET}))
    entry = an_entry(
        headline=f"says {SECRET}",
        refused=SECRET,
        data={"answers": [{SECRET: f"line\n{SECRET}"}], "p": 0.5},
    )
    store.merge((), [entry])

    assert SECRET not in store.path.read_text()
    (found,) = store.read()
    assert found.headline == "says [redacted: DEPLOY_TOKEN]"
    assert found.refused == "[redacted: DEPLOY_TOKEN]"
    hidden = "[redacted: DEPLOY_TOKEN]"
    assert found.data == {"answers": [{hidden: f"line\n{hidden}"}], "p": 0.5}
    assert found.node == entry.node


def test_a_case_with_a_credential_in_its_id_can_be_settled(tmp_path: Path) -> None:
    store = a_store(tmp_path, Redactor({"DEPLOY_TOKEN": SECRET}))
    entry = an_entry(SECRET)
    store.merge((), [entry])
    assert SECRET not in store.path.read_text()
    store.discard([entry.node])

    assert store.read() == ()


def test_what_json_cannot_hold_is_kept_as_well_as_it_can_be(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    data = {"p": float("nan"), "pair": (1, float("inf")), "deep": deep, "status": Status.NEW}
    store.merge((), [an_entry(data=data)])
    (found,) = store.read()

    assert (found.data["p"], found.data["pair"]) == (None, [1, None])
    assert found.data["status"] == "new"
    assert "(nested too deeply to be kept)" in json.dumps(found.data["deep"])
    before = stamps(tmp_path)
    store.merge((), [an_entry(data=data)])
    assert stamps(tmp_path) == before


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ('"format": 1', '"format": 2', "pending format 2 is not known, this version reads", 2),
        ('"pending": [', '"pending": 3, "x": [', "'pending' has to be a list, found a number", 3),
        ('"status"', '"statu"', "unknown field 'statu', did you mean 'status'?", 4),
        ('"samples": 5', '"samples": "5"', "'samples' has to be a whole number, found text", 4),
        ('"case_id": "first", ', "", "'case_id' is missing", 4),
        ('"one_of": "1a2b3c4d"', '"one_of": 1', "the digest of check 'one_of' has to be text", 4),
        ("}", "", "not JSON: ", None),
        ("{", "", "not JSON: ", None),
    ],
)
def test_an_unreadable_file_says_what_to_do(
    tmp_path: Path, old: str, new: str, message: str, line: int | None
) -> None:
    store = a_store(tmp_path)
    store.merge((), [FIRST, SECOND])
    text = store.path.read_text()
    assert old in text
    store.path.write_text(text.replace(old, new, 1))

    for use in (store.read, lambda: store.merge((), [THIRD]), lambda: store.discard([FIRST.node])):
        with pytest.raises(StoreError) as caught:
            use()
        error = caught.value
        assert error.message.startswith(message)
        assert error.where is not None
        assert error.where.path == str(store.path)
        assert error.where.line is not None
        assert line in {None, error.where.line}
        expected = (
            "a newer version" if "format" in old else "delete it and run pytest --promptdrift"
        )
        assert (error.hint or "").startswith(expected)
    assert store.path.read_text() == text.replace(old, new, 1)


@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_content_is_read_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    store = a_store(tmp_path_factory.mktemp("project"))
    store.path.parent.mkdir()
    store.path.write_bytes(content)

    with pytest.raises(StoreError):
        store.read()
