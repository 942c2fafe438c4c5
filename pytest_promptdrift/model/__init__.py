"""The nouns: plain frozen data, without I/O and without a clock."""

from __future__ import annotations

from .baseline import Decision
from .evidence import MISSING, FieldChange, Missing, Problem, Spent
from .finding import Finding, Severity, Trait
from .pending import Pending
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
from .result import AWAITING, CheckContext, CheckResult, CheckSummary, Mode, Status
from .verdict import Miss, NearRecording, Verdict

__all__ = [
    "ATTACHMENT",
    "AWAITING",
    "MISSING",
    "Attachment",
    "CheckContext",
    "CheckResult",
    "CheckSummary",
    "Cost",
    "Decision",
    "FieldChange",
    "Finding",
    "Message",
    "Miss",
    "Missing",
    "Mode",
    "NearRecording",
    "Part",
    "Pending",
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
    "Trait",
    "Usage",
    "Verdict",
    "is_attachment",
]
