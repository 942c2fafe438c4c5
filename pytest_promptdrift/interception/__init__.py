"""Catches the calls of an application's own SDK clients, and gives recorded answers to them.

Importing this room imports no SDK and no HTTP library, and entering an interception does not.
"""

from __future__ import annotations

from .answers import answer_from_json
from .calls import (
    BodyKind,
    CallFailure,
    CallHandler,
    FailureKind,
    InterceptedCall,
    RecordedAnswer,
)
from .errors import InterceptionError, StoppedCallError, UnownedCallError
from .intercept import Interception
from .mocks import active_mock
from .owners import Owner
from .placeholders import PLACEHOLDER_VARIABLES

__all__ = [
    "PLACEHOLDER_VARIABLES",
    "BodyKind",
    "CallFailure",
    "CallHandler",
    "FailureKind",
    "InterceptedCall",
    "Interception",
    "InterceptionError",
    "Owner",
    "RecordedAnswer",
    "StoppedCallError",
    "UnownedCallError",
    "active_mock",
    "answer_from_json",
]
