"""Scores of all units by their vectors' codes: at a glance first, and in full where it counts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.pack.collection import Collection
from attar.pack.fusion import Scores
from attar.vectors.glance import Glance
from attar.vectors.parts import Part


class Dense:
    """One query vector against the units of a collection.

    Args:
        collection: what is searched.
        vector: (d,) the query.

    Attributes:
        rough: whether what `all` tells is only near what `some` tells.

    Raises:
        UsageError: if the vector has another width than the pack's.
    """

    def __init__(self, collection: Collection, vector: NDArray[np.float32]) -> None:
        dim = collection.dim
        if vector.shape != (dim,) or not bool(np.isfinite(vector).all()):
            raise UsageError(f"a query of this pack is {dim} finite numbers, not {vector.shape}")
        self._collection = collection
        fitted = {s.entry.codec: collection.codec(s.entry.codec) for s in collection.segments}
        glances = {name: Glance(codec, vector) for name, codec in fitted.items()}
        self._places = [
            _Place(glances[name], s.part(fitted[name]), s.row_of_unit(fitted[name]))
            for s in collection.segments
            for name in (s.entry.codec,)
        ]
        self.rough = any(glance.rough for glance in glances.values())

    def all(self) -> Scores:
        """(units,) scores as the scanned term of the codes tells them."""
        if len(self._places) == 1:
            return self._places[0].all()
        base = self._collection.base
        scores = np.empty(base[-1], np.float32)
        for place, (first, end) in zip(self._places, pairwise(base), strict=True):
            scores[first:end] = place.all()
        return scores

    def some(self, units: NDArray[np.int64]) -> Scores:
        """(n,) scores of the units of these numbers, by their whole codes."""
        out = np.empty(len(units), np.float32)
        for s, here, numbers in self._collection.by_segment(units):
            out[here] = self._places[s].some(numbers)
        return out


@dataclass(frozen=True, slots=True)
class _Place:
    """The vectors of a segment, and which of them each of its units has."""

    glance: Glance
    part: Part
    row_of_unit: NDArray[np.unsignedinteger] | None

    def all(self) -> Scores:
        found = self.glance.estimates(self.part)
        return found if self.row_of_unit is None else found[self.row_of_unit]

    def some(self, units: NDArray[np.int64]) -> Scores:
        rows = units if self.row_of_unit is None else self.row_of_unit[units].astype(np.int64)
        return self.glance.scores(self.part, rows)
