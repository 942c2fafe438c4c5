"""Says what changed between accepted and fresh answers, beside the answers themselves.

It lists what can be seen: fields of the request, who answered, through which SDK, under which
checks. It does not decide which of them it was; with several it says how to find out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_promptdrift._text import cut, visible
from pytest_promptdrift.model.comparison import Attribution, Cause

from .request_causes import request_causes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_promptdrift.model import FieldChange, Sample
    from pytest_promptdrift.model.comparison import CauseKind

_MOST_NAMED = 3
# A check judges both sides alike, and an SDK sends what it is given.
_SELDOM: Final = frozenset(("check", "judge", "sdk"))
_NAMES: Final[dict[str, str]] = {
    "prompt": "the prompt",
    "parameters": "the parameters",
    "tools": "the tools",
    "schema": "the response format",
    "attachment": "the attachment",
    "model": "the model",
    "host": "the host",
}


def attribute(
    changes: Sequence[FieldChange],
    accepted: Sequence[Sample],
    fresh: Sequence[Sample],
    *,
    checks_before: Mapping[str, str],
    checks_now: Mapping[str, str],
) -> Attribution:
    """Return what differs between two sides, the likeliest cause of other answers first.

    ``changes`` are those of the canonical requests; the checks are digests by name, when the
    baseline was accepted and now. Who answered is no cause of its own where another model was
    asked, nor when the accepted answers came from the same mixture.
    """
    causes = request_causes(changes)
    if not any(cause.kind in {"model", "host"} for cause in causes):
        causes += _answering(accepted, fresh)
    causes += _checks(checks_before, checks_now)
    causes += _sdk(accepted, fresh)
    return Attribution(causes=tuple(causes), experiment=_experiment(causes))


def _answering(accepted: Sequence[Sample], fresh: Sequence[Sample]) -> Iterator[Cause]:
    """Yield who else answered; with another model another fingerprint goes without saying."""
    served = [
        [s.response.served_model for s in side if s.response.served_model]
        for side in (accepted, fresh)
    ]
    if _came(*served):
        yield _provider("served_model", f"served model {_change(*served)}")
        return
    marks = [
        [s.response.fingerprint for s in side if s.response.fingerprint]
        for side in (accepted, fresh)
    ]
    # where every answer has a fingerprint of its own, or they rotate, another one is no news
    rotates = len(set(marks[0])) > 1 and len(set(marks[0])) == len(marks[0])
    if _came(*marks) and not rotates and not set(marks[0]) & set(marks[1]):
        yield _provider("fingerprint", f"provider fingerprint {_change(*marks)}")


def _provider(kind: CauseKind, message: str) -> Cause:
    return Cause(kind=kind, message=message, ours=False)


def _came(old: list[str], new: list[str]) -> bool:
    """Tell whether there is something new; a side that says nothing proves nothing."""
    return bool(old) and bool(set(new) - set(old))


def _change(old: list[str], new: list[str]) -> str:
    return f"{_listed(old)} → {_listed(new)}"


def _listed(values: list[str]) -> str:
    names = sorted(set(values))
    more = len(names) - _MOST_NAMED
    shown = ", ".join(cut(visible(name), 60) for name in names[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def _sdk(accepted: Sequence[Sample], fresh: Sequence[Sample]) -> Iterator[Cause]:
    old, new = ([s.sdk for s in side if s.sdk] for side in (accepted, fresh))
    if not _came(old, new):
        return
    name, _, version = min(new).rpartition(" ")
    alone = len(set(old)) == len(set(new)) == 1 and name and old[0].startswith(f"{name} ")
    shown = f"{cut(visible(old[0]), 60)} → {cut(visible(version), 60)}" if alone else None
    yield _provider("sdk", shown or _change(old, new))


def _checks(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Cause]:
    for name in dict.fromkeys([*now, *before]):
        if before.get(name) == now.get(name):
            continue
        done = "changed" if name in before and name in now else "added"
        what = done if name in now else "removed"
        judge = name.startswith("judge")
        shown = cut(visible(name), 60)
        subject = shown if judge else f"check {shown}"
        yield Cause(
            kind="judge" if judge else "check",
            message=f"{subject} {what} since it was accepted",
            ours=True,
        )


def _experiment(causes: Sequence[Cause]) -> str | None:
    """Return the cheapest way to separate the causes that could have made other answers."""
    ours = [c for c in causes if c.kind not in _SELDOM and c.ours]
    theirs = [c for c in causes if c.kind not in _SELDOM and not c.ours]
    if ours and theirs:
        return (
            "ask the accepted request again today: in a checkout from before the edit"
            " (git worktree add ../before HEAD, or the commit that was accepted) run"
            " `pytest --promptdrift-mode refresh`; drift there is the provider's, none leaves"
            f" {_both(ours)}"
        )
    if len(ours) > 1:
        last = ours[-1]
        return (
            f"change one thing at a time: take {_NAMES[last.kind]} back and run"
            " `pytest --promptdrift-mode record`; what then still differs comes from"
            f" {_both(ours[:-1])}"
        )
    return None


def _both(causes: list[Cause]) -> str:
    return " and ".join(_NAMES[cause.kind] for cause in causes)
