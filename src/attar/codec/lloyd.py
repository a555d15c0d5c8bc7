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


BLOCK = 512
"""Values that go through the search together where one table serves all."""


def nearest(x: NDArray[np.float32], cuts: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
    """Number of the nearest level for each value of (n, d) rows.

    Args:
        x: values, contiguous.
        cuts: (d, 2^b - 1) ascending borders of each dimension, or (1, 2^b - 1) for all.
        out: (n, d) receives how many borders lie below each value.
    """
    if len(cuts) == 1:
        _search(x.reshape(-1), np.ascontiguousarray(cuts[0]), out.reshape(-1))
    else:
        _search_each(x, cuts, out)


# Both are binary searches in which many values take each step together: the compiler makes the
# inner loops gathers and selects, 4 times as fast as one value after the other.


@kernel(nogil=True)
def _search(x: NDArray[np.float32], cuts: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
    at = np.empty(BLOCK, np.int32)
    for begin in range(0, len(x), BLOCK):
        count = min(BLOCK, len(x) - begin)
        at[:] = 0
        step = (len(cuts) + 1) >> 1
        while step:
            for i in range(count):
                cut = cuts[at[i] + np.int32(step - 1)]
                at[i] += np.int32(step) if x[begin + i] > cut else np.int32(0)
            step >>= 1
        for i in range(count):
            out[begin + i] = at[i]


@kernel(nogil=True)
def _search_each(x: NDArray[np.float32], cuts: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
    n, d = x.shape
    width = np.int32(cuts.shape[1])
    flat = cuts.reshape(-1)
    at = np.empty(d, np.int32)
    for r in range(n):
        at[:] = 0
        step = (width + 1) >> 1
        while step:
            for i in range(d):
                cut = flat[np.int32(i) * width + at[i] + np.int32(step - 1)]
                at[i] += np.int32(step) if x[r, i] > cut else np.int32(0)
            step >>= 1
        for i in range(d):
            out[r, i] = at[i]
