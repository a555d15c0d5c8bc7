"""Two rankings of the same units made into one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError

Scores = NDArray[np.float32]


def min_max(scores: Scores) -> Scores:
    """Stretch scores to [0, 1]: the least becomes 0, the greatest 1; all equal become 0.

    Args:
        scores: (n,) finite.
    """
    if not len(scores):
        return scores.astype(np.float32)
    # In float64, where the distance between the extremes of float32 cannot overflow.
    wide = scores.astype(np.float64)
    least, most = float(wide.min()), float(wide.max())
    if most == least:
        return np.zeros(len(scores), dtype=np.float32)
    return ((wide - least) / (most - least)).astype(np.float32)


def convex(dense: Scores, sparse: Scores, weight: float = 0.5) -> Scores:
    """`weight * dense + (1 - weight) * sparse`, each stretched to [0, 1] first.

    Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023), find
    it better than reciprocal ranks wherever both scorers see all units.

    Args:
        dense: (n,) finite scores.
        sparse: (n,) finite scores of the same units.
        weight: share of `dense`, 0 to 1.

    Raises:
        UsageError: if the weight is outside [0, 1] or the lengths differ.
    """
    if not 0.0 <= weight <= 1.0:
        raise UsageError(f"the weight of dense scores must lie in 0 to 1, not {weight}")
    if dense.shape != sparse.shape:
        raise UsageError(f"{dense.shape} dense and {sparse.shape} sparse scores do not pair up")
    share = np.float32(weight)
    return share * min_max(dense) + (np.float32(1) - share) * min_max(sparse)


def reciprocal_rank(rankings: Sequence[Scores], k: float = 60.0) -> Scores:
    """Sum over rankings of `1 / (k + rank)`, ranks counted from 1, ties in the order given.

    Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
    Rank Learning Methods" (2009).

    Args:
        rankings: (n,) scores of the same units, higher is better.
        k: how much the first ranks stand out; smaller is more.

    Raises:
        UsageError: if there is no ranking, `k` is not positive, or the lengths differ.
    """
    if not rankings or k <= 0 or len({r.shape for r in rankings}) != 1:
        raise UsageError("reciprocal ranks need rankings of equal length and a positive k")
    total = np.zeros(len(rankings[0]), dtype=np.float64)
    for scores in rankings:
        order = np.argsort(-scores, kind="stable")
        total[order] += 1.0 / (k + np.arange(1, len(scores) + 1))
    return total.astype(np.float32)


def top(scores: Scores, k: int) -> NDArray[np.int64]:
    """Indices of the `k` greatest scores, greatest first, ties in order of index.

    Args:
        scores: (n,) without NaN; -inf stands for "never".
        k: the most that are wanted.
    """
    n = len(scores)
    if k < n:
        # All that tie with the k-th are kept until the stable sort has decided among them.
        least = scores[np.argpartition(-scores, k - 1)[k - 1]] if k > 0 else np.inf
        candidates = np.flatnonzero(scores >= least)
    else:
        candidates = np.arange(n)
    candidates = candidates[scores[candidates] > -np.inf]
    order = np.argsort(-scores[candidates], kind="stable")
    return candidates[order[:k]].astype(np.int64)
