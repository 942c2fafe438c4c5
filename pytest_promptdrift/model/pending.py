"""A fresh result that waits for a decision, as a run leaves it for the commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_promptdrift._canonical import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One judged case × variant × model that differs from its baseline, or has none.

    ``case_file`` is the path from the project's folder, with ``/``. ``recording_id``, ``samples``
    and ``answers`` say exactly what was judged, ``accepted_id`` against which accepted recording:
    when one of them is no longer so, the entry is out of date. ``refused`` says why it cannot be
    accepted (a check fails, samples are missing, an error), None when it can. ``data`` is the
    verdict as the run report holds it. ``judged_at`` is ISO 8601 in UTC.
    """

    case_file: str
    case_id: str
    label: str
    status: str
    headline: str
    judged_at: str
    recording_id: str | None = None
    samples: int = 0
    answers: str = ""
    accepted_id: str | None = None
    checks: Mapping[str, str] = field(default_factory=dict)
    refused: str | None = None
    data: JsonObject = field(default_factory=dict)

    @property
    def node(self) -> str:
        """The node id from the project's folder: ``triage.prompt.yaml::case[label]``."""
        return f"{self.case_file}::{self.case_id}[{self.label}]"
