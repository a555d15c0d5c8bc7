"""Codes of uneven width laid into bytes so that small tables can score them.

The place of a code follows from the widths alone (`lay_out`): a code of 1 to 4 bits lies inside
one nibble, one of 5 to 8 bits inside one byte, as far as that wastes no bit. What is left over
is cut into pieces that fill the gaps. So nearly every byte is scored by one look-up among 256
sums, and a row holds exactly as many bits as were given out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

MOST = 8
"""The widest code."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the bits of each dimension's code lie, as pieces that each lie inside one nibble.

    Args:
        width: bytes of a row.
        pieces: (p, 5) int32: dimension, byte, lowest bit in that byte, bits, and which bit of
            the code is the piece's lowest; by dimension, upper pieces first.
        whole: (d,) the byte that holds all of a dimension's code; -1: none, or no bits.
    """

    width: int
    pieces: NDArray[np.int32]
    whole: NDArray[np.int32]

    def split(self) -> NDArray[np.int32]:
        """Pieces of the dimensions that lie in more than one byte."""
        return self.pieces[self.whole[self.pieces[:, 0]] < 0]

    def together(self) -> NDArray[np.int32]:
        """Pieces of the dimensions that lie in one byte."""
        return self.pieces[self.whole[self.pieces[:, 0]] >= 0]


def lay_out(bits: NDArray[np.uint8], width: int) -> Layout:
    """Give each code its place: the widest first, each where it leaves the least room.

    Raises:
        ValueError: if they take more bits than `width` bytes have.
    """
    if int(bits.sum(dtype=np.int64)) > 8 * width or bits.max(initial=0) > MOST:
        raise ValueError("the codes do not fit")
    free: dict[int, list[tuple[int, int]]] = {room: [] for room in range(1, 5)}
    free[4] = [(b, half) for b in reversed(range(width)) for half in (4, 0)]
    pieces: list[tuple[int, int, int, int, int]] = []

    def put(dim: int, slot: tuple[int, int], room: int, take: int, low: int) -> None:
        byte, start = slot
        pieces.append((dim, byte, start, take, low))
        if room > take:
            free[room - take].append((byte, start + take))

    for dim in np.argsort(-bits.astype(np.int64), kind="stable").tolist():
        need = int(bits[dim])
        if need > 4 and len(free[4]) > 1 and free[4][-1][0] == free[4][-2][0]:
            low_half, high_half = free[4].pop(), free[4].pop()
            put(dim, high_half, 4, 4, need - 4)
            put(dim, low_half, 4, need - 4, 0)
            continue
        while need:
            room = next((r for r in range(min(need, 4), 5) if free[r]), 0)
            room = room or next(r for r in (4, 3, 2, 1) if free[r])
            take = min(need, room)
            need -= take
            put(dim, free[room].pop(), room, take, need)
    table = np.array(sorted(pieces, key=lambda p: (p[0], -p[4])), np.int32).reshape(-1, 5)
    whole = np.full(len(bits), -1, np.int32)
    for dim in np.unique(table[:, 0]).tolist():
        homes = np.unique(table[table[:, 0] == dim, 1])
        if len(homes) == 1:
            whole[dim] = homes[0]
    return Layout(width, table, whole)


@kernel(nogil=True)
def pack_fields(
    codes: NDArray[np.uint8], pieces: NDArray[np.int32], out: NDArray[np.uint8]
) -> None:
    """Lay (n, d) codes into (n, width) zeroed bytes."""
    for r in range(len(codes)):
        for p in range(len(pieces)):
            part = (codes[r, pieces[p, 0]] >> pieces[p, 4]) & ((1 << pieces[p, 3]) - 1)
            out[r, pieces[p, 1]] |= part << pieces[p, 2]


@kernel(nogil=True)
def unpack_fields(
    packed: NDArray[np.uint8], pieces: NDArray[np.int32], out: NDArray[np.uint8]
) -> None:
    """Read codes back into (n, d) zeros."""
    for r in range(len(packed)):
        for p in range(len(pieces)):
            part = (packed[r, pieces[p, 1]] >> pieces[p, 2]) & ((1 << pieces[p, 3]) - 1)
            out[r, pieces[p, 0]] |= part << pieces[p, 4]


@kernel(nogil=True)
def byte_tables(
    levels: NDArray[np.float32],
    starts: NDArray[np.int64],
    together: NDArray[np.int32],
    out: NDArray[np.float32],
) -> None:
    """Sum, for each value of each byte, what the codes that lie in it stand for.

    Args:
        levels: what every code of every dimension adds, one dimension after the other.
        starts: (d,) where each dimension's begin.
        together: `Layout.together()`.
        out: (width, 256) zeroed.
    """
    # Codes inside one nibble are summed for its 16 values first, and spread to the 256 of the
    # byte once: with two to four codes a nibble that is a tenth of the work.
    nibbles = np.zeros((len(out), 2, 16), np.float32)
    p = 0
    while p < len(together):
        dim = together[p, 0]
        end = p
        while end < len(together) and together[end, 0] == dim:
            end += 1
        if end == p + 1:
            half = together[p, 2] >> 2
            shift = together[p, 2] & 3
            mask = (1 << together[p, 3]) - 1
            for v in range(16):
                nibbles[together[p, 1], half, v] += levels[starts[dim] + ((v >> shift) & mask)]
            p = end
            continue
        row = out[together[p, 1]]
        for v in range(256):
            code = 0
            for i in range(p, end):
                part = (v >> together[i, 2]) & ((1 << together[i, 3]) - 1)
                code |= part << together[i, 4]
            row[v] += levels[starts[dim] + code]
        p = end
    for b in range(len(out)):
        for high in range(16):
            for low in range(16):
                out[b, high * 16 + low] += nibbles[b, 0, low] + nibbles[b, 1, high]


@kernel(nogil=True)
def scan_bytes(
    tables: NDArray[np.float32], packed: NDArray[np.uint8], out: NDArray[np.float32]
) -> None:
    """Sum the look-ups of every row's bytes.

    Args:
        tables: (width, 256) what each value of each byte adds.
        packed: (n, width).
        out: (n,) receives the sums.
    """
    n, width = packed.shape
    zero = np.float32(0)
    whole = n - n % 8
    # Eight rows at once: an addition waits for the one before it, but not for other rows'.
    for r in range(0, whole, 8):
        a, b, c, d = zero, zero, zero, zero
        e, f, g, h = zero, zero, zero, zero
        for j in range(width):
            row = tables[j]
            a += row[packed[r, j]]
            b += row[packed[r + 1, j]]
            c += row[packed[r + 2, j]]
            d += row[packed[r + 3, j]]
            e += row[packed[r + 4, j]]
            f += row[packed[r + 5, j]]
            g += row[packed[r + 6, j]]
            h += row[packed[r + 7, j]]
        out[r], out[r + 1], out[r + 2], out[r + 3] = a, b, c, d
        out[r + 4], out[r + 5], out[r + 6], out[r + 7] = e, f, g, h
    for r in range(whole, n):
        a = zero
        for j in range(width):
            a += tables[j, packed[r, j]]
        out[r] = a


@kernel(nogil=True)
def scan_split(
    levels: NDArray[np.float32],
    starts: NDArray[np.int64],
    split: NDArray[np.int32],
    packed: NDArray[np.uint8],
    out: NDArray[np.float32],
) -> None:
    """Add what the codes in more than one byte stand for; arguments as in `byte_tables`."""
    for r in range(len(packed)):
        total = np.float32(0)
        code = 0
        for p in range(len(split)):
            part = (packed[r, split[p, 1]] >> split[p, 2]) & ((1 << split[p, 3]) - 1)
            code |= part << split[p, 4]
            if split[p, 4] == 0:  # the lowest piece is the last
                total += levels[starts[split[p, 0]] + code]
                code = 0
        out[r] += total
