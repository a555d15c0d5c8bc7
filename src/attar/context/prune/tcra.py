"""TCRA-LLM: words whose absence hardly changes a sentence's embedding are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from attar.context.context import Task
from attar.context.protect import Range
from attar.context.prune.method import Method, Tokens
from attar.context.prune.pieces import words
from attar.registry import register
from attar.segmentation.sentences import sentences


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
        """One minus the cosine between a word's sentence with it and without it."""
        cut = [_cut(text) for text in texts]
        variants = [
            variant
            for text, found in zip(texts, cut, strict=True)
            for (start, end), inner in found
            for variant in _variants(text[start:end], inner)
        ]
        vectors = iter(self._embedder.embed(variants) if variants else ())
        return [_tokens(found, vectors) for found in cut]


def _cut(text: str) -> list[tuple[Range, list[Range]]]:
    """Sentences, each with its words."""
    return [((start, end), words(text[start:end])) for start, end in sentences(text)]


def _variants(sentence: str, inner: list[Range]) -> list[str]:
    """The sentence, and the sentence without each of its words."""
    return [sentence, *(sentence[:start] + sentence[end:] for start, end in inner)]


def _tokens(
    found: list[tuple[Range, list[Range]]], vectors: Iterator[NDArray[np.float32]]
) -> Tokens:
    """How far each word's absence moves its sentence; takes the sentences' vectors in order."""
    offsets = []
    values = []
    for (at, _), inner in found:
        whole = next(vectors)
        offsets += [(at + start, at + end) for start, end in inner]
        values += [1.0 - float(next(vectors) @ whole) for _ in inner]
    return Tokens(np.array(offsets, np.int64).reshape(-1, 2), np.array(values).reshape(-1, 1))
