"""The prompts of the corpus as case files, and drawn answers as the two sides of each case.

All that is judged here goes through the code that judges a run: case files are loaded as a run
loads them, and ``Families`` compares, shares alpha and concludes. Only two things are replaced:
where samples come from, and what is worked out about one answer alone, which is kept so that an
answer that is drawn a hundred times is read once.
"""

from __future__ import annotations

import json
import random
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

from benchmarks.corpus import DERIVED, Answer, CorpusPrompt, derive, load, prompts
from pytest_promptdrift.cases import build_request, cells, load_case_file
from pytest_promptdrift.config import Config
from pytest_promptdrift.drift.reading import Reading
from pytest_promptdrift.engine import comparing
from pytest_promptdrift.engine.families import Families
from pytest_promptdrift.engine.sides import Sides
from pytest_promptdrift.model import Decision, Recording, Response, Sample
from pytest_promptdrift.stats import representations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_promptdrift.cases import Cell
    from pytest_promptdrift.engine.concluding import CaseConclusion
    from pytest_promptdrift.engine.sides import Baselines
    from pytest_promptdrift.model.comparison import FamilyVerdict

MODEL = "openai:corpus"
AT = "2026-11-01T00:00:00+00:00"

# What each prompt is scored by: something that a user would ask of the answer, and that an answer
# of so small a model gives sometimes.
CHECKS: Mapping[str, Any] = {
    "jacket": {"contains": "14 days"},
    "shipping": {"contains": "4.90"},
    "norway": {"regex": r"(?i)\b(?:not|only)\b"},
    "late": {"contains": "2 to 4"},
    "cream": {"regex": r"(?i)\b(?:not|cannot|unfortunately)\b"},
    "arrival": {"contains": "50 EUR"},
    "kettle": {"contains": "24 months"},
    "backpack": {"icontains": "not waterproof"},
    "lamp": {"contains": "21:00"},
    "checkout": {"contains": "11:00"},
    "cancel": {"contains": "80 %"},
    "dog": {"contains": "15 EUR"},
    "label-broken": {"equals": "refund"},
    "label-login": {"equals": "account"},
    "label-vague": {"one_of": ["refund", "delivery"]},
    "decide-late": {"starts_with": "No"},
    "decide-opened": {"starts_with": "No"},
    "total": {"number": {"value": 29.9}},
}
JSON_CHECK = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Samples of both sides by prompt."""

    accepted: Mapping[str, tuple[Sample, ...]]
    fresh: Mapping[str, tuple[Sample, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a run says: its families, and its cases by id."""

    families: tuple[FamilyVerdict, ...]
    cases: Mapping[str, CaseConclusion]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Stands where the baselines of a project stand, and has the samples that were drawn."""

    draw: Draw

    def current(self, _cell: Cell) -> Decision:
        return Decision(recording_id="accepted", accepted=True, samples=1, answers="", at=AT)

    def sides(self, cell: Cell, fresh: Recording, decision: Decision) -> Sides:
        name = cell.case.id
        return Sides(
            cell=cell,
            decision=decision,
            accepted=fresh,
            fresh=fresh,
            before=self.draw.accepted[name],
            after=self.draw.fresh[name],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Case files of the corpus: all prompts in one, or each group of prompts in its own."""

    config: Config
    cells: tuple[Cell, ...]
    recordings: Mapping[str, Recording]

    def judge(self, draw: Draw) -> Judged:
        """Judge the samples that were drawn as one run does."""
        families = Families(
            config=self.config,
            baselines=cast("Baselines", _Drawn(draw)),
            find=lambda cell: self.recordings[cell.case.id],
            failed=lambda _: False,
            selected=lambda _: self.cells,
            known=lambda: None,
        )
        firsts = {cell.case_file.path: cell for cell in reversed(self.cells)}
        concluded = {cell.case.id: families.case(cell) for cell in self.cells}
        return Judged(
            families=tuple(families.verdict(cell) for cell in firsts.values()),
            cases={name: case for name, case in concluded.items() if case is not None},
        )


def suite(*, grouped: bool = False) -> Suite:
    """Return the prompts of the corpus as one case file, or as one for each group."""
    told = prompts()
    files = {
        group: [(p.id, p) for p in told if group in {p.group, "all"}]
        for group in (sorted({p.group for p in told}) if grouped else ["all"])
    }
    with tempfile.TemporaryDirectory() as folder:
        return load_suite(Path(folder), files)


def load_suite(folder: Path, files: Mapping[str, Sequence[tuple[str, CorpusPrompt]]]) -> Suite:
    """Load case files with these cases; their place is needed only while they are loaded."""
    config = Config(root=folder)
    found: list[Cell] = []
    for name, cases in files.items():
        path = folder / f"{name}.prompt.json"
        path.write_text(json.dumps(_case_file(cases)), encoding="utf-8")
        found += cells(load_case_file(path, config))
    return Suite(
        config=config,
        cells=tuple(found),
        recordings={cell.case.id: _recording(cell) for cell in found},
    )


def _case_file(cases: Sequence[tuple[str, CorpusPrompt]]) -> dict[str, Any]:
    return {
        "models": [MODEL],
        "params": {"temperature": 0.8, "top_p": 0.95},
        "system": "{{ system }}",
        "prompt": "{{ prompt }}",
        "cases": [
            {
                "id": name,
                "vars": {"system": p.system, "prompt": p.prompt},
                "checks": [_scoring(CHECKS.get(p.id, JSON_CHECK))],
            }
            for name, p in cases
        ],
    }


def _scoring(check: Any) -> dict[str, Any]:
    return {**(check if isinstance(check, dict) else {check: {}}), "score_only": True}


def _recording(cell: Cell) -> Recording:
    return Recording(
        id="fresh",
        digest=cell.digest,
        series="",
        label=cell.label,
        request=build_request(cell).canonical(),
        samples=(as_sample(Answer(text="", finish_reason="stop")),),
    )


def as_sample(answer: Answer) -> Sample:
    """Return an answer as a recording holds it."""
    response = Response(text=answer.text, finish_reason=answer.finish_reason, served_model="corpus")
    return Sample(response=response, recorded_at=AT, sdk="openai 3.54.0")


@cache
def _stored(condition: str) -> Mapping[str, tuple[Sample, ...]]:
    return {
        name: tuple(as_sample(answer) for answer in answers)
        for name, answers in load()[condition].items()
    }


def seeded(*parts: object) -> random.Random:
    """Return the chance of one repetition; the same one for the same parts, everywhere."""
    return random.Random(" ".join(map(str, parts)))


def draw(condition: str, accepted: int, fresh: int, chance: random.Random) -> Draw:
    """Draw samples without repetition: accepted ones from ``base``, fresh ones as they are now.

    The condition ``base`` gives both sides from the same answers: nothing changed but chance.
    """
    before, after = {}, {}
    stored = condition in load()
    for name, base in _stored("base").items():
        chosen = chance.sample(base, accepted + fresh)
        before[name] = tuple(chosen[:accepted])
        if condition == "base":
            after[name] = tuple(chosen[accepted:])
        elif stored:
            after[name] = tuple(chance.sample(_stored(condition)[name], fresh))
        else:
            after[name] = _derived(condition, chosen[accepted:], chance)
    return Draw(accepted=before, fresh=after)


def _derived(
    condition: str, samples: Sequence[Sample], chance: random.Random
) -> tuple[Sample, ...]:
    if condition not in DERIVED:
        msg = f"unknown condition {condition!r}"
        raise ValueError(msg)
    answers = [
        Answer(text=s.response.text, finish_reason=cast("Any", s.response.finish_reason))
        for s in samples
    ]
    return tuple(as_sample(answer) for answer in derive(condition, answers, chance))


@contextmanager
def remembered() -> Iterator[None]:
    """Read every answer once, and every pair, for as long as the context is open."""
    reading = cache(Reading)
    with ExitStack() as stack:
        for name in ("facts", "running_text", "shape", "skipped", "traits"):
            module = import_module(f"pytest_promptdrift.drift.{name}")
            stack.enter_context(patch.object(module, "Reading", reading))
        for name in ("traits_of", "fact_findings", "shape_findings"):
            stack.enter_context(patch.object(comparing, name, cache(getattr(comparing, name))))
        weights = cache(representations._gram_weights)
        stack.enter_context(patch.object(representations, "_gram_weights", weights))
        yield
