"""The best documents so far, as a heap whose root is the worst of them.

Three arrays of one length: scores, documents and sums in quanta. Of equal scores, the document
with the higher number is the worse.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel


@kernel()
def _worse(scores: NDArray[np.float32], documents: NDArray[np.int64], a: int, b: int) -> bool:
    if scores[a] != scores[b]:
        return bool(scores[a] < scores[b])
    return bool(documents[a] > documents[b])


@kernel()
def _swap(
    scores: NDArray[np.float32],
    documents: NDArray[np.int64],
    sums: NDArray[np.int64],
    a: int,
    b: int,
) -> None:
    scores[a], scores[b] = scores[b], scores[a]
    documents[a], documents[b] = documents[b], documents[a]
    sums[a], sums[b] = sums[b], sums[a]


@kernel()
def push(
    scores: NDArray[np.float32],
    documents: NDArray[np.int64],
    sums: NDArray[np.int64],
    size: int,
    score: Any,
    document: int,
    value: int,
) -> None:
    """Add to a heap of `size` whose root is the worst."""
    scores[size], documents[size], sums[size] = score, document, value
    at = size
    while at > 0 and _worse(scores, documents, at, (at - 1) // 2):
        _swap(scores, documents, sums, at, (at - 1) // 2)
        at = (at - 1) // 2


@kernel()
def replace(
    scores: NDArray[np.float32],
    documents: NDArray[np.int64],
    sums: NDArray[np.int64],
    size: int,
    score: Any,
    document: int,
    value: int,
) -> None:
    """Put something better in the place of a full heap's root."""
    scores[0], documents[0], sums[0] = score, document, value
    _sink(scores, documents, sums, size)


@kernel()
def sort(
    scores: NDArray[np.float32], documents: NDArray[np.int64], sums: NDArray[np.int64], size: int
) -> None:
    """Turn a heap of `size` into a list, best first (heapsort)."""
    for last in range(size - 1, 0, -1):
        _swap(scores, documents, sums, 0, last)
        _sink(scores, documents, sums, last)


@kernel()
def _sink(
    scores: NDArray[np.float32], documents: NDArray[np.int64], sums: NDArray[np.int64], size: int
) -> None:
    at = 0
    while True:
        worst = at
        for child in (2 * at + 1, 2 * at + 2):
            if child < size and _worse(scores, documents, child, worst):
                worst = child
        if worst == at:
            return
        _swap(scores, documents, sums, at, worst)
        at = worst
