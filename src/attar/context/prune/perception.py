"""Perception Compressor: some tokens by the question, the others by how little they distract."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attar.context.context import Task
from attar.context.prune.longlingua import RESTRICT
from attar.context.prune.method import Method, Tokens, Values, descending, slope
from attar.context.prune.reading import TextReader
from attar.registry import register

INSTRUCTION = (
    "Write a high-quality answer for the given question using only the provided search results."
)
STEEPNESS = 0.4
OPEN_BOOK = 0.2
OPEN_BOOK_STEEPNESS = 0.1
"""k1, the open-book ratio and k2 of the paper."""


@register(
    "perception",
    target="prune",
    needs=("language model",),
    paper="Perception Compressor (Tang et al., NAACL 2025, arXiv 2409.19272)",
)
class Perception(Method):
    """Keep what the question makes likelier, then what surprises least.

    Two slopes over the ranked paragraphs: the share kept falls, the part of it that is chosen by
    the question (the open-book ratio) rises. The paper ranks by several questions, which a large
    model writes; here it is the question itself with the instruction.

    Args:
        model: name of a local language model.
        task: what is squeezed; must have a question.
    """

    def __init__(self, model: str, task: Task) -> None:
        self._question = task.asked("prune(perception)")
        self._reader = TextReader(model)

    def rank(self, paragraphs: Sequence[str]) -> Values:
        """Minus the mean surprisal of instruction and question after each paragraph."""
        asked = f"\n\n{INSTRUCTION} Question: {self._question}\nAnswer: {RESTRICT}"
        return -self._reader.losses_after(paragraphs, asked)

    def weigh(self, texts: Sequence[str]) -> list[Tokens]:
        """Two figures a token: the contrast of the question, and the surprisal without it."""
        plain = self._reader.surprisals(texts)
        asked = self._reader.surprisals(texts, before=f"{self._question}\n\n")
        return [
            Tokens(a.offsets, np.hstack([a.values - b.values, a.values]))
            for a, b in zip(plain, asked, strict=True)
        ]

    def changes(self, n: int) -> Values:
        """Evenly from more to less."""
        return slope(n, STEEPNESS)

    def places(self, values: Values, costs: Values, share: float, number: float) -> Values:
        """By the question up to the open-book ratio of the share, then the least surprising."""
        guided = OPEN_BOOK + OPEN_BOOK_STEEPNESS * (2 * number - 1)
        places = descending(values[:, 0], costs)
        rest = places > share * guided
        taken = costs[~rest].sum() / max(costs.sum(), 1.0)
        places[rest] = taken + (1 - taken) * descending(-values[rest, 1], costs[rest])
        return places
