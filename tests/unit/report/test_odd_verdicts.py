"""Whatever a verdict holds, it can be told: safely to people, and completely to machines."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st
from support.odd_verdicts import FAMILIES, VERDICTS

from pytest_promptdrift.report.commands import Commands
from pytest_promptdrift.report.data import (
    family_data,
    family_properties,
    properties,
    verdict_data,
)
from pytest_promptdrift.report.failure import failure_lines, headline
from pytest_promptdrift.report.family import family_headline, family_lines
from pytest_promptdrift.report.run_report import RunFacts, run_report, write_run_report
from pytest_promptdrift.report.schema import report_schema
from pytest_promptdrift.report.summary import Totals, summary_lines
from pytest_promptdrift.store import Redactor

if TYPE_CHECKING:
    from pytest_promptdrift.model.comparison import FamilyVerdict
    from pytest_promptdrift.model.verdict import Verdict

COMMANDS = Commands(node="a.prompt.yaml::a[m]")
VALIDATOR = jsonschema_rs.validator_for(report_schema())
FACTS = RunFacts(
    version="1", started="2026-11-24", finished="2026-11-24", mode="replay", exit_status=0
)


def assert_safe(lines: list[str]) -> None:
    assert lines[0].strip()
    for line in lines:
        assert not set(line) & set("\x1b\r\n\x00")
        line.encode()


@given(VERDICTS, st.integers(0, 2))
def test_any_verdict_is_told_without_raw_characters(made: Verdict, verbosity: int) -> None:
    lines = list(failure_lines(made, title="a[m]", commands=COMMANDS, verbosity=verbosity))
    assert_safe(lines)
    assert lines[0] == headline(made)


@given(FAMILIES, st.integers(0, 2))
def test_any_family_is_told_without_raw_characters(made: FamilyVerdict, verbosity: int) -> None:
    lines = list(family_lines(made, title="family[m]", commands=COMMANDS, verbosity=verbosity))
    assert_safe(lines)
    assert lines[0] == family_headline(made)


@given(st.lists(VERDICTS, max_size=2), st.lists(FAMILIES, max_size=2))
def test_the_report_of_any_run_is_json_that_its_schema_describes(
    cases: list[Verdict], families: list[FamilyVerdict]
) -> None:
    totals = Totals()
    judged = [(f"c{n}", verdict_data(made, headline(made))) for n, made in enumerate(cases)]
    grouped = [
        (f"f{n}", family_data(made, family_headline(made))) for n, made in enumerate(families)
    ]
    for node, data in [*judged, *grouped]:
        totals.add(data, node)
    list(summary_lines(totals, None, 0, "pytest", verbosity=1))
    report = run_report(FACTS, totals, None, judged, grouped)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "run.json")
        write_run_report(path, report, redactor=Redactor())
        VALIDATOR.validate(json.loads(path.read_text()))


@given(VERDICTS, FAMILIES)
def test_properties_are_pairs_of_a_name_of_ours_and_a_plain_value(
    made: Verdict, family: FamilyVerdict
) -> None:
    for name, value in [*properties(made), *family_properties(family)]:
        assert name.startswith("promptdrift_")
        assert isinstance(value, str | int | float)
