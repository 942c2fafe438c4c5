"""Decides per mode what to call, runs the calls under a budget, and judges what is stored."""

from __future__ import annotations
