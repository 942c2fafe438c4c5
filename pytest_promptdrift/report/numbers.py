"""Numbers that JSON can carry."""

from __future__ import annotations

import math


def finite(value: float | None) -> float | None:
    """Return the number, or None where JSON has no way to write it."""
    return value if value is not None and math.isfinite(value) else None
