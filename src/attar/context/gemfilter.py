"""What one early layer looks at (GemFilter)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from attar.context.blend import blended
from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.errors import UsageError
from attar.registry import register

DEPTH = 0.63
"""Where the layer lies that ranks best, as a share of all: layer 18 of SmolLM2's 30
(docs/decisions.md)."""


@register(
    "gemfilter",
    target="context",
    needs=("language model",),
    paper="GemFilter (Shi et al., arXiv 2409.17422)",
)
@dataclass(frozen=True, repr=False)
class GemFilter(Stage):
    """Score units by the attention of one layer, all heads together; later layers are not run.

    GemFilter lets the last token ask. In a model of 135 million weights that token does not know
    yet what to look for in the early layers, so all of the question's tokens ask here.

    Args:
        model: "default" (SmolLM2), a folder or a hub id.
        depth: which layer, as a share of all, above 0 and at most 1.
        weight: beside the scores of the stages before.
    """

    model: str = "default"
    depth: float = DEPTH
    weight: float = 0.5

    name: ClassVar[str] = "gemfilter"

    def __post_init__(self) -> None:
        if not 0 < self.depth <= 1:
            raise UsageError(f"depth of gemfilter is a share above 0 up to 1, not {self.depth!r}")

    def apply(self, context: Context, task: Task) -> Context:
        """Score all units.

        Raises:
            UsageError: if there is no question.
            ModelError: if the model is not there.
        """
        from attar.context.attended import attended, layers_of

        if not len(context.units):
            return context
        layers = max(1, round(self.depth * layers_of(self.model)))
        found = attended(context, task, self.model, depth=layers, asking=None)
        return blended(context, found[:, -1].sum(axis=1), self.weight)
