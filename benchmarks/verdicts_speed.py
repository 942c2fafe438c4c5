"""Judges one family of fresh answers, for the row that says what it costs.

``python -m benchmarks.verdicts_speed CASES SAMPLES`` prints one line of JSON. Nothing is kept from
one answer to the next, and no two texts are equal unless two samples of a case are.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.corpus import Answer, load, prompts
from benchmarks.verdicts_suite import Draw, as_sample, load_suite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_promptdrift.model import Sample


def main(cases: int, samples: int) -> int:
    """Judge ``cases`` × (``samples`` + ``samples``) answers and say what it took."""
    told = [(f"case-{number:04d}", prompts()[number % 24]) for number in range(cases)]
    with TemporaryDirectory() as folder:
        suite = load_suite(Path(folder), {"all": told})
    accepted, fresh = {}, {}
    for number, (name, prompt) in enumerate(told):
        drawn = tuple(islice(_answers(prompt.id, number), 2 * samples))
        accepted[name], fresh[name] = drawn[:samples], drawn[samples:]
    began = time.process_time()
    family = suite.judge(Draw(accepted=accepted, fresh=fresh)).families[0]
    sides: list[Mapping[str, tuple[Sample, ...]]] = [accepted, fresh]
    texts = [one.response.text for side in sides for answers in side.values() for one in answers]
    told_ = {
        "cpu": time.process_time() - began,
        "characters": sum(map(len, texts)) / len(texts),
        "status": str(family.status),
    }
    print(json.dumps(told_))
    return 0


def _answers(prompt: str, number: int) -> Iterator[Sample]:
    """Yield answers to a prompt; each case begins elsewhere and has its own last sentence."""
    stored = [answer for one in load().values() for answer in one[prompt]]
    start = number // 24 * 7 % len(stored)
    for answer in (*stored[start:], *stored[:start]):
        text = answer.text
        if not text.lstrip().startswith(("{", "`")):
            text = f"{text} This is about order {100_000 + number}."
        yield as_sample(Answer(text=text, finish_reason=answer.finish_reason))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
