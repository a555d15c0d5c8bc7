"""The scores of all documents."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.bits import OUTSIDE, Words
from attar.postings.block import BLOCK
from attar.postings.cursor import open_lists
from attar.postings.window import GROUP, WINDOW, add


@kernel()
def score_all(
    words: Words,
    lists: NDArray[np.int64],
    weights: NDArray[np.float64],
    classes: NDArray[np.unsignedinteger],
    lengths: NDArray[np.int64],
    table: NDArray[np.float64],
    shape: NDArray[np.float64],
    quantum: float,
    constant: float,
    out: NDArray[np.float32],
) -> Any:
    """Fill `out`, (n,), with the scores of all documents; other arguments as in `pruning.best`.

    Returns:
        OUTSIDE if a list is damaged, else 0.
    """
    terms = len(lists)
    n = classes.size
    scratch = np.empty((2, terms * BLOCK), dtype=np.uint32)
    sums = np.zeros(WINDOW, dtype=np.int64)
    flags = np.zeros(WINDOW // GROUP, dtype=np.bool_)
    cursors, rows = open_lists(words, lists, n)
    if len(rows) == 0:
        return OUTSIDE
    for low in range(0, n, WINDOW):
        high = min(low + WINDOW, n)
        for t in range(terms):
            status = add(
                words, cursors, rows, scratch, t, low, high, weights[t], classes, lengths, table,
                shape, sums, flags,
            )  # fmt: skip
            if status == OUTSIDE:
                return OUTSIDE
        for d in range(high - low):
            out[low + d] = np.float32(sums[d] * quantum + constant)
            sums[d] = 0
    return 0
