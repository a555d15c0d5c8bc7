"""Units that repeat others almost word for word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HASHES, BANDS = 64, 16
"""Pairs with a resemblance of 0.8 meet in a band of four hashes with a chance of 1 - (1 - .8^4)^16,
99.98%; of 0.3, in one case of eight, and are then compared and refused."""
SHINGLE = 3


def near_duplicates(
    units: Sequence[NDArray[np.integer]], threshold: float = 0.8
) -> NDArray[np.int64]:
    """For each unit the first one that it repeats, or its own number.

    Broder, "On the resemblance and containment of documents" (SEQUENCES 1997): the resemblance of
    two units is the share of runs of three words that both have of those that either has; pairs
    are found by the least hashes of these runs (MinHash) and then compared in full.

    Args:
        units: word numbers of each unit, in order; without words it repeats nothing.
        threshold: least resemblance of a repetition, above 0 and at most 1.
    """
    found = np.arange(len(units), dtype=np.int64)
    rng = np.random.default_rng(0)
    factors = rng.integers(1, 1 << 31, HASHES, dtype=np.int64).astype(np.uint64) | np.uint64(1)
    offsets = rng.integers(0, 1 << 61, HASHES, dtype=np.int64).astype(np.uint64)
    rows = HASHES // BANDS
    same: dict[bytes, int] = {}
    buckets: dict[tuple[int, bytes], list[int]] = {}
    shingles: dict[int, NDArray[np.uint64]] = {}
    for number, unit in enumerate(units):
        own = _shingles(np.asarray(unit, np.int64))
        if not len(own):
            continue
        found[number] = same.setdefault(own.tobytes(), number)
        if found[number] != number:
            continue
        least = (own[:, None] * factors + offsets).min(axis=0)
        keys = [(band, least[band * rows : band * rows + rows].tobytes()) for band in range(BANDS)]
        for other in sorted({other for key in keys for other in buckets.get(key, ())}):
            if resemblance(own, shingles[other]) >= threshold:
                found[number] = same[own.tobytes()] = other
                break
        else:
            shingles[number] = own
            for key in keys:
                buckets.setdefault(key, []).append(number)
    return found


def resemblance(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> float:
    """Shared shingles over all shingles of two sorted sets."""
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return shared / max(1, len(a) + len(b) - shared)


def _shingles(words: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Sorted distinct hashes of runs of three words; of a shorter unit, of all of it."""
    if not len(words):
        return np.zeros(0, np.uint64)
    size = min(SHINGLE, len(words))
    hashed = np.zeros(len(words) - size + 1, np.uint64)
    for place in range(size):
        part = words[place : len(words) - size + 1 + place].astype(np.uint64)
        hashed = (hashed ^ (part + np.uint64(1))) * np.uint64(0x9E3779B97F4A7C15)
        hashed ^= hashed >> np.uint64(29)
    return np.unique(hashed)
