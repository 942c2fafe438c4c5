"""Times how long it takes to read answers for what they say: ``python -m benchmarks.fact_speed``.

Answers of about 60 words are put together from sentences that do not repeat within one, and from
the corpus of real answers. CPU time of the best of five rounds, so that a busy machine counts less.
"""

from __future__ import annotations

import random
import sys
import time
from itertools import chain
from typing import TYPE_CHECKING

from benchmarks import corpus
from benchmarks import fact_wordings as words
from benchmarks.fact_denials import DENIALS
from benchmarks.fact_unseen import UNSEEN
from pytest_promptdrift.drift import fact_findings, traits_of
from pytest_promptdrift.model import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEED = 20261124
ANSWERS = 2000
WORDS = 60
ROUNDS = 5


def written() -> list[str]:
    """Return answers of about 60 words, made of sentences with facts in them."""
    chance = random.Random(SEED)
    numbers = [one.format(chance.choice([3, 14, 250])) for one, _ in words.NUMBERS]
    unseen = [
        text for kind, *texts in UNSEEN if kind not in {"label", "operator"} for text in texts
    ]
    sentences = list(dict.fromkeys([*chain.from_iterable(DENIALS), *numbers, *unseen]))
    answers = []
    for _ in range(ANSWERS):
        chosen: list[str] = []
        for sentence in chance.sample(sentences, 20):
            if sum(len(text.split()) for text in chosen) < WORDS - 4:
                chosen.append(sentence)
        answers.append(" ".join(chosen))
    return answers


def real() -> list[str]:
    """Return the different answers of the corpus."""
    return sorted(
        {a.text for cases in corpus.load().values() for one in cases.values() for a in one}
    )


def cpu_ms(work: Callable[[Response], object], responses: Sequence[Response]) -> float:
    """Return the CPU time for one answer in milliseconds, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for response in responses:
            work(response)
        best = min(best, time.process_time() - started)
    return 1000 * best / len(responses)


def main() -> int:
    """Print one line per set of answers."""
    print("| answers | count | words | traits | ms to read one | ms to compare two |")
    print("|---|---|---|---|---|---|")
    for name, texts in (("sentences with facts", written()), ("real answers", real())):
        responses = [Response(text=text, finish_reason="stop") for text in texts]
        length = sum(len(text.split()) for text in texts) / len(texts)
        found = sum(len(traits_of(response)) for response in responses) / len(responses)
        read = cpu_ms(traits_of, responses)
        first = responses[:1]
        compared = cpu_ms(lambda r, first=first: fact_findings(first, [r]), responses)  # type: ignore[misc]  # a default
        print(
            f"| {name} | {len(texts)} | {length:.0f} | {found:.1f} | {read:.2f} | {compared:.2f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
