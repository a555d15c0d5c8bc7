"""Scores of all units by their vectors' codes: at a glance first, and in full where it counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.pack.collection import Collection
from attar.pack.fusion import Scores
from attar.vectors.glance import Glance


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
        codecs = {s.entry.codec for s in collection.segments}
        made = {name: Glance(collection.codec(name), vector) for name in sorted(codecs)}
        self._glances = [made[s.entry.codec] for s in collection.segments]
        self._parts = [s.part(collection.codec(s.entry.codec)) for s in collection.segments]
        self.rough = any(glance.rough for glance in self._glances)

    def all(self) -> Scores:
        """(units,) scores as the scanned term of the codes tells them."""
        pairs = zip(self._glances, self._parts, strict=True)
        found = [glance.estimates(part) for glance, part in pairs]
        return np.concatenate(found) if len(found) != 1 else found[0]

    def some(self, units: NDArray[np.int64]) -> Scores:
        """(n,) scores of the units of these numbers, by their whole codes."""
        out = np.empty(len(units), np.float32)
        base = self._collection.base
        home = np.searchsorted(base, units, side="right") - 1
        for s in np.unique(home).tolist():
            here = home == s
            out[here] = self._glances[s].scores(self._parts[s], units[here] - base[s])
        return out
