from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest
from support.recorded import LABEL, a_full_sample, a_request, a_sample, a_store

from pytest_promptdrift._errors import PromptDriftError, StoreError
from pytest_promptdrift.store import CaseRecordings, disk
from pytest_promptdrift.store.source import line_of, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_promptdrift.store import RecordingStore

REQUEST = a_request()


@pytest.fixture
def store(tmp_path: Path) -> RecordingStore:
    """A suite with one case with two recordings."""
    store = a_store(tmp_path)
    store.append("c", REQUEST, label=LABEL, sample=a_full_sample())
    store.append("c", REQUEST, label=LABEL, sample=a_sample("plain"))
    store.append("c", REQUEST, label=LABEL, series="s1", sample=a_sample("new"))
    return store


def text_of(store: RecordingStore) -> str:
    return store.path("c").read_text(encoding="utf-8")


def line_with(text: str, piece: str) -> int:
    return text.count("\n", 0, text.index(piece)) + 1


def failure(store: RecordingStore) -> StoreError:
    """The error of every way to use the file, which has to be the same; the file stays as it is."""
    errors = [
        error_of(lambda: list(store.load("c"))),
        error_of(lambda: store.append("c", REQUEST, label=LABEL, sample=a_sample("x"))),
        error_of(lambda: store.check_writable("c", REQUEST)),
    ]
    assert len({str(error) for error in errors}) == 1
    return errors[0]


def error_of(use: Callable[[], object]) -> StoreError:
    with pytest.raises(StoreError) as caught:
        use()
    return caught.value


def spoil(store: RecordingStore, change: Callable[[str], str]) -> str:
    """Change the text of the file and return the new one."""
    changed = change(text_of(store))
    store.path("c").write_text(changed, encoding="utf-8")
    return changed


def replacing(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("old", "new", "message", "at"),
    [
        ('"format": 1', '"format": 7', "recording format 7 is not known", '"format"'),
        (
            '"format": 1',
            '"format": "1"',
            "'format' has to be a whole number, found text",
            '"format"',
        ),
        ('"format": 1', '"format": true', "has to be a whole number, found true", '"format"'),
        ('"format": 1,', "", "'format' is missing", "{"),
        ('"case": "c"', '"case": null', "'case' has to be text, found null", '"case"'),
        ('"case"', '"cases"', "unknown field 'cases', did you mean 'case'?", '"cases"'),
        ('"series": ""', '"series": 0', "'series' has to be text", '"series"'),
        ('"latency": 0.8125', '"latency": -1', "has to be 0 or more, found -1", '"latency"'),
        ('"latency": 0.8125', '"latency": 1e999', "has to be 0 or more, found inf", '"latency"'),
        ('"latency": 0.8125', '"latency": "1"', "has to be a number, found text", '"latency"'),
        ('"attempts": 2', '"attempts": false', "a whole number, found false", '"attempts"'),
        ('"attempts": 2', '"attempts": 2.0', "a whole number, found a number", '"attempts"'),
        ('"usd": 0.00021', '"usd": -2', "'usd' has to be 0 or more", '"usd"'),
        ('"usd": 0.00021', '"us": 2', "unknown field 'us', did you mean 'usd'?", '"us"'),
        ('"input_tokens": 10', '"input_tokens": 1.5', "a whole number", '"input_tokens"'),
        ('"order": 88231', '"order": NaN', "NaN is not JSON", '"order"'),
        ('"order": 88231', '"order": -Infinity', "-Infinity is not JSON", '"order"'),
        ('"name": "refund"', '"name": []', "'name' has to be text, found a list", '"name"'),
        ('"name": "refund"', '"nam": 1', "unknown field 'nam'", '"nam"'),
        ('"sdk": "openai 3.54.0",', "", "'sdk' is missing", '"recorded_at"'),
        (
            '"text": "plain"',
            '"text": {"$lines": [1]}',
            "'text' has to be text",
            '"text": {"$lines": [1',
        ),
        ('"fingerprint": "fp_1"', '"fingerprint": {}', "found an object", '"fingerprint"'),
        ('"order": 88231', f'"order": {"9" * 5000}', "a number is too long", '"order"'),
        ('"refund"', '"refund', "not JSON: invalid control character", '"refund,'),
        ('"attempts": 2,', '"attempts": 2', "not JSON: expecting ',' delimiter", '"usage"'),
    ],
)
def test_a_wrong_file_is_an_error_with_its_line(
    store: RecordingStore, old: str, new: str, message: str, at: str
) -> None:
    text = spoil(store, replacing(old, new))
    error = failure(store)

    assert message in error.message
    assert error.where is not None
    assert error.where.path == str(store.path("c"))
    # an object begins on the line of its bracket, one before its first field
    missing = "missing" in message and at != "{"
    assert error.where.line == line_with(text, at) - missing
    assert error.hint
    assert text_of(store) == text


def test_another_format_names_the_way_out(store: RecordingStore) -> None:
    spoil(store, replacing('"format": 1', '"format": 2'))

    assert str(failure(store)) == (
        f"{store.path('c')}:2: recording format 2 is not known, this version reads format 1\n"
        "  a newer version wrote it: python -m pip install --upgrade pytest-promptdrift"
    )


def test_any_other_damage_names_the_next_command(store: RecordingStore) -> None:
    spoil(store, replacing('"format": 1,', ""))
    path = store.path("c")

    assert failure(store).hint == (
        f"restore it: git checkout -- {path}"
        "  or delete it and record again: pytest --promptdrift --promptdrift-mode=record"
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_half_a_file_is_an_error_at_its_last_line(store: RecordingStore, share: float) -> None:
    text = spoil(store, lambda text: text[: int(len(text) * share)])
    error = failure(store)

    assert "not JSON" in error.message
    assert error.where is not None
    assert error.where.line == text.rstrip().count("\n") + 1


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_an_error(store: RecordingStore, content: bytes) -> None:
    store.path("c").write_bytes(content)

    assert str(failure(store)).startswith(f"{store.path('c')}:1: the file is empty\n")


@pytest.mark.parametrize("content", ["[]", "null", "3", '"text"'])
def test_another_value_than_an_object_is_an_error(store: RecordingStore, content: str) -> None:
    store.path("c").write_text(content)

    assert "expected an object" in failure(store).message


def test_bytes_that_are_no_text_are_an_error(store: RecordingStore) -> None:
    path = store.path("c")
    path.write_bytes(path.read_bytes().replace(b"Please help", b"Please\xff help"))
    error = failure(store)

    assert error.message == "the file is not UTF-8 text"
    assert error.where is not None
    assert (
        error.where.line == path.read_bytes().count(b"\n", 0, path.read_bytes().index(b"\xff")) + 1
    )


def test_git_conflict_markers_are_named(store: RecordingStore) -> None:
    ours = '   "text": "ours"\n'
    text = spoil(
        store,
        replacing(
            '     "text": "plain"\n',
            f'<<<<<<< HEAD\n{ours}=======\n     "text": "theirs"\n>>>>>>> branch\n',
        ),
    )
    error = failure(store)

    assert error.message == "git conflict markers: two branches recorded for this case"
    assert error.where is not None
    assert error.where.line == line_with(text, "<<<<<<<")
    assert error.hint is not None
    assert "keep the recordings and samples of both sides" in error.hint
    assert f"git checkout --theirs -- {store.path('c')}" in error.hint


def test_conflict_markers_inside_an_answer_are_just_text(store: RecordingStore) -> None:
    answer = "<<<<<<< HEAD\n=======\n>>>>>>> branch"
    store.append("c", REQUEST, label=LABEL, sample=a_sample(answer))

    assert store.load("c").of(REQUEST.digest)[0].samples[2].response.text == answer


def test_one_recording_twice_is_an_error(store: RecordingStore) -> None:
    first = store.load("c").heads()[0].id
    second = store.load("c").heads()[1].id
    text = spoil(store, replacing(f'"id": "{second}"', f'"id": "{first}"'))
    error = failure(store)

    assert error.message == f"recording {first!r} is there twice: merge their samples into one"
    assert error.where is not None
    assert error.where.line == text.count("\n", 0, text.rindex(first)) + 1


def test_a_field_that_is_there_twice_is_found_before_a_write_would_lose_one(
    store: RecordingStore,
) -> None:
    text = spoil(store, replacing('"samples": [', '"samples": [],\n   "samples": ['))

    for use in (
        lambda: store.append("c", REQUEST, label=LABEL, sample=a_sample("x")),
        lambda: store.check_writable("c"),
    ):
        error = error_of(use)
        assert error.message == "the field 'samples' is there twice in one object"
        assert error.where is not None
        assert error.where.line is not None
    assert text_of(store) == text


@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_hostile_nesting_is_an_error(store: RecordingStore, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    spoil(store, replacing('"order": 88231', f'"order": {nested}'))

    error = reading_error(store.path("c").read_bytes())
    # the smallest one is read where the stack allows it
    assert (error is None and depth == 300) or (error is not None and "nested" in error.message)


def test_hostile_nesting_in_the_request_is_an_error(store: RecordingStore) -> None:
    nested = "[" * 450 + "]" * 450
    spoil(store, replacing('"role": "user"', f'"role": {nested}'))

    with pytest.raises(StoreError):
        list(store.load("c"))


def test_a_folder_in_the_place_of_a_file_is_an_error(store: RecordingStore) -> None:
    path = store.path("c")
    path.unlink()
    path.mkdir()

    assert str(failure(store)) == (
        f"{path}: a folder is where the recording file should be\n"
        f"  move it away: mv {path} {path}.old"
    )


def test_a_file_in_the_place_of_the_folder_is_known_before_anything_is_spent(
    tmp_path: Path,
) -> None:
    (tmp_path / "__promptdrift__").write_text("a file")
    store = a_store(tmp_path)

    assert list(store.load("c")) == []
    with pytest.raises(StoreError):
        store.check_writable("c")
    with pytest.raises(StoreError):
        store.append("c", REQUEST, label=LABEL, sample=a_sample("x"))


@pytest.mark.parametrize("call", ["open", "read"])
def test_a_file_without_permission_is_an_error(
    store: RecordingStore, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(disk.os, call, refuse)
    error = error_of(lambda: store.load("c"))
    monkeypatch.undo()

    path = store.path("c")
    assert str(error) == (
        f"{path}: the recording file cannot be read: Permission denied\n"
        f"  make it readable: chmod u+r {path}"
    )


def test_all_bad_files_of_a_suite_are_found_together(store: RecordingStore) -> None:
    store.append("d", REQUEST, label=LABEL, sample=a_sample("x"))
    store.append("e", REQUEST, label=LABEL, sample=a_sample("x"))
    spoil(store, lambda _: "")
    os.truncate(store.path("d"), 20)

    found = list(store.cases())
    assert [type(one).__name__ for one in found] == ["StoreError", "StoreError", "CaseRecordings"]


def test_the_line_of_every_value_is_known() -> None:
    text = '\n{"a": 1,\n "b": [true,\n\n {"c" : "x,]}\\"",\n "d": []}],\n\n"a": 2}'

    assert line_of(text, ()) == 2
    assert line_of(text, ("a",)) == 8
    assert line_of(text, ("b", 0)) == 3
    assert line_of(text, ("b", 1)) == 5
    assert line_of(text, ("b", 1, "d")) == 6
    assert line_of(text, ("b", 1, "d", 0)) == 6
    assert line_of(text, ("b", 7, "d")) == 3
    assert line_of(text, ("none",)) == 2
    assert line_of(text, ("a", "inner")) == 8


MUTATIONS = 8_000


def test_a_damaged_file_is_an_error_with_its_line_or_can_be_read(store: RecordingStore) -> None:
    good = store.path("c").read_bytes()
    rng = random.Random(20261123)
    failed = 0
    for _ in range(MUTATIONS):
        data = damaged(good, rng)
        error = reading_error(data)
        if error is not None:
            failed += 1
            assert error.where is not None
            assert error.where.path == "c.json"
            assert error.where.line is not None
            assert 1 <= error.where.line <= data.count(b"\n") + 1
            assert error.hint
    # harmless are changes of white space, of an answer's text and of what decides nothing
    assert MUTATIONS * 0.5 < failed < MUTATIONS


def reading_error(data: bytes) -> StoreError | None:
    """The error of reading this as a file, by replay or before a write; None without one."""
    try:
        list(CaseRecordings("c.json", data))
        parse(data, "c.json", strict=True)
    except StoreError as error:
        return error
    return None


PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"\\",
    b"null",
    b"true",
    b"-",
    b"1e999",
    b"NaN",
    b"\n",
    b"\xff",
    b"\xed\xa0\x80",
    b"\\ud800",
    b'{"$lines": 3}',
    b"<<<<<<< HEAD\n",
    b"9" * 20,
]


def damaged(good: bytes, rng: random.Random) -> bytes:
    data = good
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice([0, 1, 1, 5, 40, 400]))
        other = rng.randrange(len(good))
        piece = rng.choice(
            [
                b"",
                bytes([rng.randrange(256)]),
                rng.choice(PIECES),
                good[other : other + rng.choice([1, 10, 100])],
            ]
        )
        data = data[:start] + piece + data[end:]
    lines = data.split(b"\n")
    if rng.random() < 0.3:
        rng.choice([lines.reverse, lambda: rng.shuffle(lines), lines.pop])()
    elif rng.random() < 0.3:
        at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
        lines.insert(to, lines.pop(at))
    return b"\n".join(lines)


def test_every_use_of_a_damaged_file_raises_our_errors_only(store: RecordingStore) -> None:
    path = store.path("c")
    good = path.read_bytes()
    rng = random.Random(7)
    for _ in range(300):
        data = damaged(good, rng)
        path.write_bytes(data)
        try:
            store.nearest(a_request("else"), "c")
            store.nearest(a_request("else"), "other")
            store.unused({"c": {REQUEST.digest}})
            store.append("c", REQUEST, label=LABEL, sample=a_sample("x"))
        except PromptDriftError:
            assert path.read_bytes() == data
        else:
            assert store.find("c", REQUEST.digest) is not None
