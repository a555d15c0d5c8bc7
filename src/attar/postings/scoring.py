"""Scores straight from coded lists.

Contributions are added as whole multiples of a power of two, so that their sum does not depend
on the order in which lists are read: a search that leaves blocks out gives bit for bit the
scores of one that reads everything.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.bits import OUTSIDE, Words
from attar.postings.lists import BLOCK, HEAD, blocks_of, read_block, read_head


@kernel(inline="always")
def contribution(
    payload: int, length: int, weight: float, norm: float, slope: float, curve: NDArray[np.float64]
) -> int:
    """What a posting adds to its document's score, in quanta.

    Args:
        payload: term frequency.
        length: tokens of the document.
        weight: the term's weight in quanta.
        norm: 1 - b.
        slope: b over the mean length.
        curve: `bm25.Curve`.
    """
    n = norm + slope * length
    return int(weight * (curve[0] * (payload + curve[1] * n) / (payload + curve[2] * n) + curve[3]))


@kernel()
def accumulate(
    words: Words,
    begins: NDArray[np.int64],
    counts: NDArray[np.int64],
    weights: NDArray[np.float64],
    lengths: NDArray[np.int64],
    norm: float,
    slope: float,
    curve: NDArray[np.float64],
    sums: NDArray[np.int64],
) -> int:
    """Add every posting of some lists to `sums`.

    Args:
        words: the coded lists.
        begins: where each list of the query begins.
        counts: its postings, at most as many as there are documents.
        weights: its weight, in quanta.
        lengths: (n,) tokens by document.
        norm: 1 - b.
        slope: b over the mean length.
        curve: `bm25.Curve`.
        sums: (n,) scores in quanta, added to.

    Returns:
        OUTSIDE if a list is damaged, else 0.
    """
    documents = np.empty(BLOCK, dtype=np.int64)
    payloads = np.empty(BLOCK, dtype=np.int64)
    for t in range(begins.size):
        count = counts[t]
        blocks = blocks_of(count)
        head = np.empty((blocks, HEAD), dtype=np.int64)
        if count > BLOCK:
            if read_head(words, begins[t], count, lengths.size, head) == OUTSIDE:
                return OUTSIDE
        else:
            head[0, 0] = -1
            head[0, 1] = lengths.size
            head[0, 2] = begins[t]
        for i in range(blocks):
            size = min(BLOCK, count - i * BLOCK)
            end = read_block(words, head[i, 2], size, head[i, 0], head[i, 1], documents, payloads)
            if end == OUTSIDE:
                return OUTSIDE
            for j in range(size):
                d = documents[j]
                sums[d] += contribution(payloads[j], lengths[d], weights[t], norm, slope, curve)
    return 0
