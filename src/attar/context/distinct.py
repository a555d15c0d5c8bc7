"""Say nothing twice: near-duplicates are ruled out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.context.terms import words_of
from attar.errors import UsageError
from attar.registry import register
from attar.select import near_duplicates


@register("distinct", target="context", paper="MinHash (Broder, SEQUENCES 1997)")
@dataclass(frozen=True, repr=False)
class Distinct(Stage):
    """Rule out units that repeat an earlier one almost word for word; the earliest stays.

    They are not taken back, so less than the budget is used where nothing else is left.

    Args:
        threshold: least share of runs of three words that two units have in common.
    """

    threshold: float = 0.8

    name: ClassVar[str] = "distinct"

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise UsageError(f"threshold of distinct is above 0 and at most 1: {self.threshold!r}")

    def apply(self, context: Context, task: Task) -> Context:
        """Rule units out; what others need stays."""
        text, units = context.view.text, context.units
        vocabulary: dict[str, int] = {}
        numbers = [
            np.array(
                [vocabulary.setdefault(w, len(vocabulary)) for w in words_of(text[a:b])[0]],
                dtype=np.int64,
            )
            for a, b in zip(units.start.tolist(), units.end.tolist(), strict=True)
        ]
        first = near_duplicates(numbers, self.threshold)
        repeated = first != np.arange(len(units))
        repeated[units.needs[units.needs >= 0]] = False
        # Rows of JSON, tables and code hold their commas and keywords: only their own kind knows
        # what can be left out there.
        return context.without(repeated & ~units.atomic & ~units.bound)
