"""Take the best while they fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def greedy_fill(order: ArrayLike, costs: ArrayLike, budget: float) -> NDArray[np.int64]:
    """Go through `order` and keep each unit whose cost still fits into what is left.

    Args:
        order: unit numbers, the most wanted first.
        costs: (n,) what each unit takes, by number; never negative.
        budget: what all kept units together may take.

    Returns:
        The kept numbers, in the order in which they were taken.
    """
    price = np.asarray(costs).tolist()
    taken = []
    left = float(budget)
    for unit in np.asarray(order, dtype=np.int64).tolist():
        if price[unit] <= left:
            taken.append(unit)
            left -= price[unit]
    return np.array(taken, dtype=np.int64)
