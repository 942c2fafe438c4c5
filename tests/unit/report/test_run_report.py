"""The report of a whole run, as a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from support.verdicts import CASES, FAMILIES, quantised, rate_limited_family, verdict

import pytest_promptdrift.report.schema as schema_module
from pytest_promptdrift._errors import SecretFoundError, StoreError
from pytest_promptdrift.model import Miss, Status
from pytest_promptdrift.report.data import family_data, verdict_data
from pytest_promptdrift.report.failure import headline
from pytest_promptdrift.report.family import family_headline
from pytest_promptdrift.report.run_report import RunFacts, run_report, write_run_report
from pytest_promptdrift.report.schema import SCHEMA_FILE, report_schema
from pytest_promptdrift.report.summary import Spending, Totals
from pytest_promptdrift.store import Redactor

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "sk-proj-Zx81kqLmW03vTyAbCdEf7745"
SPENDING = Spending(calls=4, failed=1, usd=0.5, unknown=1, limit=float("inf"), kept=3)


def facts(**rest: Any) -> RunFacts:
    plain: dict[str, Any] = {
        "version": "0.1.0",
        "started": "2026-11-24T00:50:00+00:00",
        "finished": "2026-11-24T00:50:02+00:00",
        "mode": "replay",
        "exit_status": 1,
        "settings": {"alpha": 0.05, "policies": {"word": "fail"}, "models": ("fake:a",)},
    }
    return RunFacts(**{**plain, **rest})


def a_report(**rest: Any) -> dict[str, Any]:
    totals = Totals()
    cases = [
        (f"t::{name}[m]", verdict_data(made(), headline(made()))) for name, made in CASES.items()
    ]
    families = [
        (f"t::{name}[m]", family_data(made(), family_headline(made())))
        for name, made in FAMILIES.items()
    ]
    for node, data in [*cases, *families]:
        totals.add(data, node)
    return run_report(facts(**rest), totals, SPENDING, cases, families)


def test_the_published_schema_is_that_of_the_code() -> None:
    from pathlib import Path

    published = Path(schema_module.__file__).with_name(SCHEMA_FILE)
    assert json.loads(published.read_text(encoding="utf-8")) == report_schema()


def test_the_schema_describes_a_report_of_everything_that_happens() -> None:
    jsonschema_rs.validator_for(report_schema()).validate(a_report())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], 2),
        (["mode"], "slow"),
        (["cases", 0, "status"], "broken"),
        (["cases", 0, "more"], 1),
        (["families", 0, "tests", 0, "p"], 1.5),
        (["families", 0, "tests", 0, "instrument"], "smell"),
        (["totals", "cases", "passed"], -1),
    ],
)
def test_the_schema_refuses_what_no_run_writes(path: list[Any], value: object) -> None:
    report = json.loads(json.dumps(a_report()))
    place = report
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not jsonschema_rs.validator_for(report_schema()).is_valid(report)


def test_the_schema_is_one_that_validators_accept() -> None:
    jsonschema_rs.meta.validate(report_schema())


def test_a_report_says_what_ran_and_what_decided() -> None:
    report = a_report(interrupted=True, ci=True, strict=True)
    assert report["tool"] == {"name": "pytest-promptdrift", "version": "0.1.0"}
    assert (report["interrupted"], report["ci"], report["strict"]) == (True, True, True)
    assert report["settings"] == {
        "alpha": 0.05,
        "policies": {"word": "fail"},
        "models": ["fake:a"],
    }
    assert report["spending"] == {
        "calls": 4,
        "failed": 1,
        "usd": 0.5,
        "unknown": 1,
        "limit": None,
        "kept": 3,
    }


def test_a_report_states_the_rate_and_how_it_was_split() -> None:
    assert a_report()["statistics"] == {
        "alpha": 0.05,
        "draws": 1999,
        "families": 2,
        "split": [
            {
                "node": f"t::{made.__name__}[m]",
                "level": 0.05 / 3,
                "shares": {},
                "cases": 40,
                "compared": made().compared,
            }
            for made in (quantised, rate_limited_family)
        ],
    }


def test_a_run_that_tested_nothing_drew_nothing() -> None:
    report = run_report(facts(), Totals(), None, [])
    assert report["statistics"] == {"alpha": 0.05, "draws": None, "families": 0, "split": []}
    assert report["spending"] is None


def test_cases_come_in_one_order_whoever_ran_them() -> None:
    data = verdict_data(verdict(Status.PASSED), "passed")
    report = run_report(facts(), Totals(), None, [("b", data), ("a", data)])
    assert [case["node"] for case in report["cases"]] == ["a", "b"]


def test_settings_that_json_does_not_have_are_told_as_text() -> None:
    odd = {"root": Redactor, "share": float("nan"), "none": None}
    report = run_report(facts(settings=odd), Totals(), None, [])
    settings = report["settings"]
    assert isinstance(settings, dict)
    assert (settings["share"], settings["none"]) == (None, None)
    assert isinstance(settings["root"], str)


def test_a_report_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "out" / "run.json"
    report = a_report()
    assert write_run_report(path, report, redactor=Redactor())
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(report))
    assert not write_run_report(path, report, redactor=Redactor())


def test_no_credential_is_ever_written(tmp_path: Path) -> None:
    made = verdict(Status.UNRECORDED, miss=Miss(digest="d", stored=0, needed=1), notes=(SECRET,))
    data = {**verdict_data(made, SECRET), "check_digests": {SECRET: SECRET}}
    path = tmp_path / "run.json"
    report = run_report(facts(), Totals(), None, [(f"t::{SECRET}", data)])
    write_run_report(path, report, redactor=Redactor({"OPENAI_API_KEY": SECRET}))
    text = path.read_text(encoding="utf-8")
    assert SECRET not in text
    assert text.count("[redacted: OPENAI_API_KEY]") == 5


def test_a_credential_that_cannot_be_taken_out_stops_the_write(tmp_path: Path) -> None:
    class Blind(Redactor):
        def redact(self, text: str) -> str:
            return text

    report = run_report(facts(version=SECRET), Totals(), None, [])
    path = tmp_path / "run.json"
    with pytest.raises(SecretFoundError):
        write_run_report(path, report, redactor=Blind({"OPENAI_API_KEY": SECRET}))
    assert not path.exists()


def test_half_a_character_does_not_spoil_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_run_report(
        path, run_report(facts(version="\ud800"), Totals(), None, []), redactor=Redactor()
    )
    assert json.loads(path.read_text(encoding="utf-8"))["tool"]["version"] == "\\ud800"


def test_a_place_that_cannot_be_written_is_an_error_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        write_run_report(tmp_path / "file" / "run.json", a_report(), redactor=Redactor())
