"""What a run may risk, and what each kind of difference does, as the project sets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_promptdrift._errors import ConfigError
from pytest_promptdrift.config import Config, ConfigErrors, Options, describe, load_config
from pytest_promptdrift.model.kinds import policy_names

HEAD = "[tool.promptdrift]\n"


def load(folder: Path, table: str) -> Config:
    file = folder / "pyproject.toml"
    file.write_text(table, encoding="utf-8")
    return load_config(folder, project_file=file, environ={}, options=Options())


def refusal(folder: Path, table: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, table)
    return str(caught.value)


def test_without_settings_a_run_cries_wolf_once_in_twenty() -> None:
    config = Config(root=Path())

    assert (config.alpha, config.margin, config.floor) == (0.05, 0.05, 0.02)
    assert (config.effect_floor, config.error_share) == (0.005, 0.1)
    assert config.policies == {}


def test_every_setting_of_verdicts_is_read_with_its_line(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        HEAD + "alpha = 0.01\nmargin = 1\nfloor = 0\neffect_floor = 0.5\nerror_share = 0\n",
    )
    assert (config.alpha, config.margin, config.floor) == (0.01, 1.0, 0.0)
    assert (config.effect_floor, config.error_share) == (0.5, 0.0)
    lines = {"alpha": 2, "margin": 3, "floor": 4, "effect_floor": 5, "error_share": 6}
    for name, line in lines.items():
        assert config.origin(name).source == "project"
        assert config.origin(name).detail == f"pyproject.toml:{line}"


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("alpha", "0", "a number above 0, below 0.5"),
        ("alpha", "0.5", "a number above 0, below 0.5"),
        ("alpha", "nan", "a number above 0, below 0.5"),
        ("margin", "0", "a number above 0, up to 1"),
        ("margin", "1.001", "a number above 0, up to 1"),
        ("margin", "true", "a number above 0, up to 1"),
        ("margin", '"5%"', "a number above 0, up to 1"),
        ("floor", "-0.1", "a number from 0 to 1"),
        ("floor", "1.1", "a number from 0 to 1"),
        ("effect_floor", "-1", "a number of 0 or more"),
        ("effect_floor", "inf", "a number of 0 or more"),
        ("error_share", "-0.1", "a number from 0 to 1"),
        ("error_share", "2", "a number from 0 to 1"),
    ],
)
def test_a_number_out_of_range_says_what_the_range_is(
    tmp_path: Path, key: str, value: str, wanted: str
) -> None:
    found = refusal(tmp_path, f"{HEAD}{key} = {value}\n")

    assert found.startswith(f"pyproject.toml:2: {key} must be {wanted}, found ")


@pytest.mark.parametrize("key", ["error_share", "effect_floor", "timeout"])
def test_a_number_beyond_all_floats_is_a_mistake_like_any_other(tmp_path: Path, key: str) -> None:
    assert f"{key} must be a number" in refusal(tmp_path, f"{HEAD}{key} = 1{'0' * 400}\n")


def test_policies_are_read_as_they_are_written(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        '[tool.promptdrift.policies]\nfacts = "warn"\nnumber = "fail"\nscores = "ignore"\n',
    )
    assert config.policies == {"facts": "warn", "number": "fail", "scores": "ignore"}
    assert config.origin("policies").detail == "pyproject.toml:1"


@pytest.mark.parametrize("name", policy_names())
def test_every_kind_and_group_can_have_a_policy(tmp_path: Path, name: str) -> None:
    table = f'[tool.promptdrift.policies]\n{name} = "ignore"\n'

    assert load(tmp_path, table).policies == {name: "ignore"}


def test_all_mistakes_in_policies_are_told_at_once_with_line_and_nearest_name(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(
            tmp_path,
            HEAD
            + "alfa = 0.1\nalpha = 7\n[tool.promptdrift.policies]\n"
            + 'numbr = "fail"\nfacts = "wran"\ndate = 1\nword = {fail = true}\n',
        )
    assert [str(error) for error in caught.value.errors] == [
        "pyproject.toml:2: unknown key 'alfa' in [tool.promptdrift], did you mean 'alpha'?",
        "pyproject.toml:3: alpha must be a number above 0, below 0.5, found 7",
        "pyproject.toml:5: unknown kind of finding 'numbr', did you mean 'number'?",
        (
            "pyproject.toml:6: policies.facts must be one of fail, warn, ignore, found 'wran',"
            " did you mean 'warn'?"
        ),
        "pyproject.toml:7: policies.date must be one of fail, warn, ignore, found 1",
        "pyproject.toml:8: policies.word must be one of fail, warn, ignore, found {'fail': True}",
    ]


def test_a_misspelled_table_of_policies_is_told(tmp_path: Path) -> None:
    found = refusal(tmp_path, '[tool.promptdrift.polices]\nfacts = "warn"\n')

    assert "unknown key 'polices' in [tool.promptdrift], did you mean 'policies'?" in found


def test_policies_are_a_table(tmp_path: Path) -> None:
    found = refusal(tmp_path, HEAD + 'policies = "warn"\n')

    assert found == "pyproject.toml:2: policies must be a table, found 'warn'"


def test_the_listing_shows_every_setting_of_verdicts_and_where_it_came_from(
    tmp_path: Path,
) -> None:
    table = HEAD + 'alpha = 0.01\n[tool.promptdrift.policies]\nfacts = "warn"\nword = "ignore"\n'
    listed = {
        one.name: (one.value, str(one.origin.detail)) for one in describe(load(tmp_path, table))
    }

    assert listed["alpha"] == ("0.01", "pyproject.toml:2")
    assert listed["policies"] == ("facts: warn, word: ignore", "pyproject.toml:3")
    assert listed["margin"] == ("0.05", "")
    assert listed["floor"] == ("0.02", "")
    assert listed["effect_floor"] == ("0.005", "")
    assert listed["error_share"] == ("0.1", "")


def test_the_listing_says_that_no_policy_is_set() -> None:
    listed = {setting.name: setting.value for setting in describe(Config(root=Path()))}

    assert listed["policies"] == "not set"
