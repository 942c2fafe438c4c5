"""What stops a call before it is made, and how it gets past the code that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError

if TYPE_CHECKING:
    from .calls import InterceptedCall


class InterceptionError(PromptDriftError):
    """Calls cannot be intercepted, or one must not be made."""


class UnownedCallError(InterceptionError):
    """A call that no test owns: it was made outside of every test, or after its test ended."""


class StoppedCallError(BaseException):
    """A call was stopped; ``error`` says why.

    Not an Exception, because SDKs would try again and report a connection error, and applications
    would catch it and answer something else: the test would pass or fail for a wrong reason.
    """

    def __init__(self, error: Exception, call: InterceptedCall | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.call = call
