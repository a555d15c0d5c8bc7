"""Sentences by one encoder alone (RECOMP's extractive compressor)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from attar.context.blend import blended
from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.registry import register


@register(
    "recomp",
    target="context",
    needs=("encoder",),
    paper="RECOMP (Xu et al., arXiv 2310.04408)",
)
@dataclass(frozen=True, repr=False)
class Recomp(Stage):
    """Score units by the product of their embedding with the question's, from any bi-encoder.

    RECOMP trains the encoder for the reader; such an encoder is given by its name. `rank(dense)`
    scores by the embedder that `squeeze` was given, and looks at paragraphs and neighbours too.

    Args:
        model: "default" (MiniLM), a sentence-transformers folder or hub id, or a URL.
        weight: beside the scores of the stages before.
    """

    model: str = "default"
    weight: float = 1.0

    name: ClassVar[str] = "recomp"

    def apply(self, context: Context, task: Task) -> Context:
        """Score all units, and leave their embeddings for stages that compare them.

        Raises:
            UsageError: if there is no question.
            ModelError: if the encoder is not there.
        """
        from attar import models

        question = task.asked("the stage 'recomp'")
        units, text = context.units, context.view.text
        if not len(units):
            return context
        given = task.embedder
        same = given is not None and given.name == self.model
        encoder = given if given is not None and same else models.embedder(self.model)
        texts = [text[a:b] for a, b in zip(units.start, units.end, strict=True)]
        vectors = encoder.embed([*texts, question])
        told = np.asarray(vectors[:-1] @ vectors[-1], np.float64)
        return replace(blended(context, told, self.weight), features=vectors[:-1])
