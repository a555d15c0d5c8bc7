"""What can be asked of a pack, and of several as if they were one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from attar.errors import ModelError, UsageError
from attar.models.base import Embedder
from attar.pack import search as searching
from attar.pack.collection import Collection
from attar.pack.diversity import check_diversity, diverse
from attar.pack.document import Document, Hit
from attar.pack.fusion import Fusion, top
from attar.pack.manifest import EmbedderEntry
from attar.pack.search import Mode


class Searchable(ABC):
    """Questions to a collection of units."""

    @property
    @abstractmethod
    def embedder(self) -> Embedder:
        """The model that makes the vectors, loaded when first asked for.

        Raises:
            ModelError: if it is not there, or not the one that the vectors were made with.
        """

    @property
    @abstractmethod
    def collection(self) -> Collection:
        """What is searched: the segments, for those who measure."""

    def search(
        self,
        query: str,
        k: int = 10,
        mode: Mode = "hybrid",
        vector: ArrayLike | None = None,
        *,
        group: int = 0,
        weight: float | None = None,
        fusion: Fusion | None = None,
        diversity: float = 0.0,
    ) -> list[Hit]:
        """Find the units that fit a question best.

        Args:
            query: the question.
            k: how many to find at most; documents, if `group` is set.
            mode: "dense" compares meanings, "bm25" words, "hybrid" both.
            vector: the question embedded already; otherwise the pack's embedder does it.
            group: the most units of one document, which then stand together behind its best;
                1 (or True) gives each document once, 0 takes units as they come.
            weight: share of the dense scores in "hybrid"; the pack's own by default.
            fusion: how "hybrid" makes one ranking of two: "minmax" and "zscore" add scores
                stretched so, "rrf" adds reciprocal ranks; the pack's own by default.
            diversity: how much a unit loses that says what units before it said, 0 to 1, such as
                0.1; copies come last with any. See `attar.pack.diversity`.

        Returns:
            Hits, best first; ties in order of the pack. With `diversity`, in the order of what
            each adds.

        Raises:
            UsageError: for an empty question, an unknown mode, or a number out of its range.
            ModelError: if the embedder cannot be loaded or is not the one the pack was made with.
            DamagedPackError: if a file is not what was written.
        """
        searching.check_mode(mode)
        if not query.strip():
            raise UsageError("the question is empty: ask something")
        if k < 1:
            raise UsageError(f"k must be at least 1, not {k}")
        if group < 0:
            raise UsageError(f"group must be at least 0, not {group}")
        check_diversity(diversity)
        collection = self.collection
        if collection.empty:
            return []
        embedded = None
        if mode != "bm25":
            given = self.embedder.embed([query])[0] if vector is None else vector
            embedded = np.asarray(given, dtype=np.float32)
        ranking = collection.ranking
        ranking = replace(
            ranking,
            weight=ranking.weight if weight is None else weight,
            fusion=ranking.fusion if fusion is None else fusion,
        )
        scores = searching.ranked(collection, query, embedded, mode, ranking)
        first = searching.best_of_each(collection, scores) if group else scores
        units = diverse(collection, first, k, diversity) if diversity else top(first, k)
        if group > 1:
            units = searching.with_siblings(collection, scores, units, group)
        return searching.hits(collection, scores, units)

    def document(self, name: str) -> Document:
        """The document of that id, exactly as it was added.

        Raises:
            UsageError: if there is none.
            DamagedPackError: if its text is not what was written.
        """
        found = self.collection.find(name)
        if found is None:
            raise UsageError(f"{self} holds no document {name!r}")
        segment, number = found
        return segment.document(number)

    def documents(self) -> Iterator[Document]:
        """All documents, in the order in which they were added."""
        return self.collection.documents()


def same_embedder(embedder: Embedder, made_with: EmbedderEntry, where: object) -> Embedder:
    """The embedder, if it is the one that vectors were made with.

    Raises:
        ModelError: if it is another.
    """
    if (embedder.digest, embedder.dim) != (made_with.digest, made_with.dim):
        raise ModelError(
            f"{where} was made with the embedder {made_with.name!r} (digest"
            f" {made_with.digest[:12]}), and {embedder.name!r} is another one (digest"
            f" {embedder.digest[:12]}): use that model, or build the pack again"
        )
    return embedder
