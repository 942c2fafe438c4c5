"""The check of meaning by embeddings: is the answer still about the same thing.

It cannot see a changed fact; equality, numbers and a judge do. Embedders are found by name; what
computes the vectors is imported only when a case asks for this check.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_promptdrift._errors import CheckCrashError, PromptDriftError
from pytest_promptdrift.model import CheckResult

from .arguments import SHARE, SOME_TEXT, ArgumentError, Arguments, Field, optional
from .protocol import CheckType
from .wording import quote, reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_promptdrift.model import CheckContext

    from .embedding import Embedder
    from .protocol import Check, CheckScope

TO = Field(name="to", kind=SOME_TEXT, summary="a text with the same meaning")
MIN = optional("min", SHARE, "the least similarity; default is the floor of the embedder")
EMBEDDER = optional("embedder", SOME_TEXT, "the name of the embedder")


def _find_embedder(name: str, scope: CheckScope) -> Embedder:
    known = scope.shared.embedders
    if name not in known:
        try:
            known[name] = scope.shared.get_embedder(name)
        except PromptDriftError as error:
            raise ArgumentError(error.message, error.hint) from error
        except ImportError as error:
            msg = f"the embedder {quote(name)} cannot be loaded: {error}"
            raise ArgumentError(msg) from error
    return known[name]


def _build(arguments: Arguments, scope: CheckScope) -> Check:
    target, name = arguments[TO], scope.name
    embedder = _find_embedder(arguments[EMBEDDER] or scope.embedder, scope)
    scope.reads.append(embedder.id)
    least = arguments[MIN]
    floor = embedder.floor if least is None else least
    kept: list[Sequence[float]] = []

    def evaluate(context: CheckContext) -> CheckResult:
        if not kept:
            kept.append(embedder.embed([target])[0])
        text = context.response.text
        if not text.strip():
            why = f"similar to {quote(target)} expected, found an empty answer"
            return CheckResult(name=name, passed=False, score=0.0, reason=reason(why))
        score = _similarity(embedder.embed([text])[0], kept[0])
        passed = score >= floor
        why = f"similarity {score:.2f}"
        if not passed:
            why = f"{why}, at least {floor:.2f} expected: {quote(text)} against {quote(target)}"
        return CheckResult(name=name, passed=passed, score=score, reason=reason(why))

    return evaluate


def _similarity(left: Sequence[float], right: Sequence[float]) -> float:
    """Return the cosine of two unit vectors as a score; opposite meanings are 0."""
    dot = getattr(left, "dot", None)
    product = float(dot(right) if dot else sum(a * b for a, b in zip(left, right, strict=True)))
    if not math.isfinite(product):
        msg = "the embedder gave no number for this answer"
        raise CheckCrashError(msg)
    # Rounding can put the product of equal vectors a little above 1.
    return min(1.0, max(0.0, round(product, 6)))


CHECKS: tuple[CheckType, ...] = (
    CheckType(
        name="similar",
        summary="the answer means about the same as a text; cannot see a changed fact",
        build=_build,
        fields=(TO, MIN, EMBEDDER),
        main="to",
        takes_expected=True,
    ),
)
