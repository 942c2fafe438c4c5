"""What a replay reads from the disk, and what happens when it cannot."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pytest_promptdrift.store import disk

if TYPE_CHECKING:
    from .conftest import Project

COUNT = 80

SUITE = """
prompt: "Classify: {{ message }}"
models: [demo]
cases:
""" + "".join(f"  - {{id: case-{n:02}, vars: {{message: '{n}'}}}}\n" for n in range(COUNT))


@pytest.fixture
def recorded(project: Project) -> Project:
    project.write({"triage.prompt.yaml": SUITE})
    project.record().assert_outcomes(passed=COUNT)
    return project


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    read = disk.read

    def counted(path: str) -> object:
        seen.append(path.rpartition("/")[2])
        return read(path)

    monkeypatch.setattr("pytest_promptdrift.store.recordings.read", counted)
    return seen


def test_every_recording_is_read_once(recorded: Project, reads: list[str]) -> None:
    recorded.run().assert_outcomes(passed=COUNT)

    assert sorted(reads) == [f"case-{n:02}.json" for n in range(COUNT)]


def test_a_recording_that_cannot_be_read_is_the_error_of_its_own_case(recorded: Project) -> None:
    broken = recorded.path / "__promptdrift__" / "triage" / "recordings" / "case-05.json"
    broken.write_text("{")

    result = recorded.run()

    result.assert_outcomes(passed=COUNT - 1, errors=1)
    result.stdout.fnmatch_lines(["ERROR triage.prompt.yaml::case-05*"])


def test_what_is_recorded_while_a_replay_waits_for_its_turn_counts(recorded: Project) -> None:
    recordings = recorded.path / "__promptdrift__" / "triage" / "recordings"
    shutil.move(recordings / "case-09.json", recorded.path / "later.json")
    recorded.write(
        {
            "conftest.py": f"""
            import pathlib

            def pytest_runtest_logfinish(nodeid):
                later = pathlib.Path({str(recorded.path / "later.json")!r})
                if "case-03" in nodeid:
                    later.rename({str(recordings / "case-09.json")!r})
            """
        }
    )

    recorded.run().assert_outcomes(passed=COUNT)


def test_cases_in_an_order_of_their_own_are_all_judged(recorded: Project) -> None:
    recorded.write(
        {
            "conftest.py": """
            def pytest_runtestloop(session):
                for item in [*reversed(session.items), session.items[3]]:
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                return True
            """
        }
    )

    recorded.run().assert_outcomes(passed=COUNT + 1)


def test_a_failure_renders_no_traceback_that_nobody_sees(
    recorded: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rendered(*args: object, **kwargs: object) -> None:
        raise AssertionError("the source of a frame was parsed")

    recorded.edit("pyproject.toml", '["billing"]', '["other"]')
    recorded.edit("triage.prompt.yaml", "Classify", "Sort")
    # what pytest needs to show a statement, and what takes the time
    monkeypatch.setattr("ast.parse", rendered)

    recorded.run("--tb=long", "-vv").assert_outcomes(failed=COUNT)
