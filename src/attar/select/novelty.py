"""Relevance times what is new."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def novelty(
    relevance: NDArray[np.floating],
    features: NDArray[np.floating],
    k: int,
    *,
    discount: float,
) -> NDArray[np.int64]:
    """Pick units greedily by what each still adds to those before it.

    A unit adds its relevance times the product of `1 - discount * similarity` over the units
    picked before: the gain of Clarke et al., "Novelty and Diversity in Information Retrieval
    Evaluation" (SIGIR 2008), where a nugget seen n times is worth `(1 - alpha)^n`, with cosines
    in the place of shared nuggets. In logarithms it is the marginal gain of a submodular
    function, the sum of log-relevances less a penalty for every similar pair: the graph cut of Lin
    and Bilmes, "Multi-document Summarization via Budgeted Maximization of Submodular Functions"
    (NAACL 2010), with other weights.

    Args:
        relevance: (n,) from 0 up.
        features: (n, d) rows of unit length (or zero); similarity is their inner product, and
            below 0 none.
        k: how many to pick at most.
        discount: what a similarity of 1 takes of a unit's relevance, 0 to 1.

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
        gain *= 1.0 - discount * np.clip(features @ features[best], 0.0, 1.0)
    return picked
