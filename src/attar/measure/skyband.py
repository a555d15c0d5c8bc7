"""Which units can be among the best, whatever weights two scores are added with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel


def skyband(
    first: NDArray[np.float32],
    order: NDArray[np.int64],
    second: NDArray[np.float32],
    owners: NDArray[np.int64],
    k: int,
) -> NDArray[np.int64]:
    """Units that can own one of the k best documents under some weighted sum of two scores.

    Those that fewer than k documents dominate by a unit that is better in both scores: the
    k-skyband of Papadias, Tao, Fu and Seeger, "Progressive Skyline Computation in Database
    Systems" (TODS 2005), counted in documents. Of a million units it leaves some hundreds, so
    that trying every weight costs little more than trying one.

    Args:
        first: (n,) scores.
        order: (n,) units by falling `first`, ties in rising order.
        second: (n,) scores.
        owners: (n,) the document of each unit, from 0 on.
        k: how many documents are wanted; at least 1.

    Returns:
        Units, in rising order.
    """
    keep = np.zeros(len(first), np.bool_)
    if len(first):
        _sweep(order, second, owners, k, np.full(int(owners.max()) + 1, -np.inf, np.float32), keep)
    return np.flatnonzero(keep)


@kernel(nogil=True)
def _sweep(
    order: NDArray[np.int64],
    second: NDArray[np.float32],
    owners: NDArray[np.int64],
    k: int,
    highest: NDArray[np.float32],
    keep: NDArray[np.bool_],
) -> None:
    """Go from the best of the first score down, with the k documents best in the second so far.

    `highest` holds the best second score of each document so far.
    """
    held = np.full(k, -1, np.int64)  # documents, by falling `highest`
    for at in range(len(order)):
        unit = order[at]
        score, owner = second[unit], owners[unit]
        # Strictly less than k documents before it: less in one score, no more in the other.
        keep[unit] = held[k - 1] < 0 or not score < highest[held[k - 1]]
        if not score > highest[owner]:
            continue
        highest[owner] = score
        place = k - 1
        for i in range(k):
            if held[i] == owner:
                place = i
                break
        if held[place] != owner and held[place] >= 0 and not score > highest[held[place]]:
            continue
        while place > 0 and (held[place - 1] < 0 or highest[held[place - 1]] < score):
            held[place] = held[place - 1]
            place -= 1
        held[place] = owner
