"""Rows as they are stored: named packed arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec import columns as col
from attar.codec.columns import Column, Grouped, Ragged
from attar.errors import UsageError


class Noted(Mapping[str, Column]):
    """Columns, with room for what scoring works out about them once (lengths of rows).

    Notes live as long as the columns and are never saved; they cost 4 bytes a row once a search
    asked for lengths.
    """

    __slots__ = ("_columns", "notes")

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = dict(columns)
        self.notes: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """The codes of n rows.

    Rows can be picked by a number, a slice, an array of numbers or a mask; each stays readable
    without the others.

    Args:
        columns: packed arrays by name, each with n rows.
        rows: n.
        dim: width of the rows that were encoded.
    """

    columns: Mapping[str, Column]
    rows: int
    dim: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", Noted(self.columns))

    def __len__(self) -> int:
        return self.rows

    @property
    def nbytes(self) -> int:
        """Bytes stored, counted from the arrays; side information included."""
        return sum(
            c.nbytes if isinstance(c, Ragged | Grouped) else col.nbytes(c)
            for c in self.columns.values()
        )

    @property
    def bits(self) -> float:
        """Bits stored for each value that was encoded."""
        return 8 * self.nbytes / max(1, self.rows * self.dim)

    def __getitem__(self, index: Any) -> Encoded:
        if isinstance(index, slice):
            dense = not any(isinstance(c, Ragged | Grouped) for c in self.columns.values())
            span = range(self.rows)[index]
            if dense and span.step == 1:  # a view: nothing is copied
                part = {k: c[span.start : span.stop] for k, c in self.columns.items()}
                return Encoded(part, len(span), self.dim)
        rows = _row_numbers(index, self.rows)
        part = {k: col.take(c, rows) for k, c in self.columns.items()}
        return Encoded(part, len(rows), self.dim)

    @staticmethod
    def concat(parts: Sequence[Encoded]) -> Encoded:
        """The rows of all parts, which one fitted codec must have made.

        Raises:
            UsageError: if there is no part, or parts of different codecs.
        """
        if not parts:
            raise UsageError("nothing to concatenate: give at least one Encoded")
        first = parts[0]
        if len(parts) == 1:
            return first
        if any(p.dim != first.dim or p.columns.keys() != first.columns.keys() for p in parts):
            raise UsageError("only codes of one fitted codec can be concatenated")
        return Encoded(
            {k: col.concat([p.columns[k] for p in parts]) for k in first.columns},
            sum(p.rows for p in parts),
            first.dim,
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The plain numpy arrays, as they are written to a file."""
        return {
            name: array
            for key, column in self.columns.items()
            for name, array in col.flatten(key, column).items()
        }


def _row_numbers(index: Any, n: int) -> NDArray[np.int64]:
    if isinstance(index, slice):
        return np.arange(n, dtype=np.int64)[index]
    picked = np.asarray(index)
    if picked.ndim == 0:
        picked = picked[None]
    if picked.dtype == bool:
        if picked.shape != (n,):
            raise UsageError(f"a mask of {picked.shape} cannot pick from {n} rows")
        return np.flatnonzero(picked)
    if picked.size == 0:
        return np.zeros(0, np.int64)
    if picked.dtype.kind not in "iu" or picked.ndim != 1:
        raise UsageError("rows are picked by whole numbers, a slice or a mask")
    rows = picked.astype(np.int64)
    rows = np.where(rows < 0, rows + n, rows)
    if rows.min() < 0 or rows.max() >= n:
        raise UsageError(f"there are {n} rows: {int(picked[np.argmax((rows < 0) | (rows >= n))])}"
                         " is not one of them")  # fmt: skip
    return rows
