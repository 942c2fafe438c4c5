from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift._errors import PromptDriftError
from pytest_promptdrift.cli.choosing import Chooser

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Spot:
    case_file: str
    case_id: str
    label: str

    @property
    def node(self) -> str:
        return f"{self.case_file}::{self.case_id}[{self.label}]"


TRIAGE = "prompts/triage.prompt.yaml"
OTHER = "other/triage.prompt.yaml"
REFUND, REFUND_2 = Spot(TRIAGE, "refund", "demo"), Spot(TRIAGE, "refund", "openai:org/m")
BOX, LATE = Spot(TRIAGE, "box", "demo"), Spot(OTHER, "late", "demo")
SPOTS = [REFUND, REFUND_2, BOX, LATE]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (TRIAGE, OTHER):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
    return tmp_path


def choose(root: Path, *words: str, folder: str = ".", spots: list[Spot] = SPOTS) -> list[Spot]:
    chooser = Chooser(root=root, folder=root / folder, what="waits", hint="look")
    return chooser.choose(words, spots)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("prompts/triage.prompt.yaml::refund[demo]", [REFUND]),
        ("prompts/triage.prompt.yaml::refund[openai:org/m]", [REFUND_2]),
        ("./prompts/triage.prompt.yaml::refund", [REFUND, REFUND_2]),
        ("refund", [REFUND, REFUND_2]),
        ("refund[demo]", [REFUND]),
        ("late", [LATE]),
        ("prompts", [REFUND, REFUND_2, BOX]),
        ("prompts/", [REFUND, REFUND_2, BOX]),
        (".", SPOTS),
        ("other/triage.prompt.yaml", [LATE]),
        ("prompts/triage.prompt.yaml::family[demo]", [REFUND, BOX]),
    ],
)
def test_nodes_cases_files_and_folders_are_understood(
    root: Path, word: str, meant: list[Spot]
) -> None:
    assert choose(root, word) == meant


def test_words_are_joined_in_the_order_of_what_waits(root: Path) -> None:
    assert choose(root, "late", "box", "other", "refund[demo]") == [REFUND, BOX, LATE]


def test_paths_start_from_where_the_command_does(root: Path) -> None:
    assert choose(root, "triage.prompt.yaml", folder="other") == [LATE]
    assert choose(root, "triage.prompt.yaml::late", folder="other") == [LATE]


def test_a_node_as_pytest_prints_it_is_understood_in_every_folder(root: Path) -> None:
    assert choose(root, LATE.node, folder="prompts") == [LATE]
    assert choose(root, str(root / TRIAGE) + "::box", folder="other") == [BOX]


def test_a_file_name_alone_is_enough_where_it_is_the_only_one(root: Path) -> None:
    assert choose(root, "triage.prompt.yaml::box", spots=[REFUND, BOX]) == [BOX]
    with pytest.raises(PromptDriftError, match="nothing that waits is called"):
        choose(root, "triage.prompt.yaml::box")


def test_a_case_called_family_is_a_case(root: Path) -> None:
    own = Spot(TRIAGE, "family", "demo")
    assert choose(root, f"{TRIAGE}::family[demo]", spots=[REFUND, own]) == [own]


def test_a_case_in_several_files_is_listed(root: Path) -> None:
    with pytest.raises(PromptDriftError) as found:
        choose(root, "refund", spots=[REFUND, Spot(OTHER, "refund", "demo")])
    assert found.value.message == (
        f"'refund' is in 2 case files, write which: {OTHER}::refund, {TRIAGE}::refund"
    )


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("refnd", "nothing that waits is called 'refnd', did you mean 'refund'?"),
        ("late[dem]", "nothing that waits is called 'late[dem]', did you mean 'late[demo]'?"),
        (f"{TRIAGE}::boxx[demo]", f"did you mean '{BOX.node}'?"),
        ("prompts/triag.prompt.yaml", f"did you mean '{TRIAGE}'?"),
        ("xyz", "nothing that waits is called 'xyz'; allowed: box, late, refund"),
        ("x" * 5000, "; allowed: box, late, refund"),
    ],
)
def test_an_unknown_name_names_the_nearest(root: Path, word: str, message: str) -> None:
    with pytest.raises(PromptDriftError) as found:
        choose(root, word)
    assert found.value.message.endswith(message)
    assert found.value.hint == "look"


def test_all_unknown_names_are_listed(root: Path) -> None:
    with pytest.raises(PromptDriftError) as found:
        choose(root, "boxx", "box", "latte")
    assert found.value.message.count("did you mean") == 2


def test_a_name_that_is_a_case_and_a_folder_is_not_guessed(root: Path) -> None:
    spots = [Spot(TRIAGE, "other", "demo"), LATE]
    with pytest.raises(PromptDriftError) as found:
        choose(root, "other", spots=spots)
    assert f"write ./other for the path, or for the case {TRIAGE}::other" in found.value.message
    assert choose(root, "./other", spots=spots) == [LATE]
    assert choose(root, f"{TRIAGE}::other", spots=spots) == [spots[0]]


def test_a_folder_without_anything_does_not_hide_a_case(root: Path) -> None:
    (root / "late").mkdir()
    assert choose(root, "late") == [LATE]


def test_a_path_means_only_what_it_may(root: Path) -> None:
    chooser = Chooser(root=root, folder=root, what="waits", hint="look")
    found = chooser.choose(["prompts", "box"], SPOTS, of_a_path=lambda spot: spot is REFUND)
    assert found == [REFUND, BOX]
