"""Turns a promptfoo configuration into a case file, and lists with lines what it could not turn.

Reads data only: no script, no template and no address named in the configuration is ever run.
"""

from __future__ import annotations

from .convert import Conversion, convert

__all__ = ["Conversion", "convert"]
