"""Case files: read with line numbers, checked completely, turned into requests.

This room makes requests and never sends one; it knows neither recordings nor pytest.
"""

from __future__ import annotations

from .loader import ENDINGS, load_case_file
from .matrix import Case, CaseFile, Cell, Variant, build_request, cells
from .schema import SCHEMA_FILE, file_schema
from .yaml_source import has_fast_parser

__all__ = [
    "ENDINGS",
    "SCHEMA_FILE",
    "Case",
    "CaseFile",
    "Cell",
    "Variant",
    "build_request",
    "cells",
    "file_schema",
    "has_fast_parser",
    "load_case_file",
]
