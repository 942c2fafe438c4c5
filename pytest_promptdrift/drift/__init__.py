"""Compares accepted with fresh answers: facts they state, and the shape they have."""

from __future__ import annotations

from .attribution import attribute
from .facts import fact_findings
from .shape import shape_findings
from .skipped import skipped
from .traits import covered, trait_finding, traits_of

__all__ = [
    "attribute",
    "covered",
    "fact_findings",
    "shape_findings",
    "skipped",
    "trait_finding",
    "traits_of",
]
