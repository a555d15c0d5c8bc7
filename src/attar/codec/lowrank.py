"""Rows as mixtures of a few directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, namespace, to_numpy
from attar.codec.base import Columns, Quantizer, Weights
from attar.codec.columns import Spec
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register

F16_MAX = float(np.finfo(np.float16).max)


@register("lowrank", target="codec", paper="GEAR (arXiv 2403.05527); Eckart & Young (1936)")
@dataclass(frozen=True, repr=False, eq=False)
class LowRank(Quantizer):
    """Keeps each row's float16 coordinates along the directions that hold most of the sample.

    As the last term of a sum it takes up what neighbouring rows' errors have in common.

    Args:
        rank: directions; at most the width.
    """

    rank: int = 4

    def __post_init__(self) -> None:
        if not isinstance(self.rank, int) or self.rank < 1:
            raise UsageError(f"LowRank takes a rank of 1 or more, not {self.rank!r}")

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The leading right singular vectors, and the unit of the coordinates."""
        rows = to_numpy(x).astype(np.float64)
        top = np.abs(rows).max(initial=0)
        rows = rows / (top if top > 0 else 1)
        _, axes = np.linalg.eigh(rows.T @ rows)
        basis = axes[:, ::-1].T[: min(self.rank, rows.shape[1])]
        largest = np.take_along_axis(basis, np.abs(basis).argmax(axis=1)[:, None], axis=1)
        basis = basis * np.where(largest < 0, -1, 1)
        unit = 2.0 ** np.clip(np.ceil(np.log2(top)) if top > 0 else 0, -120, 120)
        return {"basis": basis.astype(np.float16), "unit": np.array([unit], np.float32)}

    def encode(self, state: State, x: Array) -> Columns:
        """Project."""
        xp = namespace(x)
        along = (x / float(state["unit"][0])) @ state.get("basis", x).T
        return {"along": xp.astype(xp.clip(along, -F16_MAX, F16_MAX), xp.float16)}

    def decode(self, state: State, columns: Columns) -> Array:
        """Mix the directions."""
        along = self._along(state, columns)
        return along @ state.get("basis", along)

    def score(self, state: State, q: Array, columns: Columns) -> Array:
        """Project the query too: rank multiplications a row."""
        return (q @ state.get("basis", q).T) @ self._along(state, columns).T

    def _along(self, state: State, columns: Columns) -> Array:
        xp = namespace(columns["along"])
        return xp.astype(columns["along"], xp.float32) * float(state["unit"][0])

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The directions."""
        rank = min(self.rank, dim)
        return {"basis": Spec("float16", (rank, dim)), "unit": Spec("float32", (1,))}

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """A coordinate for each."""
        return {"along": Spec("float16", (min(self.rank, dim),))}
