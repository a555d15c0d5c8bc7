"""Document lengths, exactly, in about one byte each.

In blocks of 128: the shortest (32 bits), how many bits the differences from it take (6), and
the differences.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.bits import Words, bit_length, read, write

BLOCK = 128
BASE_BITS = 32
WIDTH_BITS = 6

TABULATED = 1 << 20
"""Lengths up to here are looked up in a table."""

LONGEST = (1 << 32) - 1
"""Most tokens that one document may have."""


@kernel()
def encode_lengths(lengths: NDArray[np.int64]) -> Words:
    """Code lengths from 0 to LONGEST."""
    room = lengths.size * BASE_BITS + (lengths.size // BLOCK + 1) * (BASE_BITS + WIDTH_BITS)
    words = np.zeros(room // 64 + 2, dtype=np.uint64)
    at = 0
    for start in range(0, lengths.size, BLOCK):
        part = lengths[start : start + BLOCK]
        base = part.min()
        width = bit_length(part.max() - base)
        at = write(words, at, base, BASE_BITS)
        at = write(words, at, width, WIDTH_BITS)
        for value in part:
            at = write(words, at, value - base, width)
    return words[: (at + 63) // 64].copy()


@kernel()
def decode_lengths(words: Words, count: int) -> Any:
    """The lengths of `count` documents as int64; an empty array if the words are too few."""
    out = np.zeros(count, dtype=np.int64)
    at = 0
    for start in range(0, count, BLOCK):
        base = read(words, at, BASE_BITS)
        width = min(read(words, at + BASE_BITS, WIDTH_BITS), BASE_BITS)
        at += BASE_BITS + WIDTH_BITS
        for i in range(start, min(start + BLOCK, count)):
            out[i] = base + read(words, at, width)
            at += width
    return out if at <= words.size * 64 else out[:0]


@kernel()
def classify(lengths: NDArray[np.int64]) -> Any:
    """Number the distinct lengths.

    Returns:
        (n,) uint32 the number of each document's length, and (classes,) int64 the lengths.
    """
    classes = np.empty(lengths.size, dtype=np.uint32)
    most = lengths.max() if lengths.size else 0
    if most > TABULATED:
        distinct = np.unique(lengths)
        for i in range(lengths.size):
            classes[i] = np.searchsorted(distinct, lengths[i])
        return classes, distinct
    number = np.zeros(most + 1, dtype=np.uint32)
    for n in lengths:
        number[n] = 1
    distinct = np.flatnonzero(number)
    for i in range(distinct.size):
        number[distinct[i]] = i
    for i in range(lengths.size):
        classes[i] = number[lengths[i]]
    return classes, distinct
