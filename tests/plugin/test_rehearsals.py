"""What happens after something changed: which status, whose doing, and what to type next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Project

ANSWERS = [
    "You can return it within 14 days.",
    "Returns are possible for 14 days.",
    "Within 14 days you may return it.",
    "14 days is the limit for returns.",
    "Please return it within 14 days.",
]
SHOP = """
system: You are the assistant of a shop.
prompt: "{{ message }}"
models: [demo]
samples: 5
cases:
"""
TICKETS = """
prompt: |
  Classify the message as billing or technical.
  {{ message }}
models: [demo]
cases:
  - id: charged
    vars: {message: I was charged twice.}
"""
INVOICE = """
prompt: |
  Extract the total of the invoice as JSON. {{ invoice }}
models: [demo]
samples: 5
cases:
  - id: paper
    vars: {invoice: Paper 12 EUR}
"""


def script(*answers: object) -> str:
    return f"answers = {json.dumps([a if isinstance(a, str) else json.dumps(a) for a in answers])}"


def rules(*pairs: tuple[str, str, object]) -> str:
    told = ", ".join(
        f"{{match = {json.dumps(match)}, {key} = {json.dumps(value)}}}"
        for match, key, value in pairs
    )
    return f"rules = [{told}]"


def write(project: Project, case_file: str, model: str, more: str = "") -> Project:
    (project.path / "triage.prompt.yaml").unlink()
    files = {
        "pyproject.toml": f"""
            [tool.pytest]
            addopts = ["-p", "no:randomly"]
            {more}
            [tool.promptdrift.models.demo]
            provider = "fake"
            model = "demo"
            {model}
        """,
        "triage.prompt.yaml": case_file,
    }
    return project.write(files)


def shop(project: Project, answers: list[str], cases: int = 8) -> Project:
    listed = "".join(f"  - {{id: c{n}, vars: {{message: Question {n}?}}}}\n" for n in range(cases))
    return write(project, SHOP + listed, script(*answers))


def verdicts(project: Project, *args: str) -> dict[str, Any]:
    project.run("--promptdrift-report=run.json", *args)
    report: dict[str, Any] = json.loads((project.path / "run.json").read_text(encoding="utf-8"))
    return {one["node"].partition("::")[2]: one for one in report["cases"] + report["families"]}


def causes(verdict: dict[str, Any]) -> list[str]:
    return [cause["kind"] for cause in verdict["comparison"]["attribution"]["causes"]]


def test_a_prompt_edit_that_changes_nothing_waits_for_a_person(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, TICKETS, script("billing")).recorded()
    project.edit("triage.prompt.yaml", "Classify the message", "Label the message")
    found = verdicts(project, "--promptdrift-mode=record")["charged[demo]"]
    assert found["status"] == "pending"
    assert causes(found) == ["prompt"]
    result = project.run()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["1 case: 1 pending", "*pytest-promptdrift review"])

    monkeypatch.setenv("CI", "true")
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*pending: *", "*why *prompt*", "*[[]-Classify-[]]*", "*pytest-promptdrift accept*"]
    )
    project.accept()
    project.run().assert_outcomes(passed=2)


def test_a_prompt_edit_that_flips_an_answer_is_drift(project: Project) -> None:
    model = rules(("support", "answer", "technical"), ("", "answer", "billing"))
    write(project, TICKETS, model).recorded()
    project.edit("triage.prompt.yaml", "Classify the", "For support, classify the")
    found = verdicts(project, "--promptdrift-mode=record")["charged[demo]"]
    assert found["status"] == "drifted"
    assert causes(found) == ["prompt"]
    [finding] = found["comparison"]["findings"]
    assert (finding["kind"], finding["old"], finding["new"]) == ("label", "billing", "technical")
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*drifted: *billing*technical*", "*{+For support, classify+}*"])


def test_another_model_under_the_same_name_in_the_suite_is_named_as_the_cause(
    project: Project,
) -> None:
    shop(project, ANSWERS).recorded()
    project.edit("pyproject.toml", 'model = "demo"', 'model = "demo-2"')
    project.edit("pyproject.toml", "14 days", "30 days")
    found = verdicts(project, "--promptdrift-mode=record")
    assert found["family[demo]"]["status"] == "drifted"
    assert {found[f"c{n}[demo]"]["status"] for n in range(8)} == {"drifted"}
    assert causes(found["c0[demo]"]) == ["model"]
    finding = found["c0[demo]"]["comparison"]["findings"][0]
    assert finding["kind"] == "number"
    assert (finding["accepted"], finding["fresh"]) == (5, 5)
    assert (finding["old"], finding["new"]) == ("14 days", "30 days")


def test_a_silent_change_of_the_provider_is_found_and_told_as_such(project: Project) -> None:
    shop(project, ANSWERS).recorded()
    other = [f"Sure! Happy to help. {answer} Anything else?" for answer in ANSWERS]
    project.edit("pyproject.toml", script(*ANSWERS), script(*other))
    found = verdicts(project, "--promptdrift-mode=refresh")
    family = found["family[demo]"]
    assert family["status"] == "drifted"
    fired = {test["instrument"] for test in family["tests"] if test["fired"]}
    assert "distribution" in fired
    assert family["attribution"]["causes"] == []
    result = project.run("-k", "family")
    result.stdout.fnmatch_lines(["*nothing visible changed*provider did*"])


def test_a_new_field_is_worth_a_look_and_no_failure(project: Project) -> None:
    write(project, INVOICE, script({"total": 12})).recorded()
    project.edit("pyproject.toml", script({"total": 12}), script({"total": 12, "currency": "EUR"}))
    found = verdicts(project, "--promptdrift-mode=refresh", "-k", "paper")["paper[demo]"]
    assert found["status"] == "passed"
    [finding] = found["comparison"]["findings"]
    assert (finding["kind"], finding["severity"]) == ("field_new", "warn")
    assert finding["path"] == "$.currency"


def test_a_field_that_is_gone_breaks_the_case(project: Project) -> None:
    both = {"total": 12, "currency": "EUR"}
    write(project, INVOICE, script(both)).recorded()
    project.edit("pyproject.toml", script(both), script({"total": 12}))
    found = verdicts(project, "--promptdrift-mode=refresh")["paper[demo]"]
    assert found["status"] == "drifted"
    failing = [f for f in found["comparison"]["findings"] if f["severity"] == "fail"]
    assert [(f["kind"], f["path"]) for f in failing] == [("field_gone", "$.currency")]
    assert (failing[0]["accepted"], failing[0]["fresh"]) == (5, 5)


def test_a_number_in_one_of_five_samples_is_a_note(project: Project) -> None:
    shop(project, ANSWERS, cases=1).recorded()
    project.run("--promptdrift-mode=refresh")
    path = project.path / "__promptdrift__/triage/recordings/c0.json"
    before, newest = path.read_text(encoding="utf-8").rsplit('"series"', 1)
    path.write_text(f'{before}"series"{newest.replace("14 days", "30 days", 1)}', encoding="utf-8")
    found = verdicts(project)["c0[demo]"]
    assert found["status"] == "passed"
    notes = [f for f in found["comparison"]["findings"] if f["old"] == "14 days"]
    assert [(f["severity"], f["fresh"], f["fresh_of"]) for f in notes] == [("note", 1, 5)]


def test_a_tightened_schema_is_the_checks_doing(project: Project) -> None:
    schema = "checks:\n  - json_schema: {type: object, required: [total]}\ncases:"
    case_file = INVOICE.replace("cases:", schema)
    write(project, case_file, script({"total": 12})).recorded()
    project.edit("triage.prompt.yaml", "required: [total]", "required: [total, currency]")
    found = verdicts(project)["paper[demo]"]
    assert found["status"] == "failed"
    assert causes(found) == ["check"]
    result = project.run("-k", "paper")
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(
        ["failed: *the check changed, not the model", "*why *check json_schema changed*"]
    )


def test_an_edited_judge_judges_both_sides_anew(project: Project) -> None:
    judge = """
        def judge(rubric):
            return lambda context: 0.4 if "strict" in rubric else 0.9

        def pytest_promptdrift_checks(registry):
            registry.register_check("judge", judge)
    """
    asked = "checks:\n  - judge: be kind\n    score_only: true\ncases:"
    project.write({"conftest.py": judge})
    write(
        project,
        SHOP.replace("cases:", asked) + "  - {id: c0, vars: {message: Q?}}\n",
        script(*ANSWERS),
    )
    project.recorded()
    project.edit("triage.prompt.yaml", "be kind", "be strict")
    assert verdicts(project)["c0[demo]"]["status"] == "passed"
    found = verdicts(project, "--promptdrift-mode=refresh")
    comparison = found["c0[demo]"]["comparison"]
    assert causes(found["c0[demo]"]) == ["judge"]
    assert [(s["accepted"], s["fresh"]) for s in comparison["scores"] if s["name"] == "judge"] == [
        (pytest.approx(0.4), pytest.approx(0.4))
    ]


def test_rate_limits_are_errors_and_no_drift(project: Project) -> None:
    shop(project, ANSWERS, cases=9).recorded()
    limited = [(f"Question {n}", "error", "429") for n in range(3)]
    project.edit("pyproject.toml", script(*ANSWERS), rules(*limited, ("", "answers", ANSWERS)))
    found = verdicts(project, "--promptdrift-mode=refresh")
    statuses = [found[f"c{n}[demo]"]["status"] for n in range(9)]
    assert statuses[:3] == ["error"] * 3
    assert "drifted" not in statuses
    assert found["family[demo]"]["status"] == "error"
    assert found["family[demo]"]["errors"] == 3


def test_one_edit_is_shown_once_and_named_in_every_other_case(project: Project) -> None:
    more = "".join(f"  - {{id: c{n}, vars: {{message: Question {n}?}}}}\n" for n in range(3))
    write(project, TICKETS + more, script("billing")).recorded()
    project.edit("triage.prompt.yaml", "Classify the", "Label the")
    missing = project.run().stdout.str()
    assert missing.count("{+Label+}") == 1
    assert missing.count("differs in the same way as charged[demo] above (-vv shows)") == 3
    told = project.run("--promptdrift-mode=record", "--promptdrift-strict").stdout.str()
    assert told.count("{+Label+}") == 1
    assert told.count("as in charged[demo] above (-vv shows)") == 4  # the family is one of them
    full = project.run("--promptdrift-strict", "-vv").stdout.str()
    assert full.count("{+Label+}") == 5


@pytest.mark.parametrize(("temperature", "said"), [("", True), ("temperature: 0.2", False)])
def test_long_answers_that_repeat_make_a_cache_likely_unless_the_model_is_cold(
    project: Project, temperature: str, said: bool
) -> None:
    one = "You can return everything that you bought here within 14 days."
    params = f"params: {{{temperature}}}\n"
    cases = "  - {id: c0, vars: {message: Question?}}\n"
    write(project, params + SHOP.lstrip() + cases, script(one, one, f"{one} Really."))
    project.recorded("--promptdrift-samples=5")
    family = verdicts(project, "--promptdrift-mode=refresh")["family[demo]"]
    assert any("if a cache gave them" in note for note in family["notes"]) is said


def test_facts_that_changed_without_a_name_are_not_counted_as_none(project: Project) -> None:
    shop(project, ANSWERS)
    project.edit("triage.prompt.yaml", "samples: 5", "samples: 3").recorded()
    late = [answer.replace("14", "30") for answer in ANSWERS]
    changed = rules(("Question [01]", "answers", late), ("", "answers", ANSWERS))
    project.edit("pyproject.toml", script(*ANSWERS), changed)
    result = project.run("--promptdrift-mode=refresh")
    result.stdout.fnmatch_lines(["drifted: facts or forms changed *; too few samples to name*"])
    result.stdout.fnmatch_lines(["*pytest-promptdrift review 'triage.prompt.yaml::family[[]demo]'"])


def test_a_live_run_offers_nothing_to_be_accepted(project: Project) -> None:
    write(project, TICKETS, script("billing")).recorded()
    project.edit("pyproject.toml", script("billing"), script("technical"))
    told = project.run("--promptdrift-mode=live").stdout.str()
    assert "drifted: " in told
    assert "pytest-promptdrift" not in told.partition("FAILURES")[2]


def test_commands_can_be_pasted_where_pytest_was_started_above_the_project(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, TICKETS, script("billing")).recorded()
    project.edit("pyproject.toml", script("billing"), script("technical"))
    monkeypatch.chdir(project.path.parent)
    name = project.path.name
    told = project.run(name, "--promptdrift-mode=refresh").stdout.str()
    assert f"(cd {name} && pytest-promptdrift review 'triage.prompt.yaml::charged[demo]')" in told
    assert f"1 waits for a decision: (cd {name} && pytest-promptdrift review)" in told
