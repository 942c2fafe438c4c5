"""The seam between the engine and whoever answers: settings of a call, and a client.

Knows no provider and no HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from pathlib import Path

    from pytest_promptdrift.config.settings import ModelConfig
    from pytest_promptdrift.model import Prompt, Request, Response


def _unchanged(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings:
    """How calls are made; none of this is part of a request.

    ``timeout`` is the deadline of one call with all its retries and pauses; ``retry_after_cap``
    the longest pause a provider may ask for. ``redact`` cleans every message that could hold what
    a provider wrote. ``before_attempt`` is called with the request and the number of the attempt
    (2 or more) before an attempt that follows one which may have been billed; what it raises ends
    the call and is raised by ``complete``. ``root`` is the folder of the project.
    """

    timeout: float = 120.0
    retries: int = 2
    retry_after_cap: float = 60.0
    concurrency: int = 16
    redact: Callable[[str], str] = _unchanged
    before_attempt: Callable[[Request, int], None] | None = None
    root: Path | None = None


class Client(Protocol):
    """Answers requests; belongs to one event loop and is closed there."""

    @property
    def sdk(self) -> str:
        """What the calls go through, with its version; stored with every sample."""
        ...

    async def complete(self, request: Request, files: Mapping[str, Path]) -> Response:
        """Return the answer; ``files`` finds the content of attachments by their SHA-256.

        Raises ProviderError for every way in which there is no answer, and nothing else but
        cancellation and what ``before_attempt`` raises.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class BuildRequest(Protocol):
    """Turns a neutral prompt into the request of one API; pure apart from reading sources."""

    def __call__(
        self, prompt: Prompt, model: ModelConfig, *, environ: Mapping[str, str], root: Path
    ) -> Request:
        """Return the request; raises ParamsError with everything that is wrong with it."""
        ...


class OpenClient(Protocol):
    """Makes a client; the place where an SDK may be imported."""

    def __call__(
        self, model: ModelConfig, settings: CallSettings, environ: Mapping[str, str]
    ) -> Client:
        """Return a client; raises ProviderError when the model's key is missing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A way to ask models. ``share`` tells which models may use one client together."""

    name: str
    build: BuildRequest
    open: OpenClient
    share: Callable[[ModelConfig], Hashable]
