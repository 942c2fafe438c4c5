"""Renderers: from a verdict to text and data. They yield lines; whoever calls them prints."""

from __future__ import annotations
