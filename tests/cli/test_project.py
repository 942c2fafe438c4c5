from __future__ import annotations

from pathlib import Path

import pytest

from pytest_promptdrift.cli.project import lock_folder

USUAL = ".pytest_cache/d/promptdrift/locks"


def test_locks_lie_where_pytest_keeps_its_cache(tmp_path: Path) -> None:
    assert lock_folder(tmp_path, {}) == tmp_path / USUAL


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\ncache_dir = .cache/x\n"),
        ("pyproject.toml", '[tool.pytest.ini_options]\ncache_dir = ".cache/x"  # here\n'),
        ("setup.cfg", "[tool:pytest]\ncache_dir=.cache/x\n"),
    ],
)
def test_a_moved_cache_is_found(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert lock_folder(tmp_path, {}) == tmp_path / ".cache/x/d/promptdrift/locks"


def test_tox_moves_the_cache(tmp_path: Path) -> None:
    found = lock_folder(tmp_path, {"TOX_ENV_DIR": "/tox/env"})
    assert found == Path("/tox/env") / USUAL
