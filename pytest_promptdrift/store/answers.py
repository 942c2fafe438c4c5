"""The digest of answers: what a decision was about, so that an edit of it is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_promptdrift._canonical import NotJsonError, digest

from .fields import sample_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_promptdrift.model import Sample


def answers_digest(samples: Sequence[Sample]) -> str:
    """Return 16 hexadecimal characters that change with anything stored of these samples.

    Empty when they hold something that cannot be stored, as an answer of a live run may.
    """
    try:
        return digest([sample_to(sample) for sample in samples])[:16]
    except NotJsonError:
        return ""
