"""The kinds of findings, as ``model.kinds`` names them for everybody."""

from __future__ import annotations

from pytest_promptdrift.model.kinds import (
    KINDS,
    POLICIES,
    Group,
    Kind,
    Policy,
    kinds_of,
    policy_names,
)

__all__ = ["KINDS", "POLICIES", "Group", "Kind", "Policy", "kinds_of", "policy_names"]
