"""From the samples of a recording to a verdict. The same eyes for every mode and every side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import JsonObject, canonical_json
from pytest_promptdrift.checks import run_check
from pytest_promptdrift.model import CheckContext, Problem, Request, Spent, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.model import CheckSummary, Recording, Response, Sample


def check_samples(
    cell: Cell, request: JsonObject, samples: Sequence[Sample]
) -> tuple[CheckSummary, ...]:
    """Apply the checks of a case to samples of a recording, whichever side they are on."""
    contexts = _contexts(cell, request, samples)
    return tuple([run_check(plan, contexts) for plan in cell.case.checks])


def judge(cell: Cell, recording: Recording, *, needed: int, called: int) -> Verdict:
    """Apply the checks of a case to the first ``needed`` samples of its recording."""
    samples = recording.samples[:needed]
    checks = check_samples(cell, recording.request, samples)
    status = _status(checks)
    return Verdict(
        status=status,
        case_id=cell.case.id,
        label=cell.label,
        model=cell.model.name,
        where=cell.case.where,
        recording_id=recording.id,
        samples=len(samples),
        spare=len(recording.samples) - len(samples),
        called=called,
        checks=checks,
        answers=() if status is Status.PASSED else tuple(shown(s.response) for s in samples),
        problem=_crash(checks) if status is Status.ERROR else None,
        spent=spent(samples),
        notes=_notes(samples),
    )


def _contexts(
    cell: Cell, canonical: JsonObject, samples: Sequence[Sample]
) -> tuple[CheckContext, ...]:
    request = request_of(canonical)
    return tuple(
        [
            CheckContext(
                response=sample.response,
                case_id=cell.case.id,
                variant=cell.variant.name,
                model=cell.model.name,
                index=index,
                expected=cell.case.expected,
                variables=dict(cell.case.variables),
                request=request,
            )
            for index, sample in enumerate(samples)
        ]
    )


def request_of(canonical: Mapping[str, object]) -> Request:
    """Return the request that a recording stores in its canonical form."""
    body, betas, host = canonical["body"], canonical["betas"], canonical["host"]
    return Request(
        api=str(canonical["api"]),
        body=body if isinstance(body, dict) else {},
        host=host if isinstance(host, str) else None,
        betas=tuple(map(str, betas)) if isinstance(betas, list | tuple) else (),
    )


def _status(checks: Sequence[CheckSummary]) -> Status:
    # A check that could not decide leaves the case undecided, unless another one already fails it.
    crashed = False
    for check in checks:
        if check.crashed:
            crashed = True
        elif not check.passed:
            return Status.FAILED
    return Status.ERROR if crashed else Status.PASSED


def _crash(checks: Sequence[CheckSummary]) -> Problem:
    check = next(check for check in checks if check.crashed)
    result = next(result for result in check.results if result.crashed)
    lines = (f"{check.name}: {result.reason}", *result.detail)
    return Problem(kind="a check could not decide", message="\n".join(lines))


def spent(samples: Sequence[Sample]) -> Spent:
    """Return what these samples had cost when they were recorded."""
    usd: float | None = 0.0
    tokens: int | None = 0
    seconds = 0.0
    for sample in samples:
        response = sample.response
        cost, usage = response.cost, response.usage
        usd = None if usd is None or cost is None else usd + cost.usd
        used = None if usage is None else (usage.input_tokens or 0) + (usage.output_tokens or 0)
        tokens = None if tokens is None or used is None else tokens + used
        seconds += response.latency
    return Spent(usd=usd, tokens=tokens, seconds=seconds)


def shown(response: Response) -> str:
    """Return an answer as text, tool calls and refusals included."""
    parts = [response.text] if response.text else []
    for call in response.tool_calls:
        arguments = call.raw if call.raw is not None else canonical_json(call.arguments)
        parts.append(f"tool call {call.name}({arguments})")
    if response.refusal:
        parts.append(f"refusal: {response.refusal}")
    return "\n".join(parts)


def _notes(samples: Sequence[Sample]) -> tuple[str, ...]:
    """Say what makes samples less independent than they look."""
    ids = [s.response.response_id for s in samples if s.response.response_id]
    if len(set(ids)) < len(ids):
        return (
            "the provider gave one response id to several samples: is it answering from a cache?",
        )
    return ()
