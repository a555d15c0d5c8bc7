"""Recipes by name, as they are measured."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from attar.budget import Budget
from attar.context import Passage, Stage, parse, squeeze
from attar.measure.questions import Question
from attar.models.base import Embedder, Tokenizer

NAMED = ("default", "model-free", "high")
"""Besides recipes: `squeeze()` with an embedder, without, and with `effort="high"`."""


@dataclass(frozen=True)
class Recipe:
    """What squeezes, and what it is called in tables.

    Args:
        name: a recipe as it reads back, or one of `NAMED`.
        stages: the stages, or None for those that `squeeze()` takes by itself.
        models: whether it may use the embedder.
    """

    name: str
    stages: Stage | None = None
    models: bool = True

    @classmethod
    def named(cls, text: str) -> Recipe:
        """Read "default", "model-free", "high" or a recipe such as "rank(bm25) >> extract(top)".

        Raises:
            UsageError: if it is none.
        """
        name = text.strip()
        if name in NAMED:
            return cls(name, None, name != "model-free")
        stages = parse(name)
        return cls(repr(stages), stages)


@dataclass(frozen=True)
class Squeezer:
    """Squeezes questions' passages.

    Args:
        tokenizer: counts tokens.
        embedder: scores by meaning.
    """

    tokenizer: Tokenizer
    embedder: Embedder | None

    def __call__(self, recipe: Recipe, question: Question, budget: Budget) -> str:
        """What is left."""
        return squeeze(
            question.passages,
            question.question,
            to=budget,
            tokenizer=self.tokenizer,
            embedder=self.embedder if recipe.models else None,
            recipe=recipe.stages,
            effort="high" if recipe.name == "high" else "default",
        ).text

    def seconds(self, recipe: Recipe, question: Question, budget: Budget) -> float:
        """Wall-clock seconds of one squeeze."""
        began = time.perf_counter()
        self(recipe, question, budget)
        return time.perf_counter() - began

    def join(self, passages: Sequence[Passage]) -> str:
        """All passages as one text, as a reader would be given it."""
        return squeeze(passages, to=Budget(1.0, "ratio"), tokenizer=self.tokenizer).text
