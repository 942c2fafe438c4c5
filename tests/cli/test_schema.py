from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_promptdrift.cases import file_schema
from pytest_promptdrift.report.schema import report_schema

if TYPE_CHECKING:
    from .conftest import Cli


def test_the_schema_is_that_of_the_loader(cli: Cli) -> None:
    result = cli.run("schema")
    assert result.code == 0
    assert json.loads(result.out) == file_schema()


def test_the_schema_is_written_where_it_is_wanted(cli: Cli) -> None:
    result = cli.run("schema", "--write", "sub/cases.json")
    assert json.loads((cli.folder / "sub/cases.json").read_text()) == file_schema()
    assert result.out == (
        "wrote sub/cases.json\n"
        "put this at the top of a case file: # yaml-language-server: $schema=cases.json\n"
    )


def test_a_schema_that_is_up_to_date_is_not_written_again(cli: Cli) -> None:
    cli.run("schema", "--write", "cases.json")
    assert "cases.json is up to date" in cli.run("schema", "--write", "cases.json").out


def test_the_schema_of_run_reports_is_printed(cli: Cli) -> None:
    result = cli.run("schema", "--report")
    assert result.code == 0
    assert json.loads(result.out) == report_schema()


def test_the_schema_of_run_reports_is_written_without_a_hint_for_editors(cli: Cli) -> None:
    result = cli.run("schema", "--report", "--write", "run.json")
    assert json.loads((cli.folder / "run.json").read_text()) == report_schema()
    assert result.out == "wrote run.json\n"
