"""Rows in the order of lists around centroids, so that a search need not look at all of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from attar.codec.kmeans import assign, kmeans
from attar.errors import UsageError

Floats = NDArray[np.float32]

SAMPLE = 24
"""Rows for each list from which centroids are learned."""

ROUNDS = 6


def lists_for(rows: int) -> int:
    """How many lists serve so many rows: half the root, as a centroid costs more than a row."""
    return max(1, isqrt(rows) // 2)


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Inverted lists: each row belongs to its nearest centroid (Sivic & Zisserman 2003).

    Args:
        centroids: (lists, d).
        l2: whether queries are compared with centroids by distance; else by inner product.
    """

    centroids: Floats
    l2: bool

    @classmethod
    def learn(cls, sample: Floats, lists: int, *, l2: bool, seed: int = 0) -> Partition:
        """Cluster a sample of rows.

        Raises:
            UsageError: if there are more lists than rows.
        """
        if not 1 <= lists <= len(sample):
            raise UsageError(f"{len(sample)} rows make at most as many lists, not {lists}")
        return cls(kmeans(np.ascontiguousarray(sample), lists, rounds=ROUNDS, seed=seed), l2)

    def __len__(self) -> int:
        return len(self.centroids)

    def assign(self, rows: Floats) -> NDArray[np.int64]:
        """(n,) the list of each row."""
        numbers: NDArray[np.int64] = assign(np.ascontiguousarray(rows), self.centroids).astype(
            np.int64
        )
        return numbers

    def nearest(self, q: Floats, probes: int) -> NDArray[np.int64]:
        """(nq, probes) the lists that a query looks into, in ascending order."""
        scores = q @ self.centroids.T
        if self.l2:
            scores = scores - np.einsum("ij,ij->i", self.centroids, self.centroids) / 2
        probes = min(probes, len(self))
        best = np.argpartition(-scores, probes - 1, axis=1)[:, :probes]
        return np.sort(best, axis=1)
