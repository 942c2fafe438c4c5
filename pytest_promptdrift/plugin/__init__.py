"""The pytest edge: the only room that knows pytest."""

from __future__ import annotations
