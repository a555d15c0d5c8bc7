"""How much each unit helps: by the question's words, by meaning, or without a question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.context.terms import Terms
from attar.context.units import Units
from attar.errors import UsageError
from attar.registry import register

Scores: TypeAlias = NDArray[np.float64]
SCORERS = ("bm25", "dense", "centroid", "lead")

# Weights in prose, chosen on XQuAD, and in programs: docs/decisions.md, "Squeezing code".
_PARAGRAPH = (0.7, 2.0)
_NEIGHBOUR = (0.3, 1.0)
_PASSAGE = (0.0, 2.0)
_REACH = 3


@register("rank", target="context", paper="BM25 (Robertson and Zaragoza, 2009)")
@dataclass(frozen=True, repr=False)
class Rank(Stage):
    """Score units; keeps all of them.

    Each scorer's values are standardised (mean 0, variance 1 over the units) and added. With a
    question, a unit is also helped by its paragraph, scored in the same way among paragraphs,
    and by the better of its two neighbours in the paragraph: answers often stand beside the
    sentence that shares the question's words. A question whose words occur nowhere, with no
    other scorer, is ranked as if there were none. What a kind of text or a passage wants by itself,
    such as the rare lines of a log, is added.

    A statement of a program says less by itself than a sentence: its function counts more, all of
    its neighbours count, and so does how much of the question's words its file holds.

    Args:
        scorers: of "bm25" (words shared with the question), "dense" (cosine with the question),
            "centroid" (tf-idf product with the mean of the paragraph) and "lead" (early in the
            paragraph). The last two need no question.
        paragraph: weight of the paragraph's score; None is 0.7, and 2 in programs.
        neighbour: weight of the better neighbour's score; None is 0.3, and in programs 1, of the
            mean score of the three on each side.
        passage: weight of how much of the question's words the passage holds; None is 0, and 2
            in programs.
    """

    scorers: tuple[str, ...] = ("bm25",)
    paragraph: float | None = None
    neighbour: float | None = None
    passage: float | None = None

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
        rows = terms.tfidf()
        features: Any = rows
        groups = np.unique(units.paragraph, return_inverse=True)[1]
        alone = _alone(units, groups)
        asked = np.zeros(len(units))
        above = np.zeros(int(groups.max()) + 1)
        free = np.zeros(len(units))
        for scorer in self.scorers:
            if scorer == "bm25":
                question = task.asked(f"the scorer {scorer!r}")
                asked += standardised(terms.bm25(question))
                above += standardised(terms.grouped(groups).bm25(question))
            elif scorer == "dense":
                features, cosines, grouped = _dense(context, task, groups)
                asked += standardised(cosines)
                above += standardised(grouped)
            elif scorer == "centroid":
                free += standardised(_centroid(rows, alone))
            else:
                free += standardised(_lead(alone))
        if self.scorers == ("bm25",) and not asked.any():
            free = standardised(_centroid(rows, alone)) + standardised(_lead(alone))
        if task.question is not None:
            asked = self._helped(context, terms, task.question, asked, above[groups], groups)
        ranked = context.scored(asked + free + units.prior)
        return replace(ranked, features=features)

    def _helped(
        self,
        context: Context,
        terms: Terms,
        question: str,
        asked: Scores,
        above: Scores,
        groups: NDArray[np.int64],
    ) -> Scores:
        """Scores of the units with what stands around them."""
        code = context.units.code
        beside = _better(asked, groups)
        helped = (
            asked
            + _weight(self.paragraph, _PARAGRAPH, code) * above
            + _weight(self.neighbour, _NEIGHBOUR, code)
            * (np.where(code, _around(asked), beside) if code.any() else beside)
        )
        weight = _weight(self.passage, _PASSAGE, code)
        if weight.any():
            passages = context.view.passage_of(context.units.start)
            helped += weight * standardised(terms.covered(passages, question))[passages]
        return helped


def _dense(
    context: Context, task: Task, groups: NDArray[np.int64]
) -> tuple[NDArray[np.float32], Scores, Scores]:
    """Embeddings of the units, and the question's cosines with units and with paragraphs."""
    question, embedder = task.asked("the scorer 'dense'"), task.embedder
    if embedder is None:
        raise UsageError("the scorer 'dense' needs an embedder: give it to squeeze()")
    text, units = context.view.text, context.units
    texts = [text[a:b] for a, b in zip(units.start, units.end, strict=True)]
    vectors = embedder.embed([*texts, question])
    rows, towards = vectors[:-1], vectors[-1]
    # A paragraph is the mean of its units: it ranks as well as embedding the paragraph itself
    # (XQuAD, 400 questions), and takes no second reading.
    means = np.zeros((int(groups.max()) + 1, rows.shape[1]))
    np.add.at(means, groups, rows)
    norms = np.linalg.norm(means, axis=1)
    grouped = np.divide(means @ towards, norms, out=np.zeros_like(norms), where=norms > 0)
    return rows, (rows @ towards).astype(np.float64), grouped


def _centroid(rows: sparse.csr_array, groups: NDArray[np.int64]) -> Scores:
    """Product of each row with the mean row of its group; where it is alone, the mean of all."""
    sizes = np.bincount(groups)
    member = sparse.csr_array((np.ones(len(groups)), (groups, np.arange(len(groups)))))
    sums = sparse.csr_array(member @ rows)
    products = np.asarray(rows.multiply(sums[groups]).sum(axis=1), dtype=np.float64).ravel()
    scores: Scores = products / sizes[groups]
    alone = sizes[groups] == 1
    scores[alone] = scores[~alone].mean() if not alone.all() else 0.0
    return scores


def _alone(units: Units, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """The groups, but units that stand apart each in one of its own."""
    alone = groups.copy()
    apart = int(units.apart.sum())
    alone[units.apart] = int(groups.max(initial=-1)) + 1 + np.arange(apart)
    return alone


def standardised(values: Scores) -> Scores:
    """Values with mean 0 and variance 1; all 0 where they do not differ."""
    spread = values.std()
    return (values - values.mean()) / spread if spread > 1e-12 else np.zeros(len(values))


def _better(scores: Scores, groups: NDArray[np.int64]) -> Scores:
    """The greater score of the two neighbours in the same paragraph; 0 where there is none."""
    before = np.full(len(scores), -np.inf)
    after = np.full(len(scores), -np.inf)
    same = groups[1:] == groups[:-1]
    before[1:][same] = scores[:-1][same]
    after[:-1][same] = scores[1:][same]
    best = np.maximum(before, after)
    return np.where(np.isfinite(best), best, 0.0)


def _weight(asked: float | None, usual: tuple[float, float], code: NDArray[np.bool_]) -> Scores:
    """The weight for each unit."""
    if asked is not None:
        return np.full(len(code), float(asked))
    return np.where(code, usual[1], usual[0])


def _around(scores: Scores) -> Scores:
    """Standardised means of the scores of a unit and of those near it, the nearer the heavier."""
    near = 1 - np.abs(np.arange(-_REACH, _REACH + 1)) / (_REACH + 1)
    sums, weights = (
        np.convolve(values, near)[_REACH : _REACH + len(scores)]
        for values in (scores, np.ones(len(scores)))
    )
    return standardised(sums / weights)


def _lead(groups: NDArray[np.int64]) -> Scores:
    """1 for the first unit of a group, 1/2 for the second, and so on."""
    begins = np.diff(groups, prepend=-1) != 0
    first = np.flatnonzero(begins)[np.cumsum(begins) - 1]
    place: NDArray[np.int64] = np.arange(len(groups), dtype=np.int64) - first
    return np.reciprocal(1.0 + place.astype(np.float64))
