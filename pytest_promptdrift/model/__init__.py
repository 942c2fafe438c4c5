"""The nouns: plain frozen data, without I/O and without a clock."""

from __future__ import annotations

from .request import (
    ATTACHMENT,
    Attachment,
    Message,
    Part,
    Prompt,
    PromptToolCall,
    Request,
    ResponseFormat,
    Tool,
    is_attachment,
)
from .response import Cost, Recording, Response, Sample, ToolCall, Usage
from .result import CheckContext, CheckResult, CheckSummary, Mode, Status

__all__ = [
    "ATTACHMENT",
    "Attachment",
    "CheckContext",
    "CheckResult",
    "CheckSummary",
    "Cost",
    "Message",
    "Mode",
    "Part",
    "Prompt",
    "PromptToolCall",
    "Recording",
    "Request",
    "Response",
    "ResponseFormat",
    "Sample",
    "Status",
    "Tool",
    "ToolCall",
    "Usage",
    "is_attachment",
]
