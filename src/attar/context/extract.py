"""Keep the best units that fit, and not the same thing twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from attar.context.context import Context, Task
from attar.context.fill import fill
from attar.context.stage import Stage
from attar.registry import register
from attar.select import coarse_to_fine, mmr

METHODS = ("mmr", "mig", "top")


@register(
    "extract",
    target="context",
    paper="MMR (Carbonell and Goldstein, SIGIR 1998); COMI (Tang et al., arXiv 2602.01719)",
)
@dataclass(frozen=True, repr=False)
class Extract(Stage):
    """Keep units by score until the budget is used, as far as costs can be estimated.

    Args:
        method: "mmr" (maximal marginal relevance), "mig" (marginal information gain: each
            paragraph gets its share of the budget, then its units compete for it) or "top"
            (scores alone).
        redundancy: how much a unit's score falls when another says the same.
    """

    method: tuple[str, ...] = ("mmr",)
    redundancy: float = 0.5

    name: ClassVar[str] = "extract"

    def __post_init__(self) -> None:
        self._knows(self.method, *METHODS)

    def apply(self, context: Context, task: Task) -> Context:
        """Keep units; what comes after may use the scores, which now are the order of choice."""
        costs = task.costs(context)
        protected = context.units.protected
        free = task.limit - int(costs[protected].sum())
        order = np.argsort(-context.scores, kind="stable")
        if context.features is not None:
            first = self._first(context, costs, free)
            order = np.concatenate([first, order[~np.isin(order, first)]])
        order = order[~protected[order] & ~np.isneginf(context.scores[order])]
        return chosen(context, order, costs, free, task.limit)

    def _first(self, context: Context, costs: NDArray[np.int64], free: int) -> NDArray[np.int64]:
        """The units that are picked first, in this order."""
        taken = np.flatnonzero(context.units.protected | np.isneginf(context.scores))
        if self.method == ("mmr",):
            return mmr(
                context.scores, context.features, costs, free,
                weight=self.redundancy, taken=taken,
            )  # fmt: skip
        if self.method == ("mig",):
            return coarse_to_fine(
                context.scores, context.features, context.units.paragraph, costs, free,
                weight=self.redundancy, taken=taken,
            )  # fmt: skip
        return np.zeros(0, dtype=np.int64)


def chosen(
    context: Context, order: NDArray[np.int64], costs: NDArray[np.int64], free: int, limit: int
) -> Context:
    """The units of `order` that fit, best first, and scores that say in which order.

    Args:
        context: what may be kept; protected units always are.
        order: units, the most wanted first; others are ruled out, except protected ones.
        costs: (n,) of each unit.
        free: what they may take together.
        limit: the whole budget.
    """
    protected = context.units.protected
    taken = fill(order, costs, free, context.units, context.kept & protected, limit)
    kept = np.zeros(len(costs), dtype=bool)
    kept[taken] = True
    order = np.concatenate([taken, order[~kept[order]]])
    scores = np.full(len(costs), -np.inf)
    scores[protected] = np.inf
    scores[order] = -np.arange(len(order), dtype=np.float64)
    return replace(context.keep(kept), scores=scores)
