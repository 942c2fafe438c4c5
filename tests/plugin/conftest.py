"""A small project on disk that is run, edited and run again."""

from __future__ import annotations

import asyncio
import io
import json
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

# A run inside the process forgets what it imported: extension modules cannot be loaded twice, and
# the rest takes seconds.
import genai_prices  # noqa: F401
import numpy as np  # noqa: F401
import pytest
import yaml  # noqa: F401
from support.loopback import Loopback
from support.prompts import a_model, ask

import pytest_promptdrift.engine.batch
import pytest_promptdrift.engine.families
import pytest_promptdrift.plugin.setup  # noqa: F401
from pytest_promptdrift.cli.console import Console
from pytest_promptdrift.cli.main import main
from pytest_promptdrift.providers import CallSettings, build_request, open_client

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_promptdrift.config import ModelConfig

PYPROJECT = """
[tool.pytest]
addopts = ["-p", "no:randomly"]

[tool.promptdrift.models.demo]
provider = "fake"
model = "demo"
answers = ["billing"]
"""

NO_NEIGHBOURS = "-p no:asyncio -p no:recording -p no:syrupy -p no:pytest_httpx"

CASE_FILE = """
prompt: |
  Classify the message as billing, technical or other.
  {{ message }}
models: [demo]
checks:
  - one_of: [billing, technical, other]
cases:
  - id: double-charge
    vars: {message: I was charged twice.}
    expected: billing
  - id: late
    vars: {message: My invoice is wrong.}
    expected: billing
"""


@dataclass
class Project:
    """Writes files, runs pytest on them, and shows what was stored."""

    pytester: pytest.Pytester

    @property
    def path(self) -> Path:
        return self.pytester.path

    def write(self, files: dict[str, str]) -> Project:
        for name, text in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return self

    def edit(self, name: str, old: str, new: str) -> Project:
        target = self.path / name
        text = target.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        target.write_text(text.replace(old, new), encoding="utf-8")
        return self

    def run(self, *args: str, **options: Any) -> pytest.RunResult:
        return self.pytester.runpytest_inprocess("--promptdrift", *args, **options)

    def record(self, *args: str) -> pytest.RunResult:
        return self.run("--promptdrift-mode=record", *args)

    def command(self, *words: str) -> str:
        """Run a command of the console script here, as it runs without a terminal."""
        out = io.StringIO()
        console = Console(out=out, err=out, into=io.StringIO(), folder=self.path, environ={})
        code = main(words, console)
        said = out.getvalue()
        assert code == 0, said
        return said

    def accept(self, *words: str) -> str:
        """Accept everything that waits."""
        return self.command("accept", *(words or ("--all",)), "--reason", "looked at")

    def recorded(self, *args: str) -> Project:
        """Record and accept what there is."""
        self.record(*args)
        self.accept()
        return self

    def subprocess(self, *args: str) -> pytest.RunResult:
        return self.pytester.runpytest_subprocess("--promptdrift", *args)

    def recording(self, case: str, suite: str = "triage") -> dict[str, Any]:
        path = self.path / "__promptdrift__" / suite / "recordings" / f"{case}.json"
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return loaded

    def files(self) -> dict[str, bytes]:
        skip = (".pytest_cache", "__pycache__")
        return {
            str(path.relative_to(self.path)): path.read_bytes()
            for path in sorted(self.path.rglob("*"))
            if path.is_file() and not any(part in skip for part in path.parts)
        }


async def _call(model: ModelConfig) -> str:
    client = open_client(model, CallSettings(), {})
    answer = await client.complete(build_request(ask(), model), {})
    await client.aclose()
    return answer.text


@pytest.fixture(scope="session", autouse=True)
def _everything_is_loaded() -> None:
    """Make a call through each SDK, so that no run inside the process loads a second copy of it.

    A copy has exceptions of its own, which a later test in this process would not recognise.
    """
    with Loopback() as server:
        for provider, url in (("openai", server.openai_url), ("anthropic", server.anthropic_url)):
            assert asyncio.run(_call(a_model(provider, base_url=url))) == "ok"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("CI", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    # loading the neighbours takes time, and one of them warns about projects that do not mention it
    monkeypatch.setenv("PYTEST_ADDOPTS", NO_NEIGHBOURS)
    made = Project(pytester)
    return made.write({"pyproject.toml": PYPROJECT, "triage.prompt.yaml": CASE_FILE})
