"""A corpus of real answers of small language models, on which verdicts are simulated.

The answers lie beside this file in ``answers_corpus``: one compressed file of JSON lines for each
condition under which they were sampled. This module reads and writes them, and makes further
conditions from stored answers. It must not know any statistics, nor a language model.
"""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

FOLDER = Path(__file__).parent / "answers_corpus"

# in the order in which they are sampled; the first is the one that the others are compared with
CONDITIONS = (
    "base",
    "word",
    "quantised",
    "edit",
    "typo",
    "temperature",
    "other",
    "top_p",
    "fact",
)

# made from stored answers by ``derive``
DERIVED = ("cut", "refusals10", "refusals30", "preamble")

REFUSALS = (
    "I'm sorry, but I can't help with that.",
    "I'm sorry, but I cannot assist with this request.",
    "As an AI language model, I am not able to answer this question.",
    "I cannot provide that information. Please contact our support team.",
    "Sorry, I can't assist with that request.",
    "I am unable to help with this. Is there anything else I can do for you?",
)
PREAMBLES = (
    "Certainly! Here is the answer: ",
    "Certainly! Here is the answer:\n\n",
    "Sure, here is the answer: ",
    "Of course! Here you go:\n\n",
)

FinishReason = Literal["stop", "length"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One sampled answer: its text, and whether the model ended it or the limit did."""

    text: str
    finish_reason: FinishReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusPrompt:
    """What was asked: the texts under the condition ``base``."""

    id: str
    group: str
    kind: Literal["prose", "label", "json"]
    system: str
    prompt: str


@cache
def load() -> dict[str, dict[str, tuple[Answer, ...]]]:
    """Return the answers by condition and prompt, each in the order of its sample index.

    The result is shared between callers: do not change it.
    """
    return {name: _read(FOLDER / _name(name)) for name in CONDITIONS if stored(name)}


def stored(condition: str, folder: Path = FOLDER) -> bool:
    """Tell whether the answers of a condition are there."""
    return (folder / _name(condition)).exists()


def description() -> dict[str, Any]:
    """Return the prompts and the edits of each condition as they are written down."""
    read: dict[str, Any] = json.loads((FOLDER / "prompts.json").read_text(encoding="utf-8"))
    return read


def prompts() -> tuple[CorpusPrompt, ...]:
    """Return what was asked, in the order of the corpus."""
    told = description()
    return tuple(
        CorpusPrompt(
            id=one["id"],
            group=one["group"],
            kind=told["groups"][one["group"]]["kind"],
            system=told["groups"][one["group"]]["system"],
            prompt=one["prompt"],
        )
        for one in told["prompts"]
    )


def store(condition: str, answers: Mapping[str, Sequence[Answer]], folder: Path = FOLDER) -> None:
    """Write the answers of a condition; the same answers always give the same bytes."""
    lines = (
        json.dumps(
            {
                "condition": condition,
                "prompt": prompt,
                "sample": index,
                "text": answer.text,
                "finish_reason": answer.finish_reason,
            },
            ensure_ascii=False,
        )
        for prompt, samples in answers.items()
        for index, answer in enumerate(samples)
    )
    (folder / _name(condition)).write_bytes(_compressed(lines))


def derive(name: str, answers: Sequence[Answer], rng: random.Random) -> tuple[Answer, ...]:
    """Return the answers as a change that needs no model would leave them.

    ``cut`` ends each text at 60 % of its length, as a lower token limit would; ``refusals10`` and
    ``refusals30`` replace each answer by a refusal with that probability; ``preamble`` puts a
    polite opening before each.
    """
    if name == "cut":
        return tuple(
            Answer(text=one.text[: len(one.text) * 6 // 10], finish_reason="length")
            for one in answers
        )
    if name == "preamble":
        return tuple(replace(one, text=rng.choice(PREAMBLES) + one.text) for one in answers)
    shares = {"refusals10": 0.1, "refusals30": 0.3}
    if name not in shares:
        msg = f"unknown derived condition {name!r}; known are {', '.join(DERIVED)}"
        raise ValueError(msg)
    return tuple(
        Answer(text=rng.choice(REFUSALS), finish_reason="stop")
        if rng.random() < shares[name]
        else one
        for one in answers
    )


def _name(condition: str) -> str:
    return f"{condition}.jsonl.gz"


def _compressed(lines: Iterable[str]) -> bytes:
    # neither a name nor a time goes into the header, so that equal answers are equal files
    target = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=target, mode="wb", compresslevel=9, mtime=0) as packed:
        for line in lines:
            packed.write(line.encode("utf-8") + b"\n")
    return target.getvalue()


def _read(path: Path) -> dict[str, tuple[Answer, ...]]:
    found: dict[str, list[Answer]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            answer = Answer(text=row["text"], finish_reason=row["finish_reason"])
            found.setdefault(row["prompt"], []).append(answer)
    return {prompt: tuple(samples) for prompt, samples in found.items()}
