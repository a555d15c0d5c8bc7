"""Scoring every unit of a collection, and cutting the best ones out of the text."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.kernel import kernel
from attar.pack.collection import Collection
from attar.pack.dense import Dense
from attar.pack.document import Hit
from attar.pack.fusion import Scores, fuse, top
from attar.pack.ranking import Ranking
from attar.postings import BM25, Statistics, analyzer

Mode: TypeAlias = Literal["hybrid", "dense", "bm25"]

LOOKS = 256
"""Units whose vectors are scored in full: the ten best are among these (docs/decisions.md)."""


def check_mode(mode: str) -> None:
    """Refuse a mode that there is not.

    Raises:
        UsageError: naming those that there are.
    """
    if mode not in get_args(Mode):
        raise UsageError(f"there is no search mode {mode!r}; known: {', '.join(get_args(Mode))}")


def sparse_scores(collection: Collection, question: str, bm25: BM25) -> Scores:
    """BM25 of all units, with the statistics of the whole pack, deleted units included.

    Like Lucene, the counts forget a deleted document only when its segment is rewritten.
    """
    terms = analyzer(collection.analyzer).tokens(question)
    statistics = Statistics.gather([s.postings for s in collection.segments], terms)
    scores = np.empty(collection.base[-1], np.float32)
    for segment, (first, end) in zip(collection.segments, pairwise(collection.base), strict=True):
        scores[first:end] = segment.postings.scores(terms, statistics, bm25)
    return scores


def ranked(
    collection: Collection,
    question: str,
    vector: NDArray[np.float32] | None,
    mode: Mode,
    ranking: Ranking,
    looks: int = LOOKS,
) -> Scores:
    """Scores of all units; -inf for what must never be found.

    Args:
        collection: what is searched.
        question: for "bm25" and "hybrid".
        vector: for "dense" and "hybrid".
        mode: which scores; "hybrid" is both, made comparable over the live units.
        ranking: parameters of BM25, and how "hybrid" makes one ranking of two.
        looks: how many of the best units' vectors are scored in full, where the codes allow to
            tell roughly first.
    """
    live = None if collection.all_live else collection.live
    dense = None if vector is None or mode == "bm25" else Dense(collection, vector)
    close = sparse = np.zeros(0, dtype=np.float32)
    if dense is not None:
        close = dense.all()
        close = close if live is None else close[live]
    if mode != "dense":
        sparse = sparse_scores(collection, question, ranking.bm25)
        sparse = sparse if live is None else sparse[live]
    if dense is not None and dense.rough:
        best = top(_as_one(close, sparse, mode, ranking), looks)
        close[best] = dense.some(best if live is None else np.flatnonzero(live)[best])
        found = _as_one(close, sparse, mode, ranking)
        # What was only glanced at ranks no better than what was looked at in full.
        full = found[best]
        np.minimum(found, full.min(initial=np.inf), out=found)
        found[best] = full
    else:
        found = _as_one(close, sparse, mode, ranking)
    if live is None:
        return found
    scores = np.full(len(live), -np.inf, dtype=np.float32)
    scores[live] = found
    return scores


def _as_one(dense: Scores, sparse: Scores, mode: Mode, ranking: Ranking) -> Scores:
    if mode == "hybrid":
        return fuse(dense, sparse, ranking.fusion, ranking.weight)
    if mode == "dense":
        return dense
    # A unit that shares no term with the question was not found by it.
    return np.where(sparse > 0, sparse, np.float32(-np.inf))


def best_of_each(collection: Collection, scores: Scores) -> Scores:
    """The scores with only the best unit of each document left, the first among equals."""
    kept = np.full(len(scores), -np.inf, dtype=np.float32)
    for segment, (first, end) in zip(collection.segments, pairwise(collection.base), strict=True):
        _keep_best(segment.document_of_unit, scores[first:end], kept[first:end])
    return kept


@kernel(nogil=True)
def _keep_best(owner: NDArray[np.unsignedinteger], scores: Scores, kept: Scores) -> None:
    best = 0
    for i in range(1, len(owner)):
        if owner[i] != owner[best]:
            kept[best] = scores[best]
            best = i
        elif scores[i] > scores[best]:
            best = i
    if len(owner):
        kept[best] = scores[best]


def with_siblings(
    collection: Collection, scores: Scores, units: NDArray[np.int64], most: int
) -> NDArray[np.int64]:
    """Each unit, followed by the next best of its document, up to `most` of them together."""
    found = []
    for unit in units.tolist():
        segment, i = collection.locate(unit)
        owner = segment.document_of_unit
        document = int(owner[i])
        first, last = unit - i + np.searchsorted(owner, (document, document + 1))
        found.append(first + top(scores[first:last], most))
    return np.concatenate([np.zeros(0, np.int64), *found])


def hits(collection: Collection, scores: Scores, units: NDArray[np.int64]) -> list[Hit]:
    """Units with their scores and texts, in the order given."""
    found = []
    for unit in units.tolist():
        segment, i = collection.locate(unit)
        table = segment.units
        number, start, end = int(table.document[i]), int(table.start[i]), int(table.end[i])
        found.append(
            Hit(
                id=table.ids[number],
                source=table.sources[number],
                start=start,
                end=end,
                score=float(scores[unit]),
                text=segment.text.slice(2 * number + 1, start, end),
                title=segment.text[2 * number],
                kind=table.kinds[number],
                pack=str(segment.path.parents[1]) if collection.several else "",
            )
        )
    return found
