"""Step by step: the next piece of the budget goes where it takes away most."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attar.allocate.levels import checked


def greedy(sizes: ArrayLike, losses: ArrayLike, budget: int) -> NDArray[np.int64]:
    """Levels by marginal gain: the step that loses least for its size is taken, again and again.

    A step may pass over levels, so loss that falls in jumps is no trap. The least possible sum of
    losses where every level is one larger than the one before and gains less; elsewhere near it,
    and `knapsack` is nearer.

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
    return climb(size, loss, np.zeros(len(size), np.int64), budget)


def climb(
    size: NDArray[np.int64], loss: NDArray[np.float64], start: NDArray[np.int64], budget: int
) -> NDArray[np.int64]:
    """Steps of greatest gain from given levels, while they fit; arguments were checked."""
    sizes, losses = size.tolist(), loss.tolist()
    levels: list[int] = start.tolist()
    room = budget - int(size[np.arange(len(size)), start].sum())
    heap: list[tuple[float, int, int]] = []

    def offer(part: int) -> None:
        """Put the part's best step that fits on the heap."""
        at, own_sizes, own_losses = levels[part], sizes[part], losses[part]
        best = (0.0, 0)
        for to in range(at + 1, len(own_sizes)):
            cost, gain = own_sizes[to] - own_sizes[at], own_losses[at] - own_losses[to]
            if cost <= room and gain > 0:
                rate = gain / cost if cost else np.inf
                best = max(best, (rate, to), key=lambda step: step[0])
        if best[1]:
            heapq.heappush(heap, (-best[0], part, best[1]))

    for part in range(len(levels)):
        offer(part)
    while heap:
        _, part, to = heapq.heappop(heap)
        cost = sizes[part][to] - sizes[part][levels[part]]
        if cost <= room:
            levels[part] = to
            room -= cost
        offer(part)  # its next step, or a shorter one that still fits
    return np.array(levels, np.int64)
