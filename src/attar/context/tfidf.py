"""Sentences whose words say little are ruled out first (DSPC's coarse step)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.context.terms import Terms
from attar.errors import UsageError
from attar.registry import register


@register(
    "tfidf", target="context", paper="DSPC, dual-stage progressive compression (coarse stage)"
)
@dataclass(frozen=True, repr=False)
class TfidfFilter(Stage):
    """Rule out the sentences with the least tf-idf a word; needs no question and no model.

    Never so many that the rest would not fill the budget.

    Args:
        keep: share of the tokens that stays.
    """

    keep: float = 0.5

    name: ClassVar[str] = "tfidf"

    def __post_init__(self) -> None:
        if not 0 < self.keep <= 1:
            raise UsageError(f"keep of tfidf is a share above 0 up to 1, not {self.keep!r}")

    def apply(self, context: Context, task: Task) -> Context:
        """Rule units out."""
        units = context.units
        if not len(units):
            return context
        terms = Terms.read(context.view.text, units.start, units.end)
        costs = task.costs(context)
        order = np.argsort(-terms.weight_of_a_word(), kind="stable")
        spent = np.cumsum(costs[order])
        room = max(self.keep * float(costs.sum()), 1.25 * task.limit)
        out = np.zeros(len(units), dtype=bool)
        out[order[1 + int(np.searchsorted(spent, room)) :]] = True
        out[units.needs[units.needs >= 0]] = False
        return context.without(out & ~units.atomic & ~units.bound)
