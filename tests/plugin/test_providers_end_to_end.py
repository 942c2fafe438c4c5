"""The three protocols through the real SDKs, against a server that speaks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.loopback import Loopback, cut, key_echo, rate_limited, server_error, tool_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Project

KEY = "sk-proj-PlantedKey0123456789abcdefghijklmnop"
PROTOCOLS = {
    "openai": ("openai", "openai_url"),
    "responses": ("openai:responses", "openai_url"),
    "anthropic": ("anthropic", "anthropic_url"),
}
CASES = """
system: You sort messages.
prompt: "Sort: {{ message }}"
models: [remote]
params: {max_output_tokens: 20}
cases:
  - id: one
    vars: {message: I was charged twice.}
    expected: billing
  - id: two
    vars: {message: My invoice is wrong.}
    expected: billing
"""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as made:
        made.answer = "billing"
        yield made


def configure(
    project: Project, server: Loopback, protocol: str = "openai", more: str = ""
) -> Project:
    provider, url = PROTOCOLS[protocol]
    return project.write(
        {
            "pyproject.toml": f"""
            [tool.pytest]
            [tool.promptdrift.models.remote]
            provider = "{provider}"
            model = "gpt-5-mini"
            base_url = "{getattr(server, url)}"
            key_variable = "SHOP_KEY"
            {more}
            """,
            "triage.prompt.yaml": CASES,
        }
    )


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", KEY)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_record_with_the_server_replay_without(
    project: Project, server: Loopback, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(project, server, protocol)
    project.record().assert_outcomes(passed=2)
    assert server.hits == 2
    assert server.calls[0].headers["authorization"] == f"Bearer {KEY}"
    server.close()
    monkeypatch.delenv("SHOP_KEY")
    project.run().assert_outcomes(passed=2)
    sample = project.recording("one")["recordings"][0]["samples"][0]
    assert sample["served_model"]
    assert sample["usage"]["input_tokens"] == 12
    assert sample["sdk"].split()[0] in {"openai", "anthropic"}


def test_replay_opens_no_connection(project: Project, server: Loopback) -> None:
    configure(project, server).record()
    before = server.hits
    project.run().assert_outcomes(passed=2)
    assert server.hits == before


def test_a_provider_failure_is_an_error_and_a_rerun_pays_only_for_the_rest(
    project: Project, server: Loopback
) -> None:
    configure(project, server, more="")
    project.edit(
        "pyproject.toml",
        "[tool.pytest]",
        "[tool.pytest]\n[tool.promptdrift]\nretries = 0\nconcurrency = 1",
    )
    server.script = ["billing", server_error()]
    result = project.record()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*error: server: *", "called 2 times, 1 failed;*"])
    hits = server.hits
    project.record().assert_outcomes(passed=2)
    assert server.hits == hits + 1


def test_a_cut_answer_is_never_stored(project: Project, server: Loopback) -> None:
    configure(project, server)
    project.edit(
        "pyproject.toml", "[tool.pytest]", "[tool.pytest]\n[tool.promptdrift]\nretries = 0"
    )
    server.answer = cut()
    project.record("-k", "one").assert_outcomes(errors=1, deselected=1)
    assert not (project.path / "__promptdrift__").exists()


def test_retries_are_counted_and_stored(project: Project, server: Loopback) -> None:
    configure(project, server)
    server.script = [rate_limited("0.01"), "billing"]
    project.record("-k", "one").assert_outcomes(passed=1, deselected=1)
    assert project.recording("one")["recordings"][0]["samples"][0]["attempts"] == 2


def test_tool_calls_are_stored_and_checked(project: Project, server: Loopback) -> None:
    configure(project, server)
    project.write(
        {
            "tools.prompt.yaml": """
            prompt: "Where is order {{ order }}?"
            models: [remote]
            tools:
              - name: find_order
                description: Finds an order.
                parameters: {type: object, properties: {order: {type: string}}}
            checks:
              - tool_call: {name: find_order, arguments: {order: "88231"}}
            cases:
              - id: order
                vars: {order: "88231"}
            """
        }
    )
    server.answer = tool_call("find_order", '{"order": "88231"}')
    project.record("tools.prompt.yaml").assert_outcomes(passed=1)
    server.close()
    project.run("tools.prompt.yaml").assert_outcomes(passed=1)


@pytest.mark.parametrize("where", ["environment", "prompt", "answer", "error body", "id", "config"])
def test_a_planted_key_reaches_no_file_no_report_and_no_line(
    project: Project, server: Loopback, where: str
) -> None:
    configure(project, server)
    project.record()  # so that there is something near, whose difference would be shown
    if where == "prompt":
        project.edit("triage.prompt.yaml", "Sort: ", f"Sort {KEY}: ")
    elif where == "answer":
        server.answer = f"billing, by the way {KEY}"
    elif where == "error body":
        server.answer = key_echo()
    elif where == "id":
        project.edit("triage.prompt.yaml", "id: one", f"id: one-{KEY}")
    elif where == "config":
        project.edit("pyproject.toml", 'key_variable = "SHOP_KEY"', f'api_key = "{KEY}"')
    before = set(project.files())
    outputs = []
    for verbosity in ("-q", "-vv"):
        for mode in ("record", "replay", "live"):
            result = project.run(
                f"--promptdrift-mode={mode}",
                verbosity,
                "--junitxml=out.xml",
                "-rA",
                "--showlocals",
                "--tb=long",
            )
            outputs += [result.stdout.str(), result.stderr.str()]
    assert KEY not in "\n".join(outputs)
    for name, data in project.files().items():
        if name not in before:
            assert KEY.encode() not in data, name
    cache = project.path / ".pytest_cache"
    assert not any(KEY.encode() in f.read_bytes() for f in cache.rglob("*") if f.is_file())


def test_a_missing_key_is_named_and_nothing_is_called(
    project: Project, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(project, server)
    monkeypatch.delenv("SHOP_KEY")
    result = project.record()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*nothing was called:", "*'remote' needs a key:*SHOP_KEY*"])
    assert server.hits == 0


def test_the_budget_stops_before_the_call_that_could_exceed_it(
    project: Project, server: Loopback
) -> None:
    configure(project, server, more="prices = {input = 1.0, output = 1000.0}")
    result = project.record("--promptdrift-budget=0.022")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "called 1 time; spent $0.003 of a budget of $0.022",
            "not looked at*1 case",
            "*two?remote?",
        ]
    )
    assert server.hits == 1


def test_a_budget_that_cannot_be_kept_stops_the_run_before_any_call(
    project: Project, server: Loopback
) -> None:
    configure(project, server)
    project.edit("triage.prompt.yaml", "params: {max_output_tokens: 20}\n", "")
    project.edit(
        "pyproject.toml",
        'key_variable = "SHOP_KEY"',
        'key_variable = "SHOP_KEY"\nprices = {input = 1.0, output = 1.0}',
    )
    result = project.record("--promptdrift-budget=1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*budget of $1 cannot be kept*", "*max_output_tokens*"])
    assert server.hits == 0


def test_workers_share_one_budget(project: Project, server: Loopback) -> None:
    configure(project, server, more="prices = {input = 1.0, output = 1000.0}")
    for name in "abc":
        project.write({f"{name}.prompt.yaml": CASES})
    (project.path / "triage.prompt.yaml").unlink()
    project.record("-n2", "--dist=loadfile", "--promptdrift-budget=0.026")
    assert server.hits * 0.003012 <= 0.026
    assert 1 <= server.hits <= 5
