"""Which units a method of pruning reads: those ranked first, somewhat more than the budget."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.context.context import Context, Task
from attar.context.fill import fill
from attar.context.prune.method import Method, Values


def wanted(context: Context, task: Task, method: Method, coarse: float) -> Values:
    """How much each unit is wanted, (n,); minus infinity for those that are not read.

    Stages before have the first word; where none has ranked, the method ranks paragraphs. What
    they have ruled out is not read.

    Args:
        context: units, scored or not.
        task: its limit counts.
        method: what may rank.
        coarse: what is read, as a multiple of the limit.
    """
    units = context.units
    costs = task.costs(context)
    room = int(coarse * task.limit) - int(costs[units.protected].sum())
    free = np.flatnonzero(~units.protected & ~np.isneginf(context.scores))
    found = np.full(len(units), -np.inf)
    if len(free) and np.ptp(context.scores[free]) > 0:
        ranks = context.scores
        order = free[np.argsort(-ranks[free], kind="stable")]
        taken = fill(order, costs, room, units, units.protected, task.limit)
    elif costs[free].sum() > room and (above := method.rank(_paragraphs(context))) is not None:
        groups = _groups(context)
        ranks = above[groups]
        taken = free[np.isin(groups[free], _first(above, groups, costs, room))]
    else:
        ranks, taken = np.zeros(len(units)), free
    found[taken] = ranks[taken]
    return found


def _first(
    ranks: Values, groups: NDArray[np.intp], costs: NDArray[np.int64], room: int
) -> NDArray[np.intp]:
    """The paragraphs ranked first; the one that passes the room is the last of them."""
    order = np.argsort(-ranks, kind="stable")
    used = np.cumsum(np.bincount(groups, weights=costs)[order])
    return order[: int(np.searchsorted(used, room)) + 1]


def _groups(context: Context) -> NDArray[np.intp]:
    return np.unique(context.units.paragraph, return_inverse=True)[1]


def _paragraphs(context: Context) -> list[str]:
    """The text of each paragraph, from its first unit to its last."""
    units = context.units
    _, first, counts = np.unique(units.paragraph, return_index=True, return_counts=True)
    last = first + counts - 1
    ranges = zip(units.start[first].tolist(), units.end[last].tolist(), strict=True)
    return [context.view.text[a:b] for a, b in ranges]
