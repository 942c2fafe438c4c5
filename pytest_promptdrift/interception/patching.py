"""The one place where a call is caught: the method that chooses the transport of a request.

Every client of the SDKs asks it, whatever transport it has. The name is private, so its use is
proved before anything relies on it. A library is patched when it is imported, and is never
imported from here.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from .errors import InterceptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType

LIBRARIES = ("httpx2", "httpx")
CLIENTS = ("Client", "AsyncClient")
METHOD = "_transport_for_url"


class WrapTransport(Protocol):
    """Says what takes the place of a transport for one request."""

    def __call__(self, transport: Any, library: ModuleType, frame: FrameType) -> Any:
        """Return ``transport`` itself for a request that is none of ours."""
        ...


class Patches:
    """Puts ``wrap`` between the clients and their transports, from ``start`` to ``stop``."""

    def __init__(self, wrap: WrapTransport) -> None:
        self._wrap = wrap
        self._finder = _Finder(self._patch)
        self._active = False
        self._undo: list[tuple[type[Any], Any, Any]] = []

    def start(self) -> None:
        """Patch what is imported already, and the rest when it is imported."""
        self._active = True
        for name in LIBRARIES:
            library = sys.modules.get(name)
            if library is not None:
                self._patch(library)
        sys.meta_path.insert(0, self._finder)

    def stop(self) -> None:
        """Put everything back; where somebody patched over it, let everything through."""
        self._active = False
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        for client, ours, original in reversed(self._undo):
            if client.__dict__.get(METHOD) is ours:
                setattr(client, METHOD, original)
        self._undo.clear()

    def _patch(self, library: ModuleType) -> None:
        if not self._active:
            return
        prove(library)
        for name in CLIENTS:
            client: type[Any] = getattr(library, name)
            if any(client is patched for patched, _, _ in self._undo):
                continue  # one library under two names
            original = client.__dict__[METHOD]
            ours = self._replacement(original, library)
            setattr(client, METHOD, ours)
            self._undo.append((client, ours, original))

    def _replacement(self, original: Callable[..., Any], library: ModuleType) -> object:
        @functools.wraps(original)
        def transport_for_url(client: Any, url: Any) -> Any:
            transport = original(client, url)
            if not self._active:
                return transport
            return self._wrap(transport, library, inspect.currentframe())  # type: ignore[arg-type]  # CPython has frames

        return transport_for_url


class _Reached(Exception):  # noqa: N818  (good news)
    pass


def _reached(client: Any, url: Any) -> NoReturn:
    del client, url
    raise _Reached


@functools.cache
def prove(library: ModuleType) -> None:
    """Raise InterceptionError unless the clients of a library ask the method that is patched."""
    for name, base in zip(CLIENTS, ("BaseTransport", "AsyncBaseTransport"), strict=True):
        try:
            reached = METHOD in getattr(library, name).__dict__ and _asks(library, name, base)
        except Exception as error:
            raise _not_asked(library, name) from error
        if not reached:
            raise _not_asked(library, name)


def _asks(library: ModuleType, name: str, base: str) -> bool:
    probe: Any = type("Probe", (getattr(library, name),), {METHOD: _reached})
    # A transport and no environment: nothing is opened and no certificate is read.
    client = probe(transport=getattr(library, base)(), trust_env=False)
    request = library.Request("POST", "http://127.0.0.1/")
    try:
        sent = client.send(request)
        if inspect.iscoroutine(sent):
            sent.send(None)
    except _Reached:
        return True
    return False


def _not_asked(library: ModuleType, name: str) -> InterceptionError:
    version = getattr(library, "__version__", "of unknown version")
    msg = (
        f"{library.__name__} {version} cannot be intercepted: its {name} does not ask "
        f"{METHOD}(url) which transport to take"
    )
    hint = f"install a version of {library.__name__} that this version of promptdrift supports"
    return InterceptionError(msg, hint=hint)


class _Finder:
    """Tells when a library has been imported; finds nothing itself."""

    def __init__(self, imported: Callable[[ModuleType], None]) -> None:
        self._imported = imported
        self._busy = threading.local()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the other finders find, with a loader that reports."""
        del path, target
        if name not in LIBRARIES or getattr(self._busy, "now", False):
            return None
        self._busy.now = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._busy.now = False
        if spec is not None and spec.loader is not None:
            self._report(spec.loader)
        return spec

    def _report(self, loader: Any) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module
            execute(module)
            self._imported(module)

        loader.exec_module = exec_module
