"""The quantizer of least mean squared error for numbers of one distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

ROUNDS = 200
CLOSE = 1e-6
"""Relative gain in error below which another round is not worth it."""


def lloyd_max(values: NDArray[np.float32], levels: int) -> NDArray[np.float32]:
    """Levels of least mean squared error for a sample of one number each.

    Lloyd's and Max's conditions in turn: borders midway between levels, levels at the mean of
    what lies between their borders. On sorted values with running sums a round costs
    O(levels log n). (Lloyd, IEEE Trans. Inf. Theory 28, 1982; Max, IRE Trans. 6, 1960.)

    Args:
        values: (n,) at least one.
        levels: how many.

    Returns:
        (levels,) ascending.
    """
    sorted_values = np.sort(values.astype(np.float64))
    sums = np.concatenate([[0.0], np.cumsum(sorted_values)])
    n = len(sorted_values)
    # Begin with the levels of Panter and Dite: their density goes as the cube root of the
    # values' density, which equally spaced quantiles of a stretched copy come close to.
    middle, spread = sorted_values.mean(), sorted_values.std()
    grid = (np.arange(levels) + 0.5) / levels
    table = middle + spread * np.sqrt(3) * _normal_quantile(grid)
    last = np.inf
    for _ in range(ROUNDS):
        cuts = np.searchsorted(sorted_values, (table[1:] + table[:-1]) / 2)
        edges = np.concatenate([[0], cuts, [n]])
        counts = np.diff(edges)
        means = np.diff(sums[edges]) / np.maximum(counts, 1)
        table = np.sort(np.where(counts > 0, means, table))
        gain = -float(np.sum(counts * means**2))  # the error but for a constant
        if last - gain <= CLOSE * max(n * spread**2, 1e-300) * 1e-2:
            break
        last = gain
    found: NDArray[np.float32] = table.astype(np.float32)
    return found


def _normal_quantile(p: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtri

    return np.asarray(ndtri(p))


def borders(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Midpoints between neighbouring levels of (..., levels) tables."""
    middle: NDArray[np.float32] = (table[..., 1:] + table[..., :-1]) * np.float32(0.5)
    return middle


@kernel(nogil=True)
def nearest(x: NDArray[np.float32], cuts: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
    """Number of the nearest level for each value of (n, d) rows.

    Args:
        x: values.
        cuts: (d, 2^b - 1) ascending borders of each dimension.
        out: (n, d) receives how many borders lie below each value.
    """
    n, d = x.shape
    size = cuts.shape[1] + 1
    for r in range(n):
        for i in range(d):
            value = x[r, i]
            at = 0
            step = size >> 1
            while step:  # binary search without branches: the compiler makes it a select
                at += step if value > cuts[i, at + step - 1] else 0
                step >>= 1
            out[r, i] = at
