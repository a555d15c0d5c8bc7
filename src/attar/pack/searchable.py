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
from attar.pack.document import Document, Hit
from attar.pack.fusion import Fusion
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
        group: bool = False,
        weight: float | None = None,
        fusion: Fusion | None = None,
    ) -> list[Hit]:
        """Find the units that fit a question best.

        Args:
            query: the question.
            k: how many to find at most.
            mode: "dense" compares meanings, "bm25" words, "hybrid" both.
            vector: the question embedded already; otherwise the pack's embedder does it.
            group: only the best unit of each document.
            weight: share of the dense scores in "hybrid"; the pack's own by default.
            fusion: how "hybrid" makes one ranking of two: "minmax" and "zscore" add scores
                stretched so, "rrf" adds reciprocal ranks; the pack's own by default.

        Returns:
            Hits, best first; ties in order of the pack.

        Raises:
            UsageError: for an empty question, an unknown mode, or a `k` below 1.
            ModelError: if the embedder cannot be loaded or is not the one the pack was made with.
            DamagedPackError: if a file is not what was written.
        """
        searching.check_mode(mode)
        if not query.strip():
            raise UsageError("the question is empty: ask something")
        if k < 1:
            raise UsageError(f"k must be at least 1, not {k}")
        if not self.collection.live.any():
            return []
        embedded = None
        if mode != "bm25":
            given = self.embedder.embed([query])[0] if vector is None else vector
            embedded = np.asarray(given, dtype=np.float32)
        ranking = self.collection.ranking
        ranking = replace(
            ranking,
            weight=ranking.weight if weight is None else weight,
            fusion=ranking.fusion if fusion is None else fusion,
        )
        scores = searching.ranked(self.collection, query, embedded, mode, ranking)
        if group:
            scores = searching.best_of_each(self.collection, scores)
        return searching.hits(self.collection, scores, k)

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
