"""Beside the plugins that people have anyway: nothing clashes, and each still does its work.

The light ones are part of the test extra. Two heavy ones are looked at by
``python -m benchmarks.neighbours``, in an environment of their own.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from .conftest import Project


class Neighbour(NamedTuple):
    """A plugin: its module, a test that uses its fixture, and an option of its own."""

    module: str
    test: str
    option: str


NEIGHBOURS = {
    "pytest-asyncio": Neighbour(
        "pytest_asyncio.plugin",
        """
        import asyncio
        import pytest

        @pytest.mark.asyncio
        async def test_asyncio(tmp_path):
            await asyncio.sleep(0)
            assert tmp_path.exists()
        """,
        "--asyncio-mode",
    ),
    "anyio": Neighbour(
        "anyio.pytest_plugin",
        """
        import anyio
        import pytest

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        async def test_anyio(anyio_backend_name):
            await anyio.sleep(0)
            assert anyio_backend_name == "asyncio"
        """,
        "--anyio-mode",
    ),
    "syrupy": Neighbour(
        "syrupy",
        """
        def test_syrupy(snapshot):
            assert {"answer": "billing"} == snapshot(diff=None) or snapshot.session.update_snapshots
        """,
        "--snapshot-update",
    ),
    "pytest-recording": Neighbour(
        "pytest_recording.plugin",
        """
        import socket
        import pytest

        @pytest.mark.vcr
        @pytest.mark.block_network
        def test_recording(vcr):
            with socket.socket() as blocked, pytest.raises(RuntimeError, match="disabled"):
                blocked.connect(("127.0.0.1", 9))
            assert vcr is not None
        """,
        "--record-mode",
    ),
    "pytest-httpx": Neighbour(
        "pytest_httpx",
        """
        import httpx

        def test_httpx(httpx_mock):
            httpx_mock.add_response(json={"answer": "billing"})
            assert httpx.get("https://example.invalid").json() == {"answer": "billing"}
        """,
        "--help",
    ),
}
# pytest-asyncio asks every project to say this; as a warning it would be an error here
SETTINGS = """
[tool.pytest]
filterwarnings = [
    "error",
    "ignore:The configuration option .asyncio_default:pytest.PytestDeprecationWarning",
]

[tool.promptdrift.models.demo]
provider = "fake"
answers = ["billing"]
"""


def need(*names: str) -> None:
    """Skip where a package of the test extra is missing."""
    for name in names:
        try:
            version(name)
        except PackageNotFoundError:
            pytest.skip(f"{name} is not installed: pip install -e '.[test]'")


@pytest.fixture
def settled(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("PYTEST_ADDOPTS")
    return project.write({"pyproject.toml": SETTINGS})


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_each_neighbour_works_beside_replayed_cases(
    settled: Project, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    need(name)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    neighbour = NEIGHBOURS[name]
    settled.write({"test_neighbour.py": neighbour.test})
    plugins = ("-p", "pytest_promptdrift.plugin.entry", "-p", neighbour.module)
    if name == "syrupy":
        settled.subprocess(*plugins, "--snapshot-update", "test_neighbour.py")

    recording = settled.subprocess(*plugins, "--promptdrift-mode=record")
    replay = settled.subprocess(*plugins)

    recording.assert_outcomes(passed=3)
    replay.assert_outcomes(passed=3)
    replay.stdout.fnmatch_lines(["replayed 2 recorded answers, no call made*"])


def test_all_neighbours_together_clash_neither_in_options_nor_in_fixtures(
    settled: Project,
) -> None:
    need(*NEIGHBOURS)
    tests = {f"test_{n}.py": each.test for n, each in enumerate(NEIGHBOURS.values())}
    settled.write(tests)
    settled.subprocess("--promptdrift-mode=record", "--snapshot-update").assert_outcomes(passed=7)

    settled.subprocess().assert_outcomes(passed=2 + len(tests))

    shown = settled.pytester.runpytest_subprocess("--help")
    assert shown.ret == pytest.ExitCode.OK
    options = set(re.findall(r"^ +(--[a-z][a-z-]*)", shown.stdout.str(), re.MULTILINE))
    assert {"--promptdrift", "--promptdrift-mode"} <= options
    assert {each.option for each in NEIGHBOURS.values()} - {"--anyio-mode", "--help"} <= options


def test_everything_that_we_name_carries_our_name(project: Project) -> None:
    """A flag, a marker or a fixture of a common name would clash sooner or later."""
    listed = {
        option: project.pytester.runpytest_inprocess(option).stdout.str()
        for option in ("--help", "--markers", "--fixtures")
    }
    ours = {
        option: project.pytester.runpytest_inprocess(option, "-p", "no:promptdrift").stdout.str()
        for option in listed
    }
    added = {
        line.strip()
        for option, text in listed.items()
        for line in set(text.splitlines()) - set(ours[option].splitlines())
    }
    names = [line for line in added if re.match(r"--|@pytest\.mark|[a-z_]+ --", line)]

    assert names
    assert [line for line in names if "promptdrift" not in line] == []


def test_workers_come_to_the_same_conclusions(project: Project) -> None:
    project.record()
    project.edit("triage.prompt.yaml", "My invoice is wrong.", "It is too late.")
    project.edit(
        "triage.prompt.yaml", "expected: billing\n  - id: late", "expected: technical\n  - id: late"
    )
    alone = project.run()
    workers = project.run("-n2", "--dist=load")

    assert alone.parseoutcomes() == workers.parseoutcomes() == {"failed": 2}
    summary = "2 cases: 1 failed, 1 unrecorded"
    assert [line for line in workers.outlines if summary in line] == [summary]
    assert summary in alone.outlines


def test_workers_that_call_models_need_whole_files(project: Project) -> None:
    refused = project.record("-n2", "--dist=load")

    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(["*needs --dist loadfile*", "*--dist loadfile"])
    project.record("-n2", "--dist=loadfile").assert_outcomes(passed=2)
