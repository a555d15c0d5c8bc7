"""Scores as sums over nibbles: what a member says of its codes so that they can be scanned.

Half a byte has 16 values, and a table of 16 small numbers fits into one vector register: one
instruction then looks up as many nibbles as it has bytes (Andre, Kermarrec & Le Scouarnec,
"Cache locality is not enough", VLDB 2015). Any code whose dimensions lie inside nibbles can be
read so, however many bits each has. A code in several nibbles cannot, but the best sum of one
term a nibble comes close, and tells how close: enough to see which rows are worth a full look.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

Floats = NDArray[np.float32]

DEVIATIONS = 6
"""How far the sum of a row's errors is taken to stray: beyond it lies one row in 10^9."""


@dataclass(frozen=True, slots=True, eq=False)
class Wide:
    """Codes that lie in more than one nibble.

    Args:
        levels: what each code of each of these dimensions stands for, one after the other.
        starts: where each dimension's begin.
        pieces: (p, 5) int32: which of these dimensions, byte, lowest bit in it, bits, and which
            bit of the code is the piece's lowest; by dimension, upper pieces first.
        dims: the dimension of the row that each is.
        low: for each, the least that a level lies above its sum of terms.
        high: the most.
        spread: the root of the mean square.
    """

    levels: Floats
    starts: NDArray[np.int64]
    pieces: NDArray[np.int32]
    dims: NDArray[np.int64]
    low: Floats
    high: Floats
    spread: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Nibbles:
    """What the nibbles of a row's codes add to its inner product with a query.

    Args:
        width: bytes of a row.
        dims: (p,) the dimension of the query that each term is multiplied by.
        places: (p,) its nibble: twice the byte, and 1 for the upper half.
        terms: (p, 16) what each value of that nibble adds for a query of 1.
        still: (d,) what every row adds.
        exact: (p,) which terms are the whole truth of their dimension.
        wide: the codes of which they are not; None: there are none.
    """

    width: int
    dims: NDArray[np.int64]
    places: NDArray[np.int64]
    terms: Floats
    still: Floats
    exact: NDArray[np.bool_]
    wide: Wide | None = None

    def tables(self, queries: Floats, *, rough: bool) -> Floats:
        """(nq, width, 2, 16) sums of terms; not `rough`: only of those that are exact."""
        out = np.zeros((len(queries), 2 * self.width, 16), np.float32)
        use = np.ones(len(self.exact), np.bool_) if rough else self.exact
        add_terms(queries, self.dims[use], self.places[use], self.terms[use], out)
        return out.reshape(len(queries), self.width, 2, 16)


@dataclass(frozen=True, slots=True, eq=False)
class Small:
    """Tables of bytes: a row's sum of look-ups, times `step`, plus `top`, is not below its score.

    `top` holds the most that rounding can take away, or six standard deviations of the sum of
    these many small errors where that is less.

    Args:
        tables: (nq, width, 2, 16); the two of a byte add up to at most 255, and all to 65,535.
        step: (nq,)
        top: (nq,)
    """

    tables: NDArray[np.uint8]
    step: Floats
    top: Floats


def plain(levels: Floats, bits: int) -> Nibbles:
    """The nibbles of codes of 1, 2 or 4 bits that all have as many.

    Args:
        levels: (d, 2^bits) what the codes of each dimension stand for.
        bits: of a code.
    """
    dim = len(levels)
    first = np.arange(dim) * bits
    code = (np.arange(16)[None, :] >> (first % 4)[:, None]) & ((1 << bits) - 1)
    return Nibbles(
        -(-dim * bits // 8),
        np.arange(dim),
        first // 4,
        np.take_along_axis(levels, code, axis=1).astype(np.float32),
        np.zeros(dim, np.float32),
        np.ones(dim, np.bool_),
    )


def uneven(
    pieces: NDArray[np.int32], width: int, values: Floats, starts: NDArray[np.int64],
    silent: NDArray[np.bool_],
) -> Nibbles:  # fmt: skip
    """The nibbles of codes laid out by `fields.lay_out`.

    A code in several nibbles gets the terms of least squared error: the mean of the levels that
    share a piece's bits (the mean of all is left to the first).

    Args:
        pieces: of the layout.
        width: bytes of a row.
        values: every level of every dimension.
        starts: (d,) where each dimension's begin.
        silent: (d,) which have no bits, and one level.
    """
    dim, byte, start, bits, low = pieces.astype(np.int64).T
    shown = np.arange(16)[None, :] >> (start % 4)[:, None] & ((1 << bits) - 1)[:, None]
    terms = np.zeros((len(pieces), 16), np.float32)
    count = np.bincount(dim, minlength=len(starts))
    exact = count[dim] == 1
    terms[exact] = values[starts[dim][exact][:, None] + shown[exact]]
    still = np.where(silent, values[starts], 0).astype(np.float32)
    places = 2 * byte + (start >> 2)
    wide = None
    if not exact.all():
        dims = np.flatnonzero(count > 1)
        levels, lows, highs, spreads, begins = [], [], [], [], [0]
        for i in dims.tolist():
            own = np.flatnonzero(dim == i)
            code = np.arange(1 << int(bits[own].sum()))
            level = values[starts[i] + code].astype(np.float64)
            fitted = np.full(len(code), level.mean())
            for number, p in enumerate(own.tolist()):
                part = (code >> low[p]) & ((1 << bits[p]) - 1)
                effect = np.bincount(part, level) / np.bincount(part) - level.mean()
                fitted += effect[part]
                terms[p] = effect[shown[p]] + (level.mean() if number == 0 else 0)
            levels.append(level.astype(np.float32))
            lows.append((level - fitted).min())
            highs.append((level - fitted).max())
            spreads.append((level - fitted).std())
            begins.append(begins[-1] + len(code))
        chosen = pieces[~exact].copy()
        chosen[:, 0] = np.searchsorted(dims, chosen[:, 0])
        wide = Wide(
            np.concatenate(levels),
            np.array(begins[:-1], np.int64),
            chosen,
            dims,
            np.array(lows, np.float32),
            np.array(highs, np.float32),
            np.array(spreads, np.float32),
        )
    return Nibbles(width, dim, places, terms, still, exact, wide)


def shrink(nibbles: Nibbles, queries: Floats, tables: Floats) -> Small:
    """Tables in bytes, as fine as fits without saturation.

    Args:
        nibbles: what codes stand for.
        queries: (nq, d).
        tables: `nibbles.tables(queries, rough=True)`.
    """
    small = np.empty(tables.shape, np.uint8)
    sums = np.empty((len(queries), 6))
    _shrink(tables, small, sums)
    step, least, mean, most, variance, size = sums.T
    if nibbles.wide is not None:
        wide = nibbles.wide
        factor = queries[:, wide.dims].astype(np.float64)
        most = most + np.maximum(factor * wide.high, factor * wide.low).sum(axis=1)
        variance = variance + ((factor * wide.spread) ** 2).sum(axis=1)
    still = queries @ nibbles.still
    top = least + np.minimum(most, mean + DEVIATIONS * np.sqrt(variance)) + still
    top += 4e-6 * (size + np.abs(still))  # what float32 sums of the exact tables may lie off
    return Small(small, step.astype(np.float32), top.astype(np.float32))


@kernel(nogil=True)
def step_of(tables: Floats, least: NDArray[np.float64]) -> tuple[float, float]:
    """The finest step in which tables fit into bytes; `least` receives the least of each nibble.

    The two tables of a byte add up to at most 255 steps, and all to 65,535.

    Args:
        tables: (width, 2, 16).
        least: (width, 2).

    Returns:
        The step, and the sum over nibbles of the greatest size of an entry.
    """
    room, whole, size = 0.0, 0.0, 0.0
    for j in range(len(tables)):
        both = 0.0
        for half in range(2):
            low = high = np.float64(tables[j, half, 0])
            for v in range(1, 16):
                low = min(low, tables[j, half, v])
                high = max(high, tables[j, half, v])
            least[j, half] = low
            both += high - low
            size += max(abs(high), abs(low))
        whole += both
        room = max(room, both)
    # 254 of 255: each of the two tables of a byte may be rounded up by a half.
    return max(room / 254, whole / 65_000, 1.2e-38), size


@kernel(nogil=True)
def round_to(
    step: float, tables: Floats, least: NDArray[np.float64], out: NDArray[np.uint8]
) -> None:
    """Write tables, (width, 2, 16), in steps above the least of each nibble, (width, 2)."""
    for j in range(len(tables)):
        for half in range(2):
            for v in range(16):
                steps = np.rint((tables[j, half, v] - least[j, half]) / step)
                out[j, half, v] = np.uint8(min(steps, 255.0))


@kernel(nogil=True)
def _shrink(tables: Floats, small: NDArray[np.uint8], sums: NDArray[np.float64]) -> None:
    """Round tables to steps above their least.

    `sums` receives for each query: the step, and the sums over nibbles of the least entry, of
    the mean, the greatest and the variance of what rounding took away, and of the greatest size.
    """
    count, width = tables.shape[:2]
    least = np.empty((width, 2))
    for q in range(count):
        step, size = step_of(tables[q], least)
        round_to(step, tables[q], least, small[q])
        total, mean, most, variance = 0.0, 0.0, 0.0, 0.0
        for j in range(width):
            for half in range(2):
                total += least[j, half]
                first, second, highest = 0.0, 0.0, -1e300
                for v in range(16):
                    error = tables[q, j, half, v] - least[j, half] - small[q, j, half, v] * step
                    first += error
                    second += error * error
                    highest = max(highest, error)
                mean += first / 16
                most += highest
                variance += second / 16 - (first / 16) ** 2
        sums[q, 0], sums[q, 1], sums[q, 2] = step, total, mean
        sums[q, 3], sums[q, 4], sums[q, 5] = most, max(variance, 0.0), size


@kernel(nogil=True)
def add_terms(
    queries: Floats,
    dims: NDArray[np.int64],
    places: NDArray[np.int64],
    terms: Floats,
    out: Floats,
) -> None:
    """Add to `out`, (nq, 2 * width, 16), what each value of each nibble adds for each query."""
    for i in range(len(queries)):
        for p in range(len(dims)):
            factor = queries[i, dims[p]]
            for v in range(16):
                out[i, places[p], v] += factor * terms[p, v]
