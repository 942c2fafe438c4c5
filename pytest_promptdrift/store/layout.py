"""Where recordings lie: folders and file names that work on every file system.

It makes names and touches no file.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import digest_text

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "__promptdrift__"
RECORDINGS = "recordings"
BASELINE = "baseline"
ENDING = ".json"

_CASE_FILE_ENDINGS = (".prompt.yaml", ".prompt.yml", ".prompt.json")
# An id of this form is its own file name. Upper case letters are not in it, because "Refund" and
# "refund" would be one file on macOS and Windows; neither is the "~" that starts a suffix.
_ORDINARY = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,78}[a-z0-9_-])?")
_MAX_BYTES = 80
# Windows opens a device when a name starts with one of these and a dot.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"]
)


def suite_folder(case_file: Path) -> Path:
    """Return the folder that holds everything stored for a case file (or a Python test file)."""
    name = case_file.name
    for ending in _CASE_FILE_ENDINGS:
        if name.endswith(ending) and name != ending:
            return case_file.parent / FOLDER / name.removesuffix(ending)
    return case_file.parent / FOLDER / case_file.stem


def recording_file_name(case_id: str) -> str:
    """Return the file name for a case: the id itself where it is an ordinary name.

    Two ids never share a file, on no file system: whatever cannot be kept is replaced, and the
    name then ends with ``~`` and a piece of the id's digest.
    """
    if _ORDINARY.fullmatch(case_id) and case_id.split(".", 1)[0] not in _DEVICES:
        return case_id + ENDING
    return f"{_readable(case_id)}~{digest_text(case_id)[:12]}{ENDING}"


def _readable(case_id: str) -> str:
    kept = "".join(
        char if char.isalnum() or char in "._-" else "-"
        for char in unicodedata.normalize("NFC", case_id[: _MAX_BYTES * 4])
    )
    kept = re.sub("-{2,}", "-", kept).strip(".-")
    short = kept.encode()[:_MAX_BYTES].decode(errors="ignore").strip(".-") or "case"
    return f"_{short}" if short.split(".", 1)[0].casefold() in _DEVICES else short


def recording_id(request_digest: str, series: str) -> str:
    """Return the id of the recording of a request in a series; it never changes."""
    return digest_text(f"{request_digest} {series}")[:12]
