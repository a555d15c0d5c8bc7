"""TCRA-LLM: words whose absence hardly changes a sentence's embedding are left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attar.context.context import Task
from attar.context.prune.method import Method, Tokens
from attar.context.prune.pieces import words
from attar.context.sentences import sentences
from attar.registry import register


@register(
    "tcra",
    target="prune",
    needs=("encoder",),
    paper="TCRA-LLM (Liu et al., Findings of EMNLP 2023, arXiv 2310.15556)",
)
class Tcra(Method):
    """Keep the words that a sentence's embedding would miss (the paper's semantic compression).

    Each sentence is embedded once without each of its words: about as many texts as words.

    Args:
        model: name of an embedder, where the task has none.
        task: what is squeezed.
    """

    def __init__(self, model: str, task: Task) -> None:
        from attar.models import embedder

        self._embedder = task.embedder or embedder(model)

    def weigh(self, texts: Sequence[str]) -> list[Tokens]:
        """One minus the cosine between a sentence with and without each word."""
        ranges = []
        variants: list[str] = []
        for text in texts:
            for start, end in sentences(text):
                sentence = text[start:end]
                cut = words(sentence)
                ranges.append((start, cut))
                variants.append(sentence)
                variants += [sentence[:a] + sentence[b:] for a, b in cut]
        vectors = self._embedder.embed(variants) if variants else np.zeros((0, 1), np.float32)
        found = []
        sizes = iter(ranges)
        at = 0
        for text in texts:
            offsets: list[tuple[int, int]] = []
            values: list[np.ndarray] = [np.zeros(0)]
            for _ in sentences(text):
                start, cut = next(sizes)
                whole, without = vectors[at], vectors[at + 1 : at + 1 + len(cut)]
                at += 1 + len(cut)
                offsets += [(start + a, start + b) for a, b in cut]
                values.append(1.0 - without.astype(np.float64) @ whole)
            found.append(
                Tokens(np.array(offsets, np.int64).reshape(-1, 2), np.concatenate(values)[:, None])
            )
        return found
