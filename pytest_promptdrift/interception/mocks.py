"""Finds who else answers the calls of an HTTP library, so that a test of theirs keeps working.

Only mocks that cover the library of the call count: one for another library would let it through.
"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

_KNOWN = {
    "cassetter": "a cassetter cassette",
    "pytest_httpx": "the httpx_mock fixture of pytest-httpx",
    "vcr": "a vcrpy cassette",
}
_IN_PROCESS = ("MockTransport", "ASGITransport", "WSGITransport")


def active_mock(library: ModuleType, transport: object = None) -> str | None:
    """Name the mock that answers calls made through ``library`` now, or None.

    ``library`` is ``httpx2`` or ``httpx``; ``transport`` is the one that the call would take.
    """
    for name in _IN_PROCESS:
        known = getattr(library, name, None)
        if known is not None and isinstance(transport, known):
            return f"{library.__name__}.{name}"
    for owner, method in (
        ("HTTPTransport", "handle_request"),
        ("AsyncHTTPTransport", "handle_async_request"),
    ):
        found = _KNOWN.get(_defined_in(getattr(getattr(library, owner, None), method, None)))
        if found is not None:
            return found
    return _active_respx(library)


def _defined_in(function: Any) -> str:
    """Return the package whose code a function runs, whatever name it was given."""
    if not isinstance(function, FunctionType):
        return ""
    return str(function.__globals__.get("__name__", "")).partition(".")[0]


def _active_respx(library: ModuleType) -> str | None:
    # respx knows httpx alone, by that name.
    mocks = sys.modules.get("respx.mocks")
    if mocks is None or sys.modules.get("httpx") is not library:
        return None
    mockers = getattr(getattr(mocks, "Mocker", None), "registry", {}).values()
    return "a respx router" if any(mocker.routers for mocker in mockers) else None
