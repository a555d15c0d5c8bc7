"""Codes of uneven width laid into bytes so that a table of 16 or 256 entries can score them.

A code of 1 to 4 bits lies inside one nibble. A code of 5 to 8 bits fills the high nibble of a
byte with its upper four bits, and its lower bits lie in the low nibble of the same byte. So
every byte is scored by one look-up among 256 sums, and every nibble by one among 16.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

MOST = 8
"""The widest code."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the code of each dimension lies.

    Args:
        bits: (d,) width of each dimension's code, 0 to 8.
        byte: (d,) the byte it lies in.
        shift: (d,) the bit at which it begins; for codes over four bits, their lower bits.
        width: bytes of a row.
    """

    bits: NDArray[np.uint8]
    byte: NDArray[np.int32]
    shift: NDArray[np.uint8]
    width: int


def fits(histogram: NDArray[np.int64], width: int) -> bool:
    """Whether so many codes of 0, 1, ... 8 bits can be laid into `width` bytes."""
    h = [int(c) for c in histogram]
    nibbles = 2 * width - 2 * (h[5] + h[6] + h[7] + h[8]) - h[4]
    threes = max(0, h[3] - h[5])  # a code of 5 leaves three bits, just what a code of 3 takes
    spare_three = max(0, h[5] - h[3])
    nibbles -= threes
    singles = h[7] + threes
    twos = max(0, h[2] - h[6])
    singles += 2 * max(0, h[6] - h[2])
    in_three = min(twos, spare_three)
    twos -= in_three
    singles += in_three + 3 * (spare_three - in_three)
    nibbles -= (twos + 1) // 2
    singles += 2 * (twos % 2)
    nibbles -= -(-max(0, h[1] - singles) // 4)
    return nibbles >= 0


def lay_out(bits: NDArray[np.uint8], width: int) -> Layout:
    """Give each code its place: the widest first, each where it leaves the least room.

    Raises:
        ValueError: if they do not fit into `width` bytes.
    """
    byte = np.zeros(len(bits), np.int32)
    shift = np.zeros(len(bits), np.uint8)
    free: dict[int, list[tuple[int, int]]] = {room: [] for room in range(1, 5)}
    free[4] = [(b, 4 * half) for b in reversed(range(width)) for half in (1, 0)]
    whole = 0  # bytes taken from the front for codes over four bits
    order = np.argsort(-bits.astype(np.int64), kind="stable")
    wide = int((bits > 4).sum())
    if wide > width:
        raise ValueError("the codes do not fit")
    free[4] = [(b, s) for b, s in free[4] if b >= wide]
    for dim in order.tolist():
        need = int(bits[dim])
        if need == 0:
            break
        if need > 4:
            byte[dim], low = whole, need - 4
            if low < 4:
                free[4 - low].append((whole, low))
            whole += 1
            continue
        room = next((r for r in range(need, 5) if free[r]), None)
        if room is None:
            raise ValueError("the codes do not fit")
        byte[dim], start = free[room].pop()
        shift[dim] = start
        if room > need:
            free[room - need].append((int(byte[dim]), start + need))
    return Layout(bits, byte, shift, width)


@njit(cache=True, nogil=True)
def pack_fields(
    codes: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    byte: NDArray[np.int32],
    shift: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    """Lay (n, d) codes into (n, width) zeroed bytes."""
    n, d = codes.shape
    for r in range(n):
        for i in range(d):
            b = bits[i]
            if b > 4:
                low = b - 4
                code = codes[r, i]
                out[r, byte[i]] |= ((code >> low) << 4) | (code & ((1 << low) - 1))
            elif b > 0:
                out[r, byte[i]] |= codes[r, i] << shift[i]


@njit(cache=True, nogil=True)
def unpack_fields(
    packed: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    byte: NDArray[np.int32],
    shift: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    """Read (n, d) codes back; those of no bits are 0."""
    n, d = out.shape
    for r in range(n):
        for i in range(d):
            b = bits[i]
            value = packed[r, byte[i]]
            if b > 4:
                low = b - 4
                out[r, i] = ((value >> 4) << low) | (value & ((1 << low) - 1))
            elif b > 0:
                out[r, i] = (value >> shift[i]) & ((1 << b) - 1)
            else:
                out[r, i] = 0


@njit(cache=True, nogil=True)
def byte_tables(
    levels: NDArray[np.float32],
    starts: NDArray[np.int64],
    bits: NDArray[np.uint8],
    byte: NDArray[np.int32],
    shift: NDArray[np.uint8],
    out: NDArray[np.float32],
) -> None:
    """Sum, for each value of each byte, what the codes in it stand for.

    Args:
        levels: what every code of every dimension adds, one dimension after the other.
        starts: (d,) where each dimension's begin.
        bits: as in `Layout`.
        byte: as in `Layout`.
        shift: as in `Layout`.
        out: (width, 256) zeroed.
    """
    for i in range(len(bits)):
        b = bits[i]
        if b == 0:
            continue
        row = out[byte[i]]
        if b > 4:
            low = b - 4
            for v in range(256):
                row[v] += levels[starts[i] + (((v >> 4) << low) | (v & ((1 << low) - 1)))]
        else:
            mask = (1 << b) - 1
            for v in range(256):
                row[v] += levels[starts[i] + ((v >> shift[i]) & mask)]


@njit(cache=True, nogil=True, fastmath=True)
def scan_bytes(
    tables: NDArray[np.float32], packed: NDArray[np.uint8], out: NDArray[np.float32]
) -> None:
    """Sum the look-ups of every row's bytes: the plain reference of every faster scan.

    Args:
        tables: (width, 256) what each value of each byte adds.
        packed: (n, width).
        out: (n,) receives the sums.
    """
    n, width = packed.shape
    for r in range(n):
        a = np.float32(0)
        b = np.float32(0)
        for j in range(0, width - 1, 2):  # two sums: their additions overlap
            a += tables[j, packed[r, j]]
            b += tables[j + 1, packed[r, j + 1]]
        if width & 1:
            a += tables[width - 1, packed[r, width - 1]]
        out[r] = a + b
