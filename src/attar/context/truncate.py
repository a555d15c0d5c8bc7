"""What everybody does first: cut the text off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.registry import register

ENDS = ("start", "end", "start+end")


@register("truncate", target="context")
@dataclass(frozen=True, repr=False)
class Truncate(Stage):
    """Keep the beginning of the text, its end, or both; the baseline of every comparison.

    Args:
        ends: "start", "end", or both joined, from which the middle is lost.
    """

    ends: tuple[str, ...] = ("start",)

    name: ClassVar[str] = "truncate"

    def __post_init__(self) -> None:
        self._knows(self.ends, *ENDS)

    def apply(self, context: Context, task: Task) -> Context:
        """Want units the more the nearer they are to an end that is kept, and drop the rest."""
        n = len(context.units)
        place = np.arange(n, dtype=np.float64)
        far = {"start": place, "end": n - 1 - place}
        wanted = -np.min([far[end] for end in self.ends], axis=0) if n else place
        kept = context.units.protected.copy()
        free = task.limit - int(task.costs(context)[kept].sum())
        order = np.argsort(-wanted, kind="stable")
        order = order[~kept[order]]
        spent = np.cumsum(task.costs(context)[order])
        kept[order[spent <= free]] = True
        return replace(context.keep(kept), scores=wanted)
