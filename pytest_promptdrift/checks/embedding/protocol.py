"""What an embedder is, and the one way to make unit rows.

This module must not know any particular embedder, nor import numpy before it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into vectors whose products say how near two texts are in topic.

    ``id`` names the embedder and the digest of its weights: similarities of two ids are never
    compared. ``floor`` is the similarity below which two texts are off topic for *this* embedder.
    """

    @property
    def id(self) -> str:
        """Return the name and the digest of the weights, ``static:0123456789ab``."""
        ...

    @property
    def floor(self) -> float:
        """Return the cosine below which an answer is about something else."""
        ...

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """Return one unit row a text; a text without a known token is a row of zeros."""
        ...


def unit_rows(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return ``rows`` at length one; a row of zeros stays zero instead of becoming NaN."""
    import numpy as np  # noqa: PLC0415  (runs without a similarity check never pay for numpy)

    vectors = rows.astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(
        vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0
    )
    return unit


def clean(texts: Sequence[str]) -> list[str]:
    """Return texts that every tokenizer takes: lone surrogates become question marks."""
    return [text.encode("utf-8", "replace").decode() for text in texts]
