"""Direction and length apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, namespace
from attar.codec.base import Columns, Rest, Transform, Weights
from attar.codec.columns import Spec
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register

TINY = 1e-30
"""A length below this is taken as zero; the row then reads back as zero."""


@register("unit", target="codec")
@dataclass(frozen=True, repr=False, eq=False)
class Unit(Transform):
    """Scales every row to length 1, and what is decoded to length 1 again.

    Quantization shortens vectors, each by another factor; dividing by the length of what was
    decoded takes that error out of the scores. It needs no bytes: the length follows from the
    codes.

    Args:
        length: keep each row's own length beside its codes (float32). Without it all rows read
            back as unit vectors, which is right for embeddings compared by cosine.
    """

    length: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.length, bool):
            raise UsageError(f"Unit takes length=True or False, not {self.length!r}")

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Nothing is learned."""
        return {}

    def forward(self, state: State, x: Array) -> tuple[Array, Columns]:
        """Divide by the length."""
        xp = namespace(x)
        top = xp.max(xp.abs(x), axis=1)  # first, so that squares of huge values stay finite
        y = x / xp.clip(top, TINY, None)[:, None]
        norm = xp.sqrt(xp.sum(y * y, axis=1))
        y = y / xp.clip(norm, TINY, None)[:, None]
        if not self.length:
            return y, {}
        length = xp.clip(norm * top, None, float(np.finfo(np.float32).max))
        return y, {"length": length[:, None]}

    def backward(self, state: State, y: Array, columns: Columns) -> Array:
        """Divide by the length of what was decoded, multiply by what was kept."""
        xp = namespace(y)
        return y * self._factor(xp.sum(y * y, axis=1), columns)[:, None]

    def score(self, state: State, q: Array, columns: Columns, rest: Rest) -> Array:
        """Scores scaled as `backward` scales the rows."""
        scores = rest.score(q)
        scores *= self._factor(rest.own_square_norms(q[0]), columns)[None, :]
        return scores

    def square_norms(self, state: State, columns: Columns, shift: Array, rest: Rest) -> Array:
        """By the law of cosines, from one score and one length."""
        xp = namespace(shift)
        squares = rest.own_square_norms(shift)
        factor = self._factor(squares, columns)
        cross = rest.score(shift[None, :])[0] * factor
        return squares * factor**2 + 2 * cross + xp.sum(shift * shift)

    def _factor(self, squares: Array, columns: Columns) -> Array:
        xp = namespace(squares)
        safe = xp.where(squares > TINY, squares, xp.ones_like(squares))
        factor = xp.where(squares > TINY, 1 / xp.sqrt(safe), xp.zeros_like(squares))
        return factor * columns["length"][:, 0] if self.length else factor

    def carry(self, state: State, weights: Weights) -> Weights:
        """Unchanged."""
        return weights

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """None."""
        return {}

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """The length, if it is kept."""
        return {"length": Spec("float32", (1,))} if self.length else {}
