"""The JSON Schema of run reports, for whoever reads them with a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from pytest_promptdrift.model import Mode, Status
from pytest_promptdrift.model.comparison import INSTRUMENTS, CauseKind
from pytest_promptdrift.model.finding import Severity

from .data import DATA_FORMAT
from .run_report import REPORT_FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterable

# The published file beside this module; a test says that it is what report_schema() returns.
SCHEMA_FILE = "run-report.schema.json"

_Schema = dict[str, object]
_TEXT: _Schema = {"type": "string"}
_FLAG: _Schema = {"type": "boolean"}
_COUNT: _Schema = {"type": "integer", "minimum": 0}
_NUMBER: _Schema = {"type": "number"}
_P: _Schema = {"type": "number", "minimum": 0, "maximum": 1}
_TIME: _Schema = {"type": "string", "description": "ISO 8601 in UTC"}
_TEXTS: _Schema = {"type": "array", "items": _TEXT}


def _null(schema: _Schema) -> _Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}


def _maybe(name: str) -> _Schema:
    return {"anyOf": [_ref(name), {"type": "null"}]}


def _list(name: str) -> _Schema:
    return {"type": "array", "items": _ref(name)}


def _map(values: _Schema) -> _Schema:
    return {"type": "object", "additionalProperties": values}


def _object(fields: dict[str, _Schema], optional: Iterable[str] = (), said: str = "") -> _Schema:
    left_out = set(optional)
    found: _Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in fields if name not in left_out],
        "properties": dict(fields),
    }
    return {"description": said, **found} if said else found


_RUN: dict[str, _Schema] = {
    "status": {"enum": [status.value for status in Status]},
    "statistics": _object(
        {
            "alpha": _P,
            "draws": _null(_COUNT),
            "families": _COUNT,
            "split": _list("split"),
        },
        said="The chance that a run cries drift when nothing changed but chance, and how the"
        " families shared it. draws: arrangements that a permutation test draws.",
    ),
    "split": _object(
        {
            "node": _TEXT,
            "level": _null(_P),
            "shares": _ref("shares"),
            "cases": _COUNT,
            "compared": _COUNT,
        }
    ),
    "shares": {
        **_object({name: _null(_P) for name in INSTRUMENTS}, optional=INSTRUMENTS),
        "description": "The level that each instrument was held against.",
    },
    "totals": _object(
        {
            "cases": _map(_COUNT),
            "families": _map(_COUNT),
            "replayed": _COUNT,
            "called": _COUNT,
            "saved_usd": _null(_NUMBER),
            "saved_tokens": _COUNT,
            "saved_seconds": _null(_NUMBER),
            "unpriced": _COUNT,
        }
    ),
    "spending": _object(
        {
            "calls": _COUNT,
            "failed": _COUNT,
            "usd": _null(_NUMBER),
            "unknown": _COUNT,
            "limit": _null(_NUMBER),
            "kept": _COUNT,
        },
        said="Null for a replay. unknown: calls without a known price.",
    ),
}


_REASON = _object({"reason": _TEXT, "samples": {"type": "array", "items": _COUNT}})
_CHECK = _object(
    {
        "name": _TEXT,
        **dict.fromkeys(("held", "total", "needed"), _COUNT),
        **dict.fromkeys(("passed", "crashed", "score_only"), _FLAG),
        "score": _null(_NUMBER),
        "reasons": {"type": "array", "items": _REASON},
    },
    optional=["reasons"],
)


_HEAD: dict[str, _Schema] = {
    "node": _TEXT,
    "format": {"const": DATA_FORMAT},
    "status": _ref("status"),
    "headline": _TEXT,
    "label": _TEXT,
    "model": _TEXT,
}
_TOLD = ("answers", "check_digests", "comparison", "problem", "miss", "notes")
_CASE: dict[str, _Schema] = {
    **_HEAD,
    "kind": {"const": "case"},
    "case": _TEXT,
    "file": _null(_TEXT),
    "line": _null(_COUNT),
    "recording": _null(_TEXT),
    "samples": _COUNT,
    "called": _COUNT,
    "usd": _null(_NUMBER),
    "tokens": _null(_COUNT),
    "seconds": _null(_NUMBER),
    "checks": _list("check"),
    "answers": {**_null(_TEXT), "description": "Digest of the judged answers."},
    "check_digests": _map(_TEXT),
    "comparison": _maybe("comparison"),
    "problem": _maybe("problem"),
    "miss": _maybe("miss"),
    "notes": _TEXTS,
}
_FAMILY: dict[str, _Schema] = {
    **_HEAD,
    "kind": {"const": "family"},
    "case_file": _TEXT,
    **dict.fromkeys(("cases", "compared", "errors", "families"), _COUNT),
    **dict.fromkeys(("accepted_samples", "fresh_samples", "unchanged"), _COUNT),
    **dict.fromkeys(("alpha", "level"), _null(_P)),
    "tests": _list("test"),
    "scores": _list("score"),
    "drifted": _TEXTS,
    "attribution": _maybe("attribution"),
    "problem": _maybe("problem"),
    "notes": _TEXTS,
    "shares": _ref("shares"),
    "usd_per_sample": _null(_NUMBER),
}
_JUDGED: dict[str, _Schema] = {
    "case": _object(
        _CASE,
        optional=_TOLD,
        said="One case × variant × model. What is settled has no more than its numbers.",
    ),
    "family": _object(_FAMILY, said="All selected cases of one case file × variant × model."),
    "check": _CHECK,
    "test": _object(
        {
            "instrument": {"enum": list(INSTRUMENTS)},
            "p": _null(_P),
            "level": _null(_P),
            "fired": _FLAG,
            "message": _TEXT,
            "effect": _null(_NUMBER),
        }
    ),
}


_ANSWERS = _object({"text": _TEXT, "samples": {"type": "array", "items": _COUNT}})
_COMPARED: dict[str, _Schema] = {
    "comparison": _object(
        {
            "accepted": _TEXT,
            "accepted_at": _TIME,
            "accepted_samples": _COUNT,
            "fresh_samples": _COUNT,
            "same_request": _FLAG,
            "findings": _list("finding"),
            "attribution": _maybe("attribution"),
            "scores": _list("score"),
            "ratio": _null(_NUMBER),
            "p": _null(_P),
            "undecided": _null(_TEXT),
            "needed": _null(_COUNT),
            "skipped": _TEXTS,
            "accepted_answers": _list("answers"),
            "fresh_answers": _list("answers"),
            "accepted_spent": _maybe("spent"),
        },
        said="The judged recording beside the accepted one.",
    ),
    "answers": {**_ANSWERS, "description": "One answer, and the samples that gave it, from 1."},
    "spent": _object({"usd": _null(_NUMBER), "tokens": _null(_COUNT), "seconds": _null(_NUMBER)}),
    "finding": _object(
        {
            "kind": _TEXT,
            "message": _TEXT,
            "severity": {"enum": list(get_args(Severity))},
            **dict.fromkeys(("old", "new", "path"), _null(_TEXT)),
            **dict.fromkeys(("accepted", "accepted_of", "fresh", "fresh_of"), _COUNT),
            **dict.fromkeys(("p", "adjusted_p"), _null(_P)),
        }
    ),
    "attribution": _object({"causes": _list("cause"), "experiment": _null(_TEXT)}),
    "cause": _object(
        {
            "kind": {"enum": list(get_args(CauseKind))},
            "message": _TEXT,
            "ours": _FLAG,
            "changes": _list("change"),
        }
    ),
    "score": _object(
        {
            "name": _TEXT,
            **dict.fromkeys(("accepted", "fresh", "difference"), _null(_NUMBER)),
            **dict.fromkeys(("low", "high", "margin"), _null(_NUMBER)),
            "p": _null(_P),
            "answer": {"enum": ["regressed", "improved", "fine", "inconclusive"]},
            "needed": _null(_COUNT),
            "broken": _TEXTS,
        }
    ),
}


_MISSED: dict[str, _Schema] = {
    "problem": _object({"kind": _TEXT, "message": _TEXT, "hint": _null(_TEXT)}),
    "miss": _object({"digest": _TEXT, "stored": _COUNT, "needed": _COUNT, "near": _list("near")}),
    "near": _object(
        {
            "recording": _TEXT,
            "case": _TEXT,
            "label": _TEXT,
            "similarity": _null(_NUMBER),
            "changes": _list("change"),
            "more": _COUNT,
        }
    ),
    "change": _object(
        {"path": _TEXT, "old": {}, "new": {}, "diff": _TEXTS},
        optional=["old", "new", "diff"],
        said="A side that does not have the field is left out; long texts are told by a diff.",
    ),
}


def report_schema() -> _Schema:
    """Return the JSON Schema of a run report (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Run report of pytest-promptdrift",
        **_object(
            {
                "format": {"const": REPORT_FORMAT},
                "tool": _object({"name": _TEXT, "version": _TEXT}),
                "started": _TIME,
                "finished": _TIME,
                "mode": {"enum": [mode.value for mode in Mode]},
                "exit_status": {"type": "integer"},
                "interrupted": _FLAG,
                "strict": _FLAG,
                "ci": _FLAG,
                "settings": {"type": "object"},
                "statistics": _ref("statistics"),
                "totals": _ref("totals"),
                "spending": _maybe("spending"),
                "cases": _list("case"),
                "families": _list("family"),
            },
            said="What one run judged, found and spent.",
        ),
        "$defs": {**_RUN, **_JUDGED, **_COMPARED, **_MISSED},
    }
