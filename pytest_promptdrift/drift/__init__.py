"""Compares accepted with fresh answers: facts they state, and the shape they have."""

from __future__ import annotations

from .attribution import attribute
from .facts import fact_findings, identity
from .running_text import running_texts
from .shape import shape_findings
from .skipped import skipped
from .trait_findings import covered, describe_trait, kind_of, trait_finding
from .traits import traits_of

__all__ = [
    "attribute",
    "covered",
    "describe_trait",
    "fact_findings",
    "identity",
    "kind_of",
    "running_texts",
    "shape_findings",
    "skipped",
    "trait_finding",
    "traits_of",
]
