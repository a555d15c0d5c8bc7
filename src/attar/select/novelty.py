"""Relevance times what is new."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_COPY = 1e-5  # rows of float32 that are the same row have inner products so near to 1


def novelty(
    relevance: NDArray[np.floating],
    features: NDArray[np.floating],
    k: int,
    *,
    weight: float,
) -> NDArray[np.int64]:
    """Pick units greedily by what each still adds to those before it.

    A unit adds its relevance times the product of `(1 - similarity)^weight` over the units picked
    before, so that a copy adds nothing. It is the gain of Clarke et al., "Novelty and Diversity in
    Information Retrieval Evaluation" (SIGIR 2008), where a nugget seen n times is worth
    `(1 - alpha)^n`, with cosines in the place of shared nuggets. In logarithms it is the marginal
    gain of a submodular function, the sum of log-relevances less a penalty for every pair of
    similar units: the graph cut of Lin and Bilmes, "Multi-document Summarization via Budgeted
    Maximization of Submodular Functions" (NAACL 2010), with these penalties.

    Args:
        relevance: (n,) from 0 up.
        features: (n, d) rows of unit length (or zero); similarity is their inner product, and
            below 0 none.
        k: how many to pick at most.
        weight: of the penalties; 0 is the order of relevance.

    Returns:
        Unit numbers in the order in which they were picked; of equal gains the lower number.
    """
    gain = np.array(relevance, np.float64)
    open_ = np.ones(len(gain), dtype=bool)
    picked = np.empty(min(k, len(gain)), np.int64)
    for i in range(len(picked)):
        best = int(np.argmax(np.where(open_, gain, -np.inf)))
        picked[i] = best
        open_[best] = False
        fresh = 1.0 - np.clip(features @ features[best], 0.0, 1.0)
        gain *= np.where(fresh < _COPY, 0.0, fresh) ** weight
    return picked
