"""Shared by every test: how thorough the generated examples are."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("local", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
