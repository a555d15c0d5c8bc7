"""Segments that are searched as one, whether of one pack or of several."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attar.codec import Fitted
from attar.pack.document import Document
from attar.pack.ranking import Ranking
from attar.pack.segment import Mask, Segment


class Collection(ABC):
    """Units of many segments, numbered in the order of the segments.

    Args:
        segments: what is searched.
        dim: width of the vectors.
        analyzer: name of what cuts text into terms.
        ranking: how it ranks unless a search says otherwise.
    """

    def __init__(
        self, segments: Sequence[Segment], dim: int, analyzer: str, ranking: Ranking
    ) -> None:
        self.segments = tuple(segments)
        self.dim = dim
        self.analyzer = analyzer
        self.ranking = ranking

    several = False
    """Whether the segments are those of several packs."""

    @abstractmethod
    def codec(self, name: str) -> Fitted:
        """The fitted codec that a segment names.

        Raises:
            DamagedPackError: if its file is not what was written.
        """

    @cached_property
    def base(self) -> NDArray[np.int64]:
        """Number of each segment's first unit, and the number of all units."""
        counts = [segment.entry.units for segment in self.segments]
        return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])

    @cached_property
    def live(self) -> Mask:
        """Which units belong to documents that are not deleted."""
        return np.concatenate([np.zeros(0, dtype=bool), *(s.live_units for s in self.segments)])

    @cached_property
    def all_live(self) -> bool:
        """Whether nothing is deleted, so that nothing need be left out."""
        return all(segment.entry.deleted is None for segment in self.segments)

    @cached_property
    def empty(self) -> bool:
        """Whether there is no unit to be found."""
        return not (self.base[-1] if self.all_live else self.live.any())

    @property
    def document_of_unit(self) -> NDArray[np.int64]:
        """A number for each unit's document, ascending; made anew whenever it is asked for."""
        first = np.cumsum([0, *(s.entry.documents for s in self.segments)])
        parts = [
            n + s.document_of_unit.astype(np.int64)
            for s, n in zip(self.segments, first[:-1], strict=True)
        ]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])

    def locate(self, unit: int) -> tuple[Segment, int]:
        """The segment of a unit, and its number there."""
        s = int(np.searchsorted(self.base, unit, side="right")) - 1
        return self.segments[s], unit - int(self.base[s])

    def by_segment(self, units: NDArray[np.int64]) -> Iterator[tuple[int, Mask, NDArray[np.int64]]]:
        """Some units, apart by segment.

        Yields:
            The place of a segment that holds any, which of the units it holds, and their numbers
            there.
        """
        home = np.searchsorted(self.base, units, side="right") - 1
        for s in np.unique(home).tolist():
            here = home == s
            yield s, here, units[here] - self.base[s]

    def find(self, name: str) -> tuple[Segment, int] | None:
        """The segment and number of the live document of that id; of several, the last."""
        for segment in reversed(self.segments):
            number = segment.find(name)
            if number is not None and segment.live_documents[number]:
                return segment, number
        return None

    def documents(self) -> Iterator[Document]:
        """All live documents, in the order of the segments."""
        for segment in self.segments:
            for number in np.flatnonzero(segment.live_documents).tolist():
                yield segment.document(number)
