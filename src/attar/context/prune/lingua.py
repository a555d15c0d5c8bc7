"""LLMLingua: predictable tokens are left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attar.context.context import Task
from attar.context.prune.method import Method, Tokens, Values
from attar.context.prune.reading import TextReader
from attar.registry import register


@register(
    "lingua",
    target="prune",
    needs=("language model",),
    paper="LLMLingua (Jiang et al., EMNLP 2023, arXiv 2310.05736)",
)
class Lingua(Method):
    """Keep the words that a language model finds surprising; ask no question.

    The paragraphs that surprise most are read (the paper's budget controller), and in each of
    them the same share of words is kept: those of the highest perplexity.

    Args:
        model: name of a local language model.
        task: what is squeezed.
    """

    def __init__(self, model: str, task: Task) -> None:
        self._reader = TextReader(model)

    def rank(self, paragraphs: Sequence[str]) -> Values:
        """The mean surprisal of each paragraph."""
        return np.array(
            [read.values.mean() if len(read.values) else 0.0 for read in self.weigh(paragraphs)]
        )

    def weigh(self, texts: Sequence[str]) -> list[Tokens]:
        """Surprisal after the text before in the same paragraph."""
        return self._reader.surprisals(texts)
