"""The leading dimensions alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from attar.codec.arrays import Array, namespace
from attar.codec.base import Columns, Rest, Transform, Weights
from attar.codec.columns import Spec
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register


@register("truncate", target="codec", paper="Matryoshka Representation Learning (arXiv 2205.13147)")
@dataclass(frozen=True, repr=False, eq=False)
class Truncate(Transform):
    """Keeps the leading dimensions; the others read back as zero.

    For models that were trained to put what matters first.

    Args:
        dim: how many to keep.
    """

    dim: int

    def __post_init__(self) -> None:
        if not isinstance(self.dim, int) or self.dim < 1:
            raise UsageError(f"Truncate keeps at least 1 dimension, not {self.dim!r}")

    def width(self, dim: int) -> int:
        """What is kept."""
        if self.dim > dim:
            raise UsageError(f"{self!r} cannot keep more than the {dim} dimensions there are")
        return self.dim

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Nothing is learned."""
        return {}

    def forward(self, state: State, x: Array) -> tuple[Array, Columns]:
        """The leading columns."""
        return x[:, : self.dim], {}

    def backward(self, state: State, y: Array, columns: Columns) -> Array:
        """Zeros behind them."""
        xp = namespace(y)
        short = state.dim - self.dim
        return xp.concat([y, xp.zeros((y.shape[0], short), dtype=y.dtype, device=y.device)], axis=1)

    def score(self, state: State, q: Array, columns: Columns, rest: Rest) -> Array:
        """The query's leading columns."""
        return rest.score(q[:, : self.dim])

    def square_norms(self, state: State, columns: Columns, shift: Array, rest: Rest) -> Array:
        """The shift's other columns add their own length."""
        tail = namespace(shift).sum(shift[self.dim :] ** 2)
        return rest.square_norms(shift[: self.dim]) + tail

    def carry(self, state: State, weights: Weights) -> Weights:
        """Those of the leading columns."""
        if weights is None:
            return None
        return weights[: self.dim] if weights.ndim == 1 else weights[: self.dim, : self.dim]

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """None."""
        return {}
