"""A rotation learned so that the parts of a product quantizer lose least."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, to_numpy
from attar.codec.base import Columns, Rest, Transform, Weights
from attar.codec.columns import Spec
from attar.codec.product import ProductQuantizer
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register

SAMPLE = 1 << 13


@register("rotation", target="codec", paper="OPQ (Ge et al. 2013), doi:10.1109/CVPR.2013.379")
@dataclass(frozen=True, repr=False, eq=False)
class Rotation(Transform):
    """Learns, with the quantizer in mind, how to turn rows before they are cut into parts.

    Quantizing and solving for the rotation take turns (the non-parametric form of OPQ).

    Args:
        parts: of the product quantizer that follows.
        rounds: turns; 0 leaves rows as they are.
        seed: of the centroids' first draw.
    """

    parts: int = 48
    rounds: int = 6
    seed: int = 0

    def __post_init__(self) -> None:
        ProductQuantizer(self.parts, 4, self.seed)
        if not isinstance(self.rounds, int) or self.rounds < 0:
            raise UsageError(f"Rotation takes 0 rounds or more, not {self.rounds!r}")

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The rotation, by orthogonal Procrustes after each quantization."""
        rows = to_numpy(x)
        rows = rows[:: -(-len(rows) // SAMPLE)]
        quantizer = ProductQuantizer(self.parts, 4, self.seed)
        turn = np.eye(rows.shape[1], dtype=np.float32)
        for _ in range(self.rounds):
            turned = rows @ turn
            state = State(rows.shape[1], quantizer.learn(turned, None))
            back = quantizer.decode(state, quantizer.encode(state, turned))
            u, _, v = np.linalg.svd(rows.T.astype(np.float64) @ back)
            turn = (u @ v).astype(np.float32)
        return {"turn": turn}

    def forward(self, state: State, x: Array) -> tuple[Array, Columns]:
        """Turn."""
        return x @ state.get("turn", x), {}

    def backward(self, state: State, y: Array, columns: Columns) -> Array:
        """Turn back."""
        return y @ state.get("turn", y).T

    def score(self, state: State, q: Array, columns: Columns, rest: Rest) -> Array:
        """A rotation keeps inner products: turn the query."""
        return rest.score(q @ state.get("turn", q))

    def square_norms(self, state: State, columns: Columns, shift: Array, rest: Rest) -> Array:
        """A rotation keeps lengths: turn the shift."""
        return rest.square_norms(shift @ state.get("turn", shift))

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The matrix."""
        return {"turn": Spec("float32", (dim, dim))}
