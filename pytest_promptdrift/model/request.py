"""What is sent. A request is data: the body exactly as it goes out, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pytest_promptdrift._canonical import digest

if TYPE_CHECKING:
    from pytest_promptdrift._canonical import JsonObject, JsonValue

# Raised when the meaning of the canonical request changes; stored with every recording.
KEY_FORMAT = 1

# In a body, ``{ATTACHMENT: sha256, "media_type": …, "bytes": n, "as": form}`` stands for the
# content of a file, so that a recording stays small and yet every byte counts; it is sent in the
# form ``base64``, ``data_url`` or ``text``.
ATTACHMENT = "$attachment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to a model.

    ``api`` names the protocol (``openai.chat``, ``openai.responses``, ``anthropic.messages``,
    ``python``, ``fake`` or an extension's own). ``body`` is the JSON that is sent, with files as
    attachment markers. ``host`` is host and path of the base URL where it is not the provider's
    own. ``betas`` are the provider's opt-in features, sent in a header but changing the answer.
    Keys, headers and timeouts are no part of a request.
    """

    api: str
    body: JsonObject
    host: str | None = None
    betas: tuple[str, ...] = ()

    def canonical(self) -> JsonObject:
        """Return what the digest is made of: everything here, nothing else."""
        return {
            "k": KEY_FORMAT,
            "api": self.api,
            "host": self.host,
            "betas": sorted(self.betas),
            "body": self.body,
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical request; any change to what would be sent changes it."""
        return digest(self.canonical())


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes into a request; ``path`` is absolute, ``sha256`` of its bytes."""

    path: str
    sha256: str
    media_type: str
    size: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a message: text, or an attached image or file (exactly one is set)."""

    text: str | None = None
    image: Attachment | None = None
    file: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptToolCall:
    """A tool call that an earlier assistant turn of the prompt made."""

    id: str
    name: str
    arguments: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn. ``tool_call_id`` is set for role ``tool``, ``tool_calls`` for ``assistant``."""

    role: Literal["system", "user", "assistant", "tool"]
    parts: tuple[Part, ...]
    tool_calls: tuple[PromptToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function the model may call; ``parameters`` is a JSON Schema."""

    name: str
    description: str | None = None
    parameters: JsonObject = field(default_factory=dict)
    strict: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFormat:
    """The requested form of the answer: any JSON, or JSON of one schema."""

    schema: JsonObject | None = None
    name: str = "answer"
    strict: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A rendered prompt, before it becomes the request of one API.

    ``messages`` hold no system turn at the start; that is ``system``. ``tool_choice`` is ``auto``,
    ``none``, ``required`` or the name of a tool. ``params`` are the sampling and other parameters
    as the user wrote them, file, variant and case merged; ``variables`` are the case's own values,
    for models that are Python functions.
    """

    system: str | None
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    response_format: ResponseFormat | None = None
    params: JsonObject = field(default_factory=dict)
    variables: JsonObject = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()

    def text(self) -> str:
        """Return all text of the prompt, for scripted models and rough token counts."""
        pieces = [self.system] if self.system else []
        pieces += [part.text for m in self.messages for part in m.parts if part.text]
        return "\n".join(pieces)


def is_attachment(value: JsonValue) -> bool:
    """Tell whether a value inside a body stands for the content of a file."""
    return isinstance(value, dict) and ATTACHMENT in value
