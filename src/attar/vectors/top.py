"""The k greatest of many scores, taken in block by block."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray


class Top:
    """The best k rows for each of some queries so far; equal scores in the order of rows.

    Safe to offer to from several threads.

    Args:
        queries: how many.
        k: rows kept for each.
    """

    def __init__(self, queries: int, k: int) -> None:
        self._rows = np.full((queries, k), -1, np.int64)
        self._scores = np.full((queries, k), -np.inf, np.float32)
        self._lock = threading.Lock()

    def offer(self, query: int, first: int, scores: NDArray[np.float32]) -> None:
        """Take in the scores of a block.

        Args:
            query: number of the first of these queries.
            first: number of the first of these rows.
            scores: (queries, rows); -inf leaves a row out.
        """
        k = self._rows.shape[1]
        for i, row in enumerate(scores, start=query):
            # Most rows of later blocks fall here: the comparison runs at memory speed. Reading
            # the floor without the lock is safe, for it only rises.
            floor = self._scores[i, -1]
            better = np.flatnonzero((row >= floor) & (row > -np.inf))
            if not len(better):
                continue
            if len(better) > k:
                values = row[better]
                edge = np.partition(values, len(values) - k)[len(values) - k]
                better = better[values >= edge]  # with all that equal the last: rows decide
            with self._lock:
                self._merge(i, better + first, row[better])

    def _merge(self, i: int, rows: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        k = self._rows.shape[1]
        rows = np.concatenate([self._rows[i], rows])
        scores = np.concatenate([self._scores[i], scores])
        # Empty places (-inf) come last whatever their row.
        order = np.lexsort((rows, -scores))[:k]
        self._rows[i], self._scores[i] = rows[order], scores[order]

    def ranked(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows (-1 where there is none) and scores, best first: (queries, k) each."""
        return np.where(np.isneginf(self._scores), -1, self._rows), self._scores
