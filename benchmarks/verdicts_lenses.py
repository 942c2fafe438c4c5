"""Other eyes for the distribution of answers: what would be seen with another representation.

Everything else stays the code that judges a run; only the vectors that it measures distances on are
replaced, or joined by others.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from benchmarks.verdicts_rivals import vectors as static_vectors
from pytest_promptdrift.stats import distribution, representations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


# as shipped, the vectors of the static embedder instead, and both beside each other
LENSES = ("words", "static", "both")


@contextmanager
def through(lens: str) -> Iterator[None]:
    """Judge with the representations of a lens for as long as the context is open."""
    with ExitStack() as stack:
        if lens == "static":
            stack.enter_context(patch.object(representations, "ngram_vectors", static_vectors))
        elif lens == "both":
            _look_at_both(stack)
        yield


def _look_at_both(stack: ExitStack) -> None:
    ngrams, compare = representations.ngram_vectors, distribution.compare_distributions
    seen: list[Sequence[str]] = []

    def remember(texts: Sequence[str]) -> Any:
        seen[:] = [texts]
        return ngrams(texts)

    def both(sizes: Any, vectors: Any, style: Any, **options: Any) -> Any:
        return compare(sizes, {**vectors, "static": static_vectors(seen[0])}, style, **options)

    stack.enter_context(patch.object(representations, "ngram_vectors", remember))
    stack.enter_context(patch.object(distribution, "compare_distributions", both))
