"""Checks: what is asked of one response, from equality to a function of the user's own.

A check sees a response and everything known about its case; it never calls a model, and it must
not know recordings, baselines or pytest.
"""

from __future__ import annotations

from .arguments import UNSET
from .plan import implied_check, plan_check
from .protocol import Check, CheckFactory, CheckPlan, CheckScope, CheckType
from .registry import CheckRegistry, check_names
from .run import run_check
from .schemas import check_item_schema, check_schemas

__all__ = [
    "UNSET",
    "Check",
    "CheckFactory",
    "CheckPlan",
    "CheckRegistry",
    "CheckScope",
    "CheckType",
    "check_item_schema",
    "check_names",
    "check_schemas",
    "implied_check",
    "plan_check",
    "run_check",
]
