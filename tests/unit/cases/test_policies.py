"""What a difference does: the case says it over the file, and the file over the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.case_files import CASES, HEAD, errors_of, load

from pytest_promptdrift.cases.matrix import NO_POLICIES
from pytest_promptdrift.cases.policies import Policies
from pytest_promptdrift.model.kinds import KINDS, POLICIES, kinds_of, policy_names

if TYPE_CHECKING:
    from pathlib import Path

LEVELS = st.dictionaries(st.sampled_from(policy_names()), st.sampled_from(POLICIES), max_size=4)


def said(level: dict[str, str], kind: str) -> str | None:
    """Return what one level says about a kind, told in another way than the code does."""
    return level.get(kind) or level.get(KINDS[kind].group)


@given(project=LEVELS, file=LEVELS, case=LEVELS)
def test_the_innermost_level_that_speaks_about_a_kind_wins(
    project: dict[str, str], file: dict[str, str], case: dict[str, str]
) -> None:
    merged = Policies(project, file).of_case(case)

    for name, kind in KINDS.items():
        wanted = said(case, name) or said(file, name) or said(project, name) or kind.policy
        assert merged.get(name, kind.policy) == wanted


@given(project=LEVELS, file=LEVELS, case=LEVELS)
def test_only_what_differs_from_the_defaults_is_kept(
    project: dict[str, str], file: dict[str, str], case: dict[str, str]
) -> None:
    merged = Policies(project, file).of_case(case)

    assert all(KINDS[kind].policy != policy for kind, policy in merged.items())


@pytest.mark.parametrize("group", ["facts", "schema"])
def test_a_group_sets_all_of_its_kinds(tmp_path: Path, group: str) -> None:
    made = load(tmp_path, HEAD + f"policies: {{{group}: ignore}}\n" + CASES)

    assert set(made.policies) == {name for name, kind in KINDS.items() if kind.group == group}
    assert set(made.policies) == set(kinds_of(group))
    assert set(made.policies.values()) == {"ignore"}


@pytest.mark.parametrize("text", ["{facts: ignore, number: warn}", "{number: warn, facts: ignore}"])
def test_a_kind_beats_its_group_in_any_order(tmp_path: Path, text: str) -> None:
    made = load(tmp_path, HEAD + f"policies: {text}\n" + CASES)

    assert (made.policies["number"], made.policies["date"]) == ("warn", "ignore")


def test_a_group_of_the_case_beats_a_kind_of_the_file(tmp_path: Path) -> None:
    made = load(
        tmp_path, HEAD + "policies: {number: warn}\n" + CASES + "    policies: {facts: ignore}\n"
    )

    assert made.policies == {"number": "warn"}
    assert made.cases[0].policies["number"] == "ignore"


def test_a_case_can_take_back_what_file_and_project_say(tmp_path: Path) -> None:
    text = HEAD + "policies: {date: warn}\n" + CASES + "    policies: {date: fail, number: fail}\n"
    made = load(tmp_path, text, policies={"number": "ignore", "distribution": "warn"})

    assert made.policies == {"date": "warn", "number": "ignore", "distribution": "warn"}
    assert made.cases[0].policies == {"distribution": "warn"}


def test_the_rows_of_a_source_have_its_policies(tmp_path: Path) -> None:
    text = HEAD + "cases: [{from: rows.csv, policies: {scores: ignore}}]\n"
    made = load(tmp_path, text, files={"rows.csv": "word\na\nb\n"})

    assert [case.policies for case in made.cases] == [{"scores": "ignore"}] * 2


def test_cases_that_say_nothing_share_what_the_file_says(tmp_path: Path) -> None:
    items = "cases: [{vars: {word: a}}, {vars: {word: b}}]\n"
    silent, speaking = (
        load(tmp_path, HEAD + more + items) for more in ("", "policies: {facts: warn}\n")
    )

    assert silent.policies is NO_POLICIES
    assert silent.cases[0].policies is silent.cases[1].policies is silent.policies
    assert speaking.cases[0].policies is speaking.cases[1].policies is speaking.policies


def test_cases_that_come_to_the_same_share_one_mapping(tmp_path: Path) -> None:
    wrote = ["{number: warn}", "{number: warn}", "{date: fail, number: warn}", "{number: fail}", ""]
    items = "".join(
        f"  - vars: {{word: w{index}}}\n" + (f"    policies: {text}\n" if text else "")
        for index, text in enumerate(wrote)
    )
    *same, back, silent = [
        case.policies for case in load(tmp_path, HEAD + "cases:\n" + items).cases
    ]

    assert all(one is same[0] for one in same)
    assert same[0] == {"number": "warn"}
    assert back is silent


def test_what_is_shared_cannot_be_changed(tmp_path: Path) -> None:
    made = load(tmp_path, HEAD + "policies: {number: warn}\n" + CASES)

    with pytest.raises(TypeError):
        made.policies["number"] = "fail"  # type: ignore[index]  # that is the point


def test_every_mistake_in_policies_has_its_line_and_the_nearest_name(tmp_path: Path) -> None:
    text = (
        HEAD
        + "policies:\n  numbr: fail\n  facts: wran\n  date: 5\n"
        + CASES
        + "    policies:\n      schem: ignore\n      word: never\n"
    )
    assert errors_of(tmp_path, text) == [
        "a.prompt.yaml:4: unknown key 'numbr' in policies, did you mean 'number'?",
        "a.prompt.yaml:5: unknown 'facts' 'wran', did you mean 'warn'?",
        "a.prompt.yaml:6: 'date' must be one of fail, warn, ignore, found the number 5",
        "a.prompt.yaml:11: unknown key 'schem' in policies, did you mean 'schema'?",
        "a.prompt.yaml:12: unknown 'word' 'never'; allowed: fail, ignore, warn",
    ]


def test_policies_are_a_mapping(tmp_path: Path) -> None:
    errors = errors_of(tmp_path, HEAD + "policies: warn\n" + CASES)

    assert errors == [
        "a.prompt.yaml:3: 'policies' must be a mapping (policies), found the text 'warn'"
    ]


def test_a_file_may_set_its_own_margin(tmp_path: Path) -> None:
    assert load(tmp_path, HEAD + "margin: 0.1\n" + CASES).margin == 0.1
    assert load(tmp_path, HEAD + "margin: 1\n" + CASES).margin == 1
    assert load(tmp_path, HEAD + CASES).margin is None


@pytest.mark.parametrize("value", ["0", "-0.1", "1.01", "5%", "true", "[0.1]", "null"])
def test_a_margin_is_a_number_above_0_up_to_1(tmp_path: Path, value: str) -> None:
    (error,) = errors_of(tmp_path, HEAD + f"margin: {value}\n" + CASES)

    assert error.startswith("a.prompt.yaml:3: 'margin' must be a number above 0, up to 1, found ")


def test_a_margin_belongs_to_the_file_alone(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, HEAD + CASES + "    margin: 0.1\n")

    assert error.startswith("a.prompt.yaml:6: unknown key 'margin' in a case")


FAMILY = "'family' is taken: the verdict about all cases together is called so"


def test_no_case_can_be_called_family(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, HEAD + CASES.replace("one", "family"))

    assert error.startswith(f"a.prompt.yaml:4: the id {FAMILY}\n  write family-1")


def test_no_row_can_be_called_family(tmp_path: Path) -> None:
    text = HEAD + "cases: [{from: rows.csv}]\n"
    (error,) = errors_of(tmp_path, text, files={"rows.csv": "id,word\na,x\nfamily,y\n"})

    assert error.startswith(f"rows.csv:3: the id {FAMILY}")


def test_a_case_whose_text_is_family_gets_another_name_by_itself(tmp_path: Path) -> None:
    made = load(tmp_path, HEAD + "cases: [{vars: {word: family}}]\n")

    assert made.cases[0].id.startswith("family-")


def test_a_variant_may_be_called_family(tmp_path: Path) -> None:
    made = load(tmp_path, "models: fake:a\nvariants: {family: 'Say {{ word }}.'}\n" + CASES)

    assert made.variants[0].name == "family"
