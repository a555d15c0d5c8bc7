"""What an encoder says that reads the question and a sentence's neighbours with it (EXIT)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.errors import UsageError
from attar.registry import register


@register(
    "exit", target="context", needs=("encoder",), paper="EXIT (Hwang et al., arXiv 2412.12559)"
)
@dataclass(frozen=True, repr=False)
class Exit(Stage):
    """Correct a ranking by an encoder that reads question and text together; keeps all units.

    EXIT classifies each sentence in the context of its document, by a language model of 2 billion
    weights. Here a MiniLM with low-rank deltas scores all sentences of a window in one pass. It
    was trained on what `rank(bm25+dense)` leaves to be told, so it belongs behind that stage:
    alone it ranks far worse.

    Args:
        encoder: "minilm", the default embedder's encoder with the deltas that come with Attar.
        weight: of the encoder's score; on held-out questions 0.5 did best, 0 changes nothing.
    """

    encoder: tuple[str, ...] = ("minilm",)
    weight: float = 0.5

    name: ClassVar[str] = "exit"

    def __post_init__(self) -> None:
        if self.encoder != ("minilm",):
            raise UsageError(f"exit knows the encoder minilm, not {'+'.join(self.encoder)}")
        if not np.isfinite(self.weight):
            raise UsageError(f"the weight of exit must be a number, not {self.weight!r}")

    def apply(self, context: Context, task: Task) -> Context:
        """Add to the scores of all units.

        Raises:
            UsageError: if there is no question.
            ModelError: if the default encoder is not there.
        """
        from attar.context.adapted import sentence_scorer

        question = task.asked("the stage 'exit'")
        units = context.units
        if not len(units):
            return context
        scorer = sentence_scorer()
        texts = [
            context.view.text[a:b]
            for a, b in zip(units.start.tolist(), units.end.tolist(), strict=True)
        ]
        told = scorer.score(question, texts, units.paragraph.tolist())
        return context.scored(scorer.base * context.scores + self.weight * told)
