"""Which test owns a call: the one whose context makes it, or else the only one that is active.

Threads that an application starts itself inherit no context, hence the second rule.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from .errors import StoppedCallError, UnownedCallError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from types import TracebackType

_OWNER: ContextVar[Owner | None] = ContextVar("promptdrift_owner", default=None)


class _Attempted(NamedTuple):
    owner: Owner
    digest: str
    number: int


_LAST: ContextVar[_Attempted | None] = ContextVar("promptdrift_last_call", default=None)


class Owner:
    """A test while it runs; a context manager made by ``Interception.owned_by``.

    ``problems`` holds every call of it that was stopped, also where the application went on as if
    nothing had happened. ``stood_aside_for`` names the mocks that answered calls instead.
    """

    def __init__(self, name: str, owners: Owners, *, binds: bool = True) -> None:
        self.name = name
        self._binds = binds
        self.active = False
        self.problems: list[StoppedCallError] = []
        self.stood_aside_for: set[str] = set()
        self._owners = owners
        self._token: Token[Owner | None] | None = None
        self._lock = threading.Lock()
        self._calls = 0
        self._unfinished: dict[int, Callable[[], None]] = {}

    def __enter__(self) -> Owner:
        self.active = True
        self._owners.add(self)
        if self._binds:
            self.bind()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._owners.remove(self)
        self.unbind()
        self.finish_calls()
        self.active = False

    def bind(self) -> None:
        """Own the calls of the current context and of what is started from it.

        For a test that runs in a context of its own: call it there too.
        """
        self._token = _OWNER.set(self)

    def unbind(self) -> None:
        """Undo the last ``bind`` where that context still is the current one."""
        token, self._token = self._token, None
        if token is None:
            return
        try:
            _OWNER.reset(token)
        except ValueError:
            return  # bound in another context, which ends with its task

    def number_of(self, digest: str, retries: int) -> int:
        """Return the number of a call; an attempt that follows another has the number of that."""
        last = _LAST.get()
        if retries and last is not None and last.owner is self and last.digest == digest:
            return last.number
        with self._lock:
            self._calls += 1
            number = self._calls
        _LAST.set(_Attempted(self, digest, number))
        return number

    def begun(self, key: int, give_up: Callable[[], None]) -> None:
        """Remember a call whose answer is still on its way."""
        with self._lock:
            self._unfinished[key] = give_up

    def ended(self, key: int) -> None:
        """Forget a call."""
        with self._lock:
            self._unfinished.pop(key, None)

    def finish_calls(self) -> None:
        """Give up what nobody reads any more."""
        with self._lock:
            left = list(self._unfinished.values())
        for give_up in left:
            with suppress(StoppedCallError):  # it is in the problems
                give_up()


class Owners:
    """The tests that run now."""

    def __init__(self) -> None:
        self._active: list[Owner] = []
        self._lock = threading.Lock()

    def add(self, owner: Owner) -> None:
        """Take note of a test that begins."""
        with self._lock:
            self._active.append(owner)

    def remove(self, owner: Owner) -> None:
        """Take note of a test that ends."""
        with self._lock:
            if owner in self._active:
                self._active.remove(owner)

    def current(self) -> Owner | None:
        """Return the owner of the current context or the only active one, also when it ended."""
        bound = _OWNER.get()
        if bound is not None and bound._owners is self:
            return bound
        active = self._active
        return active[0] if len(active) == 1 else None

    def of_call(self, what: str) -> Owner:
        """Return who owns a call; raises UnownedCallError when nobody does.

        ``what`` describes the call for the message.
        """
        owner = self.current()
        if owner is not None and owner.active:
            return owner
        if owner is not None:
            msg = f"a call that no test owns: {what}; the test that started it, {owner.name}, ended"
            hint = "let the test wait for everything that it starts"
        elif self._active:
            names = ", ".join(sorted(owner.name for owner in self._active))
            msg = f"a call that no test owns: {what}; several tests are active: {names}"
            hint = "start threads with contextvars.copy_context().run, or use asyncio.to_thread"
        else:
            msg = f"a call that no test owns: {what}"
            hint = "make it inside of a test that records its calls, or replace the client"
        raise UnownedCallError(msg, hint=hint)
