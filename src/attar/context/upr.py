"""Which units make the question likely (UPR)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attar.context.blend import blended
from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.errors import UsageError
from attar.registry import register


@register(
    "upr",
    target="context",
    needs=("language model",),
    paper="UPR (Sachan et al., arXiv 2204.07496)",
)
@dataclass(frozen=True, repr=False)
class QuestionLikelihood(Stage):
    """Score units by how likely a language model finds the question after reading them.

    LongLLMLingua and LongCodeZip rank by the same likelihood. Only the best units so far are read,
    as many as `reach` budgets hold, so the time depends on the budget and not on the text; the
    others count as the worst of those that were read.

    Args:
        model: "default" (SmolLM2), a folder or a hub id; it must say how likely a text is.
        reach: how much is read, in budgets.
        weight: beside the scores of the stages before.
    """

    model: str = "default"
    reach: float = 4.0
    weight: float = 0.5

    name: ClassVar[str] = "upr"

    def __post_init__(self) -> None:
        if not self.reach > 0:
            raise UsageError(f"reach of upr is a number above 0, not {self.reach!r}")

    def apply(self, context: Context, task: Task) -> Context:
        """Score all units.

        Raises:
            UsageError: if there is no question.
            ModelError: if the model is not there, or behind HTTP.
        """
        from attar.context.prune.reading import TextReader

        question = task.asked("the stage 'upr'")
        if not len(context.units):
            return context
        order = np.argsort(-context.scores, kind="stable")
        spent = np.cumsum(task.costs(context)[order])
        best = order[: 1 + int(np.searchsorted(spent, self.reach * task.limit))]
        text, units = context.view.text, context.units
        texts = [text[a:b] for a, b in zip(units.start[best], units.end[best], strict=True)]
        asked = f"\n\nQuestion: {question.strip()}"
        told = -TextReader(self.model).losses_after(texts, asked)
        scores = np.full(len(units), told.min())
        scores[best] = told
        return blended(context, scores, self.weight)
