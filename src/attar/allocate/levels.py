"""What a part may take: its levels, checked; and the same level for all."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attar.errors import BudgetError, UsageError


def checked(
    sizes: ArrayLike, losses: ArrayLike, budget: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Sizes and losses as arrays, once they make sense and the least of them fits.

    Raises:
        UsageError: if they differ in shape, a size shrinks from level to level or is not a whole
            number, or a loss is not finite.
        BudgetError: if the first levels alone take more than the budget.
    """
    size, loss = np.asarray(sizes), np.asarray(losses, np.float64)
    if size.ndim != 2 or size.shape != loss.shape or (size.shape[0] and not size.shape[1]):
        raise UsageError(
            "sizes and losses are (parts, levels) arrays of one shape, not"
            f" {size.shape} and {loss.shape}"
        )
    whole = size.astype(np.int64)
    if (whole != size).any() or (whole < 0).any() or (np.diff(whole, axis=1) < 0).any():
        raise UsageError("sizes are whole numbers from 0 that grow from level to level")
    if not np.isfinite(loss).all():
        raise UsageError("losses must be finite")
    least = int(whole[:, 0].sum()) if whole.size else 0
    if least > budget:
        raise BudgetError(
            f"the smallest levels take {least}, the budget is {budget}",
            needed=least,
            allowed=budget,
        )
    return whole, loss


def uniform(sizes: ArrayLike, losses: ArrayLike, budget: int) -> NDArray[np.int64]:
    """The highest level that all parts can have.

    Args:
        sizes: (parts, levels) whole numbers that grow from level to level; a part with fewer
            levels repeats its last.
        losses: (parts, levels) what is lost at each.
        budget: most that the sizes may sum to.

    Returns:
        (parts,) the number of the level of each part.

    Raises:
        BudgetError: if even the first levels take more.
    """
    size, _ = checked(sizes, losses, budget)
    if not size.size:
        return np.zeros(len(size), np.int64)
    fits = np.flatnonzero(size.sum(axis=0) <= budget)
    return np.full(len(size), fits[-1], np.int64)
