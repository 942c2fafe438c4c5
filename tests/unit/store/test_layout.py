from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_promptdrift.store import recording_file_name, recording_id, suite_folder

any_text = st.text(st.characters(exclude_categories=()))
# ids that are likely to fall together when names are cleaned
close_ids = st.text(st.sampled_from("aAbB.-_~/ üÜ"), max_size=6)


@pytest.mark.parametrize(
    ("file", "stem"),
    [
        ("triage.prompt.yaml", "triage"),
        ("triage.prompt.yml", "triage"),
        ("triage.prompt.json", "triage"),
        ("triage.v2.prompt.yaml", "triage.v2"),
        ("test_reply.py", "test_reply"),
        (".prompt.yaml", ".prompt"),
    ],
)
def test_a_suite_folder_is_named_like_its_case_file(file: str, stem: str) -> None:
    assert suite_folder(Path("prompts") / file) == Path("prompts/__promptdrift__") / stem


@pytest.mark.parametrize("case_id", ["double-charge", "a", "q1", "v1.2_b", "0", "x" * 80, "conx"])
def test_an_ordinary_id_is_its_own_file_name(case_id: str) -> None:
    assert recording_file_name(case_id) == f"{case_id}.json"


@pytest.mark.parametrize(
    ("case_id", "beginning"),
    [
        ("Refund", "Refund~"),
        ("billing/refund now", "billing-refund-now~"),
        ("../../etc/passwd", "etc-passwd~"),
        ("con", "_con~"),
        ("CON.x", "_CON.x~"),
        ("lpt9.a", "_lpt9.a~"),
        ("com¹.a", "_com¹.a~"),
        ("rücksendung", "rücksendung~"),
        ("日本語", "日本語~"),
        ("", "case~"),
        ("..", "case~"),
        ("-rf", "rf~"),
        ("dot.", "dot~"),
        ("\ud800", "case~"),
        ("x" * 81, "x" * 80 + "~"),
    ],
)
def test_any_other_id_gets_a_readable_name_and_a_suffix(case_id: str, beginning: str) -> None:
    name = recording_file_name(case_id)

    assert name.startswith(beginning)
    assert len(name) == len(beginning) + len("0123456789ab.json")


@given(any_text)
def test_a_file_name_works_on_every_file_system(case_id: str) -> None:
    name = recording_file_name(case_id)

    assert len(name.encode()) <= 100
    assert not set(name) & set('<>:"/\\|?*\0')
    assert name.isprintable()
    assert name[0] not in ".- "
    assert name.endswith(".json")


@given(any_text, any_text)
def test_no_two_ids_share_a_file(left: str, right: str) -> None:
    if left != right:
        assert on_any_disk(recording_file_name(left)) != on_any_disk(recording_file_name(right))


@given(close_ids, close_ids)
def test_no_two_similar_ids_share_a_file(left: str, right: str) -> None:
    if left != right:
        assert on_any_disk(recording_file_name(left)) != on_any_disk(recording_file_name(right))


def on_any_disk(name: str) -> str:
    return unicodedata.normalize("NFKD", name).casefold()


def test_the_id_of_a_recording_never_changes() -> None:
    assert recording_id("d" * 64, "") == "0a14e1330e53"
    assert recording_id("d" * 64, "s") != recording_id("d" * 64, "")
    assert recording_id("e" * 64, "") != recording_id("d" * 64, "")
