"""Keep the best units that fit, and not the same thing twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from attar.context.context import Context, Task
from attar.context.fill import fill
from attar.context.stage import Stage
from attar.errors import UsageError
from attar.registry import register
from attar.select import mmr


@register("extract", target="context", paper="MMR (Carbonell and Goldstein, SIGIR 1998)")
@dataclass(frozen=True, repr=False)
class Extract(Stage):
    """Keep units by score until the budget is used, as far as costs can be estimated.

    Args:
        method: "mmr" (maximal marginal relevance) or "top" (scores alone).
        redundancy: how much a unit's score falls when a kept one says the same.
    """

    method: tuple[str, ...] = ("mmr",)
    redundancy: float = 0.5

    name: ClassVar[str] = "extract"

    def __post_init__(self) -> None:
        if self.method not in (("mmr",), ("top",)):
            raise UsageError(f"extract knows mmr and top, not {'+'.join(self.method)}")

    def apply(self, context: Context, task: Task) -> Context:
        """Keep units; what comes after may use the scores, which now are the order of choice."""
        costs = task.costs(context)
        protected = context.units.protected
        free = task.limit - int(costs[protected].sum())
        order = np.argsort(-context.scores, kind="stable")
        if self.method == ("mmr",) and context.features is not None:
            picked = mmr(
                context.scores,
                context.features,
                costs,
                free,
                weight=self.redundancy,
                taken=np.flatnonzero(protected),
            )
            order = np.concatenate([picked, order[~np.isin(order, picked)]])
        order = order[~protected[order]]
        taken = fill(order, costs, free, context.units, context.kept & protected, task.limit)
        kept = np.zeros(len(costs), dtype=bool)
        kept[taken] = True
        order = np.concatenate([taken, order[~kept[order]]])
        scores = np.full(len(costs), np.inf)
        scores[order] = -np.arange(len(order), dtype=np.float64)
        return replace(context.keep(kept), scores=scores)
