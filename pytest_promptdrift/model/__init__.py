"""The nouns: plain frozen data, without I/O and without a clock."""

from __future__ import annotations

from .finding import Finding, Severity
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
from .verdict import MISSING, FieldChange, Miss, Missing, NearRecording, Problem, Spent, Verdict

__all__ = [
    "ATTACHMENT",
    "MISSING",
    "Attachment",
    "CheckContext",
    "CheckResult",
    "CheckSummary",
    "Cost",
    "FieldChange",
    "Finding",
    "Message",
    "Miss",
    "Missing",
    "Mode",
    "NearRecording",
    "Part",
    "Problem",
    "Prompt",
    "PromptToolCall",
    "Recording",
    "Request",
    "Response",
    "ResponseFormat",
    "Sample",
    "Severity",
    "Spent",
    "Status",
    "Tool",
    "ToolCall",
    "Usage",
    "Verdict",
    "is_attachment",
]
