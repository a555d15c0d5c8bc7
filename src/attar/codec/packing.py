"""Small whole numbers in as few bytes as they need; docs/format.md is the specification.

Codes of b bits lie one after the other, least significant bit first, across byte borders:
code i takes bits i*b to i*b + b - 1 of its row, and bit k of a row is bit k % 8 of byte
k // 8. A row is filled with zero bits to a whole byte. Ternary codes lie five to a byte, the
first the least significant digit in base 3.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, namespace
from attar.errors import UsageError
from attar.kernel import kernel

WIDTHS = (1, 2, 3, 4, 5, 6, 8)


def packed_width(count: int, bits: int) -> int:
    """Bytes that a row of `count` codes of `bits` bits takes."""
    return ceil(count * bits / 8)


def check_bits(bits: object, what: str) -> None:
    """Raise UsageError unless codes of so many bits can be packed."""
    if bits not in WIDTHS or isinstance(bits, bool):
        raise UsageError(f"{what} takes bits of {', '.join(map(str, WIDTHS))}, not {bits!r}")


def pack(codes: Array, bits: int) -> Array:
    """Pack (n, m) uint8 codes below 2**bits into (n, ceil(m * bits / 8)) bytes."""
    n, m = codes.shape
    if bits == 8:
        return codes
    if is_numpy(codes):
        out = np.zeros((n, packed_width(m, bits)), np.uint8)
        _pack(np.ascontiguousarray(codes), bits, out)
        return out
    return _pack_within(codes, bits) if 8 % bits == 0 else pack_reference(codes, bits)


def unpack(packed: Array, bits: int, count: int) -> Array:
    """The (n, count) uint8 codes that `pack` packed."""
    if bits == 8:
        return packed[:, :count]
    if is_numpy(packed):
        out = np.empty((packed.shape[0], count), np.uint8)
        read = _unpack_even if 8 % bits == 0 else _unpack
        read(np.ascontiguousarray(packed), bits, out)
        return out
    if 8 % bits == 0:
        return _unpack_within(packed, bits, count)
    return unpack_reference(packed, bits, count)


def pack_reference(codes: Array, bits: int) -> Array:
    """`pack` in plain array operations: eight codes make `bits` bytes."""
    xp = namespace(codes)
    m = codes.shape[1]
    wide = _cut(xp.astype(codes, xp.int64), 8)
    words = sum(wide[:, :, i] << (bits * i) for i in range(8))
    out = xp.stack([(words >> (8 * j)) & 255 for j in range(bits)], axis=2)
    return xp.astype(_flat(out), xp.uint8)[:, : packed_width(m, bits)]


def unpack_reference(packed: Array, bits: int, count: int) -> Array:
    """`unpack` in plain array operations."""
    xp = namespace(packed)
    wide = _cut(xp.astype(packed, xp.int64), bits)
    words = sum(wide[:, :, j] << (8 * j) for j in range(bits))
    mask = (1 << bits) - 1
    out = xp.stack([(words >> (bits * i)) & mask for i in range(8)], axis=2)
    return xp.astype(_flat(out), xp.uint8)[:, :count]


def _pack_within(codes: Array, bits: int) -> Array:
    """`pack` where no code crosses a byte's border: all in bytes, for a GPU's memory's sake."""
    wide = _cut(codes, 8 // bits)
    out = wide[:, :, 0]
    for i in range(1, 8 // bits):
        out = out | (wide[:, :, i] << (bits * i))
    return out


def _unpack_within(packed: Array, bits: int, count: int) -> Array:
    xp = namespace(packed)
    mask = (1 << bits) - 1
    parts = [(packed >> (bits * i)) & mask for i in range(8 // bits)]
    return _flat(xp.stack(parts, axis=2))[:, :count]


def pack_ternary(codes: Array) -> Array:
    """Pack (n, m) uint8 codes 0, 1, 2 into (n, ceil(m / 5)) bytes."""
    xp = namespace(codes)
    wide = _cut(xp.astype(codes, xp.int64), 5)
    return xp.astype(sum(wide[:, :, i] * 3**i for i in range(5)), xp.uint8)


def unpack_ternary(packed: Array, count: int) -> Array:
    """The (n, count) uint8 codes that `pack_ternary` packed."""
    xp = namespace(packed)
    wide = xp.astype(packed, xp.int64)
    out = xp.stack([wide // 3**i % 3 for i in range(5)], axis=2)
    return xp.astype(_flat(out), xp.uint8)[:, :count]


def _cut(codes: Array, size: int) -> Array:
    """(n, m) to (n, ceil(m / size), size), zeros at the end."""
    xp = namespace(codes)
    n, m = codes.shape
    if short := -m % size:
        zeros = xp.zeros((n, short), dtype=codes.dtype, device=codes.device)
        codes = xp.concat([codes, zeros], axis=1)
    return xp.reshape(codes, (n, (m + short) // size, size))


def _flat(wide: Array) -> Array:
    n, a, b = wide.shape
    return namespace(wide).reshape(wide, (n, a * b))


@kernel(nogil=True)
def _pack(codes: NDArray[np.uint8], bits: int, out: NDArray[np.uint8]) -> None:
    n, m = codes.shape
    width = out.shape[1]
    for r in range(n):
        word = np.uint64(0)
        held = 0
        at = 0
        for i in range(m):
            word |= np.uint64(codes[r, i]) << np.uint64(held)
            held += bits
            while held >= 8:
                out[r, at] = np.uint8(word & np.uint64(255))
                word >>= np.uint64(8)
                held -= 8
                at += 1
        if at < width:
            out[r, at] = np.uint8(word & np.uint64(255))


@kernel(nogil=True)
def _unpack(packed: NDArray[np.uint8], bits: int, out: NDArray[np.uint8]) -> None:
    n, m = out.shape
    mask = np.uint64((1 << bits) - 1)
    for r in range(n):
        word = np.uint64(0)
        held = 0
        at = 0
        for i in range(m):
            if held < bits:
                word |= np.uint64(packed[r, at]) << np.uint64(held)
                held += 8
                at += 1
            out[r, i] = np.uint8(word & mask)
            word >>= np.uint64(bits)
            held -= bits


@kernel(nogil=True, boundscheck=False)
def _unpack_even(packed: NDArray[np.uint8], bits: int, out: NDArray[np.uint8]) -> None:
    """`_unpack` where no code crosses a byte's border: vector instructions can do it."""
    n, m = out.shape
    mask, each = np.uint8((1 << bits) - 1), 8 // bits
    for r in range(n):
        source, target = packed[r], out[r]
        if bits == 4:  # the usual case written out
            for j in range(m // 2):
                target[2 * j] = source[j] & np.uint8(15)
                target[2 * j + 1] = source[j] >> np.uint8(4)
            if m % 2:
                target[m - 1] = source[m // 2] & np.uint8(15)
            continue
        for i in range(m):
            target[i] = (source[i // each] >> np.uint8(bits * (i % each))) & mask
