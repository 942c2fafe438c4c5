from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.decided import FIRST_DAY, SECOND_DAY, a_baseline, a_decision

from pytest_promptdrift import _files
from pytest_promptdrift._errors import SecretFoundError, StoreError
from pytest_promptdrift.model import Decision
from pytest_promptdrift.store import Redactor, disk

if TYPE_CHECKING:
    from pathlib import Path

LABEL = "few_shot-openai:gpt-5-mini"
OTHER = "zero_shot-openai:gpt-5-mini"
NEWER = "ffffffffffff"
SECRET = "pw-0123456789-planted"
WHOLE = """\
{
 "format": 1,
 "case": "double-charge",
 "decisions": {
  "few_shot-openai:gpt-5-mini": [
   {
    "accepted": "ab12cd34ef56",
    "samples": 5,
    "answers": "0123456789abcdef",
    "at": "2026-11-24T00:50:00+00:00",
    "why": "facts unchanged",
    "checks": {
     "contains": "5e6f7a8b",
     "one_of": "1a2b3c4d"
    }
   }
  ]
 }
}
"""
any_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
hexadecimal = st.text("0123456789abcdef", min_size=16, max_size=16)
decisions = st.builds(
    Decision,
    recording_id=hexadecimal.map(lambda text: text[:12]),
    accepted=st.booleans(),
    samples=st.integers(1, 10**9),
    answers=hexadecimal,
    at=st.datetimes().map(lambda at: f"{at:%Y}".zfill(4) + f"{at:-%m-%dT%H:%M:%S}+00:00"),
    why=st.text(st.characters(exclude_categories=()), max_size=20),
    checks=st.dictionaries(any_text, any_text, max_size=2),
)


def added(before: str, after: str) -> bool:
    """Tell whether every line is still there, in its order, and others only came between them."""
    lines = iter(after.splitlines())
    return all(line in lines for line in before.splitlines())


def count_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> list[object]:
    calls: list[object] = []
    original = getattr(os, name)

    def counted(path: object, *more: object) -> object:
        calls.append(path)
        return original(path, *more)

    monkeypatch.setattr(disk.os, name, counted)
    return calls


def test_a_suite_without_decisions_has_no_baseline(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)

    assert not store.any()
    assert store.current("c", LABEL) is None
    assert store.rejection("c", LABEL, NEWER) is None
    assert store.decisions("c", LABEL) == ()
    assert store.labels() == {}
    assert store.obsolete({}) == []
    assert list(tmp_path.iterdir()) == []


def test_a_baseline_file_reads_well(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([("double-charge", LABEL, a_decision())])

    assert store.path("double-charge").read_text() == WHOLE


def test_what_is_empty_is_not_written(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    bare = replace(a_decision(why=""), checks={})
    store.decide([("c", LABEL, bare)])

    assert set(json.loads(store.path("c").read_text())["decisions"][LABEL][0]) == {
        "accepted",
        "samples",
        "answers",
        "at",
    }
    assert a_baseline(tmp_path).decisions("c", LABEL) == (bare,)


@given(st.lists(st.tuples(any_text, any_text, decisions), min_size=1, max_size=6))
def test_whatever_is_decided_comes_back_unchanged(
    tmp_path_factory: pytest.TempPathFactory, items: list[tuple[str, str, Decision]]
) -> None:
    folder = tmp_path_factory.mktemp("suite")
    a_baseline(folder).decide(items[:2])
    a_baseline(folder).decide(items[2:])

    store = a_baseline(folder)
    assert store.any()
    for case_id, label, _ in items:
        expected = tuple(d for c, one, d in items if (c, one) == (case_id, label))
        assert store.decisions(case_id, label) == expected


def test_the_baseline_is_what_was_accepted_last(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    newer = a_decision(NEWER, at=SECOND_DAY)
    store.decide([("c", LABEL, a_decision()), ("c", OTHER, a_decision())])
    store.decide([("c", LABEL, newer)])

    assert store.current("c", LABEL) == newer
    assert store.current("c", OTHER) == a_decision()
    assert store.current("c", "unknown") is None
    assert store.current("unknown", LABEL) is None


def test_a_rejection_moves_no_baseline(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    rejected = a_decision(NEWER, accepted=False, at=SECOND_DAY, why="says 30 days")
    store.decide([("c", LABEL, a_decision()), ("c", LABEL, rejected)])

    assert store.current("c", LABEL) == a_decision()
    assert store.rejection("c", LABEL, NEWER) == rejected
    assert store.rejection("c", LABEL, "ab12cd34ef56") is None
    assert store.rejection("c", OTHER, NEWER) is None


def test_what_is_accepted_after_it_was_rejected_is_accepted(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([("c", LABEL, a_decision(NEWER, accepted=False))])
    assert store.current("c", LABEL) is None
    store.decide([("c", LABEL, a_decision(NEWER, at=SECOND_DAY))])

    assert store.rejection("c", LABEL, NEWER) is None
    assert store.current("c", LABEL) == a_decision(NEWER, at=SECOND_DAY)


def test_going_back_is_one_more_decision(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    back = a_decision(at=SECOND_DAY, why="back")
    store.decide([("c", LABEL, a_decision()), ("c", LABEL, a_decision(NEWER)), ("c", LABEL, back)])

    assert store.current("c", LABEL) == back
    assert len(store.decisions("c", LABEL)) == 3


@pytest.mark.parametrize("label", [LABEL, "a-first", "z-last"])
def test_a_reviewer_sees_added_lines_only(tmp_path: Path, label: str) -> None:
    store = a_baseline(tmp_path)
    store.decide([("c", LABEL, a_decision())])
    before = store.path("c").read_text()
    store.decide([("c", label, a_decision(NEWER, at=SECOND_DAY, why="first line\nsecond line"))])
    after = store.path("c").read_text()

    assert added(before, after)
    assert '      "second line"\n' in after
    assert list(json.loads(after)["decisions"]) == sorted({LABEL, label})


def test_several_cases_are_decided_at_once(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([("a", LABEL, a_decision()), ("b", LABEL, a_decision(NEWER))])

    assert store.labels() == {"a": (LABEL,), "b": (LABEL,)}
    assert store.current("b", LABEL) == a_decision(NEWER)


def test_deciding_nothing_writes_nothing(tmp_path: Path) -> None:
    a_baseline(tmp_path).decide([])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (replace(a_decision(), recording_id="x"), "'accepted' has to be the id of a recording"),
        (replace(a_decision(accepted=False), recording_id=""), "'rejected' has to be the id"),
        (replace(a_decision(), samples=0), "'samples' has to be 1 or more, found 0"),
        (replace(a_decision(), answers=""), "'answers' has to be 16 hexadecimal characters"),
        (replace(a_decision(), at="yesterday"), "'at' has to be a time in UTC like '2026-"),
        (replace(a_decision(), at="2026-11-24T00:50:00+01:00"), "'at' has to be a time in UTC"),
        (replace(a_decision(), checks={"one_of": 3}), "the digest of check 'one_of' has to be"),
    ],
)
def test_one_wrong_decision_stops_all(tmp_path: Path, wrong: Decision, message: str) -> None:
    store = a_baseline(tmp_path)

    with pytest.raises(StoreError, match="no decision about case 'b'") as caught:
        store.decide([("a", LABEL, a_decision()), ("b", LABEL, wrong)])
    assert message in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_one_unreadable_file_stops_all(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([("b", LABEL, a_decision())])
    store.path("b").write_text("{")

    with pytest.raises(StoreError, match=r"b\.json"):
        store.decide([("a", LABEL, a_decision()), ("b", LABEL, a_decision())])
    assert not store.path("a").exists()
    assert store.path("b").read_text() == "{"


def test_a_full_disk_leaves_every_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_baseline(tmp_path)
    store.decide([("a", LABEL, a_decision())])
    write, written = _files._write_new, []

    def full(temporary: Path, data: bytes) -> None:
        if written:
            raise OSError(28, "No space left on device")
        written.append(temporary)
        write(temporary, data)

    monkeypatch.setattr(_files, "_write_new", full)
    with pytest.raises(StoreError, match="No space left on device"):
        store.decide([("a", LABEL, a_decision(NEWER)), ("b", LABEL, a_decision())])
    assert written
    assert store.decisions("a", LABEL) == (a_decision(),)
    assert not store.path("b").exists()
    assert not list((tmp_path / "locks").glob("*.tmp"))


@pytest.mark.parametrize(
    ("case_id", "label", "decision", "where"),
    [
        ("c", LABEL, a_decision(why=f"as {SECRET} said"), "case 'c'.reason"),
        ("c", f"{LABEL}-{SECRET}", a_decision(), "case 'c'.label"),
        ("c", LABEL, replace(a_decision(), checks={SECRET: "1"}), "a key of case 'c'.checks"),
    ],
)
def test_a_credential_is_not_written(
    tmp_path: Path, case_id: str, label: str, decision: Decision, where: str
) -> None:
    store = a_baseline(tmp_path, Redactor({"DEPLOY_TOKEN": SECRET}))

    with pytest.raises(SecretFoundError) as caught:
        store.decide([("a", LABEL, a_decision()), (case_id, label, decision)])
    assert str(caught.value) == (
        f"{where} holds the value of DEPLOY_TOKEN; nothing was written\n"
        "  give the reason without the credential, and revoke it"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_removed_label_leaves_the_others(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([("c", LABEL, a_decision()), ("c", OTHER, a_decision())])
    store.remove("c", LABEL)

    assert store.labels() == {"c": (OTHER,)}
    assert a_baseline(tmp_path).labels() == {"c": (OTHER,)}


def test_the_last_removed_label_takes_the_file_along(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([("c", LABEL, a_decision())])
    store.remove("c", OTHER)
    store.remove("b", LABEL)
    assert store.path("c").exists()
    store.remove("c", LABEL)

    assert not store.path("c").exists()
    assert not store.any()
    assert store.current("c", LABEL) is None


def test_what_no_case_file_knows_is_obsolete(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([(case_id, label, a_decision()) for case_id in "abc" for label in (LABEL, OTHER)])
    known = {"a": {LABEL, OTHER}, "b": {LABEL}, "new": {LABEL}}
    found = store.obsolete(known)

    assert [(one.case_id, one.label, one.case_gone) for one in found] == [
        ("b", OTHER, False),
        ("c", LABEL, True),
        ("c", OTHER, True),
    ]
    assert all(one.decisions == (a_decision(),) for one in found)
    assert found[0].path == store.path("b")
    assert all(store.forget(one) for one in found)
    assert store.obsolete(known) == []
    assert store.labels() == {"a": (LABEL, OTHER), "b": (LABEL,)}


def test_what_was_decided_since_it_was_found_obsolete_is_kept(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([("c", LABEL, a_decision())])
    (found,) = store.obsolete({})
    a_baseline(tmp_path).decide([("c", LABEL, a_decision(NEWER))])

    assert not store.forget(found)
    assert len(store.decisions("c", LABEL)) == 2
    store.remove("c", LABEL)
    assert not store.forget(found)


def test_a_renamed_file_belongs_to_the_case_of_its_new_name(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([("old", LABEL, a_decision())])
    store.path("old").rename(store.path("new"))
    store = a_baseline(tmp_path)

    assert store.current("new", LABEL) == a_decision()
    assert store.labels() == {"new": (LABEL,)}
    assert store.obsolete({"new": {LABEL}}) == []
    (found,) = store.obsolete({"old": {LABEL}})
    assert (found.case_id, found.case_gone) == ("new", True)
    store.decide([("new", LABEL, a_decision(NEWER))])
    assert json.loads(store.path("new").read_text())["case"] == "new"


def test_a_case_whose_id_is_no_file_name_is_named_by_its_file(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([("Größe: XL/2", LABEL, a_decision())])

    assert store.labels() == {"Größe: XL/2": (LABEL,)}
    assert store.obsolete({})[0].case_id == "Größe: XL/2"
    assert store.obsolete({"Größe: XL/2": {LABEL}}) == []


def test_accepted_ids_are_looked_up_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_baseline(tmp_path).decide(
        [("a", LABEL, a_decision()), ("a", OTHER, a_decision(NEWER)), ("b", LABEL, a_decision())]
    )
    reads = count_calls(monkeypatch, "open")
    accepted = a_baseline(tmp_path).accepted({"a": [LABEL, OTHER, "z"], "b": [OTHER], "c": [LABEL]})

    assert len(accepted) == 3
    assert not reads
    assert accepted.get("a", ()) == {"ab12cd34ef56", NEWER}
    assert len(reads) == 1
    assert dict(accepted) == {"a": {"ab12cd34ef56", NEWER}, "b": set(), "c": set()}
    assert accepted.get("unknown", ()) == ()


def test_a_case_without_a_baseline_costs_no_look_at_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_baseline(tmp_path).decide([("c", LABEL, a_decision())])
    calls = {name: count_calls(monkeypatch, name) for name in ("listdir", "open", "stat")}
    store = a_baseline(tmp_path)
    for number in range(20):
        assert store.current(f"case-{number}", LABEL) is None

    assert {name: len(some) for name, some in calls.items()} == {"listdir": 1, "open": 0, "stat": 0}


def test_an_unchanged_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_baseline(tmp_path).decide([("c", LABEL, a_decision())])
    store = a_baseline(tmp_path)
    calls = count_calls(monkeypatch, "open")
    for _ in range(3):
        store.current("c", LABEL)
        store.rejection("c", OTHER, NEWER)

    assert len(calls) == 1


def test_a_file_that_another_process_changed_is_read_again(tmp_path: Path) -> None:
    store, other = a_baseline(tmp_path), a_baseline(tmp_path)
    store.decide([("c", LABEL, a_decision())])
    assert store.current("c", LABEL) == a_decision()
    other.decide([("c", LABEL, a_decision(NEWER))])

    assert store.current("c", LABEL) == a_decision(NEWER)
    store.path("c").unlink()
    assert store.current("c", LABEL) is None


def test_only_a_few_files_are_kept_parsed(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([(f"case-{n}", LABEL, a_decision()) for n in range(100)])
    for number in range(100):
        assert store.current(f"case-{number}", LABEL) is not None

    assert len(store._kept) == 64
    assert store.current("case-0", LABEL) == a_decision()


def test_the_file_name_is_found_however_the_system_spells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_baseline(tmp_path)
    store.decide([("größe", LABEL, a_decision())])
    name = store.path("größe").name
    monkeypatch.setattr(disk.os, "listdir", lambda _: [name.replace("ö", "o\u0308")])

    assert a_baseline(tmp_path).current("größe", LABEL) == a_decision()


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.decide([("c", LABEL, a_decision(at=FIRST_DAY))])
    (store.folder / "CODEOWNERS").write_text("me")

    assert a_baseline(tmp_path).labels() == {"c": (LABEL,)}


def test_the_history_of_a_case_has_all_its_labels(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    assert store.history("c") == {}
    store.decide(
        [("c", LABEL, a_decision()), ("c", OTHER, a_decision()), ("d", LABEL, a_decision())]
    )
    store.decide([("c", LABEL, a_decision(NEWER))])

    assert store.history("c") == {
        LABEL: (a_decision(), a_decision(NEWER)),
        OTHER: (a_decision(),),
    }
