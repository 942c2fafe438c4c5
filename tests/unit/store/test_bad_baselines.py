from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.decided import SECOND_DAY, a_baseline, a_decision

from pytest_promptdrift._errors import StoreError
from pytest_promptdrift.model import Decision
from pytest_promptdrift.store import disk
from pytest_promptdrift.store.decisions import BASELINES
from pytest_promptdrift.store.source import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_promptdrift.store import BaselineStore

LABEL = "openai:gpt-5-mini"
REJECTED = "ffffffffffff"


@pytest.fixture
def store(tmp_path: Path) -> BaselineStore:
    """A suite with one case about which two things were decided."""
    store = a_baseline(tmp_path)
    store.decide([("c", LABEL, a_decision())])
    rejected = a_decision(REJECTED, accepted=False, at=SECOND_DAY, why="says\n30 days")
    store.decide([("c", LABEL, rejected)])
    return store


def spoil(store: BaselineStore, change: Callable[[str], str]) -> str:
    path = store.path("c")
    text = path.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    return changed


def line_with(text: str, piece: str) -> int:
    return text.count("\n", 0, text.index(piece)) + 1


def failure(store: BaselineStore) -> StoreError:
    """The error of every way to use the file, which has to be the same; the file stays as it is."""
    errors = []
    for use in (
        lambda: store.current("c", LABEL),
        lambda: store.rejection("c", LABEL, REJECTED),
        store.labels,
        lambda: store.obsolete({}),
        lambda: store.decide([("c", LABEL, a_decision())]),
        lambda: store.remove("c", LABEL),
    ):
        with pytest.raises(StoreError) as caught:
            use()
        errors.append(caught.value)
    assert len({str(error) for error in errors}) == 1
    return errors[0]


@pytest.mark.parametrize(
    ("old", "new", "message", "at"),
    [
        ('"format": 1', '"format": true', "has to be a whole number, found true", '"format"'),
        ('"case": "c"', '"case": 7', "'case' has to be text, found a number", '"case"'),
        ('"case"', '"cases"', "unknown field 'cases', did you mean 'case'?", '"cases"'),
        ('"decisions": {', '"decision": {', "unknown field 'decision', did", '"decision"'),
        (
            f'"{LABEL}": [',
            f'"z": 3, "{LABEL}": [',
            "expected a list of decisions for 'z', found a number",
            '"z"',
        ),
        (
            f'"{LABEL}": [',
            f'"z": [], "{LABEL}": [',
            "expected a list of decisions for 'z', found an empty one",
            '"z"',
        ),
        (f'"{LABEL}": [', f'"{LABEL}": [4,', "expected an object, found a number", LABEL),
        ('"accepted"', '"acepted"', "unknown field 'acepted', did you mean 'accepted'?", "acepted"),
        (
            '"accepted": "ab12cd34ef56",',
            "",
            "neither of 'accepted' and 'rejected' found, a decision is exactly one of them",
            "   {",
        ),
        (
            '"accepted": "ab12cd34ef56",',
            '"accepted": "ab12cd34ef56", "rejected": "ab12cd34ef56",',
            "both of 'accepted' and 'rejected' found, a decision is exactly one of them",
            "   {",
        ),
        (
            "ab12cd34ef56",
            "ab12cd34ef5",
            "the id of a recording, 12 hexadecimal characters, found 'ab12cd34ef5'",
            '"accepted"',
        ),
        ("ffffffffffff", "FFFFFFFFFFFF", "'rejected' has to be the id of a", '"rejected"'),
        ('"samples": 5', '"samples": 0', "has to be 1 or more, found 0", '"samples"'),
        ('"samples": 5', '"samples": 5.0', "a whole number, found a number", '"samples"'),
        ('"samples": 5,', "", "'samples' is missing", "   {"),
        ('"answers": "0', '"answers": "', "'answers' has to be 16 hexadecimal", '"answers"'),
        ("T00:50:00+00:00", "", "'at' has to be a time in UTC like '2026-11-24T00", '"at"'),
        ("00:50:00+00:00", "00:50:00+01:00", "'at' has to be a time in UTC like", '"at"'),
        ('"why": "facts unchanged"', '"why": null', "'why' has to be text, found null", '"why"'),
        (
            '"$lines": [',
            '"$line": [',
            "'why' has to be text, found an object",
            '"why": {',
        ),
        (
            '"one_of": "1a2b3c4d"',
            '"one_of": 12',
            "the digest of check 'one_of' has to be text, found 12",
            '"one_of"',
        ),
        ('"checks": {', '"checks": {"a": {', "not JSON: expecting", None),
        ('"samples": 5', '"samples": 5, "samples": 6', "'samples' is there twice", None),
        ('"samples": 5', '"samples": NaN', "NaN is not JSON", '"samples": NaN'),
        ('"samples": 5', f'"samples": {"9" * 5000}', "a number is too long", '"samples"'),
        ('"why": "facts', '"why": "facts\n', "not JSON: invalid control character", '"facts'),
    ],
)
def test_a_wrong_file_is_an_error_with_its_line(
    store: BaselineStore, old: str, new: str, message: str, at: str | None
) -> None:
    text = spoil(store, lambda text: text.replace(old, new, 1))
    error = failure(store)

    assert message in error.message
    assert error.where is not None
    assert error.where.path == str(store.path("c"))
    assert error.where.line is not None
    if at is not None:
        assert error.where.line == line_with(text, at)
    assert error.hint == (
        f"restore it: git checkout -- {store.path('c')}"
        "  or delete it and decide again: pytest-promptdrift review"
    )
    assert store.path("c").read_text() == text


def test_another_format_names_the_way_out(store: BaselineStore) -> None:
    spoil(store, lambda text: text.replace('"format": 1', '"format": 2, "more": []'))

    assert str(failure(store)) == (
        f"{store.path('c')}:2: baseline format 2 is not known, this version reads format 1\n"
        "  a newer version wrote it: python -m pip install --upgrade pytest-promptdrift"
    )


def test_git_conflict_markers_are_named(store: BaselineStore) -> None:
    both = '<<<<<<< HEAD\n    "samples": 5,\n=======\n    "samples": 6,\n>>>>>>> branch\n'
    text = spoil(store, lambda text: text.replace('    "samples": 5,\n', both, 1))
    error = failure(store)

    assert error.message == "git conflict markers: two branches decided about this case"
    assert error.where is not None
    assert error.where.line == line_with(text, "<<<<<<<")
    assert error.hint == (
        "keep the decisions of both sides and delete the markers,"
        f" or take one side: git checkout --theirs -- {store.path('c')}"
    )


def test_a_label_that_a_merge_left_twice_loses_no_decision(store: BaselineStore) -> None:
    text = spoil(
        store, lambda text: text.replace('"decisions": {', f'"decisions": {{"{LABEL}": [],', 1)
    )

    assert failure(store).message == f"the field {LABEL!r} is there twice in one object"
    assert store.path("c").read_text() == text


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.folder.parent.mkdir(parents=True)
    store.folder.write_text("a file")

    with pytest.raises(StoreError) as caught:
        store.current("c", LABEL)
    assert str(caught.value) == (
        f"{store.folder}: a file is where a folder should be\n"
        f"  move it away: mv {store.folder} {store.folder}.old"
    )


def test_a_file_in_the_place_of_the_suite_is_no_baseline(tmp_path: Path) -> None:
    store = a_baseline(tmp_path)
    store.folder.parent.parent.mkdir(parents=True)
    store.folder.parent.write_text("a file")

    assert not store.any()
    with pytest.raises(StoreError):
        store.decide([("c", LABEL, a_decision())])


def test_a_folder_without_permission_is_an_error(
    store: BaselineStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(disk.os, "listdir", refuse)
    with pytest.raises(StoreError) as caught:
        a_baseline(tmp_path).current("c", LABEL)
    assert str(caught.value) == (
        f"{store.folder}: the folder cannot be read: Permission denied\n"
        f"  make it readable: chmod u+rx {store.folder}"
    )


def test_a_folder_in_the_place_of_a_file_says_what_file(store: BaselineStore) -> None:
    path = store.path("c")
    path.unlink()
    path.mkdir()

    assert failure(store).message == "a folder is where the baseline file should be"


def outcome(data: bytes) -> object:
    """The document, or the error with its line; anything else that is raised fails the test."""
    try:
        return parse(data, "c.json", strict=True, kind=BASELINES)
    except StoreError as error:
        found = error
    assert found.where is not None
    assert 1 <= (found.where.line or 0) <= data.count(b"\n") + 1
    assert found.hint
    return found


def whole(folder: Path) -> bytes:
    store = a_baseline(folder)
    store.decide([("c", LABEL, a_decision()), ("c", "z", a_decision(REJECTED, accepted=False))])
    return store.path("c").read_bytes()


@given(st.data())
def test_no_damaged_byte_is_more_than_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(whole(tmp_path_factory.mktemp("suite")))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 40))
        content[start : start + length] = data.draw(st.binary(max_size=6))

    outcome(bytes(content))


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
fields = ["accepted", "rejected", "samples", "answers", "at", "why", "checks", "$lines"]
like_a_decision = st.dictionaries(
    st.sampled_from(fields),
    any_json | st.sampled_from(["ab12cd34ef56", "0123456789abcdef", SECOND_DAY, 3, {"a": "b"}]),
)
like_a_file = st.fixed_dictionaries(
    {"format": st.just(1) | any_json, "case": st.text(max_size=4) | any_json},
    optional={
        "decisions": any_json
        | st.dictionaries(st.text(max_size=4), any_json | st.lists(like_a_decision, max_size=3))
    },
)


@given(like_a_file | any_json)
def test_any_json_is_a_sound_document_or_an_error(document: object) -> None:
    found = outcome(json.dumps(document, indent=1).encode())

    if isinstance(found, StoreError):
        return
    assert isinstance(found, dict)
    for decisions in found["decisions"].values():
        assert decisions
        assert all(isinstance(decision, Decision) for decision in decisions)


@pytest.mark.parametrize("depth", [500, 100_000])
def test_hostile_nesting_is_an_error(store: BaselineStore, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    spoil(store, lambda text: text.replace('"why": "facts unchanged"', f'"why": {nested}'))

    assert failure(store).where is not None
