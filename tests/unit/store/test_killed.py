from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "support" / "killed.py"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forks of one interpreter")
def test_no_acknowledged_answer_is_lost_whenever_the_process_dies(tmp_path: Path) -> None:
    path = os.pathsep.join([str(SCRIPT.parents[1]), *filter(None, sys.path)])
    result = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), "120"],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert result.returncode == 0, result.stderr
    found = re.fullmatch(r"acknowledged (\d+), half-written \d+\n", result.stdout)
    assert found, result.stdout
    assert int(found[1]) > 150
