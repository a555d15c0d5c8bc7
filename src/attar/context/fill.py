"""Take the best while they fit, each with what it needs and, where that costs little, its heading.

A sentence such as "Greatest Common Divisor." says little without the line above it that names
the function. A heading counts as cheap when it takes no more than twice its sentence, or than a
small share of the budget.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.context.units import Units
from attar.select import greedy_fill

# Share of the budget that a heading may take whatever its sentence takes.
HEADING_SHARE = 0.08
# So much of the sentence it may take whatever the budget is.
HEADING_LENGTH = 2


def fill(
    order: NDArray[np.int64],
    costs: NDArray[np.int64],
    room: int,
    units: Units,
    kept: NDArray[np.bool_],
    limit: int,
) -> NDArray[np.int64]:
    """Go through units and take each that fits.

    Args:
        order: units that are out, the most wanted first.
        costs: (n,) what each unit takes.
        room: what all that is taken together may take.
        units: what they need, and their headings.
        kept: (n,) what is kept already.
        limit: the whole budget.

    Returns:
        The units taken, in that order; a heading stands behind the unit that brought it.
    """
    order = order[~units.bound[order]]
    if not (units.needs >= 0).any() and not (units.head >= 0).any():
        return greedy_fill(order, costs, room)
    price, needs, heads = costs.tolist(), units.needs.tolist(), units.head.tolist()
    inside = kept.tolist()
    taken: list[int] = []
    for unit in order.tolist():
        if inside[unit]:
            continue
        bundle = _needed(unit, needs, inside)
        cost = sum(price[i] for i in bundle)
        if cost > room:
            continue
        head = heads[unit]
        if head >= 0 and not inside[head]:
            added = [i for i in _needed(head, needs, inside) if i not in bundle]
            more = sum(price[i] for i in added)
            if cost + more <= room and more <= max(HEADING_LENGTH * cost, HEADING_SHARE * limit):
                bundle += added
                cost += more
        room -= cost
        taken += bundle
        for i in bundle:
            inside[i] = True
    return np.array(taken, dtype=np.int64)


def _needed(unit: int, needs: list[int], inside: list[bool]) -> list[int]:
    """The unit and all that must come with it, what is needed by most first."""
    chain = []
    while unit >= 0 and not inside[unit]:
        chain.append(unit)
        unit = needs[unit]
    return chain[::-1]
