"""Rows of a set as they lie in memory: by lines where they can be scanned, else as encoded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from attar.codec import Encoded, Fitted
from attar.codec.columns import Column, Grouped, Ragged, take
from attar.codec.lines import LINE, from_lines, to_lines
from attar.vectors.scan import NOTHING, Beside

BLOCK = 1 << 14
"""Rows scored or written at a time: a multiple of the rows of a line."""

PART = 1 << 16
"""Rows below which a part is joined with what is added after it."""


class Part:
    """Some rows. Codes that are scanned lie by lines and nowhere else.

    Args:
        rows: how many.
        dim: their width before they were encoded.
        columns: what is kept of each row, but for the scanned column.
        lines: the scanned column's name, and its bytes (`lines.to_lines`); None: there is none.
        bounds: (lists + 1,) where the rows of each list of a partition begin; None: rows lie in
            no such order.
    """

    def __init__(
        self,
        rows: int,
        dim: int,
        columns: Mapping[str, Column],
        lines: tuple[str, NDArray[np.uint8]] | None = None,
        bounds: NDArray[np.int64] | None = None,
    ) -> None:
        self.rows = rows
        self.dim = dim
        self.columns = dict(columns)
        self.name = "" if lines is None else lines[0]
        self.lines = None if lines is None else lines[1]
        self.bounds = bounds
        self._beside: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        self._blocks: list[Encoded] | None = None

    @classmethod
    def of(cls, codes: Encoded, fitted: Fitted, bounds: NDArray[np.int64] | None = None) -> Part:
        """Codes as a part of a set of this codec."""
        plan = fitted.scan
        columns = dict(codes.columns)
        if plan is None:
            return cls(len(codes), codes.dim, columns, None, bounds)
        lines = to_lines(columns.pop(plan.column))
        return cls(len(codes), codes.dim, columns, (plan.column, lines), bounds)

    def __len__(self) -> int:
        return self.rows

    @property
    def nbytes(self) -> int:
        """Bytes of codes, counted from the arrays."""
        own = 0 if self.lines is None else self.lines.nbytes
        return own + sum(int(c.nbytes) for c in self.columns.values())

    def blocks(self) -> Iterator[tuple[int, Encoded]]:
        """The rows in blocks, each with the number of its first row.

        What scoring notes of a block stays noted, unless the block is made from lines.
        """
        if self.lines is None:
            if self._blocks is None:
                whole = Encoded(self.columns, self.rows, self.dim)
                self._blocks = [whole[i : i + BLOCK] for i in range(0, self.rows, BLOCK)]
            yield from zip(range(0, self.rows, BLOCK), self._blocks, strict=True)
            return
        for start in range(0, self.rows, BLOCK):
            yield start, self.take(range(start, min(start + BLOCK, self.rows)))

    def take(self, rows: NDArray[np.int64] | range) -> Encoded:
        """The rows of these numbers."""
        if isinstance(rows, range) and all(
            not isinstance(c, Ragged | Grouped) for c in self.columns.values()
        ):
            columns = {k: c[rows.start : rows.stop] for k, c in self.columns.items()}
        else:
            columns = {k: take(c, np.asarray(rows, np.int64)) for k, c in self.columns.items()}
        if self.lines is not None:
            columns[self.name] = from_lines(self.lines, rows)
        return Encoded(columns, len(rows), self.dim)

    def beside(
        self, fitted: Fitted, kind: Beside
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What a row's score hangs on beside its nibbles, and the most of each line.

        Worked out once. The last line's missing rows have zeros.

        Args:
            fitted: the codec.
            kind: "factor": one over the length; "term": minus half its square.
        """
        if kind == "nothing":
            return NOTHING, NOTHING
        plan = fitted.scan
        if self._beside is None and plan is not None:
            out = np.zeros(-(-self.rows // LINE) * LINE, np.float32)  # read by whole lines
            for start, block in self.blocks():
                lengths = plan.lengths(block)
                if kind == "factor":
                    own = np.divide(1, lengths, where=lengths > 0, out=np.zeros_like(lengths))
                else:
                    own = lengths**2 / -2
                out[start : start + len(block)] = own
            own, starts = out[: self.rows], np.arange(0, self.rows, LINE)
            self._beside = out, np.maximum.reduceat(own, starts) if self.rows else NOTHING
        return self._beside or (NOTHING, NOTHING)


def joined(parts: Sequence[Part], fitted: Fitted) -> Part:
    """The rows of all parts as one; at least one part."""
    return Part.of(Encoded.concat([b for part in parts for _, b in part.blocks()]), fitted)


def take_from(parts: Sequence[Part], rows: NDArray[np.int64]) -> Encoded:
    """The rows of these numbers, counted through all parts; at least one part."""
    starts = np.cumsum([0, *map(len, parts)])
    home = np.searchsorted(starts, rows, side="right") - 1
    order = np.argsort(home, kind="stable")
    pieces = [parts[i].take(rows[home == i] - starts[i]) for i in np.unique(home).tolist()] or [
        parts[0].take(range(0))
    ]
    taken = Encoded.concat(pieces)
    if (np.diff(home) >= 0).all():
        return taken
    back = np.empty(len(rows), np.int64)
    back[order] = np.arange(len(rows))
    return taken[back]
