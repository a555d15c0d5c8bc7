"""Stable integer ids of rows, and which rows still live."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError

MOST = np.iinfo(np.int64).max


class Ids:
    """The id of each row, in the order in which rows were added.

    A deleted row keeps its place (a tombstone) until the set is compacted; its id may be given
    to a new row. Ids that count up from a first take no memory.

    Args:
        values: (n,) ids, or a range of them; None: nothing yet.
    """

    def __init__(self, values: NDArray[np.int64] | range | None = None) -> None:
        self._values: NDArray[np.int64] | range = range(0) if values is None else values
        self._alive: NDArray[np.bool_] | None = None
        self._rows: dict[int, int] | None = None
        self._next = int(max(values)) + 1 if isinstance(values, range) and len(values) else 0
        if isinstance(values, np.ndarray) and len(values):
            self._next = int(values.max()) + 1

    def __len__(self) -> int:
        return self.rows if self._alive is None else int(self._alive.sum())

    @property
    def rows(self) -> int:
        """Rows, tombstones included."""
        return len(self._values)

    @property
    def values(self) -> NDArray[np.int64]:
        """(rows,) the id of every row, tombstones included."""
        if isinstance(self._values, range):
            return np.arange(self._values.start, self._values.stop, dtype=np.int64)
        return self._values

    @property
    def living(self) -> NDArray[np.int64] | range:
        """The ids of the living rows, as a range if they count up from a first."""
        if self._alive is None:
            return self._values
        ids = self.values[self._alive]
        if len(ids) and (np.diff(ids) == 1).all():
            return range(int(ids[0]), int(ids[-1]) + 1)
        return ids

    @property
    def alive(self) -> NDArray[np.bool_] | None:
        """(rows,) which rows live; None: all."""
        return self._alive

    def names(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The ids of rows of these numbers; -1 stays."""
        if not self.rows:
            return rows
        if isinstance(self._values, range):
            return np.where(rows >= 0, rows + self._values.start, -1)
        return np.where(rows >= 0, self._values[rows], -1)

    def add(self, count: int, ids: Iterable[int] | None) -> NDArray[np.int64]:
        """Append `count` rows; without `ids` they go on from the greatest there has been.

        Raises:
            UsageError: if an id is negative, comes twice, or lives already.
        """
        if ids is None:
            new = np.arange(self._next, self._next + count, dtype=np.int64)
        else:
            new = self.check(ids, count)
            self._refuse_taken(new)
        at = self._values
        start = at.start if isinstance(at, range) and len(at) else int(new[0]) if count else 0
        stop = at.stop if isinstance(at, range) and len(at) else start
        if isinstance(at, range) and (not count or (new[0] == stop and (np.diff(new) == 1).all())):
            self._values = range(start, stop + count)
        else:
            self._values = np.concatenate([self.values, new])
        if self._alive is not None:
            self._alive = np.concatenate([self._alive, np.ones(count, np.bool_)])
        if count:
            self._next = max(self._next, int(new.max()) + 1)
        self._rows = None
        return new

    def _refuse_taken(self, new: NDArray[np.int64]) -> None:
        at = self._values
        if isinstance(at, range) and self._alive is None:
            taken = (new >= at.start) & (new < at.stop)
        else:
            taken = np.isin(new, np.asarray(self.living))
        if taken.any():
            raise UsageError(f"id {new[taken][0]} is taken: delete it first, or update it")

    def check(self, ids: Iterable[int], count: int) -> NDArray[np.int64]:
        """Give `count` different ids from 0 up as an array, or raise UsageError."""
        new = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids))
        if new.shape != (count,) or (count and new.dtype.kind not in "iu"):
            raise UsageError(f"give one whole number for each of the {count} rows as its id")
        if count and new.min() < 0:
            raise UsageError(f"ids start at 0: {new.min()} is below")
        if count and int(new.max()) >= MOST:
            raise UsageError(f"ids end below 2^63: {new.max()} is above")
        new = new.astype(np.int64)
        unique, counts = np.unique(new, return_counts=True)
        if len(unique) != count:
            raise UsageError(f"id {unique[np.argmax(counts)]} is given twice")
        return new

    def find(self, ids: Iterable[int]) -> NDArray[np.int64]:
        """Row numbers of those of `ids` that live; others are left out."""
        if not isinstance(ids, np.ndarray):
            ids = [i for i in map(int, ids) if 0 <= i <= MOST]
        wanted = np.asarray(ids, np.int64)
        if isinstance(self._values, range):
            rows = wanted - self._values.start
            rows = rows[(rows >= 0) & (rows < len(self._values))]
            return rows if self._alive is None else rows[self._alive[rows]]
        if self._rows is None:
            live = np.arange(self.rows) if self._alive is None else np.flatnonzero(self._alive)
            self._rows = dict(zip(self._values[live].tolist(), live.tolist(), strict=True))
        known = self._rows
        return np.array([known[i] for i in wanted.tolist() if i in known], np.int64)

    def delete(self, ids: Iterable[int]) -> int:
        """Turn the rows of these ids into tombstones; the number of rows that died."""
        rows = np.unique(self.find(ids))
        if len(rows):  # a search that runs beside keeps its own picture
            alive = np.ones(self.rows, np.bool_) if self._alive is None else self._alive.copy()
            alive[rows] = False
            self._alive = alive
            self._rows = None
        return len(rows)

    def reordered(self, rows: NDArray[np.int64] | None) -> Ids:
        """The ids of these rows, in this order, all living; None: of those that live."""
        values = self.living if rows is None else self.values[rows]
        if isinstance(values, np.ndarray) and len(values) and (np.diff(values) == 1).all():
            values = range(int(values[0]), int(values[-1]) + 1)
        made = Ids(values)
        made._next = self._next
        return made
