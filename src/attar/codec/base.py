"""What every codec is: a recipe (a value), and the few methods that its mathematics needs.

A member of the family is one frozen dataclass in one file. A `Quantizer` writes numbers as
packed columns; a `Transform` changes them and passes them on. Both are pure: what they learn
lives in a `State`, and `Fitted` ties the two together.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, like, namespace
from attar.codec.columns import Column, Spec
from attar.codec.nibbles import Nibbles
from attar.codec.paths import Ring
from attar.codec.state import State

if TYPE_CHECKING:
    from attar.codec.fitted import Fitted

Columns: TypeAlias = Mapping[str, Column]
Weights: TypeAlias = NDArray[np.float32] | None
"""Importance of each dimension (d,), or a Hessian (d, d); None: all alike."""

SCORE_BLOCK = 4096
"""Rows decoded at a time while scoring: at 1024 values a row, 16 MB."""


class Recipe(ABC):
    """How numbers are written in fewer bits: a value that is frozen, hashable and comparable.

    `a >> b` feeds what `a` gives into `b`; `a + b` encodes with `a`, then with `b` what `a`
    left over. `repr` reads back through `attar.codec.parse`.
    """

    def fit(self, sample: Array, weights: Array | None = None) -> Fitted:
        """Learn from a sample what encoding needs.

        Args:
            sample: (n, d) values, numpy or torch; at least one row.
            weights: (d,) importance of each dimension, or a (d, d) Hessian; error is measured
                in that metric by the members that can use it.

        Raises:
            UsageError: for values that are not finite or a recipe that does not fit the width.
        """
        from attar.codec.fitted import fit

        return fit(self, sample, weights)

    def __rshift__(self, other: Recipe) -> Recipe:
        from attar.codec.chain import chain

        return chain(self, other)

    def __add__(self, other: Recipe) -> Recipe:
        from attar.codec.residual import add

        return add(self, other)

    def __repr__(self) -> str:
        shown = [
            f"{f.name}={getattr(self, f.name)!r}"
            for f in dataclasses.fields(self)  # type: ignore[arg-type]  # every recipe is one
            if getattr(self, f.name) != f.default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    @abstractmethod
    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Learn the state from a checked (n, d) float32 sample."""

    @abstractmethod
    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """What the state of a `dim`-wide recipe must look like; -1 stands for any length."""

    @property
    def block(self) -> int:
        """Rows that must be encoded together; blocks of a stream are multiples of it."""
        return 1


class Quantizer(Recipe):
    """Writes rows as packed columns."""

    @abstractmethod
    def encode(self, state: State, x: Array) -> Columns:
        """Pack (n, d) float32 rows."""

    @abstractmethod
    def decode(self, state: State, columns: Columns) -> Array:
        """The (n, d) float32 rows that the columns stand for."""

    @abstractmethod
    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """What the columns of a `dim`-wide recipe look like."""

    def score(self, state: State, q: Array, columns: Columns) -> Array:
        """(nq, n) inner products of (nq, d) queries with the rows, from their codes.

        This is the plain reference: decode a block, multiply. Members with a kernel override it.
        """
        return decode_and_multiply(self, state, q, columns)

    def nibbles(self, state: State) -> Nibbles | None:
        """How the half bytes of the column `codes` make up the score; None: they do not."""
        return None

    def ring(self, state: State) -> Ring | None:
        """How the column `codes` is read as rings of states; None: it is not one of rings."""
        return None

    def square_norms(self, state: State, columns: Columns, shift: Array) -> Array:
        """(n,) squared lengths of decoded rows + `shift` (d,)."""
        xp = namespace(shift)
        parts = [
            xp.sum((self.decode(state, block) + shift) ** 2, axis=1)
            for block in row_blocks(columns)
        ]
        return xp.concat(parts) if parts else xp.sum(shift[None, :][:0], axis=1)


class Rest(Protocol):
    """What follows a transform in a chain, with its codes: enough to score through it."""

    def score(self, q: Array) -> Array:
        """Inner products of queries, as they leave the transform, with the coded rows."""

    def square_norms(self, shift: Array) -> Array:
        """Squared lengths of the coded rows + `shift`."""

    def own_square_norms(self, beside: Array) -> Array:
        """Squared lengths of the coded rows, worked out once; an array like `beside` (d,)."""


class Transform(Recipe):
    """Changes rows and passes them on; it may keep a little of each row as columns of its own."""

    @abstractmethod
    def forward(self, state: State, x: Array) -> tuple[Array, Columns]:
        """(n, d) rows to (n, width) rows, and what is kept beside them."""

    @abstractmethod
    def backward(self, state: State, y: Array, columns: Columns) -> Array:
        """(n, width) rows to (n, d) rows."""

    @abstractmethod
    def score(self, state: State, q: Array, columns: Columns, rest: Rest) -> Array:
        """(nq, n) inner products of queries with what `backward` would give."""

    @abstractmethod
    def square_norms(self, state: State, columns: Columns, shift: Array, rest: Rest) -> Array:
        """(n,) squared lengths of what `backward` would give + `shift`."""

    def width(self, dim: int) -> int:
        """Width of what leaves, for what enters; raises UsageError for an impossible one."""
        return dim

    def carry(self, state: State, weights: Weights) -> Weights:
        """The weights of what leaves, for the weights of what enters; None: cannot be told."""
        return None

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """What is kept of each row."""
        return {}


def row_count(columns: Columns) -> int:
    """Rows of the columns."""
    return len(next(iter(columns.values())))


def row_blocks(columns: Columns, size: int = SCORE_BLOCK) -> list[Columns]:
    """The columns in blocks of rows, as views where they are dense."""
    from attar.codec.encoded import Encoded

    n = row_count(columns)
    if n <= size:
        return [columns]
    whole = Encoded(columns, n, 0)
    return [whole[i : i + size].columns for i in range(0, n, size)]


def decode_and_multiply(coder: Quantizer, state: State, q: Array, columns: Columns) -> Array:
    """The plain reference of scoring: decode a block of rows, multiply, go on."""
    xp = namespace(q)
    # Streams decode to numpy, whatever the query is an array of.
    rows = (_beside(q, coder.decode(state, block)) for block in row_blocks(columns))
    parts = [q @ block.T for block in rows]
    return parts[0] if len(parts) == 1 else xp.concat(parts, axis=1)


def _beside(q: Array, rows: Array) -> Array:
    return like(rows, q) if is_numpy(rows) else rows
