"""How much each unit helps: by the question's words, by meaning, or without a question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.context.terms import Terms
from attar.errors import UsageError
from attar.registry import register

T = TypeVar("T")
Scores: TypeAlias = NDArray[np.float64]
SCORERS = ("bm25", "dense", "centroid", "lead")


@register("rank", target="context", paper="BM25 (Robertson and Zaragoza, 2009)")
@dataclass(frozen=True, repr=False)
class Rank(Stage):
    """Score units; keeps all of them.

    Each scorer's values are standardised (mean 0, variance 1 over the units) and added. With a
    question, a unit is also helped by its paragraph, scored in the same way among paragraphs,
    and by the better of its two neighbours in the paragraph: answers often stand beside the
    sentence that shares the question's words.

    Args:
        scorers: of "bm25" (words shared with the question), "dense" (cosine with the question;
            without one, with the mean of all units), "centroid" (tf-idf cosine with the mean of
            all units) and "lead" (early in its paragraph and in the text).
        paragraph: weight of the paragraph's score.
        neighbour: weight of the better neighbour's score.
    """

    scorers: tuple[str, ...] = ("bm25",)
    paragraph: float = 0.7
    neighbour: float = 0.3

    name: ClassVar[str] = "rank"

    def __post_init__(self) -> None:
        for scorer in self.scorers:
            if scorer not in SCORERS:
                raise UsageError(f"there is no scorer {scorer!r}; known: {', '.join(SCORERS)}")

    def apply(self, context: Context, task: Task) -> Context:
        """Score all units.

        Raises:
            UsageError: if a scorer needs a question or an embedder that is not there.
        """
        units = context.units
        if not len(units):
            return context
        terms = Terms.read(context.view.text, units.start, units.end)
        groups = np.unique(units.paragraph, return_inverse=True)[1]
        own = np.zeros(len(units))
        above = np.zeros(int(groups.max()) + 1)
        features: Any = None
        for scorer in self.scorers:
            if scorer == "bm25":
                question = _needed(task.question, scorer, "a question")
                own += standardised(terms.bm25(question))
                if self.paragraph:
                    above += standardised(terms.grouped(groups).bm25(question))
            elif scorer == "dense":
                features, cosines, grouped = self._dense(context, task, groups)
                own += standardised(cosines)
                above += standardised(grouped)
            elif scorer == "centroid":
                rows = terms.tfidf()
                own += standardised(np.asarray(rows @ np.asarray(rows.mean(axis=0)).ravel()))
            else:
                own += standardised(_lead(groups))
        if task.question is not None:
            own = own + self.paragraph * above[groups] + self.neighbour * _better(own, groups)
        if features is None:
            features = terms.tfidf()
        return replace(context, scores=own, features=features)

    def _dense(
        self, context: Context, task: Task, groups: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], Scores, Scores]:
        """Embeddings of the units, their cosines, and the paragraphs' cosines."""
        embedder = _needed(task.embedder, "dense", "an embedder")
        text, units = context.view.text, context.units
        texts = [text[a:b] for a, b in zip(units.start, units.end, strict=True)]
        if task.question is None:
            rows = embedder.embed(texts)
            towards = rows.mean(axis=0)
        else:
            vectors = embedder.embed([*texts, task.question])
            rows, towards = vectors[:-1], vectors[-1]
        # A paragraph is the mean of its units: it ranks as well as embedding the paragraph
        # itself (XQuAD, 400 questions), and takes no second reading.
        means = np.zeros((int(groups.max()) + 1, rows.shape[1]))
        np.add.at(means, groups, rows)
        norms = np.linalg.norm(means, axis=1)
        grouped = np.divide(means @ towards, norms, out=np.zeros_like(norms), where=norms > 0)
        return rows, (rows @ towards).astype(np.float64), grouped


def standardised(values: Scores) -> Scores:
    """Values with mean 0 and variance 1; all 0 where they do not differ."""
    spread = values.std()
    return (values - values.mean()) / spread if spread > 1e-12 else np.zeros(len(values))


def _needed(value: T | None, scorer: str, what: str) -> T:
    if value is None:
        raise UsageError(f"the scorer {scorer!r} needs {what}: give it to squeeze()")
    return value


def _better(scores: Scores, groups: NDArray[np.int64]) -> Scores:
    """The greater score of the two neighbours in the same paragraph; 0 where there is none."""
    before = np.full(len(scores), -np.inf)
    after = np.full(len(scores), -np.inf)
    same = groups[1:] == groups[:-1]
    before[1:][same] = scores[:-1][same]
    after[:-1][same] = scores[1:][same]
    best = np.maximum(before, after)
    return np.where(np.isfinite(best), best, 0.0)


def _lead(groups: NDArray[np.int64]) -> Scores:
    """High for units that come early in their paragraph, and a little for early paragraphs."""
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    place = np.arange(len(groups)) - first[groups]
    return 1.0 / (1.0 + place) + 0.5 / (1.0 + groups)
