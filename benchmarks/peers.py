"""Installs the tools that are compared with, by name, into a folder outside the repository.

Versions are pinned so that a table can be made again; raise them on purpose.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# node: promptfoo needs a newer one than most systems have; this package carries the program
NODE_PACKAGES = ("node@24.21.0", "promptfoo@0.121.20")


class NotInstalledError(Exception):
    """A peer that cannot be had here; the message says why, in one line."""


def python_with(cache: Path, name: str, packages: Sequence[str]) -> Path:
    """Return the interpreter of an environment of its own that has the packages."""
    folder = cache / name
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted = "\n".join(packages)
    done = folder / "installed.txt"
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return python
    _install([sys.executable, "-m", "venv", "--clear", str(folder)], cache)
    _install([str(python), "-m", "pip", "install", "--quiet", *packages], cache)
    done.write_text(wanted, encoding="utf-8")
    return python


def promptfoo(cache: Path) -> tuple[Path, Path]:
    """Return the node and the promptfoo program of an environment of its own."""
    folder = cache / "promptfoo"
    done = folder / "installed.txt"
    wanted = "\n".join(NODE_PACKAGES)
    programs = folder / "node_modules" / ".bin"
    if not (done.exists() and done.read_text(encoding="utf-8") == wanted):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
        _install(["npm", "install", "--no-fund", "--no-audit", "--silent", *NODE_PACKAGES], folder)
        done.write_text(wanted, encoding="utf-8")
    return programs / "node", programs / "promptfoo"


def _install(argv: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    print(f"installing: {' '.join(argv[-4:])} …", file=sys.stderr, flush=True)
    try:
        done = subprocess.run(
            argv,
            cwd=folder,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(str(error)) from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        reason = next((line for line in reversed(lines) if "rror" in line), lines[-1])
        raise NotInstalledError(reason[:200])
