"""The passages that are wanted most where a reader looks: first, or at both ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.registry import register

WAYS = ("first", "ends")


@register(
    "order",
    target="context",
    paper="LongLLMLingua (arXiv 2310.06839), 4.3; Lost in the Middle (Liu et al., TACL 2024)",
)
@dataclass(frozen=True, repr=False)
class Order(Stage):
    """Put whole passages into another order: by the best score of their units.

    The one stage that moves text: what it gives is no subsequence of the input any more, but in
    each passage it is, and spans still say where everything stood. They come in the order of the
    result, of which `Squeezed.reordered` is true. A chain needs what ranks before it; what fits
    into its budget is not put through the chain, and stays in its order.

    Args:
        way: "first" (the most wanted first) or "ends" (first, last, second, last but one ...).
    """

    way: tuple[str, ...] = ("first",)

    name: ClassVar[str] = "order"

    def __post_init__(self) -> None:
        self._knows(self.way, *WAYS)

    def apply(self, context: Context, task: Task) -> Context:
        """Keep what is kept, in another order."""
        best = np.full(len(context.view.passages), -np.inf)
        of_passage = context.view.passage_of(context.units.start)
        np.maximum.at(best, of_passage, context.scores)
        order = np.argsort(-best, kind="stable").tolist()
        if self.way == ("ends",):
            order = order[::2] + order[1::2][::-1]
        return replace(context, order=tuple(order))
