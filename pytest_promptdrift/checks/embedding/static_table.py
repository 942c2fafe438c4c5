"""Embedders that look every token up in a table: the shipped one, and any model2vec folder.

The shipped table is all-MiniLM-L6-v2 distilled to 128 dimensions of int8 (see ``static/NOTICE``).
What was measured with it, floor 0.45:

- Two wordings of one answer stay above the floor: 100 % of 90 hand-written pairs, 99 % of 120
  pairs of samples that a real 0.5B model gave to one prompt.
- Answers about another subject fall below: 99 % of 1,455 pairs. In *one* domain, long answers to
  other questions of the same shop fall below only in 88 % of 3,040 pairs.
- Rank correlation with human judgement on 25 STS sets: .65 on average.

What it cannot see: one changed fact. 14 days against 30 days, Monday against Tuesday, "may"
against "may not" all score above 0.95, because the table has no word order and gives a number
little weight. It is a floor for the topic and nothing else. It knows English; of a language that
its vocabulary does not hold little is left, and answers of one to three words are too short for
it. An answer that says much more than its reference is another topic to it: "delivery takes 3
days" scores 0.37 against the same with price and countries. This module must not know how
embedders are chosen by name.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import digest_bytes
from pytest_promptdrift._errors import ConfigError

from .calibration import measure_floor
from .protocol import clean, unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from model2vec import StaticModel
    from numpy.typing import NDArray

SHIPPED = Path(__file__).with_name("static")
SHIPPED_FLOOR = 0.45
DIGEST_CHARACTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEmbedder:
    """The mean of the table's rows for the tokens of a text, however long the text is."""

    id: str
    floor: float
    model: StaticModel = field(repr=False)

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """Return one unit row a text."""
        return _mean_rows(self.model, texts)


def shipped_table() -> TableEmbedder:
    """Return the embedder of the table in this package."""
    model, digest = _load(SHIPPED)
    return TableEmbedder(id=f"static:{digest}", floor=SHIPPED_FLOOR, model=model)


def table_in(folder: Path, name: str) -> TableEmbedder:
    """Return the embedder of the model2vec model in ``folder``, with a floor measured here."""
    try:
        model, digest = _load(folder)
    except (OSError, ValueError, KeyError) as error:
        msg = f"cannot load a model2vec model from {folder}: {error}"
        raise ConfigError(msg) from error
    floor = measure_floor(lambda texts: _mean_rows(model, texts))
    return TableEmbedder(id=f"model2vec:{name}:{digest}", floor=floor, model=model)


def _mean_rows(model: StaticModel, texts: Sequence[str]) -> NDArray[np.float32]:
    import numpy as np  # noqa: PLC0415  (the model is loaded, so numpy is too)

    if not texts:
        return np.zeros((0, model.dim), dtype=np.float32)
    # the default would look at the first 512 tokens only
    return unit_rows(model.encode(clean(texts), max_length=None, use_multiprocessing=False))


def _load(folder: Path) -> tuple[StaticModel, str]:
    weights = sorted(folder.rglob("*.safetensors"))
    # the stamp makes a table that was replaced during the process a new one
    stamp = tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in weights)
    return _load_once(folder, stamp)


@functools.lru_cache(maxsize=4)
def _load_once(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> tuple[StaticModel, str]:
    from model2vec import StaticModel  # noqa: PLC0415  (a third of a second to import)

    digests = [digest_bytes(Path(file).read_bytes()) for file, _, _ in stamp]
    tokenizers = [
        digest_bytes(file.read_bytes()) for file in sorted(folder.rglob("tokenizer.json"))
    ]
    digest = digest_bytes("".join(digests + tokenizers).encode())[:DIGEST_CHARACTERS]
    return StaticModel.from_pretrained(folder), digest
