from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .deciding import decide

if TYPE_CHECKING:
    from .conftest import Cli


PYPROJECT = """
[tool.promptdrift]
samples = 2

[tool.promptdrift.models.demo]
provider = "fake"

[tool.promptdrift.models.local]
provider = "openai"
model = "qwen"
base_url = "http://127.0.0.1:9/v1"
prices = { input = 1, output = 2 }

[tool.promptdrift.models.work]
provider = "openai"
model = "gpt-5-mini"
key_variable = "WORK_KEY"
"""
CASES = """
prompt: "Sort: {{ message }}"
models: [demo]
samples: 1
cases:
  - {id: first, vars: {message: one}}
  - {id: second, vars: {message: two}}
"""


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("pyproject.toml", PYPROJECT)
    cli.write("prompts/triage.prompt.yaml", CASES)
    return cli


def test_a_healthy_project_is_fine(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    result = project.run("doctor")
    assert result.code == 0
    assert "nothing is wrong" in result.out
    assert "2 cases; 1 model: demo\n    of 2 requests: 2 recorded\n" in result.out


def test_settings_are_shown_with_their_origin(project: Cli) -> None:
    project.environ["PROMPTDRIFT_TIMEOUT"] = "5"
    lines = [" ".join(line.split()) for line in project.run("doctor").out.splitlines()]
    assert "samples 2 project (pyproject.toml:2)" in lines
    assert "timeout 5 environment (PROMPTDRIFT_TIMEOUT)" in lines
    assert "retries 2 default" in lines


def test_versions_are_shown_without_importing_anything(project: Cli) -> None:
    lines = [" ".join(line.split()) for line in project.run("doctor").out.splitlines()]
    assert any(line.startswith("pytest 9.") for line in lines)
    assert any(line.startswith("openai ") for line in lines)


def test_unrecorded_requests_are_a_problem_with_the_next_command(project: Cli) -> None:
    result = project.run("doctor")
    assert result.code == 1
    assert "of 2 requests: 0 recorded, 2 unrecorded" in result.out
    assert "prompts/triage.prompt.yaml: 2 requests have too few recorded samples" in result.out
    assert result.out.endswith(
        "next\n  record what is missing: pytest --promptdrift --promptdrift-mode record\n"
    )


def test_too_few_samples_are_unrecorded(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    project.write("prompts/triage.prompt.yaml", CASES.replace("samples: 1", "samples: 3"))
    out = project.run("doctor").out
    assert "2 cases, up to 3 samples each; 1 model: demo" in out
    assert "0 recorded, 2 unrecorded" in out


def test_unused_recordings_are_no_problem_but_a_step(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    text = CASES.replace("  - {id: second, vars: {message: two}}\n", "")
    project.write("prompts/triage.prompt.yaml", text)
    result = project.run("doctor")
    assert result.code == 0
    assert "of 1 request: 1 recorded, 1 unused recording" in result.out
    assert "look at unused recordings: pytest-promptdrift prune" in result.out


def test_other_models_of_the_environment_make_nothing_unused(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    project.environ["PROMPTDRIFT_MODELS"] = "local"
    out = project.run("doctor").out
    assert "1 model: local" in out
    assert "unused" not in out


def test_the_rest_of_a_suite_with_mistakes_is_not_unused(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    project.write("prompts/triage.prompt.yml", "prompt: x\ncasess: []\n")
    text = CASES.replace("  - {id: second, vars: {message: two}}\n", "")
    project.write("prompts/triage.prompt.yaml", text)
    out = project.run("doctor", "prompts/triage.prompt.yaml").out
    assert "of 1 request: 1 recorded\n" in out
    assert "triage.prompt.yml:" in out


def test_recordings_without_a_case_file_are_mentioned(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    (project.folder / "prompts/triage.prompt.yaml").unlink()
    out = project.run("doctor").out
    assert "prompts/__promptdrift__/triage: recordings without a case file" in out


def test_variants_and_models_are_counted(project: Cli) -> None:
    project.write(
        "prompts/triage.prompt.yaml",
        CASES.replace('prompt: "Sort: {{ message }}"', "variants: {a: A, b: B}").replace(
            "[demo]", "[demo, local]"
        ),
    )
    assert "2 cases, 2 variants; 2 models: demo, local" in project.run("doctor").out


def test_mistakes_in_case_files_have_their_lines(project: Cli) -> None:
    project.write("prompts/triage.prompt.yaml", CASES.replace("[demo]", "[dmeo]"))
    result = project.run("doctor")
    assert result.code == 1
    assert "has mistakes, see below" in result.out
    assert "prompts/triage.prompt.yaml:2: unknown model 'dmeo', did you mean 'demo'?" in result.out


def test_a_broken_recording_is_a_problem(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    (project.folder / "prompts/__promptdrift__/triage/recordings/first.json").write_text("{")
    result = project.run("doctor")
    assert result.code == 1
    assert "first.json:1" in result.out


def test_broken_settings_are_reported_and_the_rest_is_still_shown(project: Cli) -> None:
    project.write("pyproject.toml", "[tool.promptdrift]\nsamples = 0\n")
    result = project.run("doctor")
    assert result.code == 1
    assert "pyproject.toml:2: samples must be a whole number" in result.out
    assert "installed" in result.out
    assert "correct the settings, then run doctor again" in result.out


def test_without_case_files_init_is_the_next_step(cli: Cli) -> None:
    result = cli.run("doctor")
    assert result.code == 0
    assert "none found" in result.out
    assert "write a first case file: pytest-promptdrift init" in result.out


def test_keys_are_named_and_never_shown(project: Cli) -> None:
    project.environ["WORK_KEY"] = "hunter2-hunter2"
    lines = [" ".join(line.split()) for line in project.run("doctor").out.splitlines()]
    assert "demo no key needed free" in lines
    assert any(line.startswith("local no key needed price known") for line in lines)
    assert any(line.startswith("work WORK_KEY is set price known (genai-prices") for line in lines)
    assert "hunter2" not in "\n".join(lines)


def test_a_missing_key_is_said_and_is_no_problem_for_a_replay(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    result = project.run("doctor")
    assert result.code == 0
    assert "WORK_KEY is not set" in result.out


def test_an_unknown_price_says_what_to_do(project: Cli) -> None:
    project.write("prompts/triage.prompt.yaml", CASES.replace("[demo]", "['openai:gpt-99']"))
    assert "price unknown: give prices in the settings" in project.run("doctor").out


def test_an_embedder_that_cannot_be_used_is_a_problem(cli: Cli) -> None:
    cli.write("pyproject.toml", '[tool.promptdrift]\nembedder = "statik"\n')
    result = cli.run("doctor")
    assert result.code == 1
    assert "pyproject.toml:2: unknown embedder 'statik', did you mean 'static'?" in result.out


def test_the_shipped_embedder_is_named(cli: Cli) -> None:
    assert "embedder of the similar check\n  static\n" in cli.run("doctor").out


def test_only_what_is_named_is_looked_at(project: Cli) -> None:
    project.write("other/x.prompt.yaml", CASES)
    out = project.run("doctor", "other").out
    assert "other/x.prompt.yaml" in out
    assert "triage" not in out


def test_what_pytest_does_not_look_into_is_skipped(project: Cli) -> None:
    for folder in (".hidden", "node_modules", "build", "env"):
        project.write(f"{folder}/x.prompt.yaml", CASES)
    project.write("env/pyvenv.cfg", "")
    assert "x.prompt.yaml" not in project.run("doctor").out


def test_a_plugin_that_pytest_will_not_load_is_a_problem(project: Cli) -> None:
    project.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    result = project.run("doctor")
    assert result.code == 1
    assert "add -p promptdrift to the pytest command" in result.out


def install(cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, points: str = "") -> None:
    info = cli.folder / ".site" / f"{name.replace('-', '_')}-3.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.0\n")
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(cli.folder / ".site")


def test_packages_with_a_similar_name_are_mentioned(
    project: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(project, monkeypatch, "promptdrift-py")
    assert "promptdrift-py  3.0" in project.run("doctor").out


def test_another_plugin_of_our_name_is_a_problem(
    project: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(project, monkeypatch, "clash", "[pytest11]\npromptdrift = clash.plugin\n")
    result = project.run("doctor")
    assert result.code == 1
    assert "another package registers a pytest plugin 'promptdrift': clash.plugin" in result.out


def test_the_output_fits_a_narrow_screen(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    lines = project.run("doctor", width=50).out.splitlines()
    assert all(len(line) <= 50 or " " not in line.strip() for line in lines)


def test_doctor_changes_nothing(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    before = project.files()
    project.run("doctor")
    assert project.files() == before


RECORDED = "prompts/__promptdrift__/triage/recordings/first.json"
NEXT = "judge and decide: pytest --promptdrift, then pytest-promptdrift review"


def test_accepted_baselines_are_counted(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    decide(project)
    result = project.run("doctor")

    assert result.code == 0
    assert "    of 2 requests: 2 recorded\n    baseline: 2 of 2 accepted\n" in result.out
    assert NEXT not in result.out


def test_what_is_recorded_and_not_accepted_is_no_problem_but_a_step(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    result = project.run("doctor")

    assert result.code == 0
    assert "    baseline: 0 of 2 accepted\n" in result.out
    assert f"next\n  {NEXT}\n" in result.out


def test_what_is_not_even_recorded_is_not_to_be_decided(project: Cli) -> None:
    out = project.run("doctor").out

    assert "    baseline: 0 of 2 accepted\n" in out
    assert NEXT not in out


def test_baselines_of_another_request_are_counted(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    decide(project)
    project.write("prompts/triage.prompt.yaml", CASES.replace("message: two", "message: deux"))
    out = project.run("doctor").out

    assert "baseline: 2 of 2 accepted, of which 1 asks something else today\n" in out
    assert "unused" not in out


def test_baselines_without_a_case_are_no_problem_but_a_step(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    decide(project)
    text = CASES.replace("  - {id: second, vars: {message: two}}\n", "")
    project.write("prompts/triage.prompt.yaml", text)
    (project.folder / "prompts/__promptdrift__/triage/recordings/second.json").unlink()
    result = project.run("doctor")

    assert result.code == 0
    assert "baseline: 1 of 1 accepted; 1 baseline of what is in no case file any more" in result.out
    assert "next\n  look at unused recordings: pytest-promptdrift prune\n" in result.out


def test_an_accepted_recording_that_is_gone_is_a_problem(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    decide(project)
    (project.folder / RECORDED).unlink()
    result = project.run("doctor")

    assert result.code == 1
    assert "prompts/triage.prompt.yaml: the accepted recording is gone: first[demo]\n" in result.out
    assert (
        "bring back what was accepted with git, or decide anew: pytest-promptdrift review"
        in result.out
    )


def test_edited_answers_are_a_problem(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    decide(project)
    path = project.folder / RECORDED
    path.write_text(path.read_text().replace("billing", "shipping"))
    result = project.run("doctor")

    assert result.code == 1
    assert "the accepted answers were edited or taken out: first[demo]\n" in result.out


def test_more_samples_than_were_accepted_are_no_edit(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    decide(project)
    project.record("prompts/triage.prompt.yaml", "another answer")

    assert project.run("doctor").code == 0


def test_of_many_broken_baselines_a_few_are_named(project: Cli) -> None:
    cases = "".join(f"  - {{id: c{n}, vars: {{message: m{n}}}}}\n" for n in range(5))
    project.write("prompts/triage.prompt.yaml", CASES.partition("cases:\n")[0] + "cases:\n" + cases)
    project.record("prompts/triage.prompt.yaml")
    decide(project)
    for path in (project.folder / RECORDED).parent.iterdir():
        path.unlink()

    assert "gone: c0[demo], c1[demo], c2[demo] and 2 more\n" in project.run("doctor").out


def test_a_broken_baseline_file_is_a_problem(project: Cli) -> None:
    project.record("prompts/triage.prompt.yaml")
    decide(project)
    (project.folder / "prompts/__promptdrift__/triage/baseline/first.json").write_text("{}")
    result = project.run("doctor")

    assert result.code == 1
    assert "baseline/first.json:1: 'case', 'decisions', 'format' is missing" in result.out
