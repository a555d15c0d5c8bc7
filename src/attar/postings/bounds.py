"""What a search knows before it begins: bounds of blocks, and a score that the best exceed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import LEAF, kernel
from attar.postings.bits import OUTSIDE, Words
from attar.postings.block import BLOCK
from attar.postings.cursor import COUNT, END, FIRST, SIZE, Cursors, decode, weigh
from attar.postings.lists import MOST, MOST_LENGTH, SECOND, SECOND_LENGTH
from attar.postings.scoring import as_tuple, contribution
from attar.postings.unpack import Postings

# What takes the places of the pairs in a block's row: the most that a posting of it can add, and
# what one of them does add.
BOUND, ATTAINED = MOST, SECOND


@kernel(**LEAF)
def bound_blocks(
    words: Words,
    cursors: Cursors,
    rows: NDArray[np.int64],
    weights: NDArray[np.float64],
    classes: NDArray[np.unsignedinteger],
    lengths: NDArray[np.int64],
    shape: NDArray[np.float64],
    share: float,
    scratch: Postings,
) -> Any:
    """Turn the pairs of each block's row into what a posting of it can add, and does.

    A list of one block is decoded for it. Arguments as in `pruning.best`.

    Returns:
        OUTSIDE if a list is damaged, else 0.
    """
    curve = as_tuple(shape)
    for t in range(weights.size):
        weight = weights[t]
        # Computed one way for the bound and another for the score, a sum may differ in its last
        # bits; the slack is far above that and far below what would cost a look-up.
        slack = np.int64(weight * (shape[0] + abs(shape[3])) * 2.0**-44) + 2
        first = cursors[t, FIRST]
        if cursors[t, COUNT] > BLOCK:
            for i in range(first, cursors[t, END]):
                attained = contribution(rows[i, MOST], rows[i, MOST_LENGTH], weight, curve)
                second = contribution(rows[i, SECOND], rows[i, SECOND_LENGTH], weight, curve)
                rows[i, ATTAINED] = attained
                rows[i, BOUND] = max(attained, second) + slack
                if share < 1.0:
                    rows[i, BOUND] = np.int64(rows[i, BOUND] * share)
            continue
        if decode(words, cursors, rows, scratch, t) == OUTSIDE:
            return OUTSIDE
        if weigh(words, cursors, scratch, t) == OUTSIDE:
            return OUTSIDE
        most = np.int64(0)
        for j in range(cursors[t, SIZE]):
            length = lengths[classes[scratch[0, t * BLOCK + j]]]
            most = max(most, contribution(scratch[1, t * BLOCK + j], length, weight, curve))
        rows[first, BOUND] = most + slack
        rows[first, ATTAINED] = most
    return 0


@kernel()
def first_bar(
    cursors: Cursors,
    rows: NDArray[np.int64],
    weights: NDArray[np.float64],
    classes: NDArray[np.unsignedinteger],
    lengths: NDArray[np.int64],
    shape: NDArray[np.float64],
    k: int,
    scratch: Postings,
) -> Any:
    """A sum that at least k documents exceed, each by a single posting.

    Of a long list, each block has a posting that adds what its row says; short lists are decoded
    already. Without this the first windows would have to be read in full until the heap is worth
    something.
    """
    bar = np.int64(0)
    if k > BLOCK:
        return bar
    curve = as_tuple(shape)
    largest = np.empty(k, dtype=np.int64)
    for t in range(weights.size):
        long = cursors[t, COUNT] > BLOCK
        first = cursors[t, FIRST]
        size = cursors[t, END] - first if long else cursors[t, COUNT]
        if size < k:
            continue
        largest[:] = 0  # in rising order
        for j in range(size):
            if long:
                value = rows[first + j, ATTAINED]
            else:
                length = lengths[classes[scratch[0, t * BLOCK + j]]]
                value = contribution(scratch[1, t * BLOCK + j], length, weights[t], curve)
            if value > largest[0]:
                p = 0
                while p + 1 < k and largest[p + 1] < value:
                    largest[p] = largest[p + 1]
                    p += 1
                largest[p] = value
        bar = max(bar, largest[0] - 1)
    return bar
