"""What the heads look at that find things in a text (evaluator heads)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attar.context.blend import blended
from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.errors import UsageError
from attar.registry import register

SMOLLM2_HEADS = ((15, 6), (14, 3), (18, 6), (17, 4))
"""The heads of SmolLM2 135M Instruct, of 270, whose attention ranks answers best: found with 150
questions of Natural Questions among nine other passages (docs/decisions.md). None lies above layer
18 of 30, so the layers above are not run."""


@register(
    "ehpc",
    target="context",
    needs=("language model",),
    paper="Evaluator heads (Fei et al., arXiv 2501.12959)",
)
@dataclass(frozen=True, repr=False)
class EvaluatorHeads(Stage):
    """Score units by the attention that a few heads of a language model pay to them.

    A few heads of a model find what a question is about. EHPC looks for them once, with a pilot
    task, and then needs only the layers up to the highest of them, in one pass over the text. The
    question's tokens ask, on average; a unit counts by its mean token.

    Args:
        model: "default" (SmolLM2), a folder or a hub id.
        heads: (layer, head) pairs, from 0; those of SmolLM2 are known.
        weight: beside the scores of the stages before.
    """

    model: str = "default"
    heads: tuple[tuple[int, int], ...] = SMOLLM2_HEADS
    weight: float = 0.5

    name: ClassVar[str] = "ehpc"

    def __post_init__(self) -> None:
        if self.model != "default" and self.heads == SMOLLM2_HEADS:
            raise UsageError(
                "ehpc knows the evaluator heads of the default model only: give those of"
                f" {self.model!r}, as in heads=((15, 6), (14, 3))"
            )
        if not self.heads or not all(_is_head(head) for head in self.heads):
            raise UsageError(f"heads of ehpc are (layer, head) pairs, not {self.heads!r}")

    def apply(self, context: Context, task: Task) -> Context:
        """Score all units.

        Raises:
            UsageError: if there is no question, or the model has no such head.
            ModelError: if the model is not there.
        """
        from attar.context.attended import attended

        if not len(context.units):
            return context
        depth = 1 + max(layer for layer, _ in self.heads)
        found = attended(context, task, self.model, depth=depth, asking=None)
        if found.shape[1] < depth or found.shape[2] <= max(head for _, head in self.heads):
            raise UsageError(
                f"{self.model!r} has {found.shape[1]} layers of {found.shape[2]} heads here:"
                f" not all of {self.heads} are among them"
            )
        told = np.sum([found[:, layer, head] for layer, head in self.heads], axis=0)
        return blended(context, told, self.weight)


def _is_head(pair: object) -> bool:
    return (
        isinstance(pair, tuple)
        and len(pair) == 2
        and all(isinstance(number, int) and number >= 0 for number in pair)
    )
