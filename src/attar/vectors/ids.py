"""Stable integer ids of rows, and which rows still live."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError


class Ids:
    """The id of each row, in the order in which rows were added.

    A deleted row keeps its place (a tombstone) until the set is compacted; its id may be given
    to a new row.

    Args:
        values: (n,) ids; None: nothing yet.
        dead: row numbers of tombstones.
    """

    def __init__(
        self, values: NDArray[np.int64] | None = None, dead: NDArray[np.int64] | None = None
    ) -> None:
        self._values = np.zeros(0, np.int64) if values is None else values
        self._alive = np.ones(len(self._values), np.bool_)
        if dead is not None:
            self._alive[dead] = False
        self._rows: dict[int, int] | None = None

    def __len__(self) -> int:
        return int(self._alive.sum())

    @property
    def rows(self) -> int:
        """Rows, tombstones included."""
        return len(self._values)

    @property
    def values(self) -> NDArray[np.int64]:
        """(rows,) the id of every row, tombstones included."""
        return self._values

    @property
    def alive(self) -> NDArray[np.bool_]:
        """(rows,) which rows live."""
        return self._alive

    @property
    def dead(self) -> NDArray[np.int64]:
        """Row numbers of tombstones."""
        return np.flatnonzero(~self._alive)

    def add(self, count: int, ids: Iterable[int] | None) -> NDArray[np.int64]:
        """Append `count` rows; without `ids` they go on from the greatest there has been.

        Raises:
            UsageError: if an id is negative, comes twice, or lives already.
        """
        if ids is None:
            first = int(self._values.max()) + 1 if self.rows else 0
            new = np.arange(first, first + count, dtype=np.int64)
        else:
            new = self.check(ids, count)
            taken = np.isin(new, self._values[self._alive]) if self.rows else np.zeros(0, bool)
            if taken.any():
                raise UsageError(f"id {new[taken][0]} is taken: delete it first, or update it")
        self._values = np.concatenate([self._values, new])
        self._alive = np.concatenate([self._alive, np.ones(count, np.bool_)])
        self._rows = None
        return new

    def check(self, ids: Iterable[int], count: int) -> NDArray[np.int64]:
        """Give `count` different ids from 0 up as an array, or raise UsageError."""
        new = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids))
        if new.shape != (count,) or (count and new.dtype.kind not in "iu"):
            raise UsageError(f"give one whole number for each of the {count} rows as its id")
        new = new.astype(np.int64)
        if count and new.min() < 0:
            raise UsageError(f"ids start at 0: {new.min()} is below")
        unique, counts = np.unique(new, return_counts=True)
        if len(unique) != count:
            raise UsageError(f"id {unique[np.argmax(counts)]} is given twice")
        return new

    def find(self, ids: Iterable[int]) -> NDArray[np.int64]:
        """Row numbers of those of `ids` that live; others are left out."""
        if self._rows is None:
            live = np.flatnonzero(self._alive)
            self._rows = dict(zip(self._values[live].tolist(), live.tolist(), strict=True))
        known = self._rows
        return np.array([known[i] for i in map(int, ids) if i in known], np.int64)

    def delete(self, ids: Iterable[int]) -> int:
        """Turn the rows of these ids into tombstones; the number of rows that died."""
        rows = np.unique(self.find(ids))
        self._alive = self._alive.copy()  # a search that runs beside keeps its own picture
        self._alive[rows] = False
        self._rows = None
        return len(rows)
