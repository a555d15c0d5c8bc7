"""Bits shared unevenly between dimensions: many where rows vary much, none where little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.allocate import greedy
from attar.codec.arrays import Array, is_numpy, like, to_numpy
from attar.codec.base import Columns, Quantizer, Weights, decode_and_multiply
from attar.codec.columns import Spec
from attar.codec.fields import (
    MOST,
    Layout,
    byte_tables,
    lay_out,
    pack_fields,
    scan_bytes,
    scan_split,
    unpack_fields,
)
from attar.codec.lloyd import borders, lloyd_max, nearest
from attar.codec.nibbles import Nibbles, uneven
from attar.codec.state import State
from attar.errors import DamagedPackError, UsageError
from attar.registry import register

SAMPLE = 1 << 15
ERRORS = np.array([1, 0.3634, 0.1175, 0.03454, 0.009497, 0.002499, 6.44e-4, 1.65e-4, 4.2e-5])
"""Least mean squared error of 2^b levels for a unit Gaussian (Max 1960), b from 0 to 8."""


@register(
    "waterfill",
    target="codec",
    paper="Reverse water-filling (Cover & Thomas, section 10.3); SQUASH (arXiv 2502.01528)",
)
@dataclass(frozen=True, repr=False, eq=False)
class Waterfill(Quantizer):
    """Gives each dimension bits by its variance, and a Lloyd-Max table of its own.

    Belongs after `PCA`, which makes variances as uneven as they can be. Codes are laid into
    nibbles and bytes, so that uneven bits cost a scan no speed.

    Args:
        bits: average of the incoming dimensions; a row takes the whole bytes in bits * d.
        tilt: how much variance counts beyond its share in the error: 0 gives the least error
            of rows; above it, errors along leading dimensions weigh more, where queries vary
            too. 0.25 measured best for the nearest neighbours of sentence embeddings.
        most: bits of one dimension, 1 to 8. Codes of up to 4 lie in one nibble each: the
            coarse term of a progressive sum is scanned fastest with these.
    """

    bits: float = 1.0
    tilt: float = 0.25
    most: int = MOST

    def __post_init__(self) -> None:
        if not isinstance(self.bits, int | float) or not 0 < self.bits <= MOST:
            raise UsageError(
                f"Waterfill takes an average above 0 up to {MOST} bits, not {self.bits!r}"
            )
        if not isinstance(self.tilt, int | float) or not -1 <= self.tilt <= 4:
            raise UsageError(f"the tilt of Waterfill lies between -1 and 4, not {self.tilt!r}")
        if not isinstance(self.most, int) or not self.bits <= self.most <= MOST or self.most < 1:
            raise UsageError(
                f"Waterfill gives a dimension at most 1 to {MOST} bits, and no less than the "
                f"average of {self.bits}, not {self.most!r}"
            )

    def row_bytes(self, dim: int) -> int:
        """Bytes of a row."""
        return max(1, int(self.bits * dim + 1e-9) // 8)

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The bits of each dimension, and where its levels lie."""
        rows = to_numpy(x)
        rows = rows[:: -(-len(rows) // SAMPLE)]
        dim = rows.shape[1]
        spread = rows.std(axis=0, dtype=np.float64)
        value = (spread / max(spread.max(), 1e-300)) ** (2 * (1 + self.tilt))
        if weights is not None:
            value = value * (weights if weights.ndim == 1 else np.diag(weights))
        bits = share(value, self.row_bytes(dim), self.most)
        scale = np.where(spread > 0, spread, 1).astype(np.float32)
        middle = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        levels = [
            lloyd_max((rows[:, i] - middle[i]) / scale[i], 1 << int(bits[i]))
            for i in range(dim)
            if bits[i]
        ]
        flat = np.concatenate(levels) if levels else np.zeros(0)
        return {
            "bits": bits,
            "scale": scale,
            "middle": middle,
            "levels": flat.astype(np.float16),  # 66 dB down: under the error of 8 bits
        }

    def encode(self, state: State, x: Array) -> Columns:
        """The nearest level of each dimension, laid into bytes."""
        rows = np.ascontiguousarray(to_numpy(x))
        plan = _plan(state, self.row_bytes(state.dim))
        codes = np.empty(rows.shape, np.uint8)
        nearest(rows, plan.cuts, codes)
        out = np.zeros((len(rows), plan.layout.width), np.uint8)
        pack_fields(codes, plan.layout.pieces, out)
        return {"codes": like(out, x)}

    def decode(self, state: State, columns: Columns) -> Array:
        """The levels; a dimension of no bits reads back as its mean."""
        packed = to_numpy(columns["codes"])
        plan = _plan(state, self.row_bytes(state.dim))
        codes = np.zeros((len(packed), state.dim), np.uint8)
        unpack_fields(np.ascontiguousarray(packed), plan.layout.pieces, codes)
        return like(plan.values[plan.starts + codes.astype(np.int64)], columns["codes"])

    def score(self, state: State, q: Array, columns: Columns) -> Array:
        """One look-up a byte, in tables made for each query."""
        if not is_numpy(columns["codes"]):
            return decode_and_multiply(self, state, q, columns)
        plan = _plan(state, self.row_bytes(state.dim))
        out = np.empty((len(q), len(columns["codes"])), np.float32)
        for row, query in zip(out, q, strict=True):
            plan.scan(plan.values * np.repeat(query, plan.counts), columns["codes"], row)
        return out

    def nibbles(self, state: State) -> Nibbles:
        """Codes of up to 4 bits lie in one; for others the best sum is kept beside their levels."""
        plan = _plan(state, self.row_bytes(state.dim))
        made: Nibbles = state.memo(
            "nibbles",
            lambda: uneven(
                plan.layout.pieces, plan.layout.width, plan.values, plan.starts, plan.silent
            ),
        )
        return made

    def square_norms(self, state: State, columns: Columns, shift: Array) -> Array:
        """The same look-ups, of squares."""
        if not is_numpy(columns["codes"]):
            return super().square_norms(state, columns, shift)
        plan = _plan(state, self.row_bytes(state.dim))
        squares = (plan.values + np.repeat(np.asarray(shift, np.float32), plan.counts)) ** 2
        out = np.empty(len(columns["codes"]), np.float32)
        plan.scan(squares, columns["codes"], out)
        return out

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """Bits, and levels in units of each dimension's spread."""
        return {
            "bits": Spec("uint8", (dim,)),
            "scale": Spec("float32", (dim,)),
            "middle": Spec("float32", (dim,)),
            "levels": Spec("float16", (-1,)),
        }

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """So many bytes a row."""
        return {"codes": Spec("uint8", (self.row_bytes(dim),))}


def share(value: NDArray[np.float64], width: int, most: int = MOST) -> NDArray[np.uint8]:
    """Share the bits of `width` bytes: each goes where it takes away the most error.

    Args:
        value: (d,) what error of each dimension counts.
        width: bytes of a row.
        most: bits of one dimension.
    """
    sizes = np.tile(np.arange(most + 1), (len(value), 1))
    return greedy(sizes, value[:, None] * ERRORS[: most + 1], 8 * width).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What encoding and scoring need, worked out once from the state.

    Args:
        layout: where codes lie.
        values: every level of every dimension; one of no bits has its mean as its only level.
        starts: (d,) where each dimension's levels begin.
        counts: (d,) how many there are.
        cuts: (d, 2^most - 1) borders between levels, filled up with infinity.
        silent: (d,) which dimensions have no bits.
    """

    layout: Layout
    values: NDArray[np.float32]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    cuts: NDArray[np.float32]
    silent: NDArray[np.bool_]

    def scan(
        self, levels: NDArray[np.float32], packed: NDArray[np.uint8], out: NDArray[np.float32]
    ) -> None:
        """Sum for every row what the code of each dimension adds, as `levels` tells."""
        tables = np.zeros((self.layout.width, 256), np.float32)
        byte_tables(levels, self.starts, self.layout.together(), tables)
        scan_bytes(tables, packed, out)
        split = self.layout.split()
        if len(split):
            scan_split(levels, self.starts, split, packed, out)
        out += levels[self.starts[self.silent]].sum()


def _plan(state: State, width: int) -> _Plan:
    made: _Plan = state.memo("plan", lambda: _make_plan(state, width))
    return made


def _make_plan(state: State, width: int) -> _Plan:
    bits, middle, scale = state["bits"], state["middle"], state["scale"]
    if bits.max(initial=0) > MOST or len(state["levels"]) != int(
        (1 << bits[bits > 0].astype(int)).sum()
    ):
        raise DamagedPackError("the bits of the dimensions and their levels disagree")
    try:
        layout = lay_out(bits, width)
    except ValueError as error:
        raise DamagedPackError("the bits of the dimensions do not fit into a row") from error
    counts = np.where(bits > 0, 1 << bits.astype(np.int64), 1)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    values = np.zeros(int(counts.sum()), np.float32)
    values[np.repeat(bits > 0, counts)] = state["levels"].astype(np.float32)
    values = values * np.repeat(scale, counts) + np.repeat(middle, counts)
    most = max(1, int(bits.max(initial=0)))
    cuts = np.full((len(bits), (1 << most) - 1), np.inf, np.float32)
    for i in np.flatnonzero(bits).tolist():
        own = borders(values[starts[i] : starts[i] + counts[i]])
        cuts[i, : len(own)] = own
    return _Plan(layout, values.astype(np.float32), starts, counts, cuts, bits == 0)
