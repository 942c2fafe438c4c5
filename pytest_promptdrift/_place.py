"""One spelling for the address of a server, so that one server is one place in every request."""

from __future__ import annotations

from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def place_of(url: str) -> str:
    """Return host[:port]/path of an address in one spelling.

    A user name, a password or a query in the address never become part of it.
    """
    parts = urlsplit(url if "//" in url else f"//{url}")
    name = (parts.hostname or "").rstrip(".")
    try:
        port = parts.port
    except ValueError:
        port = None
    if ":" in name:
        name = f"[{name}]"
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme):
        name = f"{name}:{port}"
    return name + parts.path.rstrip("/")
