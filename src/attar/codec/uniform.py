"""Evenly spaced levels, with a scale for each group of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, namespace
from attar.codec.base import Columns, Weights, decode_and_multiply, row_blocks
from attar.codec.columns import Spec
from attar.codec.dots import dot_groups
from attar.codec.feedback import (
    passed_on,
    round_rows,
    round_with_feedback,
    round_with_feedback_reference,
)
from attar.codec.groups import Groups
from attar.codec.packing import check_bits, unpack
from attar.codec.state import State
from attar.codec.symbols import Scalar
from attar.errors import DamagedPackError
from attar.registry import register

SHRINKS = np.linspace(0.1, 1.0, 37, dtype=np.float32)
"""Shares of a group's range that are tried for the levels to span."""

TRIED_VALUES = 1 << 17
F16_MAX = float(np.finfo(np.float16).max)
FAR = 2 * F16_MAX
FEW = 4
"""Up to so many queries are multiplied with codes; more share the work of decoding."""

NONE = np.zeros((0, 0), np.float32)
"""No Hessian: errors are not passed on."""


@register("uniform", target="codec", paper="KIVI (arXiv 2402.02750); GPTQ (2210.17323)")
@dataclass(frozen=True, repr=False, eq=False)
class Uniform(Scalar):
    """Rounds to evenly spaced levels between about the least and greatest value of each group.

    How much of the range the levels span is learned: with few bits the least error is to cut
    the extremes off (at 2 bits and Gaussian values by about half). So is a factor that draws all
    levels towards the middle, where more of the values lie that round to each.

    Fitted with a Hessian as weights, it rounds one dimension after the other and lets those not yet
    rounded make up for the error so far (GPTQ); the (d, d) float32 matrix which that takes is
    part of what is saved.

    Args:
        bits: of a code: 1, 2, 3, 4, 5, 6 or 8.
        group: values that share a scale; None: a whole row; 0: all there are, so that nothing
            is stored beside the codes (levels then lie about zero, at a learned scale).
        symmetric: levels lie evenly about zero; saves the 16 bits of each group's middle.
        axis: 1 for groups along a row, 0 for groups of neighbouring rows down a column.
    """

    bits: int = 4
    group: int | None = None
    symmetric: bool = False
    axis: int = 1

    def __post_init__(self) -> None:
        check_bits(self.bits, "Uniform")
        if self.group != 0:
            Groups(self.group, self.axis)

    @property
    def _groups(self) -> Groups:
        return Groups(self.group or None, self.axis if self.group else 1)

    @property
    def block(self) -> int:
        """Rows that share a scale."""
        return self._groups.block

    def symbol_bits(self) -> int:
        """Bits of a code."""
        return self.bits

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The unit of the stored scales, and how much of the range the levels span."""
        xp = namespace(x)
        top = float(xp.max(xp.abs(x)))
        # A power of two brings the sample's scales to where float16 is exact to 11 bits.
        unit = 2.0 ** np.clip(np.ceil(np.log2(top)) if top > 0 else 0, -120, 120)
        unit = max(top, 1e-36) if self.group == 0 else unit
        rows = max(self.block, TRIED_VALUES // x.shape[1])
        x = x[:rows]
        w = 1.0 if weights is None else weights if weights.ndim == 1 else np.diag(weights)
        w = 1.0 if weights is None else xp.asarray(np.asarray(w, np.float32), device=x.device)
        errors: list[float] = []
        for shrink in SHRINKS:
            state = State(x.shape[1], _arrays(unit, shrink))
            back = self.dequantize(state, *self.quantize(state, x))
            errors.append(float(xp.mean(((x - back) / unit) ** 2 * w)))
        learned = self.centre(_arrays(unit, SHRINKS[int(np.argmin(errors))]), x)
        if weights is not None and weights.ndim == 2:
            learned["feedback"] = passed_on(weights)
        return learned

    def centre(self, arrays: Mapping[str, NDArray[Any]], x: Array) -> dict[str, NDArray[Any]]:
        """Learn the factor of least squared error: of Gaussian values about 1 - error."""
        xp = namespace(x)
        state = State(x.shape[1], {**arrays, "gain": np.ones(1, np.float32), "feedback": NONE})
        symbols, side = self.quantize(state, x)
        _, middle = self._read(state, side, state.dim)
        unit = float(arrays["unit"][0])
        level = (self.dequantize(state, symbols, side) - middle) / unit
        along, square = float(xp.sum(level * ((x - middle) / unit))), float(xp.sum(level * level))
        gain = along / square if square > 0 else 1.0
        return {**arrays, "gain": np.array([gain], np.float32)}

    def quantize(self, state: State, x: Array) -> tuple[Array, Columns]:
        """Scale and middle of each group, and the number of the nearest level."""
        xp = namespace(x)
        n, dim = x.shape
        unit, shrink = float(state["unit"][0]), float(state["shrink"][0])
        if self.group == 0:
            return self._nearest(state, x, {}), {}
        if n == 0:
            empty = xp.zeros((0, self._groups.count(dim)), dtype=xp.float16, device=x.device)
            return xp.astype(x, xp.uint8), self._side(empty, empty, 0)
        with np.errstate(over="ignore"):  # values far beyond the sample's are cut off
            low, high = (xp.clip(e / unit, -FAR, FAR) for e in self._groups.extremes(x))
        if self.symmetric:
            middle, reach = xp.zeros_like(low), xp.maximum(xp.abs(low), xp.abs(high))
        else:
            middle, reach = low / 2 + high / 2, high / 2 - low / 2
        scale = reach * (2 * shrink / (2**self.bits - 1))
        # Codes are taken against the scale as it is stored, so its rounding costs next to nothing.
        scale = xp.astype(xp.clip(scale, 0, F16_MAX), xp.float16)
        middle = xp.astype(xp.clip(middle, -F16_MAX, F16_MAX), xp.float16)
        side = self._side(scale, middle, n)
        return self._nearest(state, x, side), side

    def _nearest(self, state: State, x: Array, side: Columns) -> Array:
        xp = namespace(x)
        top, gain, shares = 2**self.bits - 1, float(state["gain"][0]), _shares(state)
        half = self._half(state)
        if is_numpy(x):
            out = np.empty(x.shape, np.uint8)
            levels = self._compact(state, side)
            if shares.size:
                round_with_feedback(x, *levels, top, half, gain, shares, out)
            else:
                round_rows(x, *levels, top, half, out)
            return out
        wide, at = (
            xp.broadcast_to(xp.asarray(v, dtype=xp.float32, device=x.device), x.shape)
            for v in self._read(state, side, state.dim)
        )
        if shares.size:
            return round_with_feedback_reference(x, wide, at, top, half, gain, shares)
        level = xp.round((x - at) / xp.where(wide > 0, wide, xp.ones_like(wide)) + half)
        return xp.astype(xp.clip(level, 0, top), xp.uint8)

    def _compact(self, state: State, side: Columns) -> tuple[Any, Any, int]:
        """Scale and middle as (n or 1, groups), and the size of a group."""
        unit = np.float32(state["unit"][0])
        if self.group == 0:
            scale, _ = self._read(state, side, state.dim)
            one = np.full((1, 1), scale, np.float32)
            return one, np.zeros_like(one), state.dim
        if self._groups.axis == 0:
            scale, middle = self._read(state, side, state.dim)
            return scale, middle, 1
        scale = side["scale"].astype(np.float32) * unit
        zeros = self.symmetric
        middle = np.zeros_like(scale) if zeros else side["middle"].astype(np.float32) * unit
        return scale, middle, min(self.group or state.dim, state.dim)

    def coarsen(self, arrays: Mapping[str, NDArray[Any]], factor: float) -> dict[str, NDArray[Any]]:
        """Levels `factor` times as far apart, one of them at the middle.

        That one is of use where symbols are entropy coded: what hardly varies then takes next to
        no bits, where levels on either side of the middle would take a bit for its sign.
        """
        shrink = (arrays["shrink"] * factor).astype(np.float32)
        return {**arrays, "shrink": shrink, "shift": np.array([0.5], np.float32)}

    def _half(self, state: State) -> float:
        """Number of the level that would lie at the middle."""
        return float((2**self.bits - 1) / 2) + float(state["shift"][0])

    def dequantize(self, state: State, symbols: Array, side: Columns) -> Array:
        """Level times scale, about the middle."""
        xp = namespace(symbols)
        scale, middle = self._read(state, side, state.dim)
        gain = float(state["gain"][0])
        return (xp.astype(symbols, xp.float32) - self._half(state)) * (scale * gain) + middle

    def score(self, state: State, q: Array, columns: Columns) -> Array:
        """A few queries: whole numbers times the query, a group's sum times its scale."""
        if not is_numpy(columns["codes"]) or (self.group and self.axis == 0) or len(q) > FEW:
            return decode_and_multiply(self, state, q, columns)
        out = np.empty((len(q), len(columns["codes"])), np.float32)
        start, gain = 0, np.float32(state["gain"][0])
        for block in row_blocks(columns):
            codes = unpack(block["codes"], self.bits, state.dim)
            scale, middle, size = self._compact(state, block)
            for query, row in zip(q, out, strict=True):
                own = row[start : start + len(codes)]
                dot_groups(query, codes, scale * gain, middle, size, self._half(state), own)
            start += len(codes)
        return out

    def _side(self, scale: Array, middle: Array, n: int) -> Columns:
        side = {"scale": self._groups.column(scale, n)}
        return side if self.symmetric else {**side, "middle": self._groups.column(middle, n)}

    def _read(self, state: State, side: Columns, dim: int) -> tuple[Array, Array]:
        unit = float(state["unit"][0])
        if self.group == 0:
            return unit * float(state["shrink"][0]) * 2 / (2**self.bits - 1), 0.0
        scale = self._groups.read(side["scale"], dim) * unit
        if self.symmetric:
            return scale, namespace(scale).zeros_like(scale)
        return scale, self._groups.read(side["middle"], dim) * unit

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """Four numbers; with a Hessian, how errors are passed on."""
        numbers = {name: Spec("float32", (1,)) for name in ("unit", "shrink", "gain", "shift")}
        return {**numbers, "feedback": Spec("float32", (-1, -1))}

    def side_specs(self, dim: int) -> Mapping[str, Spec]:
        """A scale, and a middle unless symmetric, for each group."""
        if self.group == 0:
            return {}
        spec = self._groups.spec(dim)
        return {"scale": spec} if self.symmetric else {"scale": spec, "middle": spec}


def _arrays(unit: float, shrink: float) -> dict[str, NDArray[Any]]:
    learned = {"unit": unit, "shrink": shrink, "gain": 1.0, "shift": 0.0}
    arrays = {name: np.array([value], np.float32) for name, value in learned.items()}
    return {**arrays, "feedback": NONE}


def _shares(state: State) -> NDArray[np.float32]:
    shares = state["feedback"]
    if shares.shape not in ((0, 0), (state.dim, state.dim)):
        raise DamagedPackError(f"errors cannot be passed on by a matrix of {shares.shape}")
    return shares
