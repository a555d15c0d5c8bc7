"""What a search knows before it begins: bounds of blocks, and a score that the best exceed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.bits import OUTSIDE, Words
from attar.postings.block import BLOCK, read_block
from attar.postings.lists import read_head
from attar.postings.scoring import contribution

PROBED = 32
"""Blocks of one list that are looked at for a first bar."""


@kernel()
def read_bounds(
    words: Words,
    counts: NDArray[np.int64],
    begins: NDArray[np.int64],
    weights: NDArray[np.float64],
    lengths: NDArray[np.int64],
    curve: Any,
    share: float,
    first: NDArray[np.int64],
    head: NDArray[np.int64],
    bounds: NDArray[np.int64],
    documents: NDArray[np.int64],
    payloads: NDArray[np.int64],
    decoded: NDArray[np.int64],
) -> Any:
    """Read the heads of lists, and the most that a posting of each block can add.

    A list of one block is decoded at once. Arguments as in `pruning.best`.

    Returns:
        OUTSIDE if a list is damaged, else 0.
    """
    n = lengths.size
    for t in range(counts.size):
        # Computed one way for the bound and another for the score, a sum may differ in its last
        # bits; the slack is far above that and far below what would cost a look-up.
        slack = np.int64(weights[t] * (curve[0] + abs(curve[3])) * 2.0**-44) + 2
        if counts[t] > BLOCK:
            if read_head(words, begins[t], counts[t], n, head[first[t] : first[t + 1]]) == OUTSIDE:
                return np.int64(OUTSIDE)
            for i in range(first[t], first[t + 1]):
                bounds[i] = slack + max(
                    contribution(head[i, 3], head[i, 4], weights[t], curve),
                    contribution(head[i, 5], head[i, 6], weights[t], curve),
                )
                if share < 1.0:
                    bounds[i] = np.int64(bounds[i] * share)
            continue
        i = first[t]
        head[i, 0], head[i, 1], head[i, 2] = -1, n, begins[t]
        end = read_block(words, begins[t], counts[t], -1, n, documents[t], payloads[t])
        if end == OUTSIDE:
            return np.int64(OUTSIDE)
        decoded[t] = i
        bounds[i] = slack
        for j in range(counts[t]):
            value = contribution(payloads[t, j], lengths[documents[t, j]], weights[t], curve)
            bounds[i] = max(bounds[i], value + slack)
    return np.int64(0)


@kernel()
def first_bar(
    words: Words,
    counts: NDArray[np.int64],
    weights: NDArray[np.float64],
    lengths: NDArray[np.int64],
    curve: Any,
    allowed: NDArray[np.bool_],
    k: int,
    first: NDArray[np.int64],
    head: NDArray[np.int64],
    documents: NDArray[np.int64],
    payloads: NDArray[np.int64],
    decoded: NDArray[np.int64],
) -> Any:
    """A sum that at least k documents exceed, from the list of the greatest weight alone.

    Without it the first windows would have to be read in full until the heap is worth something.
    """
    chosen = -1
    for t in range(counts.size):
        if counts[t] >= k and (chosen < 0 or weights[t] > weights[chosen]):
            chosen = t
    if chosen < 0 or k > BLOCK:
        return np.int64(0)
    t = chosen
    largest = np.zeros(k, dtype=np.int64)  # in rising order
    for i in range(first[t], min(first[t + 1], first[t] + PROBED)):
        size = min(BLOCK, counts[t] - (i - first[t]) * BLOCK)
        if decoded[t] != i:
            end = read_block(
                words, head[i, 2], size, head[i, 0], head[i, 1], documents[t], payloads[t]
            )
            if end == OUTSIDE:
                return np.int64(OUTSIDE)
            decoded[t] = i
        for j in range(size):
            d = documents[t, j]
            if allowed.size and not allowed[d]:
                continue
            value = contribution(payloads[t, j], lengths[d], weights[t], curve)
            if value > largest[0]:
                p = 0
                while p + 1 < k and largest[p + 1] < value:
                    largest[p] = largest[p + 1]
                    p += 1
                largest[p] = value
    return max(np.int64(0), largest[0] - 1)
