"""Reading and writing a stream of bits held in 64-bit words.

Bit i of the stream is bit `i % 64` of word `i // 64`, the least significant bit first; a
field of several bits lies with its lowest bit first. Words are little-endian on disk.

Every reading function is safe on hostile streams: past the end there is nothing but zeros,
and the unary reader answers `OUTSIDE` instead of running on. Nothing here allocates.

The leaves are inlined by numba itself: a function that comes from numba's cache is a real call
of some ten nanoseconds, ten times what these do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from attar.kernel import LEAF, kernel

Words = NDArray[np.uint64]

OUTSIDE = -1
"""What a reader answers when the stream ended before the value did."""

MAX_WIDTH = 57
"""Widest field, in bits; leaves room to check sums of fields without overflow."""

_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_FULL = np.uint64(0xFFFFFFFFFFFFFFFF)


def words_for(bits: int) -> int:
    """Words that hold `bits` bits."""
    return (bits + 63) // 64


@kernel(inline="always")
def low_mask(width: int) -> Any:
    """A word whose `width` lowest bits are set; `width` below 64."""
    return (_ONE << np.uint64(width)) - _ONE


@kernel(**LEAF)
def bit_length(value: int) -> int:
    """Bits needed to write a non-negative value; 0 for 0."""
    width = 0
    while value > 0:
        value >>= 1
        width += 1
    return width


def _trailing_zeros(context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


def _popcount(context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


def _load(context: Any, words: Any, byte: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        begin = builder.bitcast(array.data, ir.IntType(8).as_pointer())
        place = builder.gep(begin, [arguments[1]])
        return builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(words, types.int64), generate


# One instruction each, for which numba has no function.
trailing_zeros: Any = intrinsic(_trailing_zeros)
"""Zeros below the lowest set bit of a non-zero word."""
popcount: Any = intrinsic(_popcount)
"""Set bits of a word."""
load: Any = intrinsic(_load)
"""The 64 bits from a byte on, on a little-endian machine; all of them must lie inside the array."""


@kernel(inline="always")
def window(words: Words, position: int) -> Any:
    """The 64 bits from `position` on; zeros outside the stream."""
    index = position >> 6
    if index < 0 or index >= words.size:
        return _ZERO
    shift = np.uint64(position & 63)
    value = words[index] >> shift
    if shift != _ZERO and index + 1 < words.size:
        value |= words[index + 1] << (np.uint64(64) - shift)
    return value


@kernel(inline="always")
def read(words: Words, position: int, width: int) -> Any:
    """The field of `width` bits (0 to MAX_WIDTH) at `position`."""
    return np.int64(window(words, position) & low_mask(width))


@kernel(**LEAF)
def skip_ones(words: Words, position: int, count: int) -> Any:
    """The position just after the `count`-th set bit from `position` on, or OUTSIDE."""
    while count > 0:
        index = position >> 6
        if index >= words.size:
            return OUTSIDE
        word = words[index] >> np.uint64(position & 63)
        ones = popcount(word)
        if ones < count:
            count -= ones
            position = (index + 1) << 6
            continue
        for _ in range(count - 1):
            word &= word - _ONE
        return position + trailing_zeros(word) + 1
    return position


@kernel(**LEAF)
def read_unary(words: Words, position: int) -> int:
    """Zeros from `position` up to the next set bit, or OUTSIDE; the code is one bit longer."""
    end = skip_ones(words, position, 1)
    return OUTSIDE if end == OUTSIDE else end - position - 1


@kernel()
def write(words: Words, position: int, value: int, width: int) -> int:
    """Put a field into words that are zero there; the position after it."""
    if width == 0:
        return position
    index = position >> 6
    shift = np.uint64(position & 63)
    bits = np.uint64(value) & low_mask(width)
    words[index] |= bits << shift
    if int(shift) + width > 64:
        words[index + 1] |= bits >> (np.uint64(64) - shift)
    return position + width


@kernel()
def write_unary(words: Words, position: int, value: int) -> int:
    """`value` zeros and a one; the position after them."""
    position += value
    words[position >> 6] |= _ONE << np.uint64(position & 63)
    return position + 1


@kernel()
def write_gamma(words: Words, position: int, value: int) -> int:
    """Elias's gamma code of a value from 1 on; the position after it."""
    width = bit_length(value) - 1
    return write(words, write_unary(words, position, width), value, width)


@kernel(**LEAF)
def read_gamma(words: Words, position: int) -> tuple[int, int]:
    """A gamma-coded value and the position after it; the position is OUTSIDE on damage."""
    width = read_unary(words, position)
    if width == OUTSIDE or width >= MAX_WIDTH:
        return 0, OUTSIDE
    position += width + 1
    return read(words, position, width) | (1 << width), position + width


@kernel()
def gamma_bits(value: int) -> int:
    """Bits of the gamma code of `value`."""
    return 2 * bit_length(value) - 1


@kernel()
def pack(values: NDArray[np.int64], width: int) -> Words:
    """Fields of one width, one after another, in fresh words."""
    out = np.zeros((values.size * width + 63) // 64, dtype=np.uint64)
    position = 0
    for value in values:
        position = write(out, position, value, width)
    return out
