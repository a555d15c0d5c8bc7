"""The constant tables of `attar.exact.mixing`, made from whole numbers alone.

Everything here is exact arithmetic on Python integers, so that every machine has the same tables.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_FRACTION = 128  # bits behind the point while the logistic function is computed
# The most that the larger count of a state may be, by the smaller one.
_MOST = (41, 30, 12, 7, 6, 5)
_LAST_BIT_MATTERS = 14  # states of at most so many bits remember which bit came last


class Tables(NamedTuple):
    """What the model looks up.

    Args:
        squash: 65536 / (1 + exp(-x / 256)) at `[x + 2048]`, for x from -2048 to 2047.
        stretch: the inverse: x in -2047..2047 for a probability p / 4096 at `[p]`.
        next_state: of a bit history, `[256 * bit + state]`.
        first: a 22-bit probability of a one after each bit history, before anything is learned.
        rate: 65536 / (n + 1.6) at `[n]`: how far the n-th bit moves a probability.
    """

    squash: NDArray[np.int32]
    stretch: NDArray[np.int32]
    next_state: NDArray[np.uint8]
    first: NDArray[np.uint32]
    rate: NDArray[np.int64]


@cache
def tables() -> Tables:
    """All tables, computed once."""
    squash: NDArray[np.int32] = _squash()
    next_state, first = _states()
    # For every p the first x that reaches the middle of [p, p + 1) / 4096.
    first_x = np.searchsorted(squash, np.arange(4096) * 16 + 8) - 2048
    stretch = np.asarray(np.clip(first_x, -2047, 2047), dtype=np.int32)
    rate = np.array([655360 // (10 * n + 16) for n in range(1024)], dtype=np.int64)
    return Tables(squash, stretch, next_state, first, rate)


def _squash() -> NDArray[np.int32]:
    one = 1 << _FRACTION
    step, term, k = 0, one, 0  # exp(1 / 256) as a Taylor series
    while term:
        step += term
        k += 1
        term //= 256 * k
    values = np.zeros(4096, dtype=np.int32)
    power = one
    for x in range(2048):
        p = ((power << 16) + (one + power) // 2) // (one + power)
        values[2048 + x] = p
        values[2048 - x] = 65536 - p
        power = power * step >> _FRACTION
    values[0] = values[1]
    return values


def _states() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Bit histories: how many zeros and ones were seen, and sometimes which came last."""
    known = {(0, 0, 0)}
    waiting = [(0, 0, 0)]
    while waiting:
        zeros, ones, _ = waiting.pop()
        for bit in (0, 1):
            state = _after(zeros, ones, bit)
            if state not in known:
                known.add(state)
                waiting.append(state)
    # By how much was seen: a bucket with a smaller first state is worth less.
    ordered = sorted(known, key=lambda s: (s[0] + s[1], s))
    number = {state: i for i, state in enumerate(ordered)}
    next_state = np.zeros(512, dtype=np.uint8)
    first = np.full(256, 1 << 21, dtype=np.uint32)
    for (zeros, ones, _), i in number.items():
        for bit in (0, 1):
            next_state[256 * bit + i] = number[_after(zeros, ones, bit)]
        first[i] = ((2 * ones + 1) << 22) // (2 * (zeros + ones) + 2)
    return next_state, first


def _after(zeros: int, ones: int, bit: int) -> tuple[int, int, int]:
    same, other = (ones, zeros) if bit else (zeros, ones)
    same += 1
    # What contradicts the new bit is mostly forgotten: text changes its mind for good.
    other = other if other <= 2 else 3 if other <= 4 else 4 if other <= 7 else 5
    while not _allowed(same, other):
        if same > other:
            same -= 1
        else:
            other -= 1
    zeros, ones = (other, same) if bit else (same, other)
    last = bit if zeros and ones and zeros + ones <= _LAST_BIT_MATTERS else 0
    return zeros, ones, last


def _allowed(a: int, b: int) -> bool:
    return min(a, b) < len(_MOST) and max(a, b) <= _MOST[min(a, b)]
