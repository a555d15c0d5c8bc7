"""Stop where the scores fall: fewer tokens than the budget where little is relevant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.errors import UsageError
from attar.registry import register
from attar.select import elbow


@register("cut", target="context", paper="Kneedle (Satopaa et al., ICDCS Workshops 2011)")
@dataclass(frozen=True, repr=False)
class Cut(Stage):
    """Rule out units behind the knee of the sorted scores.

    They are not taken back: the budget is then an upper limit, and a text with one relevant
    sentence gives little more than it. Without scores nothing is ruled out.

    Args:
        method: "elbow".
        least: share of the budget that the best units may fill whatever their scores.
    """

    method: tuple[str, ...] = ("elbow",)
    least: float = 0.25

    name: ClassVar[str] = "cut"

    def __post_init__(self) -> None:
        self._knows(self.method, "elbow")
        if not 0 <= self.least <= 1:
            raise UsageError(f"least of cut is a share from 0 to 1, not {self.least!r}")

    def apply(self, context: Context, task: Task) -> Context:
        """Rule units out."""
        usable = np.flatnonzero(np.isfinite(context.scores))
        if not len(usable):
            return context
        order = usable[np.argsort(-context.scores[usable], kind="stable")]
        spent = np.cumsum(task.costs(context)[order])
        fills = int(np.searchsorted(spent, self.least * task.limit, side="right"))
        out = np.zeros(len(context.units), dtype=bool)
        out[order[max(elbow(context.scores[usable]), fills, 1) :]] = True
        return context.without(out)
