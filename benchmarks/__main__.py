"""Measures the rows that are named, or all of them, and prints one table."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from .measure import FailedRunError, load
from .peers import NotInstalledError
from .rows import ROWS
from .setting import Setting, default_cache
from .table import Row, as_json, markdown


def main() -> int:
    """Return 0 when every bar that was measured holds, 1 otherwise."""
    arguments = _arguments()
    if arguments.list:
        print("\n".join(ROWS))
        return 0
    names = arguments.rows or list(ROWS)
    with tempfile.TemporaryDirectory(prefix="promptdrift-benchmarks-") as work:
        setting = Setting(cache=arguments.cache, work=Path(work), quick=arguments.quick)
        found = [row for name in names for row in _measured(name, setting)]
    print(f"Python {sys.version.split()[0]} on {sys.platform}, load at the end {load()}\n")
    print(markdown(found))
    if arguments.json:
        arguments.json.write_text(as_json(found), encoding="utf-8")
    return int(any(row.holds is False for row in found))


def _measured(name: str, setting: Setting) -> list[Row]:
    """Measure one row; what cannot be measured here says why, and the others go on."""
    print(f"{name} …", file=sys.stderr, flush=True)
    found: list[Row] = []
    try:
        for row in ROWS[name](setting):
            found.append(row)  # noqa: PERF402  (what was measured before a failure counts)
    except NotInstalledError as error:
        found.append(Row(name=name, what="not installed", note=str(error)))
    except FailedRunError as error:
        found.append(Row(name=name, what="could not be run", holds=False, note=str(error)))
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[[], *ROWS], help="rows to measure (all)")
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    parser.add_argument(
        "--cache", type=Path, default=default_cache(), help="folder of the installed peers"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
