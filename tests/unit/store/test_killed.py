from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[2] / "support"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forks of one interpreter")
@pytest.mark.parametrize(
    ("script", "kills", "least"), [("killed.py", 120, 150), ("decided_killed.py", 24, 60)]
)
def test_nothing_acknowledged_is_lost_whenever_the_process_dies(
    tmp_path: Path, script: str, kills: int, least: int
) -> None:
    path = os.pathsep.join([str(SUPPORT.parent), *filter(None, sys.path)])
    result = subprocess.run(
        [sys.executable, str(SUPPORT / script), str(tmp_path), str(kills)],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert result.returncode == 0, result.stderr
    found = re.fullmatch(r"acknowledged (\d+), half-written \d+\n", result.stdout)
    assert found, result.stdout
    assert int(found[1]) > least
