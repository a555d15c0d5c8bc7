"""The least loss under a budget: the multiple-choice knapsack."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attar.allocate.greedy import climb
from attar.allocate.levels import checked

EXACT = 1 << 26
"""Additions that the exact answer may take: about a second, and 64 MB of choices."""

BISECTIONS = 60


def knapsack(sizes: ArrayLike, losses: ArrayLike, budget: int) -> NDArray[np.int64]:
    """Levels of the least sum of losses: exact for small budgets, Lagrangian for large ones.

    The exact answer is by dynamic programming over what is spent (Kellerer, Pferschy and
    Pisinger, Knapsack Problems, chapter 11). Beyond `EXACT` additions a price of size is sought
    by bisection such that every part's own best level meets the budget (Everett, Oper. Res. 11,
    1963), and what is left is spent greedily: off the least loss by less than one part's step.

    Args:
        sizes: (parts, levels), as in `uniform`.
        losses: (parts, levels).
        budget: most that the sizes may sum to.

    Returns:
        (parts,) the number of the level of each part.

    Raises:
        BudgetError: if even the first levels take more.
    """
    size, loss = checked(sizes, losses, budget)
    if not size.size:
        return np.zeros(len(size), np.int64)
    extra = size - size[:, :1]
    unit = max(1, gcd(*extra.ravel().tolist()))
    room = (min(budget, int(size[:, -1].sum())) - int(size[:, 0].sum())) // unit
    if (room + 1) * size.size <= EXACT:
        return exact(extra // unit, loss, room)
    return lagrangian(size, loss, budget)


def exact(extra: NDArray[np.int64], loss: NDArray[np.float64], room: int) -> NDArray[np.int64]:
    """The best levels for every amount that could be spent, then those of `room` read back."""
    parts, levels = extra.shape
    best = np.zeros(room + 1)
    chosen = np.zeros((parts, room + 1), np.uint8 if levels <= 256 else np.uint32)
    for part in range(parts):
        longer = best + loss[part, 0]
        for level in range(1, levels):
            cost = int(extra[part, level])
            if cost > room:
                break
            other = best[: room + 1 - cost] + loss[part, level]
            better = other < longer[cost:]
            longer[cost:][better] = other[better]
            chosen[part, cost:][better] = level
        best = longer
    out = np.zeros(parts, np.int64)
    for part in reversed(range(parts)):
        out[part] = chosen[part, room]
        room -= int(extra[part, out[part]])
    return out


def lagrangian(
    size: NDArray[np.int64], loss: NDArray[np.float64], budget: int
) -> NDArray[np.int64]:
    """The lowest price at which every part's best level meets the budget, then greedy steps."""

    def at(price: float) -> NDArray[np.int64]:
        levels: NDArray[np.int64] = np.argmin(loss + price * size, axis=1)
        return levels

    def spent(levels: NDArray[np.int64]) -> int:
        return int(size[np.arange(len(size)), levels].sum())

    low, high = 0.0, 1.0
    while spent(at(high)) > budget:  # ends: at a high price all take their smallest level
        low, high = high, high * 4
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if spent(at(middle)) > budget else (low, middle)
    return climb(size, loss, at(high), budget)
