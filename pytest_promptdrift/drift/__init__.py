"""Compares accepted with fresh answers: facts they state, and the shape they have."""

from __future__ import annotations

from .facts import fact_findings
from .shape import shape_findings

__all__ = ["fact_findings", "shape_findings"]
