"""Where sorted scores bend: the number of units that stand out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def elbow(scores: ArrayLike) -> int:
    """How many of the best scores lie before the knee of their curve.

    Kneedle (Satopaa et al., ICDCS Workshops 2011): sorted scores are drawn in a unit square, and
    the knee of the falling curve is where it lies farthest below the straight line from its first
    point to its last. Where it never lies below, as in a straight fall, nothing stands out.

    Args:
        scores: finite numbers in any order.

    Returns:
        From 1 to n; n where nothing stands out.
    """
    values = -np.sort(-np.asarray(scores, np.float64))
    n = len(values)
    spread = float(values[0] - values[-1]) if n else 0.0
    if n < 3 or spread <= 1e-12:
        return n
    height = (values - values[-1]) / spread
    line = 1 - np.arange(n) / (n - 1)
    below = line - height
    knee = int(np.argmax(below))
    return knee if below[knee] > 1e-9 else n
