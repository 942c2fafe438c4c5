from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

from support.case_files import load, write

from pytest_promptdrift.cases import cells, load_case_file, source, yaml_source
from pytest_promptdrift.checks import CheckRegistry
from pytest_promptdrift.config.settings import Config

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

COUNT = 2000
TEXT = (
    "models: openai:gpt-5-mini\nprompt: |\n  Classify.\n  {{ message }}\n"
    "checks:\n  - contains: billing\n  - one_of: [billing, technical]\ncases:\n"
) + "".join(
    f"  - id: case-{i}\n    vars: {{message: I was charged twice for order {i}}}\n"
    "    checks: [{max_words: 3}]\n".replace("max_words: 3", "contains: b")
    for i in range(COUNT)
)


def test_a_case_costs_less_than_two_kilobytes(tmp_path: Path) -> None:
    write(tmp_path, {"a.prompt.yaml": TEXT})
    config, registry = Config(root=tmp_path), CheckRegistry()
    load_case_file(tmp_path / "a.prompt.yaml", config, registry=registry)
    gc.collect()
    tracemalloc.start()
    try:
        case_file = load_case_file(tmp_path / "a.prompt.yaml", config, registry=registry)
        made = list(cells(case_file))
        gc.collect()
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(made) == COUNT
    assert used / COUNT < 2048


def test_a_right_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = []
    places = yaml_source.yaml_places

    def counted(text: str, *, before_cases: bool = False) -> yaml_source.Place:
        whole.append(not before_cases)
        return places(text, before_cases=before_cases)

    monkeypatch.setattr(source, "yaml_places", counted)
    load(tmp_path, TEXT[:5000].rpartition("  - id")[0])
    assert whole == [False]
