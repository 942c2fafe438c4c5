"""Measures the topic floor of an embedder whose makers did not state one.

Thirty subjects in two wordings each: the floor lies a third of the way from what unrelated subjects
reach up to what two wordings of one subject keep; nearer to the lower end, because real answers
differ more than these pairs do and a wrong alarm costs more than a missed one. This module must
not know any particular embedder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

# pairs of an answer and the same in other words
_WORDINGS = Path(__file__).with_name("wordings.json")
# one off-topic answer in twenty may slip through
_OFF_TOPIC_PERCENTILE = 95


def measure_floor(embed: Callable[[Sequence[str]], NDArray[np.float32]]) -> float:
    """Return the cosine a third of the way from off-topic pairs to paraphrases, rounded."""
    import numpy as np  # noqa: PLC0415  (only called when vectors are there)

    wordings = json.loads(_WORDINGS.read_text(encoding="utf-8"))
    left = embed([answer for answer, _ in wordings])
    right = embed([other for _, other in wordings])
    similarity = left @ right.T
    same = np.eye(len(wordings), dtype=bool)
    off_topic = float(np.percentile(similarity[~same], _OFF_TOPIC_PERCENTILE))
    paraphrase = float(similarity[same].min())
    return round(off_topic + (paraphrase - off_topic) / 3, 2)
