"""What of a text is not stored where it stands, because the same stands elsewhere.

The *joined* text is all texts put together; the *kept* text is what of it is stored. A copy is a
run of the joined text that is read from the kept one. Everything here counts characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attar.errors import DamagedPackError
from attar.exact.columns import Ints, decode_ints, encode_ints

_MOST = float(1 << 62)


@dataclass(frozen=True)
class Copies:
    """Runs of a joined text, in order, none within another.

    Args:
        gap: kept characters between the end of the copy before, or the beginning, and each.
        length: of each.
        source: where in the kept text each stands.
    """

    gap: Ints
    length: Ints
    source: Ints

    @classmethod
    def none(cls) -> Copies:
        """Everything is kept."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(empty, empty, empty)

    @classmethod
    def decode(cls, data: bytes, offset: int, kept: int) -> tuple[Copies, int]:
        """Read what `encode` wrote at `offset`.

        Args:
            data: an index.
            offset: where it begins.
            kept: characters of the kept text.

        Returns:
            The copies, and the offset behind them.

        Raises:
            DamagedPackError: if they are no such copies.
        """
        columns = []
        for _ in range(3):
            column, offset = decode_ints(data, offset)
            if len(column) and not (column.min() >= 0 and column.max() <= kept):
                raise DamagedPackError("a repeat lies outside the text")
            columns.append(column)
        gap, length, source = columns
        if not len(gap) == len(length) == len(source):
            raise DamagedPackError("its repeats have different lengths")
        # As floats first: whole numbers could wrap around.
        if float(gap.sum(dtype=np.float64)) > kept or float(length.sum(dtype=np.float64)) > _MOST:
            raise DamagedPackError("its repeats are impossibly long")
        if bool((source + length > kept).any()) or bool((length == 0).any()):
            raise DamagedPackError("a repeat lies outside the text")
        return cls(gap, length, source), offset

    def encode(self) -> bytes:
        """Three columns of numbers."""
        return b"".join(encode_ints(column) for column in (self.gap, self.length, self.source))

    @property
    def total(self) -> int:
        """Characters of all copies."""
        return int(self.length.sum())

    def kept_place(self, places: Ints) -> Ints:
        """Where places of the joined text lie in the kept one; of a copy, where it would stand."""
        i = np.searchsorted(self._end, places, side="right")
        within = np.maximum(places - self._start_or_end(i), 0)
        kept: Ints = places - self._copied_before[i] - within
        return kept

    def joined_place(self, place: int) -> int:
        """The first place of the joined text that lies so far in the kept one, or further."""
        before = int(np.searchsorted(self._kept_begin, place))
        return place + int(self._copied_before[before])

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The runs of the kept text that make up a run of the joined one, in order."""
        i = int(np.searchsorted(self._end, start, side="right"))
        while start < end:
            if i == len(self.gap):
                before = int(self._copied_before[i])
                yield start - before, end - before
                return
            begin = int(self._begin[i])
            if start < begin:
                stop, origin = min(begin, end), start - int(self._copied_before[i])
            else:
                stop = min(int(self._end[i]), end)
                origin = int(self.source[i]) + start - begin
                i += 1
            yield origin, origin + stop - start
            start = stop

    def _start_or_end(self, i: Ints) -> Ints:
        """Where copy i begins; behind the last, beyond everything."""
        begin: Ints = np.append(self._begin, np.int64(1 << 62))[i]
        return begin

    @cached_property
    def _end(self) -> Ints:
        return np.cumsum(self.gap + self.length)

    @cached_property
    def _begin(self) -> Ints:
        return self._end - self.length

    @cached_property
    def _kept_begin(self) -> Ints:
        """Where each copy would stand in the kept text."""
        return np.cumsum(self.gap)

    @cached_property
    def _copied_before(self) -> Ints:
        """Characters of the copies before each, and of all."""
        return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(self.length)])
