"""What is stored: recordings, decisions about them, and the redaction that guards every write."""

from __future__ import annotations

from .answers import answers_digest
from .baselines import BaselineStore, Obsolete
from .case_recordings import CaseRecordings, Head, choose, verify
from .layout import recording_file_name, recording_id, suite_folder
from .pending import PendingStore
from .recordings import Appended, RecordingStore, Unused, series_name
from .redaction import KEY_VARIABLES, Redactor
from .request_diff import diff_requests

__all__ = [
    "KEY_VARIABLES",
    "Appended",
    "BaselineStore",
    "CaseRecordings",
    "Head",
    "Obsolete",
    "PendingStore",
    "RecordingStore",
    "Redactor",
    "Unused",
    "answers_digest",
    "choose",
    "diff_requests",
    "recording_file_name",
    "recording_id",
    "series_name",
    "suite_folder",
    "verify",
]
