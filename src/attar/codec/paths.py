"""Closed paths through a trellis: the one of least error, and what its states stand for.

A path is a ring of `total` bits, kept as a little-endian number. Step i moves past bits[i] of
them, from the top down; its state is the `states` lowest bits then passed, read as a number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

FREE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """What the states of a row's ring stand for: all that reading a row needs.

    Args:
        size: bytes of a ring.
        dims: (steps,) the dimension that each step tells.
        offsets: (steps,) the bit where its state begins; a state may run over the ring's end.
        turns: (steps,) the table that names its value.
        gain: (steps,) what that is multiplied by.
        tables: (tables, 2^states).
        still: (d,) what every row adds.
    """

    size: int
    dims: NDArray[np.int64]
    offsets: NDArray[np.int64]
    turns: NDArray[np.int64]
    gain: NDArray[np.float32]
    tables: NDArray[np.float32]
    still: NDArray[np.float32]


def best_paths(
    rows: NDArray[np.float32],
    gain: NDArray[np.float32],
    bits: NDArray[np.int64],
    turns: NDArray[np.int64],
    tables: NDArray[np.float32],
    seam: tuple[int, int],
    codes: NDArray[np.uint8],
) -> None:
    """Write the ring of least squared error for every row.

    A ring must end in the state it began with. Which one is found first, from the steps around
    the seam alone, with both their ends free; then the whole path is searched with that state
    given (tail biting as in QTIP, section 3.2).

    Args:
        rows: (n, steps) values to come close to.
        gain: (steps,) factor of the table at each step.
        bits: (steps,) how many bits each step moves, 0 included.
        turns: (steps,) which table each step reads.
        tables: (tables, 2^states) values of the states.
        seam: steps before and after the ring's start that tell its state.
        codes: (n, at least total / 8) bytes, written.
    """
    steps = rows.shape[1]
    before, after = seam
    around = np.r_[steps - before : steps, 0:after]
    states = tables.shape[1].bit_length() - 1
    for at in range(0, len(rows), 256):  # the paths of a few rows at a time: little memory
        part = rows[at : at + 256]
        free = np.full(len(part), FREE, np.int64)
        path = np.empty((len(part), len(around)), np.int32)
        near = np.ascontiguousarray(part[:, around])
        viterbi(near, gain[around], bits[around], turns[around], tables, states, free, path)
        closing = path[:, before - 1].astype(np.int64)
        path = np.empty((len(part), steps), np.int32)
        viterbi(part, gain, bits, turns, tables, states, closing, path)
        _write(path, bits, codes[at : at + 256])


# One step each. A state s comes from (j << (states - k)) | (s >> k), so its best j hangs on s >> k.
# As functions of their own they become vector instructions: within `viterbi`, where the arrays
# trade places, they would not.


@kernel(nogil=True, fastmath=True, boundscheck=False)
def _stay(
    cost: NDArray[np.float32], table: NDArray[np.float32], factor: np.float32, value: np.float32
) -> None:
    for s in range(len(cost)):
        gap = value - factor * table[s]
        cost[s] += gap * gap


@kernel(nogil=True, fastmath=True, boundscheck=False)
def _move_one(
    cost: NDArray[np.float32],
    table: NDArray[np.float32],
    factor: np.float32,
    value: np.float32,
    chosen: NDArray[np.uint8],
    after: NDArray[np.float32],
) -> None:
    heads = len(cost) >> 1
    for u in range(heads):
        first, second = cost[u], cost[heads + u]
        chosen[u] = second < first
        least = second if second < first else first
        a = value - factor * table[2 * u]
        b = value - factor * table[2 * u + 1]
        after[2 * u] = least + a * a
        after[2 * u + 1] = least + b * b


@kernel(nogil=True, fastmath=True, boundscheck=False)
def _move_two(
    cost: NDArray[np.float32],
    table: NDArray[np.float32],
    factor: np.float32,
    value: np.float32,
    chosen: NDArray[np.uint8],
    after: NDArray[np.float32],
) -> None:
    heads = len(cost) >> 2
    for u in range(heads):
        p, q = cost[u], cost[heads + u]
        r, s = cost[2 * heads + u], cost[3 * heads + u]
        low, i = (q if q < p else p), (np.uint8(1) if q < p else np.uint8(0))
        high, j = (s if s < r else r), (np.uint8(3) if s < r else np.uint8(2))
        chosen[u] = j if high < low else i
        least = high if high < low else low
        a = value - factor * table[4 * u]
        b = value - factor * table[4 * u + 1]
        c = value - factor * table[4 * u + 2]
        d = value - factor * table[4 * u + 3]
        after[4 * u] = least + a * a
        after[4 * u + 1] = least + b * b
        after[4 * u + 2] = least + c * c
        after[4 * u + 3] = least + d * d


@kernel(nogil=True, fastmath=True, boundscheck=False)
def _move(
    cost: NDArray[np.float32],
    table: NDArray[np.float32],
    factor: np.float32,
    value: np.float32,
    chosen: NDArray[np.uint8],
    after: NDArray[np.float32],
    fan: int,
) -> None:
    heads = len(cost) // fan
    least = after[:heads]
    least[:] = cost[:heads]
    chosen[:] = 0
    for j in range(1, fan):
        others = cost[j * heads : (j + 1) * heads]
        for u in range(heads):
            other = others[u]
            chosen[u] = np.uint8(j) if other < least[u] else chosen[u]
            least[u] = other if other < least[u] else least[u]
    for u in range(heads - 1, -1, -1):  # from the end: `after` begins with what is read
        best = least[u]
        for s in range(u * fan, (u + 1) * fan):
            gap = value - factor * table[s]
            after[s] = best + gap * gap


@kernel(nogil=True, fastmath=True, boundscheck=False)
def viterbi(
    rows: NDArray[np.float32],
    gain: NDArray[np.float32],
    bits: NDArray[np.int64],
    turns: NDArray[np.int64],
    tables: NDArray[np.float32],
    states: int,
    ends: NDArray[np.int64],
    path: NDArray[np.int32],
) -> None:
    """The states of the path of least error; `ends` gives the first and last, or is FREE."""
    n, steps = rows.shape
    size = 1 << states
    cost = np.empty(size, np.float32)
    after = np.empty(size, np.float32)
    place = np.zeros(steps + 1, np.int64)
    for t in range(steps):
        place[t + 1] = place[t] + ((size >> bits[t]) if bits[t] else 0)
    back = np.empty(place[steps] + 1, np.uint8)
    for r in range(n):
        if ends[r] < 0:
            cost[:] = 0
        else:
            cost[:] = np.float32(1e30)
            cost[ends[r]] = 0
        for t in range(steps):
            k, factor, value = bits[t], gain[t], rows[r, t]
            table = tables[turns[t]]
            if k == 0:
                _stay(cost, table, factor, value)
                continue
            chosen = back[place[t] : place[t + 1]]
            if k == 1:
                _move_one(cost, table, factor, value, chosen, after)
            elif k == 2:
                _move_two(cost, table, factor, value, chosen, after)
            else:
                _move(cost, table, factor, value, chosen, after, 1 << k)
            cost, after = after, cost
        at = ends[r] if ends[r] >= 0 else np.int64(np.argmin(cost))
        for t in range(steps - 1, -1, -1):
            path[r, t] = at
            if bits[t]:
                head = at >> bits[t]
                at = np.int64(back[place[t] + head]) * (size >> bits[t]) + head


@kernel(nogil=True)
def _write(path: NDArray[np.int32], bits: NDArray[np.int64], codes: NDArray[np.uint8]) -> None:
    total = bits.sum()
    for r in range(len(path)):
        at = total
        for t in range(len(bits)):
            for b in range(bits[t] - 1, -1, -1):
                at -= 1
                codes[r, at >> 3] |= np.uint8(((path[r, t] >> b) & 1) << (at & 7))


@kernel(nogil=True, boundscheck=False)
def turn_ring(codes: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Bytes by position, then by row; the first three follow the last again."""
    size = len(out) - 3
    for start in range(0, len(codes), 64):  # as many rows as a cache line has bytes
        for j in range(size + 3):
            at = j % size
            for r in range(start, min(start + 64, len(codes))):
                out[j, r] = codes[r, at]


@kernel(nogil=True, inline="always")
def _window(low: np.uint8, middle: np.uint8, high: np.uint8) -> np.uint32:
    return np.uint32(low) | np.uint32(middle) << np.uint32(8) | np.uint32(high) << np.uint32(16)


@kernel(nogil=True, boundscheck=False)
def read_states(
    ring: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    turns: NDArray[np.int64],
    tables: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """(steps, n) the value of each state; `ring` is (bytes + 3, n), the first 3 repeated."""
    mask = np.uint32(tables.shape[1] - 1)
    for t in range(len(offsets)):
        first, shift = offsets[t] >> 3, np.uint32(offsets[t] & 7)
        a, b, c = ring[first], ring[first + 1], ring[first + 2]
        table = tables[turns[t]]
        for r in range(ring.shape[1]):
            window = (
                np.uint32(a[r]) | np.uint32(b[r]) << np.uint32(8) | np.uint32(c[r]) << np.uint32(16)
            )
            out[t, r] = table[(window >> shift) & mask]


@kernel(nogil=True, boundscheck=False)
def read_sum(
    ring: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    turns: NDArray[np.int64],
    tables: NDArray[np.float32],
    factors: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Add to each row of `out` its values times `factors`."""
    mask = np.uint32(tables.shape[1] - 1)
    windows = np.empty(ring.shape[1], np.uint32)
    last = -1
    for t in range(len(offsets)):
        first, shift = offsets[t] >> 3, np.uint32(offsets[t] & 7)
        if first != last:  # several states lie in the same three bytes
            a, b, c = ring[first], ring[first + 1], ring[first + 2]
            for r in range(len(windows)):
                windows[r] = _window(a[r], b[r], c[r])
            last = first
        table, factor = tables[turns[t]], factors[t]
        for r in range(len(windows)):
            out[r] += factor * table[(windows[r] >> shift) & mask]
