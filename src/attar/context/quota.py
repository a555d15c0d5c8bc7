"""A share for every section: what is kept comes from all over the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from attar.context.context import Context, Task
from attar.context.extract import chosen
from attar.context.stage import Stage
from attar.errors import UsageError
from attar.registry import register
from attar.select import greedy_fill


@register("quota", target="context")
@dataclass(frozen=True, repr=False)
class Quota(Stage):
    """Keep units by score, of each section at least its quota.

    A part of the budget is shared between sections in proportion to their length and spent on the
    best units of each; the rest goes to the best units anywhere. It takes the place of `extract`.

    Args:
        sections: what a section is: "passages", or "headings", under which units stand (units
            without one are a section of their own).
        even: share of the budget that is shared out.
    """

    sections: tuple[str, ...] = ("passages",)
    even: float = 0.5

    name: ClassVar[str] = "quota"

    def __post_init__(self) -> None:
        self._knows(self.sections, "passages", "headings")
        if not 0 <= self.even <= 1:
            raise UsageError(f"even of quota is a share from 0 to 1, not {self.even!r}")

    def apply(self, context: Context, task: Task) -> Context:
        """Keep units; the scores are then the order of choice."""
        costs = task.costs(context)
        protected = context.units.protected
        free = task.limit - int(costs[protected].sum())
        order = np.argsort(-context.scores, kind="stable")
        order = order[~protected[order] & ~np.isneginf(context.scores[order])]
        of = self._sections(context)
        lengths = np.bincount(of, weights=costs) if len(of) else np.zeros(0)
        quotas = self.even * max(free, 0) * lengths / max(float(lengths.sum()), 1.0)
        first = [
            greedy_fill(order[of[order] == section], costs, float(quota))
            for section, quota in enumerate(quotas)
        ]
        picked = np.concatenate([np.zeros(0, np.int64), *first])
        ahead = order[np.isin(order, picked)]
        rest = order[~np.isin(order, picked)]
        return chosen(context, np.concatenate([ahead, rest]), costs, free, task.limit)

    def _sections(self, context: Context) -> NDArray[np.int64]:
        """The section of each unit, numbered from 0."""
        if self.sections == ("headings",):
            return np.unique(context.units.head, return_inverse=True)[1].astype(np.int64)
        return context.view.passage_of(context.units.start)
