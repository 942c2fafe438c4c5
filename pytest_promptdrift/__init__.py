"""Fails your tests when a prompt's answers drift.

The public names are loaded on first use, so that having the plugin installed costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._errors import PromptDriftError, ProviderError
    from .model import CheckContext, CheckResult, Request, Response, ToolCall, Usage

__all__ = [
    "CheckContext",
    "CheckResult",
    "PromptDriftError",
    "ProviderError",
    "Request",
    "Response",
    "ToolCall",
    "Usage",
]

_HOMES = {"PromptDriftError": "_errors", "ProviderError": "_errors"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415  (nothing is loaded until a name is used)

    return getattr(import_module(f".{_HOMES.get(name, 'model')}", __name__), name)
