"""Bits by reverse water-filling, rows as closed paths through a trellis: close to the bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, like, to_numpy
from attar.codec.base import Columns, Quantizer, Weights, decode_and_multiply, row_blocks
from attar.codec.columns import Spec
from attar.codec.paths import Ring, best_paths, read_states, read_sum, turn_ring
from attar.codec.state import State
from attar.codec.trellis import codebook
from attar.errors import DamagedPackError, UsageError
from attar.registry import register

MOST = 8
LEAST_RATE = 0.08
"""Dimensions whose share is under this many bits are left out: they cost more than they tell."""

SHORTFALL = 47.0
"""Decibels by which a code of r bits and 2^L states misses the bound: this, times r / L^2."""

OVERLAP = 4
"""States' worth of bits on either side of a row's ends, from which its closing state is found."""


@register(
    "trellisfill",
    target="codec",
    paper="Marcellin & Fischer (1990); tail-biting and computed codes: QTIP (arXiv 2406.11235)",
)
@dataclass(frozen=True, repr=False, eq=False)
class TrellisFill(Quantizer):
    """`Waterfill`'s bits, written along the best closed path through a trellis.

    A row is a ring of bits. For each dimension as many bits as its share are read past, and the
    last `states` of them, as a number, name the value. Shares are real numbers: a dimension of
    half a bit moves every other time by one bit, and the value hangs on bits that its neighbours
    use as well, so no rate is too small to help. The encoder finds the ring of least error
    (Viterbi, closed by tail biting). Belongs after `PCA`.

    A ring of fewer than 4 * states bits has states of a quarter of its bits.

    Slow to encode (2^states steps a dimension) and to scan (a look-up a dimension): for few
    bytes or few rows; `Waterfill` scans ten times faster with a little more error.

    Args:
        bits: average of the incoming dimensions; a row takes the whole bytes in bits * d.
        states: bits that name a value, from 8 to 16.
        tilt: how much variance counts beyond its share in the error, as in `Waterfill`.
    """

    bits: float = 1.0
    states: int = 12
    tilt: float = 0.25

    def __post_init__(self) -> None:
        if not isinstance(self.bits, int | float) or not 0 < self.bits <= MOST:
            raise UsageError(
                f"TrellisFill takes an average above 0 up to {MOST} bits, not {self.bits!r}"
            )
        if not isinstance(self.states, int) or not 8 <= self.states <= 16:
            raise UsageError(f"TrellisFill takes states from 8 to 16 bits, not {self.states!r}")
        if not isinstance(self.tilt, int | float) or not -1 <= self.tilt <= 4:
            raise UsageError(f"the tilt of TrellisFill lies between -1 and 4, not {self.tilt!r}")

    def row_bytes(self, dim: int) -> int:
        """Bytes of a row."""
        return max(1, int(self.bits * dim + 1e-9) // 8)

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Mean and spread of each dimension, its bits, and what its error counts."""
        rows = to_numpy(x)
        dim = rows.shape[1]
        middle = rows.mean(axis=0, dtype=np.float64)
        spread = rows.std(axis=0, dtype=np.float64)
        unit = spread / max(spread.max(), 1e-300)
        emphasis = unit**self.tilt if self.tilt else np.ones(dim)
        if weights is not None:
            diagonal = weights if weights.ndim == 1 else np.diagonal(weights)
            emphasis = emphasis * np.sqrt(np.maximum(diagonal, 0))
        # A spread that float32 arithmetic makes of a constant is none.
        alive = unit > 1e-6
        rates = share((unit * emphasis) ** 2 * alive, 8 * self.row_bytes(dim))
        ends = np.rint(np.cumsum(rates)).astype(np.int64)
        missed = 10 ** (SHORTFALL * rates / (10 * self.states**2)) * 4.0**-rates
        gain = spread * np.sqrt(np.clip(1 - missed, 0.02, 1)) * (rates > 0)
        return {
            "bits": np.diff(ends, prepend=0).astype(np.uint8),
            "size": np.array([gain.max(initial=0)], np.float32),
            # Ratios have little range: float16 holds them, and a pack of few rows is smaller.
            "gain": _half(gain / max(gain.max(initial=0), 1e-300)),
            "middle": middle.astype(np.float32),
            "emphasis": _half(np.where(rates > 0, emphasis / max(emphasis.max(), 1e-300), 0)),
        }

    def encode(self, state: State, x: Array) -> Columns:
        """The closed path of least error for each row."""
        plan = _plan(self, state)
        rows = to_numpy(x)[:, plan.dims] - state["middle"][plan.dims]
        emphasis = state["emphasis"][plan.dims].astype(np.float32)
        rows = np.ascontiguousarray(rows * emphasis, np.float32)
        codes = np.zeros((len(rows), self.row_bytes(state.dim)), np.uint8)
        gain = plan.gain * emphasis
        if plan.total:
            best_paths(rows, gain, plan.bits, plan.turns, plan.tables, plan.seam, codes)
        return {"codes": like(codes, x)}

    def decode(self, state: State, columns: Columns) -> Array:
        """Read the states off the ring, and what they name."""
        plan = _plan(self, state)
        out = np.tile(state["middle"], (len(columns["codes"]), 1))
        out[:, plan.dims] += self._values(plan, to_numpy(columns["codes"])).T
        return like(out, columns["codes"])

    def _values(self, plan: _Plan, codes: NDArray[np.uint8]) -> NDArray[np.float32]:
        values = np.zeros((len(plan.dims), len(codes)), np.float32)
        if plan.total:
            read_states(plan.ring(codes), plan.offsets, plan.turns, plan.tables, values)
        values *= plan.gain[:, None]
        return values

    def score(self, state: State, q: Array, columns: Columns) -> Array:
        """One query: a look-up and an addition a dimension; many: values by block, multiplied."""
        if not is_numpy(columns["codes"]):
            return decode_and_multiply(self, state, q, columns)
        plan = _plan(self, state)
        out = np.zeros((len(q), len(columns["codes"])), np.float32)
        inner = np.ascontiguousarray(q[:, plan.dims], np.float32)
        start = 0
        for block in row_blocks(columns):
            codes = block["codes"]
            part = out[:, start : start + len(codes)]
            if len(q) == 1 and plan.total:
                ring = plan.ring(codes)
                read_sum(ring, plan.offsets, plan.turns, plan.tables, inner[0] * plan.gain, part[0])
            else:
                part[:] = inner @ self._values(plan, codes)
            start += len(codes)
        out += (q @ state["middle"])[:, None]
        return out

    def ring(self, state: State) -> Ring:
        """What each state of a row's ring stands for."""
        plan = _plan(self, state)
        return Ring(
            plan.total // 8, plan.dims, plan.offsets, plan.turns, plan.gain, plan.tables,
            state["middle"],
        )  # fmt: skip

    def square_norms(self, state: State, columns: Columns, shift: Array) -> Array:
        """Of values by block."""
        if not is_numpy(columns["codes"]):
            return super().square_norms(state, columns, shift)
        plan = _plan(self, state)
        still = state["middle"] + np.asarray(shift, np.float32)
        outside = float(still @ still - still[plan.dims] @ still[plan.dims])
        parts = []
        for block in row_blocks(columns):
            values = self._values(plan, block["codes"]) + still[plan.dims][:, None]
            parts.append(np.einsum("dn,dn->n", values, values) + np.float32(outside))
        return np.concatenate(parts)

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """Four numbers a dimension, nine bytes."""
        return {
            "bits": Spec("uint8", (dim,)),
            "size": Spec("float32", (1,)),
            "gain": Spec("float16", (dim,)),
            "middle": Spec("float32", (dim,)),
            "emphasis": Spec("float16", (dim,)),
        }

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """So many bytes a row."""
        return {"codes": Spec("uint8", (self.row_bytes(dim),))}


def share(value: NDArray[np.float64], total: int) -> NDArray[np.float64]:
    """Real rates by reverse water-filling: half the logarithm of value over the water level.

    Args:
        value: (d,) what unit error of each dimension counts, its variance times its importance.
        total: bits to share; all are, unless every dimension of any value has `MOST`.

    Returns:
        (d,) rates: zero or from about `LEAST_RATE` to `MOST`; their sum is `total`, or
        `MOST` times the dimensions that vary.
    """
    alive = value > 0
    total = min(total, MOST * int(alive.sum()))
    rates = np.zeros(len(value))
    if not total:
        return rates
    height = np.log2(value, where=alive, out=np.full(len(value), -np.inf)) / 2
    for floor in (0.0, LEAST_RATE):
        low, high = float(height[alive].min()) - MOST - 1, float(height.max())
        for _ in range(100):
            level = (low + high) / 2
            rates = np.where(alive, np.clip(height - level, 0, MOST), 0.0)
            low, high = (level, high) if rates.sum() > total else (low, level)
        if floor == 0.0:
            kept = rates >= LEAST_RATE
            alive = kept if MOST * int(kept.sum()) >= total else alive
    full: NDArray[np.float64] = rates * (total / rates.sum())
    return full


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What encoding and scoring need, worked out once from the state.

    Args:
        dims: dimensions that are on the path.
        bits: new bits of each.
        turns: how many dimensions before it have passed since bits last moved: which table.
        offsets: where the state of each begins on the ring.
        gain: what its table is multiplied by.
        tables: (turns, 2^states) unit Gaussian values.
        total: bits on the ring.
        seam: how many dimensions at its end and at its start the closing state is found from.
    """

    dims: NDArray[np.int64]
    bits: NDArray[np.int64]
    turns: NDArray[np.int64]
    offsets: NDArray[np.int64]
    gain: NDArray[np.float32]
    tables: NDArray[np.float32]
    total: int
    seam: tuple[int, int]

    def ring(self, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Bytes by position, then by row; the first three follow the last again."""
        turned = np.empty((self.total // 8 + 3, len(codes)), np.uint8)
        turn_ring(codes, turned)
        return turned


def _plan(recipe: TrellisFill, state: State) -> _Plan:
    made: _Plan = state.memo("plan", lambda: _make_plan(recipe, state))
    return made


def _make_plan(recipe: TrellisFill, state: State) -> _Plan:
    dims = np.flatnonzero(state["gain"] > 0)
    bits = state["bits"][dims].astype(np.int64)
    total = int(state["bits"].sum(dtype=np.int64))
    if (
        total % 8
        or total != int(bits.sum())
        or total > 8 * recipe.row_bytes(state.dim)
        or bits.max(initial=0) > MOST
    ):
        raise DamagedPackError("the bits of the dimensions do not fit into a row")
    turns = np.zeros(len(dims), np.int64)
    for i in range(1, len(dims)):
        turns[i] = 0 if bits[i] else turns[i - 1] + 1
    moved = np.cumsum(bits)
    # On a short ring long states hang on nearly all of its bits, and closing it costs too much.
    states = max(int(bits.max(initial=0)), min(recipe.states, total // 4), 1)
    reach = OVERLAP * states
    seam = (
        max(1, len(dims) - int(np.searchsorted(moved, total - reach, side="right"))),
        min(len(dims), int(np.searchsorted(moved, reach)) + 1),
    )
    return _Plan(
        dims,
        bits,
        turns,
        total - moved,
        state["gain"][dims].astype(np.float32) * state["size"][0],
        _tables(states, int(turns.max(initial=0)) + 1),
        total,
        seam,
    )


def _half(ratio: NDArray[np.float64]) -> NDArray[np.float16]:
    # What is not zero stays so.
    least = np.float64(np.finfo(np.float16).tiny)
    return np.where(ratio > 0, np.maximum(ratio, least), 0).astype(np.float16)


def _tables(states: int, count: int) -> NDArray[np.float32]:
    """One table for each number of dimensions since bits last moved, each in another order."""
    number = np.arange(1 << states, dtype=np.int64)
    table = codebook(states)
    orders = [number * (0x78DDE6E4 * i + 1) & ((1 << states) - 1) for i in range(count)]
    return np.stack([table[order] for order in orders])
