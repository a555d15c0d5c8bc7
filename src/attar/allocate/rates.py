"""Rates without steps: what theory gives each part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TINY = 1e-300
"""A smaller variance is none: its relative precision is gone."""


def water_filling(value: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Rates by reverse water-filling: half the logarithm of value over the water level.

    The rates at which independent Gaussians of these variances have the least mean squared error
    together (Cover and Thomas, Elements of Information Theory, section 10.3.3). The error of each
    is then value * 4^-rate: the water level, or the variance where that is less.

    Args:
        value: (d,) variances, or what unit error of each counts; none negative.
        total: bits to share, the sum of the rates.

    Returns:
        (d,) rates in bits, none negative; all zero where nothing varies.
    """
    rates = np.zeros(len(value))
    order = np.argsort(-value, kind="stable")
    heights = np.log2(np.maximum(value[order], TINY)) / 2
    alive = int((value > TINY).sum())
    if not alive or total <= 0:
        return rates
    # With the k greatest above the water, its level follows from their sum; k is the most for
    # which the least of them still is above.
    counts = np.arange(1, alive + 1)
    levels = (np.cumsum(heights[:alive]) - total) / counts
    k = int(np.flatnonzero(heights[:alive] >= levels)[-1]) + 1
    rates[order[:k]] = heights[:k] - levels[k - 1]
    return rates
