"""Verdicts that nobody would build: every field may hold anything its type allows."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from pytest_promptdrift._errors import Where
from pytest_promptdrift.model import (
    MISSING,
    CheckResult,
    CheckSummary,
    FieldChange,
    Finding,
    Miss,
    NearRecording,
    Problem,
    Spent,
    Status,
    Verdict,
)
from pytest_promptdrift.model.comparison import (
    INSTRUMENTS,
    Attribution,
    Cause,
    CauseKind,
    Comparison,
    FamilyVerdict,
    InstrumentTest,
    ScoreChange,
)
from pytest_promptdrift.model.kinds import KINDS

TEXT = st.text(max_size=30) | st.sampled_from(
    ["", " ", "a\nb", "\x1b[31mred", "\ud800", "x" * 900, "p = 1 × 2", "\ue000"]
)
NUMBER = st.floats() | st.sampled_from([0.0, -0.0, 1e-300, 1e300, 0.05])
COUNT = st.integers(0, 9)
SCORE = st.floats(0, 1)


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


def few(
    strategy: st.SearchStrategy[object], most: int = 4
) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
CHANGES = st.builds(
    FieldChange, path=TEXT, old=st.just(MISSING) | JSON, new=st.just(MISSING) | JSON
)
FINDINGS = st.builds(
    Finding,
    kind=st.sampled_from(list(KINDS)) | TEXT,
    message=TEXT,
    severity=st.sampled_from(["fail", "warn", "note"]),
    old=maybe(TEXT),
    new=maybe(TEXT),
    path=maybe(TEXT),
    accepted=COUNT,
    accepted_of=COUNT,
    fresh=COUNT,
    fresh_of=COUNT,
    p=maybe(SCORE),
    adjusted_p=maybe(SCORE),
)
CAUSES = st.builds(
    Cause,
    kind=st.sampled_from(get_args(CauseKind)),
    message=TEXT,
    ours=st.booleans(),
    changes=few(CHANGES, 2),
)
ATTRIBUTIONS = st.builds(Attribution, causes=few(CAUSES, 6), experiment=maybe(TEXT))
SCORES = st.builds(
    ScoreChange,
    name=TEXT,
    accepted=NUMBER,
    fresh=NUMBER,
    low=maybe(NUMBER),
    high=maybe(NUMBER),
    p=maybe(SCORE),
    margin=maybe(NUMBER),
    answer=st.sampled_from(["regressed", "improved", "fine", "inconclusive"]),
    needed=maybe(COUNT),
    broken=few(TEXT, 20),
)
SPENT = st.builds(Spent, usd=maybe(NUMBER), tokens=maybe(COUNT), seconds=NUMBER)
COMPARISONS = st.builds(
    Comparison,
    accepted_id=TEXT,
    accepted_at=TEXT,
    accepted_samples=COUNT,
    fresh_samples=COUNT,
    same_request=st.booleans(),
    findings=few(FINDINGS, 7),
    attribution=maybe(ATTRIBUTIONS),
    scores=few(SCORES, 2),
    ratio=maybe(NUMBER),
    p=maybe(SCORE),
    undecided=maybe(TEXT),
    needed=maybe(COUNT),
    skipped=few(TEXT, 2),
    accepted_answers=few(TEXT),
    accepted_spent=maybe(SPENT),
)
RESULTS = st.builds(
    CheckResult,
    name=TEXT,
    passed=maybe(st.booleans()),
    score=maybe(SCORE),
    reason=TEXT,
    detail=few(TEXT),
    crashed=st.just(value=False),
)
CHECKS = st.builds(
    CheckSummary, name=TEXT, held=COUNT, total=COUNT, needed=COUNT, results=few(RESULTS)
)
PROBLEMS = st.builds(Problem, kind=st.just("rejected") | TEXT, message=TEXT, hint=maybe(TEXT))
MISSES = st.builds(
    Miss,
    digest=TEXT,
    stored=COUNT,
    needed=COUNT,
    near=few(
        st.builds(
            NearRecording,
            recording_id=TEXT,
            case_id=TEXT,
            label=TEXT,
            similarity=SCORE,
            changes=few(CHANGES, 7),
            more=COUNT,
        ),
        2,
    ),
)
VERDICTS = st.builds(
    Verdict,
    status=st.sampled_from(Status),
    case_id=TEXT,
    label=TEXT,
    model=TEXT,
    where=maybe(st.builds(Where, path=TEXT, line=maybe(COUNT))),
    recording_id=maybe(TEXT),
    samples=COUNT,
    called=COUNT,
    checks=few(CHECKS, 2),
    answers=few(TEXT, 6),
    miss=maybe(MISSES),
    problem=maybe(PROBLEMS),
    spent=maybe(SPENT),
    notes=few(TEXT, 2),
    answers_digest=TEXT,
    check_digests=maybe(st.dictionaries(TEXT, TEXT, max_size=2)),
    comparison=maybe(COMPARISONS),
)
FAMILIES = st.builds(
    FamilyVerdict,
    status=st.sampled_from(Status),
    case_file=TEXT,
    label=TEXT,
    model=TEXT,
    cases=COUNT,
    compared=COUNT,
    errors=COUNT,
    alpha=SCORE,
    level=SCORE,
    families=COUNT,
    samples=st.tuples(COUNT, COUNT),
    tests=few(
        st.builds(
            InstrumentTest,
            instrument=st.sampled_from(INSTRUMENTS),
            p=SCORE,
            level=SCORE,
            fired=st.booleans(),
            message=TEXT,
            effect=maybe(NUMBER),
        )
    ),
    scores=few(SCORES, 2),
    drifted=few(TEXT, 20),
    unchanged=COUNT,
    attribution=maybe(ATTRIBUTIONS),
    problem=maybe(PROBLEMS),
    notes=few(TEXT, 2),
    shares=maybe(st.dictionaries(st.sampled_from(INSTRUMENTS), SCORE)),
    usd_per_sample=maybe(NUMBER),
)
