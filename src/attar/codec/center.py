"""The mean taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, namespace, to_numpy
from attar.codec.base import Columns, Rest, Transform, Weights
from attar.codec.columns import Spec
from attar.codec.state import State
from attar.registry import register


@register("center", target="codec")
@dataclass(frozen=True, repr=False, eq=False)
class Center(Transform):
    """Subtracts the sample's mean, so that no bits are spent on what all rows share."""

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The mean of each dimension."""
        return {"mean": to_numpy(namespace(x).mean(x, axis=0)).astype(np.float32)}

    def forward(self, state: State, x: Array) -> tuple[Array, Columns]:
        """Subtract the mean."""
        return x - state.get("mean", x), {}

    def backward(self, state: State, y: Array, columns: Columns) -> Array:
        """Add the mean."""
        return y + state.get("mean", y)

    def score(self, state: State, q: Array, columns: Columns, rest: Rest) -> Array:
        """The mean adds the same to every row's score."""
        return rest.score(q) + (q @ state.get("mean", q))[:, None]

    def square_norms(self, state: State, columns: Columns, shift: Array, rest: Rest) -> Array:
        """The mean joins the shift."""
        return rest.square_norms(shift + state.get("mean", shift))

    def carry(self, state: State, weights: Weights) -> Weights:
        """Unchanged."""
        return weights

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The mean."""
        return {"mean": Spec("float32", (dim,))}
