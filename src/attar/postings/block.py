"""The code of up to 128 postings: document numbers and their payloads in few bits.

Gaps between documents are Rice-coded with the parameter that the block's span and count imply,
so nothing is spent on saying it: for documents that fall at random this is within a tenth of a
bit of their entropy, where one fixed width per block, as bit-packing has it, costs two bits
more. Low bits and unary quotients lie apart, so decoding is a few instructions each.

Payloads (term frequencies or quantised weights, from 1 on) are written in the cheapest of three
ways. A block of ones costs one bit. Where most are 1, as in text, only the others are written:
their places in the block, coded as gaps are, and in unary what they exceed 2 by; this comes to
0.84 bits a posting on npl where Rice codes, which spend a bit on each 1, took 1.16. Otherwise all
are Rice-coded with a chosen parameter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import LEAF, kernel
from attar.postings.bits import (
    Words,
    bit_length,
    gamma_bits,
    write,
    write_gamma,
    write_unary,
)

BLOCK = 128
MAX_PARAMETER = 40

ONES = 0
FEW = 1
RICE = 2
"""How payloads are written: all are 1, few are not, or RICE + parameter."""

_ONE = np.uint64(1)
_ZERO = np.uint64(0)


@kernel(**LEAF)
def gap_parameter(span: int, count: int) -> int:
    """Rice parameter for `count` sorted numbers within a range of `span`.

    The floor of log2(span / (count + 1)), at least 0: the nearest whole number to the best one
    for geometric gaps, log2(ln 2 * mean).
    """
    return max(0, bit_length(span // (count + 1)) - 1)


@kernel()
def payload_code(payloads: NDArray[np.int64]) -> Any:
    """The cheapest way to write payloads, and the bits it takes with its own name."""
    n = payloads.size
    others, total, above = 0, np.int64(0), np.int64(0)
    quotients, previous = np.int64(0), -1
    for p in payloads:
        if p > 1:
            others += 1
            above += p - 2
        total += p - 1
    if others == 0:
        return ONES, 1
    k = gap_parameter(n, others)
    for i in range(n):
        if payloads[i] > 1:
            quotients += (i - previous - 1) >> k
            previous = i
    best = FEW
    best_bits = FEW + 1 + gamma_bits(others) + others * (k + 2) + quotients + above
    for k in range(MAX_PARAMETER):
        bits = np.int64(RICE + k + 1 + (k + 1) * n)
        if bits >= best_bits:
            break
        for p in payloads:
            bits += (p - 1) >> k
        if bits < best_bits:
            best, best_bits = RICE + k, bits
    return best, best_bits


@kernel()
def block_bits(
    documents: NDArray[np.int64], payloads: NDArray[np.int64], base: int, span: int
) -> int:
    """Bits that `write_block` will use."""
    n = documents.size
    if n == 1:
        return bit_length(span - 1) + gamma_bits(payloads[0])
    k = gap_parameter(span, n)
    bits = n * (k + 1)
    previous = base
    for d in documents:
        bits += (d - previous - 1) >> k
        previous = d
    return int(bits + payload_code(payloads)[1])


@kernel()
def write_block(
    words: Words,
    position: int,
    documents: NDArray[np.int64],
    payloads: NDArray[np.int64],
    base: int,
    span: int,
) -> int:
    """Code up to BLOCK postings, all documents in (base, base + span]; the position after."""
    n = documents.size
    if n == 1:
        # One number uniform in its range: nothing beats writing it out.
        position = write(words, position, documents[0] - base - 1, bit_length(span - 1))
        return write_gamma(words, position, payloads[0])
    position = _write_gaps(words, position, documents, base, span)
    code = payload_code(payloads)[0]
    position = write_unary(words, position, code)
    if code == FEW:
        places = np.flatnonzero(payloads > 1)
        position = write_gamma(words, position, places.size)
        k = gap_parameter(n, places.size)
        previous = -1
        for i in places:
            position = write(words, position, int(i - previous - 1), k)
            previous = int(i)
        previous = -1
        for i in places:
            position = write_unary(words, position, int(i - previous - 1) >> k)
            position = write_unary(words, position, payloads[i] - 2)
            previous = int(i)
    elif code >= RICE:
        for p in payloads:
            position = write(words, position, p - 1, code - RICE)
        for p in payloads:
            position = write_unary(words, position, (p - 1) >> (code - RICE))
    return position


@kernel()
def _write_gaps(
    words: Words, position: int, numbers: NDArray[np.int64], base: int, span: int
) -> int:
    k = gap_parameter(span, numbers.size)
    previous = base
    for d in numbers:
        position = write(words, position, d - previous - 1, k)
        previous = d
    previous = base
    for d in numbers:
        position = write_unary(words, position, (d - previous - 1) >> k)
        previous = d
    return position
