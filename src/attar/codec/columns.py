"""The three ways in which codes lie in memory: so much a row, a varying amount, shared by rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, namespace, to_numpy


@dataclass(frozen=True, slots=True)
class Spec:
    """What a stored array must look like, so that a file can be checked before it is used.

    Args:
        dtype: numpy's name of the element type.
        shape: the axes after the first (columns) or all axes (state); of a ragged column the most
            bytes a row may take.
        kind: whether every row has its own entry ("dense"), a varying number of them
            ("ragged"), or shares one with its neighbours ("grouped").
    """

    dtype: str
    shape: tuple[int, ...]
    kind: Literal["dense", "ragged", "grouped"] = "dense"

    @property
    def lengths(self) -> str:
        """Type of a ragged column's lengths: two bytes unless a row may take more than 65,535."""
        return "uint32" if self.shape and self.shape[0] > 0xFFFF else "uint16"


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """Rows of varying length, one after the other.

    Args:
        data: (total,) bytes.
        lengths: (n,) uint16 or uint32, how many of them belong to each row.
    """

    data: NDArray[np.uint8]
    lengths: NDArray[Any]

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def nbytes(self) -> int:
        """Bytes stored, lengths included."""
        return self.data.nbytes + self.lengths.nbytes

    def starts(self) -> NDArray[np.int64]:
        """(n + 1,) where each row begins, and the end of the last."""
        out = np.zeros(len(self.lengths) + 1, np.int64)
        np.cumsum(self.lengths, out=out[1:])
        return out

    def take(self, rows: NDArray[np.int64]) -> Ragged:
        """The rows of these numbers, in this order."""
        starts = self.starts()
        lengths = self.lengths[rows]
        ends = np.cumsum(lengths, dtype=np.int64)
        total = int(ends[-1]) if len(ends) else 0
        shift = np.repeat(starts[rows] - (ends - lengths), lengths)
        return Ragged(self.data[np.arange(total, dtype=np.int64) + shift], lengths)

    @staticmethod
    def concat(parts: Sequence[Ragged]) -> Ragged:
        """All rows of all parts."""
        return Ragged(
            np.concatenate([p.data for p in parts]), np.concatenate([p.lengths for p in parts])
        )


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Entries shared by runs of neighbouring rows, as the scales of groups down a column are.

    Args:
        values: (groups, ...) one entry for each run.
        runs: (groups,) uint32, how many rows share each.
    """

    values: Array
    runs: NDArray[np.uint32]

    def __len__(self) -> int:
        return int(self.runs.sum())

    @property
    def nbytes(self) -> int:
        """Bytes stored, run lengths included."""
        return nbytes(self.values) + self.runs.nbytes

    def rows(self) -> Array:
        """(n, ...) the entry of every row, written out."""
        return _take(self.values, np.repeat(np.arange(len(self.runs)), self.runs))

    def take(self, rows: NDArray[np.int64]) -> Grouped:
        """The entries of these rows; neighbours that share one go on sharing it."""
        group = np.repeat(np.arange(len(self.runs)), self.runs)[rows]
        first = np.flatnonzero(np.diff(group, prepend=-1))
        runs = np.diff(first, append=len(group)).astype(np.uint32)
        return Grouped(_take(self.values, group[first]), runs)

    @staticmethod
    def concat(parts: Sequence[Grouped]) -> Grouped:
        """All entries of all parts."""
        xp = namespace(parts[0].values)
        return Grouped(
            xp.concat([p.values for p in parts]), np.concatenate([p.runs for p in parts])
        )


Column: TypeAlias = Any
"""A dense array with one entry a row, a `Ragged` or a `Grouped`."""


def nbytes(array: Array) -> int:
    """Bytes of an array's elements, on any device."""
    if is_numpy(array):
        return int(array.nbytes)
    return int(array.numel() * array.element_size())


def take(column: Column, rows: NDArray[np.int64]) -> Column:
    """The rows of these numbers."""
    return column.take(rows) if isinstance(column, Ragged | Grouped) else _take(column, rows)


def concat(parts: Sequence[Column]) -> Column:
    """The rows of all parts."""
    if isinstance(parts[0], Ragged):
        return Ragged.concat(parts)
    if isinstance(parts[0], Grouped):
        return Grouped.concat(parts)
    return namespace(parts[0]).concat(list(parts))


def flatten(name: str, column: Column) -> dict[str, NDArray[Any]]:
    """The plain arrays of a column, as they are written to a file."""
    if isinstance(column, Ragged):
        return {f"{name}.data": column.data, f"{name}.lengths": column.lengths}
    if isinstance(column, Grouped):
        return {f"{name}.values": to_numpy(column.values), f"{name}.runs": column.runs}
    return {name: to_numpy(column)}


def _take(array: Array, rows: NDArray[np.int64]) -> Array:
    if is_numpy(array):
        return array[rows]
    return array[namespace(array).asarray(rows, device=array.device)]
