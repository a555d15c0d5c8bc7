"""Rows in the order of lists around centroids, so that a search need not look at all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from attar.codec.kmeans import assign, kmeans
from attar.errors import UsageError
from attar.vectors.parts import BLOCK

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

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


def divided(
    decoded: Callable[[Numbers], Floats], rows: int, lists: int, *, l2: bool, seed: int
) -> tuple[Partition, Numbers]:
    """Learn lists from a sample of rows, and find each row's.

    Args:
        decoded: gives the rows of some numbers, (n, d).
        rows: how many there are.
        lists: how many to learn.
        l2: as of `Partition`.
        seed: of the sample and of the centroids' first draw.

    Returns:
        The lists, and (rows,) the number of each row's.

    Raises:
        UsageError: if there are more lists than rows.
    """
    if not rows:
        raise UsageError("there are no rows to put into lists")
    chosen = np.random.default_rng(seed).permutation(rows)[: SAMPLE * lists]
    partition = Partition.learn(decoded(np.sort(chosen)), lists, l2=l2, seed=seed)
    blocks = (np.arange(at, min(at + BLOCK, rows)) for at in range(0, rows, BLOCK))
    return partition, np.concatenate([partition.assign(decoded(block)) for block in blocks])
