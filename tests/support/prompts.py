"""Small prompts and models for tests of the providers."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_promptdrift.config.settings import ModelConfig
from pytest_promptdrift.model import Attachment, Message, Part, Prompt

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

T = TypeVar("T")

MODELS = {
    "openai": "gpt-5-mini",
    "openai:responses": "gpt-5-mini",
    "anthropic": "claude-haiku-4-5",
    "fake": "demo",
}
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000a49444154789c63000100000500010d0a2db40000000049454e44ae426082"
)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a loop of its own."""
    return asyncio.run(work)


def say(role: Any, *texts: str, **more: Any) -> Message:
    """One turn of text."""
    return Message(role=role, parts=tuple(Part(text=text) for text in texts), **more)


def ask(text: str = "hello", **more: Any) -> Prompt:
    """A prompt of one user turn, with an output limit because one API insists on it."""
    more.setdefault("system", None)
    more.setdefault("messages", (say("user", text),))
    more.setdefault("params", {"max_output_tokens": 64})
    return Prompt(**more)


def a_model(provider: str = "openai", **more: Any) -> ModelConfig:
    """A model of a provider."""
    more.setdefault("model", MODELS.get(provider, "some-model"))
    more.setdefault("name", f"{provider}:{more['model']}")
    return ModelConfig(provider=provider, **more)


def attach(path: Path, data: bytes, media_type: str) -> Attachment:
    """Write a file and return it as an attachment."""
    path.write_bytes(data)
    return Attachment(
        path=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        media_type=media_type,
        size=len(data),
        name=path.name,
    )
