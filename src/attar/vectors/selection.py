"""The best of many rows: brought to the front, cut back, sorted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

Floats = NDArray[np.float32]


@kernel(nogil=True)
def keep_greatest(rows: NDArray[np.int64], scores: Floats, held: int, kept: int) -> Any:
    """Bring the `kept` greatest of the first `held` to the front; the least of them.

    Hoare's selection.
    """
    low, high = 0, held - 1
    while low < high:
        middle = scores[(low + high) >> 1]
        i, j = low, high
        while i <= j:
            while scores[i] > middle:
                i += 1
            while scores[j] < middle:
                j -= 1
            if i <= j:
                scores[i], scores[j] = scores[j], scores[i]
                rows[i], rows[j] = rows[j], rows[i]
                i += 1
                j -= 1
        if kept - 1 <= j:
            high = j
        elif kept - 1 >= i:
            low = i
        else:
            break
    return scores[:kept].min()


@kernel(nogil=True)
def cut_back(
    rows: NDArray[np.int64], scores: Floats, held: NDArray[np.int64], kept: int
) -> None:  # fmt: skip
    """Leave at most `kept` of the rows that each query holds, the greatest."""
    for q in range(len(held)):
        if held[q] > kept:
            keep_greatest(rows[q], scores[q], held[q], kept)
            held[q] = kept


@kernel(nogil=True)
def pick_best(
    rows: NDArray[np.int64], scores: Floats, held: NDArray[np.int64],
    best: NDArray[np.int64], of: Floats,
) -> None:  # fmt: skip
    """Sort the best of each query's rows into `best` and `of`, equal scores by row.

    What is left of `best` becomes -1, and of `of` -inf.
    """
    k = best.shape[1]
    for q in range(len(held)):
        n = 0
        for i in range(held[q]):
            score, row = scores[q, i], rows[q, i]
            if n == k and not (
                score > of[q, k - 1] or (score == of[q, k - 1] and row < best[q, k - 1])
            ):
                continue
            at = min(n, k - 1)
            while at and (
                of[q, at - 1] < score or (of[q, at - 1] == score and best[q, at - 1] > row)
            ):
                of[q, at], best[q, at] = of[q, at - 1], best[q, at - 1]
                at -= 1
            of[q, at], best[q, at] = score, row
            n = min(n + 1, k)
        best[q, n:], of[q, n:] = -1, -np.inf
