"""A whole run as one JSON document with a versioned schema, for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .numbers import finite

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_promptdrift.store import Redactor

    from .summary import Spending, Totals

# Raised when a field changes its meaning or goes away; new fields leave it as it is.
REPORT_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What is true of the run as a whole.

    ``started`` and ``finished`` are ISO 8601 in UTC. ``settings`` are those that decide verdicts
    (alpha, margin, floor, effect_floor, error_share, policies, samples, models).
    """

    version: str
    started: str
    finished: str
    mode: str
    exit_status: int
    interrupted: bool = False
    strict: bool = False
    ci: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)
    alpha: float = 0.05


def run_report(
    facts: RunFacts,
    totals: Totals,
    spending: Spending | None,
    cases: Iterable[tuple[str, Mapping[str, object]]],
    families: Iterable[tuple[str, Mapping[str, object]]] = (),
) -> dict[str, object]:
    """Return the report, as JSON types only.

    ``cases`` and ``families`` are node ids with the data of their verdict.
    """
    judged = [{"node": node, **data} for node, data in sorted(cases, key=_node)]
    grouped = [{"node": node, **data} for node, data in sorted(families, key=_node)]
    return {
        "format": REPORT_FORMAT,
        "tool": {"name": "pytest-promptdrift", "version": facts.version},
        "started": facts.started,
        "finished": facts.finished,
        "mode": facts.mode,
        "exit_status": facts.exit_status,
        "interrupted": facts.interrupted,
        "strict": facts.strict,
        "ci": facts.ci,
        "settings": _plain(facts.settings),
        "statistics": _statistics(facts, grouped),
        "totals": _totals(totals),
        "spending": _spending(spending),
        "cases": judged,
        "families": grouped,
    }


def _node(pair: tuple[str, Mapping[str, object]]) -> str:
    return pair[0]


def _statistics(facts: RunFacts, families: list[dict[str, object]]) -> dict[str, object]:
    """Return the rate of false alarms of the run, and how the families shared it."""
    return {
        "alpha": finite(facts.alpha),
        "draws": _draws() if any(family["tests"] for family in families) else None,
        "families": len(families),
        "split": [
            {
                "node": family["node"],
                "level": family["level"],
                "shares": family["shares"],
                "cases": family["cases"],
                "compared": family["compared"],
            }
            for family in families
        ],
    }


def _draws() -> int:
    from pytest_promptdrift.stats.gate import DRAWS  # noqa: PLC0415  (numpy, loaded by then)

    return DRAWS


def _totals(totals: Totals) -> dict[str, object]:
    return {
        "cases": dict(totals.statuses),
        "families": dict(totals.families),
        "replayed": totals.replayed,
        "called": totals.called,
        "saved_usd": finite(totals.saved_usd),
        "saved_tokens": totals.saved_tokens,
        "saved_seconds": finite(totals.saved_seconds),
        "unpriced": totals.unpriced,
    }


def _spending(spending: Spending | None) -> dict[str, object] | None:
    if spending is None:
        return None
    return {
        "calls": spending.calls,
        "failed": spending.failed,
        "usd": finite(spending.usd),
        "unknown": spending.unknown,
        "limit": finite(spending.limit),
        "kept": spending.kept,
    }


def _plain(value: object) -> object:
    """Return a value as JSON carries it."""
    if isinstance(value, float):
        return finite(value)
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value)


def write_run_report(path: Path, report: Mapping[str, object], *, redactor: Redactor) -> bool:
    """Write the report without credentials; False when it is there already.

    Raises StoreError when the disk refuses, and SecretFoundError when a credential is left.
    """
    from pytest_promptdrift._files import write_atomically  # noqa: PLC0415  (only with a report)

    clean = _redacted(report, redactor)
    redactor.guard_json(clean, "the run report")
    text = json.dumps(clean, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return write_atomically(path, text.encode())


def _redacted(value: object, redactor: Redactor) -> object:
    if isinstance(value, str):
        # half a character is no text that others can read
        return redactor.redact(value).encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {
            str(_redacted(key, redactor)): _redacted(item, redactor) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_redacted(item, redactor) for item in value]
    return value
