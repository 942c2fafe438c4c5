"""Random numbers that are the same for the same data, on every machine and numpy version.

A verdict that changes when it is computed again is not a verdict. The seed is a digest of the data,
and only the raw stream of the bit generator is used: numpy promises that stream for good, and
promises nothing for the distributions built upon it (NEP 19).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from pytest_promptdrift._canonical import digest, digest_bytes

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_INDEX_BITS = 12


def _plain(part: object) -> object:
    if isinstance(part, np.ndarray):
        # adding zero makes -0.0 and 0.0 one number
        data = np.ascontiguousarray(part, dtype="<f8") + 0.0
        return {"shape": list(data.shape), "floats": digest_bytes(data.tobytes())}
    if isinstance(part, np.generic):
        return part.item()
    if isinstance(part, bytes):
        return {"bytes": digest_bytes(part)}
    if isinstance(part, Mapping):
        return {str(key): _plain(value) for key, value in part.items()}
    if isinstance(part, Sequence) and not isinstance(part, str):
        return [_plain(item) for item in part]
    return part


def seeded_rng(*parts: object) -> Generator:
    """Return a generator seeded by the digest of ``parts``: numbers, text, arrays, lists of them.

    The same parts give the same stream everywhere. The order of a list counts: sort what has no
    order of its own.
    """
    return Generator(PCG64(int(digest([_plain(part) for part in parts]), 16)))


def uniforms(rng: Generator, *shape: int) -> Floats:
    """Return numbers uniform on [0, 1) with 53 random bits, from the raw stream of ``rng``."""
    raw = rng.bit_generator.random_raw(int(np.prod(shape, dtype=np.int64)))
    return np.asarray(raw >> np.uint64(11), dtype=np.float64).reshape(shape) * 2.0**-53


def indices(rng: Generator, below: int, *shape: int) -> Ints:
    """Return whole numbers uniform on 0 … ``below`` - 1 (at least one value is needed)."""
    return np.asarray(uniforms(rng, *shape) * below, dtype=np.int64)


def random_keys(rng: Generator, rows: int, width: int) -> Ints:
    """Return ``rows`` × ``width`` keys, never equal inside a row, to shuffle or split by rank."""
    raw = rng.bit_generator.random_raw(rows * width).reshape(rows, width) >> np.uint64(1)
    keys = (raw >> np.uint64(_INDEX_BITS)) << np.uint64(_INDEX_BITS)
    return np.asarray(keys | np.arange(width, dtype=np.uint64), dtype=np.int64)


def fresh_masks(rng: Generator, rows: int, total: int, fresh: int) -> Bools:
    """Return ``rows`` uniform choices of ``fresh`` out of ``total`` samples, one a row."""
    if fresh in (0, total):
        return np.full((rows, total), bool(fresh), dtype=np.bool_)
    keys = random_keys(rng, rows, total)
    edge = np.partition(keys, fresh - 1, axis=1)[:, fresh - 1 : fresh]
    return np.asarray(keys <= edge, dtype=np.bool_)
