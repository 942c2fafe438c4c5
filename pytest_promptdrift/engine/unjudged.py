"""Verdicts for cases that have no samples to judge: what is missing, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._errors import PromptDriftError, ProviderError, SecretFoundError
from pytest_promptdrift.model import Miss, NearRecording, Problem, Status, Verdict
from pytest_promptdrift.store import diff_requests

from .judge import spent

if TYPE_CHECKING:
    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.model import Recording, Request
    from pytest_promptdrift.store import RecordingStore

# More differing fields than these are counted, not listed.
_FIELDS = 40


def unjudged(
    cell: Cell,
    status: Status,
    recording: Recording | None,
    *,
    called: int = 0,
    problem: Problem | None = None,
    miss: Miss | None = None,
) -> Verdict:
    """Return a verdict without a judgement: an error, a miss, or a case left out."""
    return Verdict(
        status=status,
        case_id=cell.case.id,
        label=cell.label,
        model=cell.model.name,
        where=cell.case.where,
        recording_id=recording.id if recording else None,
        samples=len(recording.samples) if recording else 0,
        called=called,
        problem=problem,
        miss=miss,
        spent=spent(recording.samples) if recording else None,
    )


def problem_of(error: PromptDriftError) -> Problem:
    """Return an error as data, with its kind in one or two words."""
    if isinstance(error, ProviderError):
        kind = error.kind.value
    else:
        kind = "credential found" if isinstance(error, SecretFoundError) else "recording"
    # what is wrong comes first: a line that begins with a long path is cut before it says so
    message = f"{error.message}\nat {error.where}" if error.where else error.message
    return Problem(kind=kind, message=message, hint=error.hint)


def over_budget(limit: float | None) -> Problem:
    """Return why a case was left out of a run with a budget."""
    return Problem(
        kind="budget",
        message=f"the next call could have exceeded the budget of ${limit or 0:g}",
        hint="run again with a higher --promptdrift-budget; what was recorded is not paid twice",
    )


def repeated(asked: int) -> Problem:
    """Return why calls that all succeeded gave too few samples."""
    return Problem(
        kind="repeated answer",
        message=f"{asked} calls gave the same response more than once, by its id",
        hint="is a cache answering for the model? one response is never counted as two samples",
    )


def miss_of(
    cell: Cell, store: RecordingStore, request: Request, recording: Recording | None
) -> Miss:
    """Return what is missing for a cell, and which recordings come nearest."""
    if recording is not None:
        return Miss(digest=cell.digest, stored=len(recording.samples), needed=cell.case.samples)
    wanted = request.canonical()
    near = []
    for found in store.nearest(request, cell.case.id):
        changes = diff_requests(found.recording.request, wanted, limit=_FIELDS + 1)
        near.append(
            NearRecording(
                recording_id=found.recording.id,
                case_id=found.case_id,
                label=found.recording.label,
                similarity=found.similarity,
                changes=tuple(changes[:_FIELDS]),
                more=len(changes) > _FIELDS,
            )
        )
    return Miss(digest=cell.digest, stored=0, needed=cell.case.samples, near=tuple(near))
