"""The JSON Schema of case files, for editors and other tools; made from the loader's own tables."""

from __future__ import annotations

from pytest_promptdrift import checks

from .fields import DEFINITIONS, FILE

# The published file beside this module; a test says that it is what file_schema() returns.
SCHEMA_FILE = "case-file.schema.json"


def file_schema() -> dict[str, object]:
    """Return the JSON Schema of a case file (draft 2020-12)."""
    definitions = {name: kind.schema() for name, kind in DEFINITIONS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Case file of pytest-promptdrift",
        "description": "Golden prompt cases: one prompt, its cases, and what answers must satisfy.",
        **FILE.schema(),
        "$defs": {**definitions, "check": checks.check_item_schema()},
    }
