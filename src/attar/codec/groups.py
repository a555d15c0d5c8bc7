"""Groups of values that share a scale: along a row, or down a column."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from attar.codec.arrays import Array, namespace
from attar.codec.columns import Column, Grouped, Spec
from attar.errors import UsageError


@dataclass(frozen=True, slots=True)
class Groups:
    """How rows are cut into groups.

    Args:
        size: values in a group; None: a whole row.
        axis: 1 for neighbours along a row, 0 for neighbours down a column.
    """

    size: int | None
    axis: int

    def __post_init__(self) -> None:
        if self.axis not in (0, 1):
            raise UsageError(f"axis is 1 (along a row) or 0 (down a column), not {self.axis!r}")
        if self.size is None:
            if self.axis == 0:
                raise UsageError("groups down a column need a size: give group=32 or so")
        elif not isinstance(self.size, int) or self.size < 1:
            raise UsageError(f"a group holds at least 1 value, not {self.size!r}")

    @property
    def block(self) -> int:
        """Rows that share a scale."""
        return self.size if self.axis == 0 and self.size else 1

    def count(self, dim: int) -> int:
        """Groups in a row."""
        return ceil(dim / min(self.size or dim, dim)) if self.axis == 1 else dim

    def extremes(self, x: Array) -> tuple[Array, Array]:
        """Least and greatest value of each group: (n or row groups, count)."""
        wide = self._cut(x)
        xp = namespace(x)
        return xp.min(wide, axis=-1), xp.max(wide, axis=-1)

    def spread(self, values: Array, shape: tuple[int, int]) -> Array:
        """One number a group to one number a value: (n, d)."""
        n, dim = shape
        xp = namespace(values)
        if self.axis == 0:
            return xp.repeat(values, self.block, axis=0)[:n]
        if values.shape[1] == 1:
            return xp.broadcast_to(values, (n, dim))
        return xp.repeat(values, min(self.size or dim, dim), axis=1)[:, :dim]

    def column(self, values: Array, n: int) -> Column:
        """The numbers of the groups, as they are stored."""
        if self.axis == 1:
            return values
        runs = np.full(ceil(n / self.block), self.block, np.uint32)
        if len(runs):
            runs[-1] = n - self.block * (len(runs) - 1)
        return Grouped(values, runs)

    def read(self, column: Column, dim: int) -> Array:
        """The stored numbers as float32, one a value: (n, d)."""
        values = column.rows() if isinstance(column, Grouped) else column
        xp = namespace(values)
        values = xp.astype(values, xp.float32)
        if self.axis == 0:
            return values
        return self.spread(values, (values.shape[0], dim))

    def spec(self, dim: int) -> Spec:
        """What the stored numbers look like."""
        kind = "dense" if self.axis == 1 else "grouped"
        return Spec("float16", (self.count(dim),), kind)  # type: ignore[arg-type]  # one of the two

    def _cut(self, x: Array) -> Array:
        xp = namespace(x)
        n, dim = x.shape
        if self.axis == 0:
            short = -n % self.block
            if short:  # repeating the last row changes neither extreme
                x = xp.concat([x, xp.broadcast_to(x[-1:, :], (short, dim))], axis=0)
            return xp.permute_dims(xp.reshape(x, (-1, self.block, dim)), (0, 2, 1))
        size = min(self.size or dim, dim)
        short = -dim % size
        if short:
            x = xp.concat([x, xp.broadcast_to(x[:, -1:], (n, short))], axis=1)
        return xp.reshape(x, (n, -1, size))
