"""Marginal information gain, coarse to fine (COMI)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attar.select.fill import greedy_fill

if TYPE_CHECKING:
    from scipy import sparse

Features: TypeAlias = "NDArray[np.floating] | sparse.csr_array"
_BLOCK = 512


def information_gain(
    relevance: NDArray[np.floating], features: Features, weight: float = 1.0
) -> NDArray[np.float64]:
    """Relevance less the similarity to the unit that is most alike.

    COMI (Tang et al., arXiv 2602.01719). Unlike marginal relevance it does not depend on what was
    picked: of two units that say the same, both lose.

    Args:
        relevance: (n,) higher is better.
        features: (n, d) rows of unit length (or zero), dense or sparse.
        weight: how much a similarity of 1 takes away.
    """
    n = len(relevance)
    nearest = np.zeros(n)
    rows_of: Any = features
    for start in range(0, n, _BLOCK):  # blocks: n x n similarities of a long text are too many
        similar = rows_of[start : start + _BLOCK] @ rows_of.T
        block = similar if isinstance(similar, np.ndarray) else similar.toarray()
        rows = np.arange(len(block))
        block[rows, start + rows] = 0.0
        nearest[start : start + _BLOCK] = block.max(axis=1, initial=0.0)
    gain: NDArray[np.float64] = np.asarray(relevance, np.float64) - weight * nearest
    return gain


def coarse_to_fine(
    relevance: NDArray[np.floating],
    features: Features,
    groups: NDArray[np.integer],
    costs: NDArray[np.integer],
    budget: float,
    *,
    weight: float = 0.5,
    taken: NDArray[np.integer] | None = None,
) -> NDArray[np.int64]:
    """Share a budget between groups by their gain, then pick the units of each by theirs.

    COMI merges tokens within a group; here units are kept or dropped. A group's relevance is that
    of its best unit, and its features the mean of its units'. Budgets are the softmax of the
    groups' gains.

    Args:
        relevance: (n,) higher is better, in units of standard deviations.
        features: (n, d) rows of unit length (or zero), dense or sparse.
        groups: (n,) the group of each unit.
        costs: (n,) what each unit takes; never negative.
        budget: what the picked units together may take.
        weight: how much a similarity of 1 takes from a gain.
        taken: units that are there already, or ruled out: never picked.

    Returns:
        Unit numbers, the best gain first.
    """
    n = len(relevance)
    if not n:
        return np.zeros(0, np.int64)
    names, of = np.unique(groups, return_inverse=True)
    open_ = np.ones(n, dtype=bool)
    open_[taken if taken is not None else []] = False
    best = np.full(len(names), -np.inf)
    np.maximum.at(best, of[open_], np.asarray(relevance, np.float64)[open_])
    some = np.isfinite(best)
    best[~some] = 0.0
    coarse = np.where(some, information_gain(best, _means(features, of), weight), -np.inf)
    if not some.any():
        return np.zeros(0, np.int64)
    shares = np.exp(coarse - coarse[some].max())
    shares *= budget / shares.sum()
    usable = np.where(open_, np.asarray(relevance, np.float64), 0.0)
    picked, gains = [], []
    for group in np.flatnonzero(some):
        members = np.flatnonzero(of == group)
        gain = information_gain(usable[members], features[members], weight)
        order = np.argsort(-gain, kind="stable")
        order = order[open_[members[order]]]
        local = greedy_fill(order, np.asarray(costs)[members], float(shares[group]))
        picked.append(members[local])
        gains.append(gain[local])
    units = np.concatenate(picked)
    order = np.argsort(-np.concatenate(gains), kind="stable")
    return np.asarray(units[order], dtype=np.int64)


def _means(features: Features, of: NDArray[np.integer]) -> Features:
    """(groups, d) mean features, scaled to unit length."""
    from scipy import sparse

    n, groups = len(of), int(of.max()) + 1
    member = sparse.csr_array((np.ones(n), (of, np.arange(n))), shape=(groups, n))
    both: Any = features
    sums = member @ both
    dense = isinstance(sums, np.ndarray)
    squares = (sums**2).sum(axis=1) if dense else sums.multiply(sums).sum(axis=1)
    norms = np.sqrt(np.asarray(squares, np.float64)).ravel()
    scale = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
    return sums * scale[:, None] if dense else sparse.csr_array(sparse.diags_array(scale) @ sums)
