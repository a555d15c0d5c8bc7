"""Principal components: the axes along which the rows vary most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, like, namespace, to_numpy
from attar.codec.base import Columns, Rest, Transform, Weights
from attar.codec.columns import Spec
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register


@register("pca", target="codec", paper="Pearson (1901), doi:10.1080/14786440109462720")
@dataclass(frozen=True, repr=False, eq=False)
class PCA(Transform):
    """Centres rows and turns them onto the axes of greatest variance, greatest first.

    Axes of 16 bits are float16: their rounding is 66 dB below the rows. Axes of 8 bits are whole
    steps of a size of their own, 42 dB below: still under the error of a quantizer of up to 4
    bits, and half the bytes, which matters to a few thousand rows. They are at right angles only
    up to that rounding, so squared lengths told from codes are off by up to a hundredth.

    Args:
        dim: axes to keep; None: all. What lies along the others reads back as its mean.
        bits: of an entry of the axes, 8 or 16.
    """

    dim: int | None = None
    bits: int = 16

    def __post_init__(self) -> None:
        if self.dim is not None and (not isinstance(self.dim, int) or self.dim < 1):
            raise UsageError(f"PCA keeps at least 1 dimension, not {self.dim!r}")
        if self.bits not in (8, 16):
            raise UsageError(f"PCA keeps its axes in 8 or 16 bits, not {self.bits!r}")

    def width(self, dim: int) -> int:
        """What is kept."""
        if self.dim is not None and self.dim > dim:
            raise UsageError(f"{self!r} cannot keep more than the {dim} dimensions there are")
        return self.dim or dim

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Mean, and leading eigenvectors of the covariance."""
        rows = to_numpy(x)
        mean = rows.mean(axis=0, dtype=np.float64)
        covariance = np.zeros((rows.shape[1],) * 2)
        for at in range(0, len(rows), 1 << 14):  # blocks: no float64 copy of the whole sample
            centred = rows[at : at + (1 << 14)] - mean
            covariance += centred.T @ centred
        _, axes = np.linalg.eigh(covariance)
        basis = axes[:, ::-1].T[: self.width(rows.shape[1])]
        # An eigenvector is defined up to its sign; a fixed one gives the same bytes every time.
        largest = np.take_along_axis(basis, np.abs(basis).argmax(axis=1)[:, None], axis=1)
        basis = basis * np.where(largest < 0, -1, 1)
        learned = {"mean": mean.astype(np.float32)}
        if self.bits == 16:
            return {**learned, "basis": basis.astype(np.float16)}
        step = np.abs(basis).max(axis=1, keepdims=True) / 127
        whole = np.rint(basis / step).astype(np.int8)
        return {**learned, "basis": whole, "step": step[:, 0].astype(np.float32)}

    def _axes(self, state: State, x: Array) -> Array:
        if self.bits == 16:
            return state.get("basis", x)
        place = "numpy" if is_numpy(x) else x.device
        return state.memo(
            f"axes {place}",
            lambda: like(state["basis"].astype(np.float32) * state["step"][:, None], x),
        )

    def forward(self, state: State, x: Array) -> tuple[Array, Columns]:
        """Centre, then turn."""
        return (x - state.get("mean", x)) @ self._axes(state, x).T, {}

    def backward(self, state: State, y: Array, columns: Columns) -> Array:
        """Turn back, then add the mean."""
        return y @ self._axes(state, y) + state.get("mean", y)

    def score(self, state: State, q: Array, columns: Columns, rest: Rest) -> Array:
        """Turn the query; the mean adds the same to every row."""
        turned = rest.score(q @ self._axes(state, q).T)
        return turned + (q @ state.get("mean", q))[:, None]

    def square_norms(self, state: State, columns: Columns, shift: Array, rest: Rest) -> Array:
        """The axes keep lengths; what of the shift lies outside them is added."""
        xp = namespace(shift)
        shift = shift + state.get("mean", shift)
        inside = self._axes(state, shift) @ shift
        return rest.square_norms(inside) + xp.sum(shift**2) - xp.sum(inside**2)

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """Mean and axes."""
        width = self.width(dim)
        mean = Spec("float32", (dim,))
        if self.bits == 16:
            return {"mean": mean, "basis": Spec("float16", (width, dim))}
        step = Spec("float32", (width,))
        return {"mean": mean, "basis": Spec("int8", (width, dim)), "step": step}
