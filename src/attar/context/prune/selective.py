"""Selective Context: phrases that say little are left out."""

from __future__ import annotations

from collections.abc import Sequence

from attar.context.context import Task
from attar.context.protect import Range
from attar.context.prune.method import Method, Tokens
from attar.context.prune.pieces import phrases
from attar.context.prune.reading import TextReader
from attar.registry import register


@register(
    "selective",
    target="prune",
    needs=("language model",),
    paper="Selective Context (Li et al., EMNLP 2023, arXiv 2310.06201)",
)
class Selective(Method):
    """Keep the phrases with the most self-information, wherever they stand.

    The paper takes noun phrases from a parser. Here a phrase is a run of content words with the
    grammar words before it, which needs no parser.

    Args:
        model: name of a local language model.
        task: what is squeezed.
    """

    everywhere = True

    def __init__(self, model: str, task: Task) -> None:
        self._reader = TextReader(model)

    def cut(self, text: str) -> list[Range]:
        """Phrases."""
        return phrases(text)

    def weigh(self, texts: Sequence[str]) -> list[Tokens]:
        """Self-information of each token."""
        return self._reader.surprisals(texts)
