"""Relevance minus redundancy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse


def mmr(
    scores: NDArray[np.floating],
    features: NDArray[np.floating] | sparse.csr_array,
    costs: NDArray[np.floating] | NDArray[np.integer],
    budget: float,
    *,
    weight: float = 0.5,
    taken: NDArray[np.integer] | None = None,
) -> NDArray[np.int64]:
    """Pick units by maximal marginal relevance until the budget is used.

    Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking" (SIGIR 1998): each
    step takes the unit with the greatest `score - weight * (similarity to the nearest taken)`.
    A unit that no longer fits is passed over.

    Args:
        scores: (n,) relevance; higher is better.
        features: (n, d) rows of unit length (or zero), dense or sparse; similarity is their
            inner product.
        costs: (n,) what each unit takes; never negative.
        budget: what the picked units together may take.
        weight: how much a similarity of 1 takes from a score.
        taken: units that are there already: never picked, but redundant to repeat.

    Returns:
        Unit numbers in the order in which they were picked.
    """
    n = len(scores)
    similar = _Similarity(features)
    nearest = np.zeros(n)
    open_ = np.ones(n, dtype=bool)
    for i in taken if taken is not None else ():
        open_[i] = False
        similar.raise_to(nearest, int(i))
    picked: list[int] = []
    left = float(budget)
    while True:
        open_ &= costs <= left
        if not open_.any():
            return np.array(picked, dtype=np.int64)
        marginal = np.where(open_, scores - weight * nearest, -np.inf)
        best = int(np.argmax(marginal))
        picked.append(best)
        open_[best] = False
        left -= float(costs[best])
        similar.raise_to(nearest, best)


class _Similarity:
    """Inner products of one row with all rows; of sparse rows, only where terms are shared."""

    def __init__(self, features: NDArray[np.floating] | sparse.csr_array) -> None:
        self._dense = features if isinstance(features, np.ndarray) else None
        self._rows = None if isinstance(features, np.ndarray) else features
        self._columns = None if self._rows is None else self._rows.tocsc()

    def raise_to(self, nearest: NDArray[np.float64], i: int) -> None:
        """Raise each entry of `nearest` to its row's similarity with row `i`."""
        if self._dense is not None:
            np.maximum(nearest, self._dense @ self._dense[i], out=nearest)
            return
        rows, columns = self._rows, self._columns
        assert rows is not None
        assert columns is not None
        places: list[NDArray[np.integer]] = [np.empty(0, dtype=np.int64)]
        values = [np.empty(0)]
        for at in range(rows.indptr[i], rows.indptr[i + 1]):
            term = rows.indices[at]
            column = slice(columns.indptr[term], columns.indptr[term + 1])
            places.append(columns.indices[column])
            values.append(columns.data[column] * rows.data[at])
        sums = np.bincount(
            np.concatenate(places), weights=np.concatenate(values), minlength=len(nearest)
        )
        np.maximum(nearest, sums, out=nearest)
