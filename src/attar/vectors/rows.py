"""The coded rows of a set, in parts of which there are never many."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from attar.codec import Encoded, Fitted
from attar.codec.arrays import Array, to_numpy
from attar.vectors.parts import BLOCK, PART, Part, joined, take_from

JOINED = 1 << 24
"""Bytes of codes up to which a set that was built is put together: that takes as many again."""

PIECE = 1 << 12
"""Rows encoded at a time: what is needed beside the codes stays a few megabytes."""


class Rows:
    """Rows of one codec, numbered in the order of the parts.

    Args:
        fitted: the codec.

    Attributes:
        parts: what holds them. Replaced and never changed, so that a search which runs beside a
            change keeps its own picture.
    """

    def __init__(self, fitted: Fitted) -> None:
        self._fitted = fitted
        self.parts: list[Part] = []

    @property
    def nbytes(self) -> int:
        """Bytes of codes, counted from the arrays."""
        return sum(part.nbytes for part in self.parts)

    def encode(self, x: Array) -> list[Part]:
        """Values as parts, piece by piece; they are not among the rows yet."""
        fitted = self._fitted
        piece = -(-PIECE // fitted.coder.block) * fitted.coder.block
        if getattr(x, "ndim", 2) != 2 or not hasattr(x, "shape") or x.shape[0] <= piece:
            return [self._part([fitted.encode(x)])]
        parts: list[Part] = []
        held: list[Encoded] = []
        for at in range(0, x.shape[0], piece):
            held.append(fitted.encode(x[at : at + piece]))
            if sum(map(len, held)) >= PART or at + piece >= x.shape[0]:
                parts.append(self._part(held))
                held = []
        return parts

    def add(self, parts: Iterable[Part]) -> None:
        """Take parts in; small ones are joined."""
        kept = list(self.parts)
        for part in parts:
            if len(part):
                kept.append(part)
            # Each row is copied as often as the part that it is in doubles.
            while (
                len(kept) > 1
                and len(kept[-2]) < PART
                and len(kept[-2]) <= 2 * len(kept[-1])
                and kept[-2].bounds is kept[-1].bounds is None
            ):
                kept[-2:] = [joined(kept[-2:], self._fitted)]
        self.parts = kept

    def join(self) -> None:
        """Make one part of several small ones: a search of one part is one call."""
        if len(self.parts) > 1 and self.nbytes <= JOINED:
            self.parts = [joined(self.parts, self._fitted)]

    def take(self, rows: NDArray[np.int64]) -> Encoded:
        """The codes of the rows of these numbers."""
        return take_from(self.parts, rows)

    def keep(self, alive: NDArray[np.bool_] | None) -> None:
        """Leave all others out and give their room back, and join small parts; None: keep all."""
        parts, start = self.parts, 0
        self.parts = []
        for i, part in enumerate(parts):
            own = None if alive is None else alive[start : start + len(part)]
            start += len(part)
            parts[i] = Part(0, self._fitted.dim, {})  # what is done with is let go
            self.add([part] if own is None or own.all() else self._left(part, own))

    def _left(self, part: Part, alive: NDArray[np.bool_]) -> list[Part]:
        rows, bounds = np.flatnonzero(alive), part.bounds
        made = [part.take(rows[at : at + PART]) for at in range(0, len(rows), PART)]
        if bounds is not None:
            bounds = np.concatenate([[0], np.cumsum(alive)])[bounds]
            made = [Encoded.concat(made)] if made else []
        return [Part.of(codes, self._fitted, bounds) for codes in made]

    def put(self, order: NDArray[np.int64], bounds: NDArray[np.int64]) -> None:
        """Put all rows in this order, in which lists begin and end at these bounds."""
        starts = range(0, len(order), BLOCK)
        blocks = [take_from(self.parts, order[at : at + BLOCK]) for at in starts]
        self.parts = [Part.of(Encoded.concat(blocks), self._fitted, bounds)]

    def _part(self, codes: list[Encoded]) -> Part:
        return Part.of(_on_cpu(Encoded.concat(codes)), self._fitted)


def _on_cpu(codes: Encoded) -> Encoded:
    columns = {k: c if not hasattr(c, "cpu") else to_numpy(c) for k, c in codes.columns.items()}
    return Encoded(columns, len(codes), codes.dim)
