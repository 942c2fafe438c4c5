"""Shared by every test: how thorough the generated examples are, and where the tests run."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples everywhere, so that a run that passed passes again; others on request.
_RANDOM = bool(os.environ.get("PROMPTDRIFT_TEST_RANDOM"))
settings.register_profile("ours", max_examples=50, deadline=None, derandomize=not _RANDOM)
settings.load_profile("ours")

# A run in CI fails what nobody has accepted; the tests that are about this say so themselves.
os.environ.pop("CI", None)
