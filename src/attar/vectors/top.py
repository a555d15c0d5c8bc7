"""The k greatest of many scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best(scores: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Columns and values of the k greatest of each row of (nq, n); ties in order of columns."""
    n = scores.shape[1]
    k = min(k, n)
    if k < n:
        # argpartition breaks ties as it likes: whatever equals the k-th value is looked at again.
        edge = np.partition(scores, n - k, axis=1)[:, n - k]
        columns = np.empty((len(scores), k), np.int64)
        for i, row in enumerate(scores):
            above = np.flatnonzero(row > edge[i])
            equal = np.flatnonzero(row == edge[i])[: k - len(above)]
            columns[i] = np.concatenate([above, equal])
    else:
        columns = np.broadcast_to(np.arange(n), scores.shape)
    values = np.take_along_axis(scores, columns, axis=1)
    order = np.lexsort((columns, -values), axis=1)
    return np.take_along_axis(columns, order, 1), np.take_along_axis(values, order, 1)


def merge(
    rows: NDArray[np.int64],
    scores: NDArray[np.float32],
    new_rows: NDArray[np.int64],
    new_scores: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The k best of two ranked lists for each query; k is the first list's length."""
    k = rows.shape[1]
    rows = np.concatenate([rows, new_rows], axis=1)
    scores = np.concatenate([scores, new_scores], axis=1)
    order = np.lexsort((rows, -scores), axis=1)[:, :k]
    return np.take_along_axis(rows, order, 1), np.take_along_axis(scores, order, 1)
